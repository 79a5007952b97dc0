use chrono::NaiveDate;

use super::delimited;
use super::refusal::{Code, Refusal};

/// Which interface a file belongs to: what reads it, and whose page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interface {
    /// An employer's organisations, positions and staff (`GO_..._EXP_GOF`, `GOC`).
    GenericOutbound,
    /// Identifiers and competences for a learning system (`GO_..._CST_...`), ours to send.
    Learning,
    /// Applicants from the deanery (`APP`).
    Applicants,
    /// Our reply to an applicant file (`APC`).
    ApplicantConfirmation,
    /// Deanery notifications (`DNC`, `DNF`).
    Notifications,
    /// Our reply to a notification file (`DCC`).
    NotificationConfirmation,
    /// Positions and their holders for the deanery (`RMF`, `RMC`), ours to send.
    Positions,
    /// The deanery's reply to those (`RTC`).
    PositionConfirmation,
    /// Completions from a learning system (`CIU`).
    Completions,
    /// Our reply to those (`CIC`).
    CompletionConfirmation,
}

impl Interface {
    /// Every interface, in the order in which pages list them.
    pub const ALL: [Self; 10] = [
        Self::Applicants,
        Self::ApplicantConfirmation,
        Self::Notifications,
        Self::NotificationConfirmation,
        Self::Positions,
        Self::PositionConfirmation,
        Self::GenericOutbound,
        Self::Learning,
        Self::Completions,
        Self::CompletionConfirmation,
    ];

    /// The stable code that tables and `receive --json` use.
    pub fn code(self) -> &'static str {
        match self {
            Self::GenericOutbound => "generic_outbound",
            Self::Learning => "learning",
            Self::Applicants => "applicants",
            Self::ApplicantConfirmation => "applicant_confirmation",
            Self::Notifications => "notifications",
            Self::NotificationConfirmation => "notification_confirmation",
            Self::Positions => "positions",
            Self::PositionConfirmation => "position_confirmation",
            Self::Completions => "completions",
            Self::CompletionConfirmation => "completion_confirmation",
        }
    }

    /// The name that pages show.
    pub fn label(self) -> &'static str {
        match self {
            Self::GenericOutbound => "Generic Outbound",
            Self::Learning => "Learning, outbound",
            Self::Applicants => "Applicants",
            Self::ApplicantConfirmation => "Applicant confirmation",
            Self::Notifications => "Deanery notifications",
            Self::NotificationConfirmation => "Notification confirmation",
            Self::Positions => "Positions and their holders",
            Self::PositionConfirmation => "Position confirmation",
            Self::Completions => "Learning completions",
            Self::CompletionConfirmation => "Completion confirmation",
        }
    }

    /// The interface read back from its stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interface| interface.code() == code)
    }
}

/// How the numbers of one sender's files of one type are expected to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequencePolicy {
    /// One counter over all managing bodies: each number need only be greater than the last.
    Growing,
    /// One by one: a gap is processed, and operators are told.
    OneByOne,
}

/// The three families of file names: deanery, Generic Outbound, competency inbound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Deanery,
    GenericOutbound,
    CompetencyInbound,
}

/// A file's name, read: which interface, from whom, of which day, with which number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The whole name, as it came.
    pub text: String,
    pub family: Family,
    pub interface: Interface,
    /// `APP`, `GOF`, `CIU`, ...
    pub file_type: String,
    /// The managing body's code or the VPD's number.
    pub sender: String,
    /// `EXP` or `CST` of a GO file; the learning system's code of a CI file.
    pub subtype: Option<String>,
    pub date: NaiveDate,
    pub sequence: i64,
}

const WANTED: &str = "DE_<body>_<type>_<YYYYMMDD>_<8 digits>.DAT, GO_<VPD>_EXP_GOF_<YYYYMMDD>_<8 digits>.DAT \
     or CI_<VPD>_<system>_CIU_<YYYYMMDD>_<8 digits>.DAT";

