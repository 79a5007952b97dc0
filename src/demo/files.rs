//! Interface files of invented employers, for the demonstration, the load tests and the benches: written as a sender writes them, and taken in
//! by the same path. Streams: memory does not grow with the size.

use std::io::{self, Write};

use chrono::{Days, NaiveDate};

use super::names::{Invented, person};

/// An employer that does not exist.
#[derive(Clone, Debug)]
pub struct Employer {
    pub vpd: String,
    pub ods_code: String,
    pub name: String,
    pub town: String,
    /// Managing deanery body of its training posts.
    pub body: String,
    pub positions: usize,
    pub staff: usize,
}

/// A training post of an employer.
#[derive(Clone, Debug)]
pub struct Post {
    pub position_id: String,
    pub position_number: String,
    pub name: String,
    pub job_role: &'static str,
    pub occupation_code: &'static str,
    pub pay_scale: &'static str,
    pub dpn: String,
    pub department: usize,
}

const SPECIALTIES: &[(&str, &str)] = &[
    ("001", "Urology"),
    ("020", "General Surgery"),
    ("023", "Otolaryngology"),
    ("024", "Paediatrics"),
    ("052", "Anaesthetics"),
    ("091", "Emergency Medicine"),
    ("100", "Cardiology"),
];
const GRADES: &[(&str, &str, &str)] = &[
    ("STR", "Specialty Registrar", "NHS|MN37"),
    ("FY1", "Foundation Doctor - Year 1", "NHS|MN13"),
    ("FY2", "Foundation Doctor - Year 2", "NHS|MN15"),
];

impl Employer {
    /// The post of this number, counted from 0.
    pub fn post(&self, index: usize) -> Post {
        let department = index % SPECIALTIES.len();
        let (code, area) = SPECIALTIES[department];
        let (grade, job_role, pay_scale) = GRADES[index % GRADES.len()];
        let position_number = format!("{}{index:06}", self.vpd);
        Post {
            position_id: format!("{}{:06}", self.vpd, 100_000 + index),
            name: format!("{position_number}|{job_role}|{code}|{area}"),
            position_number,
            job_role,
            occupation_code: code,
            pay_scale,
            dpn: format!("{}/{}01/{code}/{grade}/{:03}", self.body, self.ods_code, index + 1),
            department,
        }
    }

    fn number_of_staff_member(&self, index: usize) -> u64 {
        self.vpd.parse::<u64>().unwrap_or(0) * 1_000_003 + index as u64
    }

    /// The employee of this number, counted from 0.
    pub fn employee(&self, index: usize) -> Invented {
        person(self.number_of_staff_member(index))
    }

    /// Name of this employer's full file of a day.
    pub fn full_file_name(&self, on: NaiveDate, sequence: u32) -> String {
        format!("GO_{}_EXP_GOF_{}_{sequence:08}.DAT", self.vpd, on.format("%Y%m%d"))
    }

    /// How many records the full file holds.
    pub fn records(&self) -> usize {
        1 + SPECIALTIES.len() + 1 + self.positions + 4 * self.staff
    }

    /// Writes the Generic Outbound full file: organisations, a location, positions, and staff with assignment, phone and address.
    pub fn write_full_file(&self, name: &str, on: NaiveDate, out: &mut impl Write) -> io::Result<()> {
        let (vpd, day) = (&self.vpd, on.format("%Y%m%d").to_string());
        write!(out, "HDR~{name}~{day} 180000~{vpd}~{day} 180000~{day} 180000~01\r\n")?;
        write!(
            out,
            "ORA~{vpd}0000~{vpd} {}~NHS Trust~20000101~~~~~~~{}~{vpd}0001~{day}~\r\n",
            self.name, self.ods_code
        )?;
        for (index, (_, area)) in SPECIALTIES.iter().enumerate() {
            write!(
                out,
                "ORA~{vpd}00{:02}~{vpd} {area}~Department~20000101~~~~~~{vpd}0000~{}~{vpd}0001~{day}~\r\n",
                11 + index,
                self.ods_code
            )?;
        }
        let town = &self.town;
        write!(
            out,
            "LCA~{vpd}0001~{}01~{vpd} {} Main Site~~1 Hospital Road~~~{town}~~ZZ99 3VZ~GB~~~~{}01~~~~~~{day}\r\n",
            self.ods_code, self.name, self.ods_code
        )?;
        for index in 0..self.positions {
            let post = self.post(index);
            write!(
                out,
                "POA~{}~20190807~~{}~{}~1.00~~Medical and Dental~{}~{}~{}~~N~{vpd}00{:02}~Open~Single~Y~N~{}~{}~{}01~{day}~\r\n",
                post.position_id,
                post.position_number,
                post.name,
                post.job_role,
                post.occupation_code,
                post.pay_scale,
                11 + post.department,
                post.dpn,
                self.body,
                self.ods_code
            )?;
        }
        for index in 0..self.staff {
            self.write_employee(index, &day, out)?;
        }
        write!(out, "TRL~{}\r\n", self.records())
    }

