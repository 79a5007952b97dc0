//! What is wrong with positions, by the rules of the DPN report: one pass over what is active on a day, each fault weighed by its harm.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::actions::Around;
use super::dpn::{Companions, DpnRule, RawDpn};
use super::model::{HostOrLead, title};
use super::name::{NameRule, broken_rules};
use super::store::Position;

/// How much harm a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The record does not go out, or cannot be read where it arrives.
    Stops,
    /// Somebody will be surprised: a doctor twice, a post that is not found.
    Surprises,
    /// It looks odd and does no harm.
    Cosmetic,
}

impl Weight {
    pub const ALL: [Self; 3] = [Self::Stops, Self::Surprises, Self::Cosmetic];

    pub fn label(self) -> &'static str {
        match self {
            Self::Stops => "Stops a file",
            Self::Surprises => "Will surprise someone",
            Self::Cosmetic => "Cosmetic",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Stops => "Nothing is sent to the deanery for these positions until it is put right.",
            Self::Surprises => {
                "The record goes out, and something unexpected comes of it: a doctor twice, or a post that is not found."
            }
            Self::Cosmetic => "It may be meant so. Look at it once.",
        }
    }

    pub fn colour(self) -> &'static str {
        match self {
            Self::Stops => "red",
            Self::Surprises => "orange",
            Self::Cosmetic => "grey",
        }
    }
}

/// A fault of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    Dpn(DpnRule),
    Name(NameRule),
    /// The same number on another active position of this organisation.
    Duplicate,
    /// Two employers are both Host, or both Lead, for one number.
    Pair,
    /// A training post without a number.
    D11,
    /// A number or a managing body on what is not a training post.
    D12,
}

impl Fault {
    /// Every fault, in the order of a filter.
    pub const ALL: &'static [Self] = &[
        Self::Duplicate,
        Self::Dpn(DpnRule::D1),
        Self::Dpn(DpnRule::D2),
        Self::Dpn(DpnRule::D3),
        Self::Dpn(DpnRule::D4),
        Self::Dpn(DpnRule::D5),
        Self::Dpn(DpnRule::D6),
        Self::Dpn(DpnRule::D7),
        Self::Dpn(DpnRule::D8),
        Self::Dpn(DpnRule::D9),
        Self::Dpn(DpnRule::D10),
        Self::D11,
        Self::D12,
        Self::Pair,
        Self::Name(NameRule::P1),
        Self::Name(NameRule::P2),
        Self::Name(NameRule::P3),
    ];

    pub fn code(self) -> String {
        match self {
            Self::Dpn(rule) => rule.to_string(),
            Self::Name(rule) => rule.code().to_owned(),
            Self::Duplicate => "duplicate".to_owned(),
            Self::Pair => "pair".to_owned(),
            Self::D11 => "D11".to_owned(),
            Self::D12 => "D12".to_owned(),
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.code() == code)
    }

    /// In two or three words, for a tag or a filter.
    pub fn label(self) -> &'static str {
        match self {
            Self::Duplicate => "Duplicate",
            Self::Dpn(DpnRule::D1) => "Too few parts",
            Self::Dpn(DpnRule::D2) => "First part not 3 characters",
            Self::Dpn(DpnRule::D3) => "Unreadable character",
            Self::Dpn(DpnRule::D4) => "Empty part",
            Self::Dpn(DpnRule::D5) => "Too long",
            Self::Dpn(DpnRule::D6) => "Unknown body",
            Self::Dpn(DpnRule::D7) => "Counter not a number",
            Self::Dpn(DpnRule::D8) => "Site not 5 characters",
            Self::Dpn(DpnRule::D9) => "Outer space",
            Self::Dpn(DpnRule::D10) => "Incomplete",
            Self::D11 => "Training post without number",
            Self::D12 => "Not a training post",
            Self::Pair => "Two hosts or two leads",
            Self::Name(NameRule::P1) => "Name not 4 parts",
            Self::Name(NameRule::P2) => "Name without number",
            Self::Name(NameRule::P3) => "Name unreadable",
        }
    }

    /// The rule in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Dpn(rule) => rule.words(),
            Self::Name(rule) => rule.words(),
            Self::Duplicate => "The same Deanery Post Number is on several active positions",
            Self::Pair => "Another employer's position with this number is Host too, or Lead too",
            Self::D11 => "A training post has no Deanery Post Number",
            Self::D12 => "A position that is not a training post has a Deanery Post Number or a managing deanery body",
        }
    }

    pub fn weight(self) -> Weight {
        match self {
            Self::Dpn(rule) if rule.is_fault() => Weight::Stops,
            Self::Name(NameRule::P3) => Weight::Stops,
            Self::Dpn(DpnRule::D7 | DpnRule::D8 | DpnRule::D9) => Weight::Cosmetic,
            Self::Dpn(_) | Self::Name(_) | Self::Duplicate | Self::Pair | Self::D11 | Self::D12 => Weight::Surprises,
        }
    }

    /// Whether the DPN report's figures count it, so that it stands in the way of going live.
    pub fn is_counted(self) -> bool {
        match self {
            Self::Dpn(rule) => rule.is_fault(),
            Self::Name(_) | Self::Duplicate => true,
            Self::Pair | Self::D11 | Self::D12 => false,
        }
    }

    /// Whether it is in the name of the position rather than in its number.
    pub fn is_of_name(self) -> bool {
        matches!(self, Self::Name(_))
    }
}

