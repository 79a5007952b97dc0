use askama::Template;

use super::{person_type, position_title, status_tag};
use crate::applicants::actions::Difference;
use crate::applicants::matching::{Feature, Kind, compare};
use crate::applicants::plan::{identity_of_known, kind_of};
use crate::applicants::store::{ApplicationPage, OpenPair, PairRow};
use crate::people::applicants::Known;
use crate::people::values::mask_ni;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, dates};

/// The pairs that wait to be settled.
#[derive(Template)]
#[template(path = "doctors/duplicates.html")]
pub struct DuplicatesPage {
    pub layout: Layout,
    pub pairs: Vec<OpenPair>,
    pub total: i64,
}

impl DuplicatesPage {
    pub fn caption(&self) -> String {
        let shown = i64::try_from(self.pairs.len()).unwrap_or(self.total);
        let all = ui::count(self.total, "pair", "pairs");
        if shown < self.total { format!("The first {} of {all}", ui::number(shown)) } else { all }
    }
}

#[derive(Template)]
#[template(path = "doctors/duplicate.html")]
pub struct DuplicatePage {
    pub layout: Layout,
    pub pair: PairRow,
    pub names: [String; 2],
    /// Where each of the two is found: an employee who applies for nothing has no doctor's page.
    pub hrefs: [String; 2],
    pub rows: Vec<Row>,
    pub may_settle: bool,
    pub errors: ErrorSummary,
    pub keep: Field,
    pub keep_choices: Vec<Choice>,
    pub both_employees: bool,
    pub reason: Field,
    /// What differs and is to be confirmed before the two become one.
    pub differ: Vec<Difference>,
    pub confirmed: Field,
}

/// One thing that the two are compared in.
pub struct Row {
    pub label: &'static str,
    pub values: [String; 2],
    /// `Same`, `Different`, or nothing where one of the two has no value.
    pub verdict: &'static str,
}

type Person = (Known, Vec<ApplicationPage>);

impl DuplicatePage {
    pub fn new(
        layout: Layout,
        pair: PairRow,
        a: Person,
        b: Person,
        may_settle: bool,
        (keep, reason, differ): (Field, Field, Option<Vec<Difference>>),
    ) -> Self {
        let differ = differ.unwrap_or_default();
        let mut confirmed = Field::empty("confirmed");
        if !differ.is_empty() {
            confirmed.error =
                Some("Numbers or dates differ. Tick the box if they are one person all the same".to_owned());
        }
        let errors = ErrorSummary::of([&keep, &confirmed, &reason]);
        let is_staff = |who: &Person| kind_of(&who.0.system_type) != Kind::Applicant;
        let both_employees = is_staff(&a) && is_staff(&b);
        let name = |who: &Person| format!("{} {}", who.0.first_name, who.0.last_name);
        let href = |who: &Person| match who.1.is_empty() && is_staff(who) {
            true => format!("/people/{}", who.0.person_id),
            false => format!("/doctors/{}", who.0.person_id),
        };
        let choice = |who: &Person| {
            Choice::new(who.0.person_id.clone(), format!("{}, person {}", name(who), who.0.person_id))
                .hint(person_type(&who.0.system_type, !who.1.is_empty()))
        };
        // ESR's own record of an employee is kept, whatever the deanery sent beside it.
        let staff = [&a, &b].into_iter().find(|who| is_staff(who));
        let keep_choices = staff.map_or_else(|| vec![choice(&a), choice(&b)], |who| vec![choice(who)]);
        let first = keep_choices.first().map(|choice| choice.value.clone()).unwrap_or_default();
        let keep = if keep.value.is_empty() && keep_choices.len() == 1 { Field { value: first, ..keep } } else { keep };
        Self {
            layout,
            names: [name(&a), name(&b)],
            hrefs: [href(&a), href(&b)],
            rows: rows(&a, &b),
            pair,
            may_settle,
            errors,
            keep,
            keep_choices,
            both_employees,
            reason,
            differ,
            confirmed,
        }
    }

    pub fn columns(&self) -> [String; 4] {
        let person = |id: &str| format!("Person {id}");
        ["Detail".to_owned(), person(&self.pair.person_a), person(&self.pair.person_b), "Compared".to_owned()]
    }

    /// The box stands for the record that was chosen: for the other, other values would be kept.
    pub fn confirm_choices(&self) -> [Choice; 1] {
        let label = format!("Merge them, and keep what person {} has", self.keep.value);
        [Choice::new(self.keep.value.clone(), label)]
    }

    pub fn is_open(&self) -> bool {
        self.pair.state == "open"
    }

    pub fn decided(&self) -> String {
        let who = self.pair.decided_by.as_deref().unwrap_or("Somebody");
        let when = self.pair.decided_at.map(dates::at).unwrap_or_default();
        let what = if self.pair.state == "same" { "the same person" } else { "not the same person" };
        let why = self.pair.reason.as_deref().map(|reason| format!(" Reason: {reason}")).unwrap_or_default();
        format!("{who} decided on {when} that they are {what}.{why}")
    }

    pub fn path(&self) -> String {
        format!("/doctors/duplicates/{}", self.pair.duplicate_id)
    }
}

fn rows(a: &Person, b: &Person) -> Vec<Row> {
    let explanation = compare(&identity_of_known(&a.0), &identity_of_known(&b.0));
    let verdict = |feature: Feature| {
        if explanation.agreed.contains(&feature) {
            "Same"
        } else if explanation.differed.contains(&feature) {
            "Different"
        } else {
            ""
        }
    };
    let row = |label, of: fn(&Person) -> String, feature: Option<Feature>| {
        let values = [of(a), of(b)];
        let plain = match (values[0].is_empty() || values[1].is_empty(), values[0] == values[1]) {
            (true, _) => "",
            (false, true) => "Same",
            (false, false) => "Different",
        };
        Row { label, values, verdict: feature.map_or(plain, verdict) }
    };
    vec![
        row("Last name", |who| who.0.last_name.clone(), Some(Feature::LastName)),
        row("First name", |who| who.0.first_name.clone(), Some(Feature::FirstName)),
        row("Previous last name", |who| who.0.previous_last_name.clone().unwrap_or_default(), None),
        row("Date of birth", |who| who.0.date_of_birth.map(dates::day).unwrap_or_default(), Some(Feature::BirthDate)),
        row("GMC number", |who| who.0.gmc_number.clone().unwrap_or_default(), Some(Feature::GmcNumber)),
        row(
            "National Insurance number",
            |who| who.0.ni_number.as_deref().map(mask_ni).unwrap_or_default(),
            Some(Feature::NiNumber),
        ),
        row("Gender", |who| who.0.gender.clone().unwrap_or_default(), None),
        row("Email", |who| who.0.email.clone().unwrap_or_default(), None),
        row("Mobile phone", |who| who.0.mobile_phone.clone().unwrap_or_default(), None),
        row("Person type", |who| person_type(&who.0.system_type, !who.1.is_empty()).to_owned(), None),
        row("Applications", applications, None),
    ]
}

fn applications(who: &Person) -> String {
    let each = who.1.iter().map(|application| {
        let (status, _) = status_tag(&application.status);
        let title = position_title(application.position_name.as_deref());
        format!("{title} {}, from {}: {status}", application.dpn, dates::short_day(application.hire_on))
    });
    each.collect::<Vec<_>>().join("; ")
}
