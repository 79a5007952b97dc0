//! Positions of the demonstration with something wrong in each, for whoever keeps them to put right: found by the DPN report.

use chrono::NaiveDate;

use super::files::{Employer, Post};

/// A changes file's records: a position that four doctors share, a number on two positions, a tab in one, a name of three parts, a post without a number, a body too many.
pub fn records(employer: &Employer, on: NaiveDate) -> Vec<String> {
    let (vpd, day) = (&employer.vpd, on.format("%Y%m%d"));
    let site = format!("{}01", employer.ods_code);
    let shared = employer.post(65).dpn.to_lowercase();
    let body = &employer.body;
    let odd = [
        ("Specialty Registrar", "Otolaryngology", "Specialty Registrar", shared, body.as_str(), ""),
        ("Specialty Registrar", "Paediatrics", "Specialty Registrar", format!("{body}/{site}/024/STR\t/901"), body, ""),
        ("Specialty Registrar", "", "Specialty Registrar", format!("{body}/{site}/052/STR/902"), body, "three parts"),
        ("Foundation Doctor", "Urology", "Foundation Doctor - Year 1", String::new(), "", ""),
        ("Consultant", "Cardiology", "Consultant", String::new(), body, ""),
    ];
    let line = |(at, (title, area, role, dpn, body, fault)): (usize, (&str, &str, &str, String, &str, &str))| {
        let number = format!("{vpd}9{:05}", at + 1);
        let name =
            if fault.is_empty() { format!("{number}|{title}|024|{area}") } else { format!("{number}|{title}|052") };
        format!(
            "POA~{vpd}{}~20190807~~{number}~{name}~1.00~~Medical and Dental~{role}~024~NHS|MN37~~N~{vpd}0011~Open~Single~Y~N~{dpn}~{body}~{site}~{day}~",
            199_001 + at
        )
    };
    let mut all: Vec<String> = odd.into_iter().enumerate().map(line).collect();
    all.extend(bucket(employer, on));
    all
}

/// A position that several doctors of different posts share: who keeps positions splits it.
fn bucket(employer: &Employer, on: NaiveDate) -> Vec<String> {
    let (vpd, day) = (&employer.vpd, on.format("%Y%m%d").to_string());
    let (number, site, body) = (format!("{vpd}900010"), format!("{}01", employer.ods_code), &employer.body);
    let post = Post {
        position_id: format!("{vpd}199010"),
        name: format!("{number}|Specialty Registrar|091|Emergency Medicine"),
        position_number: number,
        job_role: "Specialty Registrar",
        occupation_code: "091",
        pay_scale: "NHS|MN37",
        dpn: format!("{body}/{site}/091/STR/910"),
        department: 5,
    };
    let Post { position_id, position_number, name, dpn, .. } = &post;
    let position = format!(
        "POA~{position_id}~20190807~~{position_number}~{name}~4.00~~Medical and Dental~Specialty Registrar~091~NHS|MN37~~N~{vpd}0016~Open~Shared~Y~N~{dpn}~{body}~{site}~{day}~"
    );
    std::iter::once(position).chain(SHARING.map(|index| employer.assignment(index, &post, &day))).collect()
}

/// Employees of the demonstration who hold the shared position.
const SHARING: std::ops::Range<usize> = 52..56;

/// Name of the file that brings them.
pub fn file_name(employer: &Employer, on: NaiveDate) -> String {
    format!("GO_{}_EXP_GOC_{}_00000001.DAT", employer.vpd, on.format("%Y%m%d"))
}
