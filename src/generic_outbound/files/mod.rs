//! The records of a Generic Outbound file (`GO_<vpd>_EXP_GOF` and `GOC`), each line read by itself.

pub mod layouts;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::file_exchange::delimited::{parse_date, parse_end, split};
use crate::file_exchange::name::shown;

pub use layouts::{Column, Kind};

/// One record, read: what it is about and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    Stored(Stored<'a>),
    /// A delete record: whatever has this id is gone from ESR.
    Delete(Kind, &'a str),
    /// A vehicle record: counted, not stored.
    Vehicle,
}

/// A record to be stored; every value is the text that came, but a date that could not be read is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    pub kind: Kind,
    fields: Vec<&'a str>,
    pub warnings: Vec<Fault>,
}

/// What is wrong with a record or a field: a code of ours and a sentence with the field and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub text: String,
}

/// A mandatory item is missing.
pub const MISSING: &str = "G001";
/// A mandatory item cannot be read.
pub const UNREADABLE: &str = "G002";
/// The record has the wrong number of columns.
pub const COLUMNS: &str = "G003";
/// No Generic Outbound file has records of this type.
pub const UNKNOWN_TYPE: &str = "G004";
/// An optional date could not be read and was left empty (warning).
pub const DATE_IGNORED: &str = "G005";
/// A value is longer than any of its kind.
pub const TOO_LONG: &str = "G006";
/// The position id belongs to another employing organisation.
pub const FOREIGN_POSITION: &str = "G007";

impl<'a> Stored<'a> {
    /// The value of a column, by its number in the layout (the record type is 0).
    pub fn get(&self, column: usize) -> &'a str {
        self.fields[column]
    }

    /// The same, but `None` when empty.
    pub fn non_empty(&self, column: usize) -> Option<&'a str> {
        Some(self.fields[column]).filter(|text| !text.is_empty())
    }

    /// A date column; an empty one has none.
    pub fn date(&self, column: usize) -> Option<NaiveDate> {
        parse_date(self.fields[column])
    }

    /// An effective-to column, where `47121231` and nothing both mean no end.
    pub fn end(&self, column: usize) -> Option<NaiveDate> {
        parse_end(self.fields[column]).flatten()
    }

    /// What names the record among its kind.
    pub fn id(&self) -> &'a str {
        self.fields[self.kind.id_column()]
    }

    /// From when it is true; a location has no history.
    pub fn effective_from(&self) -> Option<NaiveDate> {
        match self.kind {
            Kind::Location | Kind::Vehicle => None,
            Kind::Organisation | Kind::Costing => self.date(4),
            Kind::Position | Kind::Person => self.date(2),
            Kind::Assignment => self.date(3),
            Kind::Phone => self.date(5),
            Kind::Address => self.date(13),
        }
    }

    /// Tells whether a record of the same id and start says the same.
    pub fn digest(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for field in &self.fields {
            hash.update(field.as_bytes());
            hash.update(b"~");
        }
        hash.finalize()[..16].to_vec()
    }

    /// The columns that are not empty, as a JSON object of texts, without those in `left_out`.
    pub fn json(&self, left_out: &[usize]) -> String {
        let columns = self.kind.columns();
        let object: serde_json::Map<String, serde_json::Value> = self
            .fields
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(at, text)| !text.is_empty() && !left_out.contains(at))
            .map(|(at, text)| (columns[at - 1].0.to_owned(), (*text).into()))
            .collect();
        serde_json::Value::Object(object).to_string()
    }
}

/// Reads one line; a line that cannot be used is rejected whole, with the fault that was found.
pub fn parse(line: &str) -> Result<Record<'_>, Fault> {
    let mut fields = split(line);
    let record_type = fields[0];
    if let Some((kind, ..)) = Kind::ALL.iter().find(|entry| entry.2 == record_type) {
        return match fields[..] {
            [_, id] => {
                check_id(record_type, "Id", id)?;
                Ok(if *kind == Kind::Vehicle { Record::Vehicle } else { Record::Delete(*kind, id) })
            }
            _ => Err(wrong_count(record_type, fields.len(), 2)),
        };
    }
    let Some((kind, ..)) = Kind::ALL.iter().find(|entry| entry.1 == record_type) else {
        return Err(Fault {
            code: UNKNOWN_TYPE,
            text: format!(
                "Record type {} is not one of the Generic Outbound file. Record rejected.",
                shown(record_type)
            ),
        });
    };
    if *kind == Kind::Vehicle {
        return Ok(Record::Vehicle);
    }
    let columns = kind.columns();
    if fields.len() != columns.len() + 1 {
        return Err(wrong_count(record_type, fields.len(), columns.len() + 1));
    }
    let mut warnings = Vec::new();
    for (field, (name, column)) in fields[1..].iter_mut().zip(columns) {
        match column {
            Column::Text => {}
            Column::Key(longest) => check_length(name, field, *longest)?,
            Column::Id => check_id(record_type, name, field)?,
            Column::Date if field.is_empty() => return Err(missing(name)),
            Column::Date => {
                if parse_date(field).is_none() {
                    let text = format!("{name} {} is not a date (YYYYMMDD). Record rejected.", shown(field));
                    return Err(Fault { code: UNREADABLE, text });
                }
            }
            Column::OptionalDate => {
                if !field.is_empty() && parse_date(field).is_none() {
                    let text = format!("{name} {} is not a date (YYYYMMDD). The value will be ignored.", shown(field));
                    warnings.push(Fault { code: DATE_IGNORED, text });
                    *field = "";
                }
            }
        }
    }
    Ok(Record::Stored(Stored { kind: *kind, fields, warnings }))
}

fn missing(name: &str) -> Fault {
    Fault { code: MISSING, text: format!("Mandatory item {name} not supplied. Record rejected.") }
}

fn wrong_count(record_type: &str, found: usize, wanted: usize) -> Fault {
    Fault { code: COLUMNS, text: format!("{record_type} has {found} columns; {wanted} are expected. Record rejected.") }
}

fn check_length(name: &str, value: &str, longest: usize) -> Result<(), Fault> {
    if value.chars().count() <= longest {
        return Ok(());
    }
    let text = format!("{name} {} has more than {longest} characters. Record rejected.", shown(value));
    Err(Fault { code: TOO_LONG, text })
}

fn check_id(record_type: &str, name: &str, value: &str) -> Result<(), Fault> {
    if value.is_empty() {
        return Err(if name == "Id" { missing(&format!("{record_type} id")) } else { missing(name) });
    }
    if value.len() > 15 || !value.bytes().all(|b| b.is_ascii_digit()) {
        let text = format!("{name} {} is not a number of up to 15 digits. Record rejected.", shown(value));
        return Err(Fault { code: UNREADABLE, text });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
