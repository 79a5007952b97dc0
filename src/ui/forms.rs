use std::borrow::Cow;
use std::fmt::Display;

/// One entry of a form: what was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    pub name: Cow<'static, str>,
    pub value: String,
    pub error: Option<String>,
}

impl Field {
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), error: None }
    }

    pub fn empty(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, "")
    }

    /// What was typed, with the sentence that says why it cannot be taken.
    pub fn refused(name: impl Into<Cow<'static, str>>, value: impl Into<String>, problem: impl Display) -> Self {
        Self { name: name.into(), value: value.into(), error: Some(problem.to_string()) }
    }

    /// The text of the error, empty when there is none: for templates.
    pub fn problem(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// What `aria-describedby` names, of the hint and the error that are there.
    pub fn described_by(&self, has_hint: bool) -> String {
        let mut ids = Vec::new();
        if has_hint {
            ids.push(format!("{}-hint", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }

    /// Day, month and year of a date field, as typed: `6/5/2026` or `2026-05-06`.
    pub fn date_parts(&self) -> [&str; 3] {
        let mut parts = self.value.split(['/', '-']);
        let three = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
        if three[0].len() == 4 { [three[2], three[1], three[0]] } else { three }
    }
}

/// One thing to choose in a select, radios or checkboxes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
    /// For checkboxes, where several may be chosen; radios and selects compare with the field's value.
    pub chosen: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), ..Self::default() }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }
}

/// Everything that is wrong with a form, each with a link to where it is put right.
#[derive(Clone, Debug, Default)]
pub struct ErrorSummary(pub Vec<(String, String)>);

impl ErrorSummary {
    /// The errors of these fields, in the order of the form.
    pub fn of<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Self {
        let errors = fields.into_iter();
        Self(errors.filter_map(|f| f.error.as_ref().map(|e| (f.name.to_string(), e.clone()))).collect())
    }

    /// One error that belongs to the element with this id.
    pub fn one(id: impl Into<String>, problem: impl Display) -> Self {
        Self(vec![(id.into(), problem.to_string())])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the title of a page begins with when its form was refused.
    pub fn prefix(&self) -> &'static str {
        if self.0.is_empty() { "" } else { "Error: " }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_lists_what_was_refused_in_order() {
        let fields = [Field::refused("reason", "", "Enter a reason"), Field::new("note", "x")];
        let summary = ErrorSummary::of(&fields);
        assert_eq!(summary.0, [("reason".to_owned(), "Enter a reason".to_owned())]);
        assert_eq!(summary.prefix(), "Error: ");
        assert_eq!(fields[0].described_by(true), "reason-hint reason-error");
        assert_eq!(fields[1].described_by(false), "");
    }

    #[test]
    fn a_date_is_shown_again_as_typed() {
        assert_eq!(Field::new("on", "6/5/2026").date_parts(), ["6", "5", "2026"]);
        assert_eq!(Field::new("on", "2026-05-06").date_parts(), ["06", "05", "2026"]);
        assert_eq!(Field::new("on", "x").date_parts(), ["x", "", ""]);
    }
}