impl FileName {
    /// Reads a name of one of the three families; anything else is F04.
    pub fn parse(name: &str) -> Result<Self, Refusal> {
        Self::read(name).ok_or_else(|| {
            Refusal::new(
                Code::WrongFormat,
                format!(
                    "The file name {} is not one that the interfaces use. A name reads {WANTED}. Ask the sender to send the file again under its right name.",
                    shown(name)
                ),
            )
        })
    }

    fn read(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".DAT").filter(|stem| stem.len() <= 60)?;
        let parts: Vec<&str> = stem.split('_').collect();
        let (family, interface, sender, subtype, file_type, date, sequence) = match parts[..] {
            ["DE", body, kind, date, sequence] if is_body(body) => {
                let interface = match kind {
                    "APP" => Interface::Applicants,
                    "APC" => Interface::ApplicantConfirmation,
                    "DNC" | "DNF" => Interface::Notifications,
                    "DCC" => Interface::NotificationConfirmation,
                    "RMF" | "RMC" => Interface::Positions,
                    "RTC" => Interface::PositionConfirmation,
                    _ => return None,
                };
                (Family::Deanery, interface, body, None, kind, date, sequence)
            }
            ["GO", vpd, subtype @ ("EXP" | "CST"), kind @ ("GOF" | "GOC"), date, sequence] if is_vpd(vpd) => {
                let interface = if subtype == "EXP" { Interface::GenericOutbound } else { Interface::Learning };
                (Family::GenericOutbound, interface, vpd, Some(subtype), kind, date, sequence)
            }
            ["CI", vpd, system, kind @ ("CIU" | "CIC"), date, sequence] if is_vpd(vpd) && is_system(system) => {
                let interface = if kind == "CIU" { Interface::Completions } else { Interface::CompletionConfirmation };
                (Family::CompetencyInbound, interface, vpd, Some(system), kind, date, sequence)
            }
            _ => return None,
        };
        let digits = match family {
            Family::Deanery => 7..=8, // 2018 samples had seven
            Family::GenericOutbound | Family::CompetencyInbound => 8..=8,
        };
        if !digits.contains(&sequence.len()) || !sequence.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            text: name.to_owned(),
            family,
            interface,
            file_type: file_type.to_owned(),
            sender: sender.to_owned(),
            subtype: subtype.map(str::to_owned),
            date: delimited::parse_date(date)?,
            sequence: sequence.parse().ok()?,
        })
    }

    /// How this sender's numbers are expected to go on.
    pub fn sequence_policy(&self) -> SequencePolicy {
        match self.family {
            Family::Deanery => SequencePolicy::Growing,
            Family::GenericOutbound | Family::CompetencyInbound => SequencePolicy::OneByOne,
        }
    }

    /// Whether the sender is an employing organisation (GO, CI) and not a managing body (DE).
    pub fn sender_is_vpd(&self) -> bool {
        self.family != Family::Deanery
    }

    /// Whether the file holds everything, so that a VPD may be registered by it.
    pub fn is_full_generic_outbound(&self) -> bool {
        self.interface == Interface::GenericOutbound && self.file_type == "GOF"
    }

    /// Whether the portal takes files of this kind in; the others it writes itself.
    pub fn is_inbound(&self) -> bool {
        match self.interface {
            Interface::GenericOutbound
            | Interface::Applicants
            | Interface::Notifications
            | Interface::PositionConfirmation
            | Interface::Completions => true,
            Interface::Learning
            | Interface::ApplicantConfirmation
            | Interface::NotificationConfirmation
            | Interface::Positions
            | Interface::CompletionConfirmation => false,
        }
    }

    /// The record types of which the first record must be one.
    pub fn record_types(&self) -> &'static [&'static str] {
        match self.interface {
            Interface::GenericOutbound => &[
                "ORA", "LCA", "POA", "PRA", "ASA", "PHA", "ADA", "COA", "VHA", "ORD", "LCD", "POD", "PRD", "ASD",
                "PHD", "ADD", "COD", "VHD",
            ],
            Interface::Learning => &["PRA", "PRD", "ASA", "ASD", "CDA", "CDD", "PCA", "PCD", "PQA", "PQD"],
            Interface::Applicants => &["APP"],
            Interface::ApplicantConfirmation => &["APC"],
            Interface::Notifications => &["NOT"],
            Interface::NotificationConfirmation => &["DCC"],
            Interface::Positions => &["POS", "POR", "ASG", "PER", "ADD", "PBD", "ABS"],
            Interface::PositionConfirmation => &["RTC"],
            Interface::Completions => &["CMP"],
            Interface::CompletionConfirmation => &["CNF"],
        }
    }
}