    /// The record of an employee's assignment on a post.
    pub fn assignment(&self, index: usize, post: &Post, day: &str) -> String {
        let (vpd, id) = (&self.vpd, 500_000 + index);
        format!(
            "ASA~{vpd}{id}~{vpd}{}~20240807~47121231~20240807~E~{vpd}{index:05}~ACTIVE_ASSIGN~Active Assignment~Y~{vpd} Monthly~Calendar Month~{vpd}0001~~~~~~~~Y~40~W~~1.0~~{vpd}00{:02}~{}~{}~{}~~~~Medical and Dental|{}~~~~~~20260804~~~~{day}~~~~~",
            id + 400_000,
            11 + post.department,
            post.position_id,
            post.name,
            post.pay_scale,
            post.job_role
        )
    }

    fn write_employee(&self, index: usize, day: &str, out: &mut impl Write) -> io::Result<()> {
        let (vpd, who) = (&self.vpd, self.employee(index));
        let (id, number) = (500_000 + index, self.post(index % self.positions.max(1)));
        let born = who.born_on.format("%Y%m%d");
        let kind = if index.is_multiple_of(3) { "Honorary" } else { "Employee" };
        write!(
            out,
            "PRA~{vpd}{id}~20240807~47121231~{vpd}{index:05}~{}~{}~{}~~~~~{}~{born}~{}~~20240807~~~Y~~~Z~~GB~~~20190807~20190807~~~~~EMP~{kind}~person{vpd}{id}@nhs.example~20190807~~{day}~~~GB~~\r\n",
            who.title, who.last_name, who.first_name, who.gender, who.ni_number
        )?;
        write!(out, "{}\r\n", self.assignment(index, &number, day))?;
        write!(out, "PHA~{vpd}{id}~{vpd}7{index:06}~M~{}~20240807~~{day}\r\n", who.mobile)?;
        write!(
            out,
            "ADA~{vpd}{id}~{vpd}8{index:06}~HOME~GB~Yes~{}~~~{}~~ZZ99 3VZ~GB~20240807~~{day}\r\n",
            who.address, self.town
        )
    }
}

/// One record of an applicant file, every field as the deanery would write it; a faulty one is made by changing a field.
#[derive(Clone, Debug)]
pub struct Applicant(pub Vec<String>);

impl Applicant {
    /// The invented doctor of this number for a post, from a first day for a year.
    pub fn new(doctor: u64, employer: &Employer, post: &Post, received_on: NaiveDate, hire_on: NaiveDate) -> Self {
        let who = person(1_000_000_000 + doctor);
        let mut fields = vec![String::new(); 48];
        let mut set = |number: usize, value: &str| value.clone_into(&mut fields[number - 1]);
        let end_on = hire_on.checked_add_days(Days::new(363)).unwrap_or(hire_on);
        set(1, "APP");
        set(3, &format!("{}-DiT{doctor}", employer.vpd));
        set(4, &received_on.format("%Y%m%d").to_string());
        set(5, &post.position_id);
        set(6, &post.position_number);
        set(7, &post.dpn);
        set(8, who.last_name);
        set(9, who.first_name);
        set(11, who.title);
        set(13, &who.born_on.format("%Y%m%d").to_string());
        set(14, who.gender);
        set(15, &who.ni_number);
        set(16, &who.email);
        set(18, &who.mobile);
        set(19, &who.address);
        set(22, &employer.town);
        set(24, "ZZ99 3VZ");
        set(25, "GB");
        set(26, "Z");
        set(27, "GB");
        set(34, "General Medical Council");
        set(35, &who.gmc_number);
        set(40, &hire_on.format("%Y%m%d").to_string());
        set(41, &end_on.format("%Y%m%d").to_string());
        set(42, "1.00");
        set(48, "ST3");
        Self(fields)
    }

    /// The same with one field (numbered from 1 as in the layout) set to something else.
    pub fn with(mut self, number: usize, value: &str) -> Self {
        value.clone_into(&mut self.0[number - 1]);
        self
    }
}

/// Writes a deanery's file of one type with these records.
pub fn write_deanery_file(
    name: &str,
    body: &str,
    on: NaiveDate,
    count: usize,
    records: impl Iterator<Item = Applicant>,
    out: &mut impl Write,
) -> io::Result<()> {
    let day = on.format("%Y%m%d");
    let before = on.pred_opt().unwrap_or(on).format("%Y%m%d");
    write!(out, "HDR~{name}~{day} 180000~{body}~{before} 180000~{day} 180000~01\r\n")?;
    for (index, record) in records.enumerate() {
        let record = record.with(2, &(index + 1).to_string());
        write!(out, "{}\r\n", record.0.join("~"))?;
    }
    write!(out, "TRL~{count}\r\n")
}

/// Writes a deanery's file of one type with these lines.
pub fn write_lines(name: &str, body: &str, on: NaiveDate, lines: &[String], out: &mut impl Write) -> io::Result<()> {
    let day = on.format("%Y%m%d");
    let before = on.pred_opt().unwrap_or(on).format("%Y%m%d");
    write!(out, "HDR~{name}~{day} 180000~{body}~{before} 180000~{day} 180000~01\r\n")?;
    for line in lines {
        write!(out, "{line}\r\n")?;
    }
    write!(out, "TRL~{}\r\n", lines.len())
}
