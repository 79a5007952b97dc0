use askama::Template;
use chrono::NaiveDate;

use super::Shown;
use crate::positions::actions::{Refusal, Warning};
use crate::positions::model::{ChangeField, HostOrLead, Stretch};
use crate::positions::routes::EditForm;
use crate::positions::store::{Change, Holder, Values};
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

#[derive(Template)]
#[template(path = "positions/edit.html")]
pub struct EditPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub id: String,
    pub position: Stretch,
    pub seen: String,
    pub effective_from: Field,
    pub dpn: Field,
    pub managing_body: Field,
    pub host_or_lead: Field,
    pub out_of_hours: Field,
    pub rota_pattern: Field,
    pub prospective_cover: Field,
    pub name: Field,
    pub job_role: Field,
    pub workplace_code: Field,
    pub position_type: Field,
    pub hiring_status: Field,
    pub budgeted_fte: Field,
    /// The position that bears the number that was typed: id and number.
    pub holder: Option<(String, String)>,
    pub proposed: Option<HostOrLead>,
    bodies: Vec<Choice>,
    bands: Vec<Choice>,
    rotas: Vec<Choice>,
    covers: Vec<Choice>,
    roles: Vec<Choice>,
}

impl EditPage {
    pub fn new(
        layout: Layout,
        id: &str,
        position: &Stretch,
        form: &EditForm,
        refusals: &[Refusal],
        values: &Values,
        holders: &[Holder],
    ) -> Self {
        let field = |name: &'static str, about: &[ChangeField], value: &str| {
            let said: Vec<&str> = refusals
                .iter()
                .filter(|refusal| about.contains(&refusal.field))
                .map(|refusal| refusal.text.as_str())
                .collect();
            if said.is_empty() { Field::new(name, value) } else { Field::refused(name, value, said.join(". ")) }
        };
        let effective_from =
            field("effective_from", &[ChangeField::EffectiveFrom, ChangeField::Position], &form.effective_from);
        let dpn = field("deanery_post_number", &[ChangeField::Dpn], &form.deanery_post_number);
        let managing_body = field("managing_deanery_body", &[ChangeField::ManagingBody], &form.managing_deanery_body);
        let host_or_lead = field("host_lead_status", &[ChangeField::HostOrLead], &form.host_lead_status);
        let name = field("name", &[ChangeField::Name], &form.name);
        let job_role = field("job_role", &[ChangeField::Other], &form.job_role);
        let budgeted_fte = field("budgeted_fte", &[ChangeField::BudgetedFte], &form.budgeted_fte);
        let errors =
            ErrorSummary::of([&effective_from, &dpn, &managing_body, &host_or_lead, &name, &job_role, &budgeted_fte]);
        let holder = refusals.iter().find_map(|refusal| refusal.holder.as_ref());
        // Host where every holder is Honorary, Lead where every holder is Employee: a proposal, and no more.
        let all =
            |kind: &str| !holders.is_empty() && holders.iter().all(|holder| holder.user_type.as_deref() == Some(kind));
        let proposed = match (position.host_or_lead, all("Honorary"), all("Employee")) {
            (None, true, _) => Some(HostOrLead::Host),
            (None, _, true) => Some(HostOrLead::Lead),
            _ => None,
        };
        Self {
            layout,
            errors,
            id: id.to_owned(),
            seen: form.seen.clone(),
            effective_from,
            dpn,
            bodies: choices(&values.bodies, &managing_body.value, |code, name| format!("{code} {name}")),
            managing_body,
            host_or_lead,
            bands: choices(&values.out_of_hours, &form.out_of_hours, |_, name| name.to_owned()),
            out_of_hours: Field::new("out_of_hours", form.out_of_hours.clone()),
            rotas: choices(&values.rota_patterns, &form.rota_pattern, |_, name| name.to_owned()),
            rota_pattern: Field::new("rota_pattern", form.rota_pattern.clone()),
            covers: choices(&values.prospective_covers, &form.prospective_cover, |_, name| name.to_owned()),
            prospective_cover: Field::new("prospective_cover", form.prospective_cover.clone()),
            name,
            roles: choices(&values.job_roles, &form.job_role, |code, _| code.to_owned()),
            job_role,
            workplace_code: Field::new("workplace_code", form.workplace_code.clone()),
            position_type: Field::new("position_type", form.position_type.clone()),
            hiring_status: Field::new("hiring_status", form.hiring_status.clone()),
            budgeted_fte,
            holder: holder.map(|held| (held.position_id.clone(), held.position_number.clone())),
            position: position.clone(),
            proposed,
        }
    }

    fn statuses(&self) -> Vec<Choice> {
        let mut all: Vec<Choice> = [HostOrLead::Host, HostOrLead::Lead]
            .into_iter()
            .map(|status| {
                let proposed = self.proposed == Some(status);
                let hint = if proposed { "Proposed: so are all who hold it now" } else { "" };
                Choice::new(status.code(), status.label()).hint(hint)
            })
            .collect();
        all.push(Choice::new("", "Not set"));
        all
    }

    /// Where the number that another position bears is brought here.
    fn move_here(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("dpn", &self.dpn.value).append_pair("to", &self.id);
        format!("/positions/dpn-report/settle?{}", query.finish())
    }
}