fn is_body(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_vpd(text: &str) -> bool {
    (3..=4).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_system(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A name that may be anything, made fit for a sentence: cut, without control characters.
pub fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if name.chars().nth(80).is_some() {
        text.push('…');
    }
    format!("“{text}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_family_are_read() {
        let cases = [
            ("DE_KSS_APP_20210506_00002689.DAT", Interface::Applicants, "KSS", "APP", 2689),
            ("DE_TIS_APC_20180625_0000142.DAT", Interface::ApplicantConfirmation, "TIS", "APC", 142),
            ("DE_SW_DNC_20260506_00002701.DAT", Interface::Notifications, "SW", "DNC", 2701),
            ("DE_WAL_RMF_20260506_00000001.DAT", Interface::Positions, "WAL", "RMF", 1),
            ("DE_WAL_RTC_20260506_00000001.DAT", Interface::PositionConfirmation, "WAL", "RTC", 1),
            ("GO_904_EXP_GOF_20260505_00000001.DAT", Interface::GenericOutbound, "904", "GOF", 1),
            ("GO_1234_EXP_GOC_20260505_00000009.DAT", Interface::GenericOutbound, "1234", "GOC", 9),
            ("GO_904_CST_GOF_20260505_00000001.DAT", Interface::Learning, "904", "GOF", 1),
            ("CI_904_TOT_CIU_20260506_00000001.DAT", Interface::Completions, "904", "CIU", 1),
        ];
        for (name, interface, sender, file_type, sequence) in cases {
            let read = FileName::parse(name).unwrap();
            assert_eq!(
                (read.interface, &*read.sender, &*read.file_type, read.sequence),
                (interface, sender, file_type, sequence),
                "{name}"
            );
            assert_eq!(read.text, name);
        }
    }

    #[test]
    fn file_10_names_that_no_interface_uses_are_f04() {
        let long = format!("DE_KSS_APP_20260506_{}.DAT", "0".repeat(276));
        let cases = [
            "",
            "CON",
            "../DE_KSS_APP_20260506_00002689.DAT",
            "in/DE_KSS_APP_20260506_00002689.DAT",
            "DE_KSS_APP_20260506_00002689.DAT.",
            "DE_KSS_APP_20260506_00002689.DAT\n",
            "DE_KSS_APP\n_20260506_00002689.DAT",
            "de_kss_app_20260506_00002689.dat",
            "DE_KSSX_APP_20260506_00002689.DAT",
            "DE_KSS_XYZ_20260506_00002689.DAT",
            "DE_KSS_APP_20260230_00002689.DAT",
            "DE_KSS_APP_20260506_002689.DAT",
            "DE_KSS_APP_20260506_000002689.DAT",
            "DE_KSS_APP_20260506_0000268A.DAT",
            "GO_004_EXP_GOF_20260505_00000001.DAT",
            "GO_904_EXP_GOF_20260505_0000001.DAT",
            "GO_904_EXP_APP_20260505_00000001.DAT",
            "GO_90４_EXP_GOF_20260505_00000001.DAT",
            &long,
        ];
        for name in cases {
            let refusal = FileName::parse(name).unwrap_err();
            assert_eq!(refusal.code, Code::WrongFormat, "{name}");
            assert!(refusal.reason.len() < 700 && !refusal.reason.contains('\n'), "{name}");
        }
    }

    #[test]
    fn interfaces_read_back_from_their_codes() {
        for interface in Interface::ALL {
            assert_eq!(Interface::from_code(interface.code()), Some(interface));
        }
    }
}