/// Whether a number or a name has a fault that the report weighs as stopping: nothing goes out for such a position.
pub fn is_stopped(dpn: &str, name: &str) -> bool {
    let of_dpn = RawDpn(dpn.to_owned()).broken_rules(|_| true, Companions::default());
    let faults = of_dpn.into_iter().map(Fault::Dpn).chain(broken_rules(name).into_iter().map(Fault::Name));
    faults.map(Fault::weight).any(|weight| weight == Weight::Stops)
}

/// A position that has a number, or a fault, on the day of the report.
#[derive(Clone, Debug)]
pub struct Line {
    pub position_id: String,
    pub position_number: String,
    pub name: String,
    pub dpn: Option<String>,
    pub managing_body: Option<String>,
    pub host_or_lead: Option<HostOrLead>,
    pub job_role: Option<String>,
    pub effective_from: NaiveDate,
    pub faults: Vec<Fault>,
}

impl Line {
    /// A position as the rules ask about it.
    pub fn of(position: &Position) -> Self {
        Self {
            position_id: position.position_id.clone(),
            position_number: position.position_number.clone(),
            name: position.name.clone(),
            dpn: position.dpn.clone(),
            managing_body: position.managing_body.clone(),
            host_or_lead: position.host_or_lead,
            job_role: position.job_role.clone(),
            effective_from: position.effective_from,
            faults: Vec::new(),
        }
    }

    pub fn title(&self) -> &str {
        title(&self.name)
    }

    pub fn has_dpn(&self) -> bool {
        self.dpn.as_deref().is_some_and(|dpn| !dpn.trim().is_empty())
    }

    pub fn key(&self) -> String {
        super::dpn::key(self.dpn.as_deref().unwrap_or_default())
    }

    /// Whether the report's figures count it among the issues with names, or among those with numbers.
    pub fn has_issue(&self, of_name: bool) -> bool {
        let counts = |fault: &Fault| fault.is_counted() && *fault != Fault::Duplicate && fault.is_of_name() == of_name;
        self.faults.iter().any(counts)
    }

    /// Its worst fault's weight.
    pub fn weight(&self) -> Option<Weight> {
        self.faults.iter().map(|fault| fault.weight()).min()
    }
}

/// The statistics of the DPN report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Statistics {
    pub positions_with_dpn: i64,
    pub dpns_on_several_positions: i64,
    pub positions_sharing_a_dpn: i64,
    pub dpn_quality_issues: i64,
    pub name_quality_issues: i64,
    /// Positions with a fault that is shown and not counted among the above.
    pub hints: i64,
    pub positions: i64,
}

impl Statistics {
    /// Whether nothing stands in the way of going live.
    pub fn is_clean(&self) -> bool {
        self.dpns_on_several_positions == 0 && self.dpn_quality_issues == 0 && self.name_quality_issues == 0
    }
}

/// What one pass over the positions found.
#[derive(Clone, Debug, Default)]
pub struct Quality {
    pub statistics: Statistics,
    /// By number of the position.
    pub lines: Vec<Line>,
}

/// Gathers positions as they are read, and judges each.
pub struct Gathering<'a> {
    around: &'a Around,
    pairs: HashSet<String>,
    lines: Vec<Line>,
    positions: i64,
}

impl<'a> Gathering<'a> {
    /// `pairs` are the positions whose partner at another employer has the same Host/Lead status.
    pub fn new(around: &'a Around, pairs: HashSet<String>) -> Self {
        Self { around, pairs, lines: Vec::new(), positions: 0 }
    }

