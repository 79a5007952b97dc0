use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;

use crate::file_exchange::delimited::join;

/// A doctor of a lead employer's post as today has it; what only some have is empty.
#[derive(Clone, Debug, Default)]
pub struct PersonNow {
    pub person_id: String,
    pub position_id: String,
    pub dpn: String,
    /// Of the position: it decides whether anything goes out.
    pub position_name: String,
    pub body: String,
    pub employee_number: String,
    pub ni_number: String,
    pub last_name: String,
    pub first_name: String,
    pub middle_names: String,
    pub preferred_name: String,
    pub title: String,
    pub gender: String,
    pub born_on: Option<NaiveDate>,
    pub gmc_number: String,
    pub home_phone: String,
    pub mobile_phone: String,
    pub previous_last_name: String,
    pub email: String,
    pub ethnic_origin: String,
    pub nationality: String,
    pub marital_status: String,
    pub country_of_birth: String,
    pub effective_on: Option<NaiveDate>,
    pub person_type: String,
    pub hired_on: String,
    pub left_on: String,
    pub religious_belief: String,
    pub sexual_orientation: String,
    pub disability: String,
    /// Id, type, primary, three lines, town, county, postcode, country, from, to; of each address.
    pub addresses: Vec<[String; 12]>,
    pub assignment_id: String,
    pub assignment_number: String,
    pub assigned_from: Option<NaiveDate>,
    pub assigned_to: Option<NaiveDate>,
    pub fte: String,
    pub grade: String,
    pub assignment_status: String,
    /// When the person's record last changed here.
    pub updated_at: Option<DateTime<Utc>>,
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.format("%Y%m%d").to_string()).unwrap_or_default()
}

fn line(fields: &[&str]) -> String {
    join(fields).0
}

/// The records of a doctor: PER, an ADD for each address, ASG, and PBD where there is a registration.
pub fn lines_of(p: &PersonNow, vpd: &str) -> Vec<String> {
    let (born, effective) = (day(p.born_on), day(p.effective_on));
    let updated =
        p.updated_at.map(|at| at.with_timezone(&London).format("%Y%m%d %H%M%S").to_string()).unwrap_or_default();
    let mut lines = vec![line(&[
        "PER",
        &p.person_id,
        "C",
        &p.position_id,
        &p.dpn,
        &p.employee_number,
        &p.ni_number,
        &p.last_name,
        &p.first_name,
        &p.middle_names,
        &p.preferred_name,
        &p.title,
        &p.gender,
        &born,
        &p.gmc_number,
        &p.home_phone,
        &p.mobile_phone,
        "",
        &p.previous_last_name,
        &p.email,
        &p.ethnic_origin,
        &p.nationality,
        &p.marital_status,
        &p.country_of_birth,
        &effective,
        &p.person_type,
        &p.hired_on,
        &p.left_on,
        "",
        "",
        &p.religious_belief,
        &p.sexual_orientation,
        &p.disability,
        &updated,
    ])];
    for address in &p.addresses {
        let [id, kind, primary, one, two, three, town, county, postcode, country, from, to] = address;
        lines.push(line(&[
            "ADD",
            &p.person_id,
            "C",
            id,
            kind,
            primary,
            one,
            two,
            three,
            town,
            county,
            postcode,
            country,
            from,
            to,
        ]));
    }
    let fte = match p.fte.parse::<f64>() {
        Ok(fte) => format!("{fte:.2}"),
        Err(_) => String::new(),
    };
    lines.push(line(&[
        "ASG",
        &p.person_id,
        &p.assignment_id,
        "C",
        &p.assignment_number,
        &p.position_id,
        &p.dpn,
        vpd,
        &day(p.assigned_from),
        &day(p.assigned_to),
        &fte,
        &p.grade,
        &p.assignment_status,
        "Lead Employer",
    ]));
    if !p.gmc_number.is_empty() {
        lines.push(line(&["PBD", &p.person_id, "General Medical Council", &p.gmc_number, "", ""]));
    }
    lines
}

/// Says that a doctor is no longer of a post: no values but the keys.
pub fn withdrawn(person_id: &str, position_id: &str, dpn: &str) -> String {
    let mut fields = vec![""; 34];
    (fields[0], fields[1], fields[2], fields[3], fields[4]) = ("PER", person_id, "D", position_id, dpn);
    line(&fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_as_per_add_asg_and_pbd() {
        let person = PersonNow {
            person_id: "900000001".to_owned(),
            position_id: "9041003".to_owned(),
            dpn: "KSS/R9A01/024/STR/004".to_owned(),
            last_name: "Davies".to_owned(),
            gmc_number: "9779858".to_owned(),
            born_on: "1990-07-05".parse().ok(),
            assignment_id: "900000002".to_owned(),
            assigned_from: "2026-08-05".parse().ok(),
            fte: "0.8".to_owned(),
            addresses: vec![std::array::from_fn(|n| n.to_string())],
            left_on: "20270803".to_owned(),
            updated_at: "2026-08-05T12:30:00Z".parse().ok(),
            ..PersonNow::default()
        };
        let lines = lines_of(&person, "904");
        assert_eq!(lines.iter().map(|l| l.split('~').count()).collect::<Vec<_>>(), [34, 15, 14, 6]);
        let per: Vec<&str> = lines[0].split('~').collect();
        assert_eq!((per[27], per[33]), ("20270803", "20260805 133000"), "fields 28 and 34");
        assert!(lines[2].contains("~904~20260805~~0.80~"));
        let gone = withdrawn("900000001", "9041003", "KSS/R9A01/024/STR/004");
        assert_eq!(gone.split('~').count(), 34);
        assert!(gone.starts_with("PER~900000001~D~9041003~KSS/R9A01/024/STR/004~~"));
    }
}
