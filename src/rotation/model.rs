//! What the deanery says of a post: its holder now and its holder next.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::people::values::name_key;

/// The GMC number under which the deanery reports a vacancy.
pub const VACANCY: &str = "9999978";

/// Somebody as a notification names him or her.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub last_name: Option<String>,
    pub first_name: Option<String>,
    pub gmc_number: Option<String>,
}

impl Named {
    pub fn is_nobody(&self) -> bool {
        self.last_name.is_none() && self.first_name.is_none() && self.gmc_number.is_none()
    }

    /// What tells one named person from another: the GMC number, or else the names; empty for nobody.
    pub fn key(&self) -> String {
        match &self.gmc_number {
            Some(number) => number.clone(),
            None if self.is_nobody() => String::new(),
            None => {
                let key = |name: &Option<String>| name_key(name.as_deref().unwrap_or_default());
                format!("{},{}", key(&self.last_name), key(&self.first_name))
            }
        }
    }

    /// `Davies, Yusuf`, as far as it is given.
    pub fn in_list(&self) -> String {
        [&self.last_name, &self.first_name].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
    }
}

/// One row of the grid as a record of type 1 says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub record_no: i32,
    /// As received.
    pub dpn: String,
    pub dpn_key: String,
    pub current: Named,
    pub current_end_on: Option<NaiveDate>,
    pub current_next_place: Option<String>,
    pub current_hours: Option<String>,
    pub next: Named,
    pub next_current_place: Option<String>,
    pub next_start_on: Option<NaiveDate>,
    pub next_email: Option<String>,
    pub next_grade: Option<String>,
    pub next_hours: Option<String>,
    pub specialty: Option<String>,
    pub vacant_next: bool,
    /// The row is to go from the grid.
    pub deletes: bool,
}

impl Told {
    /// What the row says beside its key, by the columns of the table.
    pub fn values(&self) -> Vec<(&'static str, Option<String>)> {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        vec![
            ("current_last_name", self.current.last_name.clone()),
            ("current_first_name", self.current.first_name.clone()),
            ("current_end_on", day(self.current_end_on)),
            ("current_next_place", self.current_next_place.clone()),
            ("current_hours", self.current_hours.clone()),
            ("next_last_name", self.next.last_name.clone()),
            ("next_first_name", self.next.first_name.clone()),
            ("next_current_place", self.next_current_place.clone()),
            ("next_start_on", day(self.next_start_on)),
            ("next_email", self.next_email.clone()),
            ("next_grade", self.next_grade.clone()),
            ("next_hours", self.next_hours.clone()),
            ("specialty", self.specialty.clone()),
            ("vacant_next", Some(self.vacant_next.to_string())),
        ]
    }

    /// Says whether two rows of one key say the same.
    pub fn digest(&self) -> Vec<u8> {
        let mut hasher = Sha256::new();
        for (_, value) in self.values() {
            hasher.update(value.as_deref().unwrap_or_default().as_bytes());
            hasher.update(b"~");
        }
        hasher.finalize().to_vec()
    }

    /// The columns that say something else than before, and what they said.
    pub fn differences(&self, before: &Map<String, Value>) -> (Vec<String>, Value) {
        let mut columns = Vec::new();
        let mut was = Map::new();
        for (column, value) in self.values() {
            let old = before.get(column).and_then(Value::as_str);
            if old != value.as_deref() {
                columns.push(column.to_owned());
                was.insert(column.to_owned(), json!(old));
            }
        }
        (columns, Value::Object(was))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(last: &str, first: &str, gmc: &str) -> Named {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Named { last_name: given(last), first_name: given(first), gmc_number: given(gmc) }
    }

    #[test]
    fn people_are_told_apart_by_gmc_number_or_else_by_names() {
        for (one, key) in [
            (named("Davies", "Yusuf", "9779858"), "9779858"),
            (named("D'Souza", "José", ""), "dsouza,jose"),
            (named("", "", ""), ""),
        ] {
            assert_eq!(one.key(), key);
        }
        assert_eq!(named("Davies", "Yusuf", "").in_list(), "Davies, Yusuf");
        assert_eq!(named("Davies", "", "").in_list(), "Davies");
    }
}
