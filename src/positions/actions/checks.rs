//! The rules of the DPN report, asked of a change before it is made.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{Refusal, Warning};
use crate::positions::dpn::{Companions, DeaneryPostNumber, DpnError, DpnRule, RawDpn};
use crate::positions::model::{ChangeField, HostOrLead, PositionChange, Set, Stretch};
use crate::positions::name::broken_rules;

/// What the rules ask about beside the position itself.
#[derive(Default)]
pub struct Around {
    /// Codes of the managing deanery bodies.
    pub bodies: HashSet<String>,
    /// Job roles that make a position a training post.
    pub training_roles: HashSet<String>,
    /// Whether anybody has set Host/Lead status on a position of this organisation.
    pub asks_host_or_lead: bool,
    /// Other employers' positions, by the key of the number that they bear.
    pub elsewhere: HashMap<String, Vec<Elsewhere>>,
}

/// Another employer's position, as much as is shared of it.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    pub vpd: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub host_or_lead: Option<HostOrLead>,
}

/// Codes that share their posts: a number of one with the body of the other is in order (Kent, Surrey and Sussex posts bear LDN).
const SAME_OFFICE: &[&[&str]] = &[&["KSS", "LDN"], &["PEN", "SEV", "SW"], &["EAN", "EOE"], &["MER", "NWN"]];

/// What is wrong with the values that a change sets.
pub fn refusals(change: &PositionChange, around: &Around) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |field, code, text: String| refusals.push(Refusal { field, code, text, holder: None });
    if let Set::To(Some(typed)) = &change.dpn
        && let Err(error) = typed.parse::<DeaneryPostNumber>()
    {
        refuse(ChangeField::Dpn, code_of(&error), error.to_string());
    }
    if let Set::To(Some(body)) = &change.managing_body
        && !around.bodies.contains(body)
    {
        let text = format!("{} is not a managing deanery body that is known here", shown(body));
        refuse(ChangeField::ManagingBody, "BODY", text);
    }
    if let Set::To(name) = &change.name {
        for rule in broken_rules(name) {
            refuse(ChangeField::Name, rule.code(), rule.words().to_owned());
        }
        if name.chars().count() > 240 {
            refuse(ChangeField::Name, "LENGTH", "A position's name has at most 240 characters".to_owned());
        }
    }
    if let Set::To(Some(fte)) = &change.budgeted_fte
        && !is_fte(fte)
    {
        refuse(
            ChangeField::BudgetedFte,
            "FTE",
            "Budgeted FTE must be a number from 0 to 999.99, such as 1.00".to_owned(),
        );
    }
    let texts = [
        &change.job_role,
        &change.workplace_code,
        &change.hiring_status,
        &change.position_type,
        &change.out_of_hours,
        &change.rota_pattern,
        &change.prospective_cover,
    ];
    for value in texts {
        if let Set::To(Some(text)) = value
            && (text.chars().count() > 100 || text.chars().any(char::is_control))
        {
            refuse(ChangeField::Other, "TEXT", format!("{} is too long or cannot be read", shown(text)));
        }
    }
    refusals
}

fn is_fte(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 3) && digits(part, 2)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The rule of the DPN report that a typed number breaks.
pub fn code_of(error: &DpnError) -> &'static str {
    match error {
        DpnError::TooFewParts => "D1",
        DpnError::BadPrefix => "D2",
        DpnError::Unreadable => "D3",
        DpnError::EmptyPart { .. } => "D4",
        DpnError::TooLong => "D5",
        DpnError::OuterSpace => "D9",
    }
}

