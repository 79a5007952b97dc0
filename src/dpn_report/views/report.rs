use std::collections::HashMap;

use askama::Template;
use chrono::NaiveDate;

use super::parts;
use crate::dpn_report::Report;
use crate::dpn_report::files::words;
use crate::positions::dpn::DpnRule;
use crate::positions::quality::{Fault, Line, Statistics, Weight};
use crate::positions::views::visible;
use crate::ui::{self, Choice, Field, Layout, NavItem, Pagination, dates};

#[derive(Template)]
#[template(path = "dpn_report/summary.html")]
pub struct SummaryPage {
    pub layout: Layout,
    pub section: Vec<NavItem>,
    pub report: Report,
    pub weeks: Vec<(NaiveDate, Statistics)>,
}

/// A week's bar in the chart: place and height, with what it stands for.
struct Bar {
    x: i64,
    y: i64,
    height: i64,
    count: i64,
    day: String,
}

impl SummaryPage {
    fn parts(&self) -> Vec<NavItem> {
        parts(&self.report, "/positions/dpn-report")
    }

    fn statistics(&self) -> Vec<(&'static str, i64, &'static str)> {
        let of = self.report.quality.statistics;
        vec![
            (words::STATISTICS[0], of.positions_with_dpn, "/positions/dpn-report/all"),
            (words::STATISTICS[1], of.dpns_on_several_positions, "/positions/dpn-report/duplicates"),
            (words::STATISTICS[2], of.dpn_quality_issues, "/positions/dpn-report/all?problem=dpn"),
            (words::STATISTICS[3], of.name_quality_issues, "/positions/dpn-report/all?problem=name"),
        ]
    }

    /// What is wrong, by the harm that it does: heading, words, and each fault with its count.
    fn weighed(&self) -> Vec<(Weight, Vec<(Fault, i64)>)> {
        let faults = self.report.faults();
        Weight::ALL
            .into_iter()
            .map(|weight| {
                (weight, faults.iter().copied().filter(|(fault, _)| fault.weight() == weight).collect::<Vec<_>>())
            })
            .filter(|(_, faults)| !faults.is_empty())
            .collect()
    }

    fn href(&self, fault: &Fault) -> String {
        match fault {
            Fault::Duplicate => "/positions/dpn-report/duplicates".to_owned(),
            fault => format!("/positions/dpn-report/all?problem={}", fault.code()),
        }
    }

    fn bars(&self) -> Vec<Bar> {
        let issues = |of: &Statistics| of.dpns_on_several_positions + of.dpn_quality_issues + of.name_quality_issues;
        let most = self.weeks.iter().map(|(_, of)| issues(of)).max().unwrap_or(0).max(1);
        let bars = self.weeks.iter().enumerate().map(|(at, (day, of))| {
            let height = issues(of) * 90 / most;
            let x = i64::try_from(at).unwrap_or(0) * 50 + 10;
            Bar { x, y: 110 - height, height, count: issues(of), day: dates::short_day(*day) }
        });
        bars.collect()
    }

    fn made_at(&self) -> String {
        dates::at(self.report.made_at)
    }

    fn day(&self) -> String {
        dates::day(self.report.day)
    }
}

#[derive(Template)]
#[template(path = "dpn_report/duplicates.html")]
pub struct DuplicatesPage {
    pub layout: Layout,
    pub section: Vec<NavItem>,
    pub report: Report,
    /// Holders and applicants on their way, by position.
    pub people: HashMap<String, (i64, i64)>,
    pub may_change: bool,
}

impl DuplicatesPage {
    fn parts(&self) -> Vec<NavItem> {
        parts(&self.report, "/positions/dpn-report/duplicates")
    }

    fn people(&self, line: &Line) -> String {
        match self.people.get(&line.position_id).copied().unwrap_or_default() {
            (0, 0) => "Vacant".to_owned(),
            (now, next) => format!("{} now, {} next", ui::number(now), ui::number(next)),
        }
    }

    fn settle(&self, dpn: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("dpn", dpn);
        format!("/positions/dpn-report/settle?{}", query.finish())
    }
}

#[derive(Template)]
#[template(path = "dpn_report/all.html")]
pub struct AllPage {
    pub layout: Layout,
    pub section: Vec<NavItem>,
    pub report: Report,
    pub lines: Vec<Line>,
    pub total: usize,
    pub page: u64,
    pub pages: u64,
    pub problem: Field,
    pub may_change: bool,
}

impl AllPage {
    fn parts(&self) -> Vec<NavItem> {
        parts(&self.report, "/positions/dpn-report/all")
    }

    fn set(&self) -> usize {
        usize::from(!self.problem.value.is_empty())
    }

