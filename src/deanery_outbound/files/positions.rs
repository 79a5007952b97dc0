use std::collections::HashMap;

use chrono::NaiveDate;

use crate::file_exchange::delimited::{Writer, format_date};
use crate::positions::model::HostOrLead;
use crate::tenancy::Vpd;

/// A position as it stands today, with what POS and POR say of it.
#[derive(Clone, Debug)]
pub struct PositionNow {
    pub position_id: String,
    pub effective_from: NaiveDate,
    pub position_number: String,
    pub name: String,
    pub occupation_code: Option<String>,
    pub pay_scale: Option<String>,
    pub workplace_code: Option<String>,
    pub dpn: String,
    pub host_or_lead: Option<String>,
    pub organisation_id: Option<String>,
}

/// Whose positions they are, with what POS and POR say of the employer.
#[derive(Clone, Debug)]
pub struct Employer {
    pub vpd: Vpd,
    pub ods_code: Option<String>,
    /// By their ids.
    pub organisations: HashMap<String, Organisation>,
}

/// A department, and where it is.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    pub name: String,
    pub location: Option<String>,
}

/// At most so many characters of a text without its outer space.
fn cut(text: &str, length: usize) -> &str {
    let text = text.trim();
    if text.len() <= length {
        return text;
    }
    text.char_indices().nth(length).map_or(text, |(at, _)| &text[..at])
}

fn given(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// Writes the POS and the POR of a position of a managing body, as changes. Field 09, second specialty, is not known here.
pub fn write_lines(p: &PositionNow, employer: &Employer, body: &str, out: &mut Writer) {
    let organisation = p.organisation_id.as_ref().and_then(|id| employer.organisations.get(id));
    let part = |n: usize| p.name.split('|').nth(n).unwrap_or_default();
    let title = cut(if p.name.contains('|') { part(1) } else { &p.name }, 60);
    let grade = |n: usize, length: usize| cut(given(&p.pay_scale).split('|').nth(n).unwrap_or_default(), length);
    let from = format_date(p.effective_from);
    out.line([
        "POS",
        cut(&p.position_id, 15),
        &from,
        "C",
        cut(&p.position_number, 10),
        title,
        cut(p.occupation_code.as_deref().unwrap_or_else(|| part(2)), 10),
        cut(part(3), 60),
        "",
        &p.dpn,
        cut(body, 10),
        cut(given(&employer.ods_code), 30),
        grade(0, 30),
        grade(1, 30),
        grade(2, 60),
        cut(given(&p.workplace_code), 30),
    ]);
    let host = p.host_or_lead.as_deref().and_then(HostOrLead::parse).map(HostOrLead::label).unwrap_or_default();
    out.line([
        "POR",
        cut(&p.position_id, 15),
        &from,
        "C",
        cut(&p.position_number, 10),
        title,
        &p.dpn,
        cut(body, 10),
        host,
        cut(given(&employer.ods_code), 30),
        cut(employer.vpd.as_str(), 4),
        cut(organisation.map_or("", |one| &one.name), 240),
        cut(organisation.map_or("", |one| given(&one.location)), 240),
    ]);
}

/// A line that was sent, as its delete: the same key, and the indicator D.
pub fn withdrawn(line: &str) -> String {
    let mut fields: Vec<&str> = line.split('~').collect();
    if let Some(indicator) = fields.get_mut(3) {
        *indicator = "D";
    }
    fields.join("~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_so_many_characters() {
        assert_eq!([cut(" abc ", 2), cut("äöü", 2), cut("äö", 2), cut("", 2)], ["ab", "äö", "äö", ""]);
    }

    #[test]
    fn a_position_as_pos_and_por() {
        let position = PositionNow {
            position_id: "9041003".to_owned(),
            effective_from: "2019-08-07".parse().unwrap(),
            position_number: "29040003".to_owned(),
            name: "29040003|Specialty ~ Registrar|024|Paediatrics".to_owned(),
            occupation_code: Some("024".to_owned()),
            pay_scale: Some("NHS|MN37".to_owned()),
            workplace_code: Some("R9A01".to_owned()),
            dpn: "KSS/R9A01/024/STR/004".to_owned(),
            host_or_lead: Some("lead".to_owned()),
            organisation_id: Some("9040".to_owned()),
        };
        let paediatrics = Organisation { name: "904 Paediatrics".to_owned(), location: None };
        let employer = Employer {
            vpd: "904".parse().unwrap(),
            ods_code: Some("R9A".to_owned()),
            organisations: HashMap::from([("9040".to_owned(), paediatrics)]),
        };
        let mut out = Writer::default();
        write_lines(&position, &employer, "KSS", &mut out);
        let text = out.finish();
        let (pos, por) = text.trim_end().split_once("\r\n").unwrap();
        assert_eq!(
            pos,
            "POS~9041003~20190807~C~29040003~Specialty  Registrar~024~Paediatrics~~KSS/R9A01/024/STR/004~KSS~R9A~NHS~MN37~~R9A01"
        );
        assert_eq!(
            por,
            "POR~9041003~20190807~C~29040003~Specialty  Registrar~KSS/R9A01/024/STR/004~KSS~Lead Employer~R9A~904~904 Paediatrics~"
        );
        assert!(withdrawn(pos).starts_with("POS~9041003~20190807~D~29040003~"));
        assert_eq!((pos.split('~').count(), por.split('~').count()), (16, 13));
    }
}