/// What a change brings about that somebody should know; what was so before is not said again.
pub fn warnings(change: &PositionChange, before: &[Stretch], after: &[Stretch], around: &Around) -> Vec<Warning> {
    let now = of_stretches(before, around);
    let mut warnings = of_stretches(after, around);
    warnings.retain(|warning| !now.contains(warning));
    let day = change.effective_from;
    if after.len() > before.len().max(1) && after.iter().any(|later| later.effective_from > day && !later.is_empty()) {
        let kept = after.iter().filter(|later| later.effective_from > day && !later.is_empty());
        let kept: Vec<_> = kept.filter(|later| before.contains(later)).collect();
        if let Some(first) = kept.first() {
            let text = format!(
                "A later change is planned for {}, and stays as it is",
                crate::ui::dates::day(first.effective_from)
            );
            warnings.push(Warning { field: ChangeField::EffectiveFrom, code: "PLANNED", text });
        }
    }
    warnings
}

fn of_stretches(stretches: &[Stretch], around: &Around) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    for stretch in stretches.iter().filter(|stretch| !stretch.is_empty()) {
        for warning in of_stretch(stretch, around) {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings
}

fn of_stretch(stretch: &Stretch, around: &Around) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |field, code, text: String| warnings.push(Warning { field, code, text });
    let raw = RawDpn(stretch.dpn.clone().unwrap_or_default());
    let body = stretch.managing_body.as_deref().map(str::trim).filter(|body| !body.is_empty());
    let beside = Companions {
        has_managing_body: body.is_some(),
        has_host_or_lead: stretch.host_or_lead.is_some(),
        asks_host_or_lead: around.asks_host_or_lead,
    };
    for rule in raw.broken_rules(|body| around.bodies.contains(body), beside) {
        match rule {
            DpnRule::D6 | DpnRule::D7 | DpnRule::D8 => warn(ChangeField::Dpn, code(rule), rule.words().to_owned()),
            DpnRule::D10 => warn(ChangeField::ManagingBody, "D10", rule.words().to_owned()),
            _ => {}
        }
    }
    let key = stretch.dpn_key();
    if let (Some(key), Some(body)) = (&key, body) {
        let prefix = raw.prefix().to_uppercase();
        let body = body.to_uppercase();
        let same =
            SAME_OFFICE.iter().any(|office| office.contains(&prefix.as_str()) && office.contains(&body.as_str()));
        if prefix != body && !same && around.bodies.contains(&prefix) {
            let text = format!("The Deanery Post Number begins with {prefix}, and the managing deanery body is {body}");
            warn(ChangeField::ManagingBody, "PREFIX", text);
        }
        for other in around.elsewhere.get(key).into_iter().flatten() {
            if let (Some(ours), Some(theirs)) = (stretch.host_or_lead, other.host_or_lead)
                && ours == theirs
                && stretch.overlaps(other.from, other.to)
            {
                let text = format!(
                    "Organisation {} has a position with this Deanery Post Number that is {} too: one of the two should be the other",
                    other.vpd,
                    ours.label()
                );
                warn(ChangeField::HostOrLead, "PAIR", text);
            } else if other.host_or_lead.is_none() && stretch.overlaps(other.from, other.to) {
                let text = format!(
                    "Organisation {} has a position with this Deanery Post Number and has not said whether it is host or lead: agree it with them",
                    other.vpd
                );
                warn(ChangeField::HostOrLead, "PAIR", text);
            }
        }
    }
    let trains = stretch.job_role.as_deref().is_some_and(|role| around.training_roles.contains(role));
    if !trains && (key.is_some() || body.is_some()) {
        let role = stretch.job_role.as_deref().unwrap_or("none");
        let text = format!(
            "This is not a training post (its job role is {}), so it should have no Deanery Post Number and no managing deanery body",
            shown(role)
        );
        warn(ChangeField::Dpn, "D12", text);
    }
    warnings
}

fn code(rule: DpnRule) -> &'static str {
    match rule {
        DpnRule::D1 => "D1",
        DpnRule::D2 => "D2",
        DpnRule::D3 => "D3",
        DpnRule::D4 => "D4",
        DpnRule::D5 => "D5",
        DpnRule::D6 => "D6",
        DpnRule::D7 => "D7",
        DpnRule::D8 => "D8",
        DpnRule::D9 => "D9",
        DpnRule::D10 => "D10",
    }
}