    fn problems(&self) -> Vec<Choice> {
        let of = self.report.quality.statistics;
        let mut all = vec![
            Choice::new("", "All positions"),
            Choice::new("any", "Any problem"),
            Choice::new("dpn", format!("Any issue with DPN ({})", ui::number(of.dpn_quality_issues))),
            Choice::new("name", format!("Any issue with Position Name ({})", ui::number(of.name_quality_issues))),
        ];
        all.extend(
            self.report
                .faults()
                .into_iter()
                .map(|(fault, count)| Choice::new(fault.code(), format!("{} ({})", fault.label(), ui::number(count)))),
        );
        all
    }

    fn caption(&self) -> String {
        let total = i64::try_from(self.total).unwrap_or_default();
        format!("{} on {}", ui::count(total, "position", "positions"), dates::day(self.report.day))
    }

    fn pagination(&self) -> Pagination {
        let problem = self.problem.value.clone();
        Pagination::numbered(self.page, self.pages, |page| {
            format!("/positions/dpn-report/all?problem={problem}&page={page}")
        })
    }

    fn bad(&self, line: &Line, of_name: bool) -> &'static str {
        let bad = line.faults.iter().any(|fault| fault.is_counted() && fault.is_of_name() == of_name);
        if bad { "app-bad" } else { "" }
    }

    fn name(&self, line: &Line) -> String {
        visible(&line.name)
    }

    fn dpn(&self, line: &Line) -> String {
        visible(line.dpn.as_deref().unwrap_or_default())
    }

    /// Where the fault is mended.
    fn mend(&self, line: &Line) -> String {
        if line.faults.first() == Some(&Fault::Duplicate) {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("dpn", &line.key());
            return format!("/positions/dpn-report/settle?{}", query.finish());
        }
        format!("/positions/{}/edit", line.position_id)
    }

    /// A mail to the deanery's contact: a number is corrected there first.
    fn query(&self, line: &Line) -> Option<String> {
        if !line.faults.iter().any(|fault| matches!(fault, Fault::Dpn(rule) if rule.is_fault())) {
            return None;
        }
        let contact = self.report.contacts.iter().find(|contact| Some(&contact.body) == line.managing_body.as_ref())?;
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        // What we have not set at our position is ours to mend.
        let of_the_number =
            line.faults.iter().filter(|fault| matches!(fault, Fault::Dpn(rule) if *rule != DpnRule::D10));
        let text = format!(
            "Our position {} has the Deanery Post Number {}, which breaks these rules: {}. Please tell us the number as you have it.",
            line.position_number,
            spelt(line.dpn.as_deref().unwrap_or_default()),
            of_the_number.map(|fault| fault.words()).collect::<Vec<_>>().join("; ")
        );
        query
            .append_pair("subject", &format!("Deanery Post Number of position {}", line.position_number))
            .append_pair("body", &text);
        Some(format!("mailto:{}?{}", contact.address, query.finish().replace('+', "%20")))
    }
}

/// A number for a mail: what cannot be seen in it is named, and no sign stands for it that a reader would take for a part of it.
fn spelt(dpn: &str) -> String {
    let (from, to) = (dpn.len() - dpn.trim_start_matches(' ').len(), dpn.trim_end_matches(' ').len());
    let mut text = String::from("\"");
    let mut named = false;
    for (at, c) in dpn.char_indices() {
        let name = match c {
            '\t' => "tab".to_owned(),
            '\n' => "line feed".to_owned(),
            '\r' => "carriage return".to_owned(),
            ' ' if at < from || at >= to => "space".to_owned(),
            c if c.is_control() || (c != ' ' && c.is_whitespace()) => format!("character U+{:04X}", u32::from(c)),
            c => {
                text.push(c);
                continue;
            }
        };
        named = true;
        text.push_str(&format!("[{name}]"));
    }
    text.push('"');
    if named {
        text.push_str(" (what is in square brackets is the name of a character that cannot be seen)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_spelt_as_it_is() {
        for (dpn, said) in [
            ("KSS/R9A01/024/STR/004", "\"KSS/R9A01/024/STR/004\""),
            ("KSS/R9A01\t/024", "\"KSS/R9A01[tab]/024\" ("),
            (" KSS//1 ", "\"[space]KSS//1[space]\" ("),
            ("KSS/A\u{a0}B/1/2", "\"KSS/A[character U+00A0]B/1/2\" ("),
        ] {
            assert!(spelt(dpn).starts_with(said), "{}", spelt(dpn));
        }
        assert!(!spelt("KSS/R9A01/024/STR/004").contains('('));
    }
}