    /// Takes a position that is active on the day.
    pub fn add(&mut self, mut line: Line) {
        self.positions += 1;
        line.faults = faults(&line, self.around);
        if self.pairs.contains(&line.position_id) {
            line.faults.push(Fault::Pair);
        }
        if line.has_dpn() || !line.faults.is_empty() {
            self.lines.push(line);
        }
    }

    /// Finds the numbers that several bear, and counts.
    pub fn finish(mut self) -> Quality {
        let mut bearers: HashMap<String, u32> = HashMap::new();
        for line in self.lines.iter().filter(|line| line.has_dpn()) {
            *bearers.entry(line.key()).or_default() += 1;
        }
        let mut statistics = Statistics { positions: self.positions, ..Statistics::default() };
        statistics.dpns_on_several_positions = bearers.values().map(|count| i64::from(*count > 1)).sum();
        for line in &mut self.lines {
            if line.has_dpn() {
                statistics.positions_with_dpn += 1;
                if bearers.get(&line.key()).is_some_and(|count| *count > 1) {
                    line.faults.insert(0, Fault::Duplicate);
                    statistics.positions_sharing_a_dpn += 1;
                }
            }
            statistics.dpn_quality_issues += i64::from(line.has_issue(false));
            statistics.name_quality_issues += i64::from(line.has_issue(true));
            statistics.hints += i64::from(line.faults.iter().any(|fault| !fault.is_counted()));
        }
        self.lines.sort_by(|a, b| (&a.position_number, &a.position_id).cmp(&(&b.position_number, &b.position_id)));
        Quality { statistics, lines: self.lines }
    }
}

/// The faults of a position by itself: whether others bear its number is not asked.
pub fn faults(line: &Line, around: &Around) -> Vec<Fault> {
    let body = line.managing_body.as_deref().is_some_and(|body| !body.trim().is_empty());
    let beside = Companions {
        has_managing_body: body,
        has_host_or_lead: line.host_or_lead.is_some(),
        asks_host_or_lead: around.asks_host_or_lead,
    };
    let raw = RawDpn(line.dpn.clone().unwrap_or_default());
    let broken = raw.broken_rules(|body| around.bodies.contains(body), beside);
    let mut faults: Vec<Fault> = broken.into_iter().map(Fault::Dpn).collect();
    let trains = line.job_role.as_deref().is_some_and(|role| around.training_roles.contains(role));
    match (trains, line.has_dpn()) {
        (true, false) => faults.push(Fault::D11),
        (false, has_dpn) if has_dpn || body => faults.push(Fault::D12),
        _ => {}
    }
    faults.extend(broken_rules(&line.name).into_iter().map(Fault::Name));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, dpn: &str, name: &str) -> Line {
        Line {
            position_id: id.to_owned(),
            position_number: id.to_owned(),
            name: name.to_owned(),
            dpn: Some(dpn.to_owned()).filter(|dpn| !dpn.is_empty()),
            managing_body: Some("KSS".to_owned()).filter(|_| !dpn.is_empty()),
            host_or_lead: None,
            job_role: Some("Specialty Registrar".to_owned()),
            effective_from: NaiveDate::MIN,
            faults: Vec::new(),
        }
    }

    #[test]
    fn the_statistics_count_positions_and_numbers() {
        let around = Around {
            bodies: HashSet::from(["KSS".to_owned()]),
            training_roles: HashSet::from(["Specialty Registrar".to_owned()]),
            ..Around::default()
        };
        let mut gathering = Gathering::new(&around, HashSet::new());
        let name = "1|Registrar|024|Paediatrics";
        for (id, dpn, name) in [
            ("5", "KSS/R9A01/024/STR/001", name),
            ("4", "kss/r9a01/024/str/001 ", name),
            ("3", "KSS/R9A01//STR\t/1", name),
            ("2", "", "Registrar"),
            ("1", "KSS/R9A01/024/STR/002", "x|Registrar"),
        ] {
            gathering.add(line(id, dpn, name));
        }
        let quality = gathering.finish();
        let statistics = quality.statistics;
        assert_eq!((statistics.positions, statistics.positions_with_dpn), (5, 4));
        assert_eq!((statistics.dpns_on_several_positions, statistics.positions_sharing_a_dpn), (1, 2));
        assert_eq!((statistics.dpn_quality_issues, statistics.name_quality_issues), (1, 2));
        assert_eq!(quality.lines[0].position_id, "1");
        assert!(!statistics.is_clean());
        for fault in Fault::ALL {
            assert_eq!(Fault::from_code(&fault.code()), Some(*fault));
        }
    }
}