/// The values of a list, and the one that is set even where the list does not have it.
fn choices(list: &[(String, String)], set: &str, label: impl Fn(&str, &str) -> String) -> Vec<Choice> {
    let mut all = vec![Choice::new("", "None")];
    all.extend(list.iter().map(|(code, name)| Choice::new(code.clone(), label(code, name))));
    if !set.is_empty() && !list.iter().any(|(code, _)| code == set) {
        all.push(Choice::new(set, set));
    }
    all
}

#[derive(Template)]
#[template(path = "positions/confirm.html")]
pub struct ConfirmPage {
    pub layout: Layout,
    pub id: String,
    pub position: Stretch,
    pub warnings: Vec<Warning>,
    pub shown: Vec<Shown>,
    pub form: EditForm,
}

impl ConfirmPage {
    /// The fields of the form, to be sent again.
    fn fields(&self) -> Vec<(String, String)> {
        let text = serde_html_form::to_string(&self.form).unwrap_or_default();
        let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned();
        pairs.filter(|(name, _)| name != "confirmed").collect()
    }
}

#[derive(Template)]
#[template(path = "positions/conflict.html")]
pub struct ConflictPage {
    pub layout: Layout,
    pub id: String,
    pub now: Vec<(&'static str, String)>,
    pub typed: Vec<(&'static str, String)>,
    pub last: Option<Change>,
    pub day: NaiveDate,
}

impl ConflictPage {
    fn rows(&self) -> Vec<(&'static str, &str, &str, bool)> {
        let pairs = self.now.iter().zip(&self.typed);
        pairs.map(|((label, now), (_, typed))| (*label, now.as_str(), typed.as_str(), now != typed)).collect()
    }

    fn by(&self) -> Option<String> {
        self.last.as_ref().map(|last| format!("{} on {}", last.by_name, dates::at(last.at)))
    }
}

#[derive(Template)]
#[template(path = "positions/end.html")]
pub struct EndPage {
    pub layout: Layout,
    pub errors: ErrorSummary,
    pub id: String,
    pub position: Stretch,
    /// The day on which it ended, where it has.
    pub ended: Option<NaiveDate>,
    pub seen: String,
    pub end_on: Field,
    /// Holders and applicants after the day that was entered: asked about before.
    pub after: Option<(i64, i64)>,
}

impl EndPage {
    fn ended(&self) -> Option<String> {
        self.ended.map(dates::day)
    }
}

#[derive(Template)]
#[template(path = "positions/undo_refused.html")]
pub struct UndoRefusedPage {
    pub layout: Layout,
    pub followed: Vec<String>,
    pub back: String,
}

#[derive(Template)]
#[template(path = "positions/undone_elsewhere.html")]
pub struct UndoneElsewherePage {
    pub layout: Layout,
    pub why: &'static str,
    pub href: String,
    pub link: &'static str,
    pub position_id: String,
}
