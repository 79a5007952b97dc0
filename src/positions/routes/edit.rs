use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::positions::actions::{self, ChangeError, Refusal, fingerprint};
use crate::positions::model::{ChangeField, ChangeId, HostOrLead, PositionChange, Set, Source, Stretch};
use crate::positions::store;
use crate::positions::views::{ConfirmPage, ConflictPage, EditPage, differences, labelled};
use crate::tenancy::VpdTx;
use crate::ui::{self, Flash, dates};

/// The form as it is sent, and sent again from the page that asks whether it is meant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct EditForm {
    pub effective_from: String,
    pub deanery_post_number: String,
    pub managing_deanery_body: String,
    pub host_lead_status: String,
    pub out_of_hours: String,
    pub rota_pattern: String,
    pub prospective_cover: String,
    pub name: String,
    pub job_role: String,
    pub workplace_code: String,
    pub position_type: String,
    pub hiring_status: String,
    pub budgeted_fte: String,
    pub seen: String,
    pub confirmed: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    on: String,
}

impl EditForm {
    /// The form filled in with what is so on a day.
    fn of(stretch: &Stretch, day: NaiveDate, seen: String) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            effective_from: format!("{}", day.format("%-d/%-m/%Y")),
            deanery_post_number: text(&stretch.dpn),
            managing_deanery_body: text(&stretch.managing_body),
            host_lead_status: stretch.host_or_lead.map(|status| status.code().to_owned()).unwrap_or_default(),
            out_of_hours: text(&stretch.out_of_hours),
            rota_pattern: text(&stretch.rota_pattern),
            prospective_cover: text(&stretch.prospective_cover),
            name: stretch.name.clone(),
            job_role: text(&stretch.job_role),
            workplace_code: text(&stretch.workplace_code),
            position_type: text(&stretch.position_type),
            hiring_status: text(&stretch.hiring_status),
            budgeted_fte: text(&stretch.budgeted_fte),
            seen,
            confirmed: String::new(),
        }
    }

    /// The change that the form asks for: only what it says differently from what is so.
    fn change(&self, position_id: &str, day: NaiveDate, now: &Stretch) -> PositionChange {
        // Browsers leave line ends out of what they send back: such a value is the same until somebody types another.
        let sent_back = |text: &str| text.replace(['\r', '\n'], "");
        let set = |typed: &str, now: &Option<String>| {
            let same = sent_back(now.as_deref().unwrap_or_default()) == sent_back(typed);
            let value = Some(typed.to_owned()).filter(|value| !value.trim().is_empty());
            if same { Set::Leave } else { Set::To(value) }
        };
        let status = HostOrLead::parse(&self.host_lead_status);
        PositionChange {
            name: if sent_back(&now.name) == sent_back(&self.name) { Set::Leave } else { Set::To(self.name.clone()) },
            job_role: set(self.job_role.trim(), &now.job_role),
            workplace_code: set(self.workplace_code.trim(), &now.workplace_code),
            hiring_status: set(self.hiring_status.trim(), &now.hiring_status),
            position_type: set(self.position_type.trim(), &now.position_type),
            budgeted_fte: set(self.budgeted_fte.trim(), &now.budgeted_fte),
            dpn: set(&self.deanery_post_number, &now.dpn),
            managing_body: set(self.managing_deanery_body.trim(), &now.managing_body),
            host_or_lead: if status == now.host_or_lead { Set::Leave } else { Set::To(status) },
            out_of_hours: set(self.out_of_hours.trim(), &now.out_of_hours),
            rota_pattern: set(self.rota_pattern.trim(), &now.rota_pattern),
            prospective_cover: set(self.prospective_cover.trim(), &now.prospective_cover),
            seen: Some(self.seen.clone()).filter(|seen| !seen.is_empty()),
            confirmed: self.confirmed == "yes",
            ..PositionChange::new(position_id, day)
        }
    }
}

pub(super) async fn stretches(tx: &mut VpdTx, id: &str) -> Result<Vec<Stretch>, PageError> {
    let (mut all, _) = store::stretches(tx, &[id]).await?;
    all.remove(id).ok_or(PageError::NotFound)
}

/// The stretch that a change on a day begins from: the first, where the position begins later.
pub(super) fn on_day(stretches: &[Stretch], day: NaiveDate) -> &Stretch {
    let active = stretches.iter().rev().find(|stretch| stretch.holds_on(day));
    active.or_else(|| stretches.iter().rev().find(|stretch| stretch.effective_from <= day)).unwrap_or(&stretches[0])
}

pub async fn form(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<String>,
    asked: Query<Asked>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let stretches = stretches(&mut tx, &id).await?;
    let today = dates::parse_day(&asked.on).unwrap_or_else(|| app.today());
    // Where it begins later than today, a change can only be from then on.
    let day = today.max(stretches[0].effective_from);
    let form = EditForm::of(on_day(&stretches, day), day, fingerprint(&stretches));
    page(tx, &who, &id, &stretches, form, &[], StatusCode::OK).await
}

async fn page(
    mut tx: VpdTx,
    who: &Authorised<ChangePositions>,
    id: &str,
    stretches: &[Stretch],
    form: EditForm,
    refusals: &[Refusal],
    status: StatusCode,
) -> PageResult {
    let values = store::values(&mut tx).await?;
    let day = dates::parse_day(&form.effective_from).unwrap_or(stretches[0].effective_from);
    let holders = store::holders(&mut tx, id, day).await?;
    tx.commit().await?;
    let page = EditPage::new(who.layout(), id, on_day(stretches, day), &form, refusals, &values, &holders);
    Ok(ui::page(status, &page))
}

pub async fn save(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<String>,
    Form(form): Form<EditForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let before = stretches(&mut tx, &id).await?;
    let Some(day) = dates::parse_day(&form.effective_from) else {
        let text = "Enter the day from which this holds, such as 5/8/2026".to_owned();
        let refusal = Refusal { field: ChangeField::EffectiveFrom, code: "DATE", text, holder: None };
        return page(tx, &who, &id, &before, form, &[refusal], StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let change = form.change(&id, day, on_day(&before, day));
    match actions::change(&mut tx, &who.actor(), &change, Source::Page, app.now()).await {
        Ok(made) => {
            let after = stretches(&mut tx, &id).await?;
            tx.commit().await?;
            who.flash(&saved(&id, made, day, &before, &after));
            Ok(ui::see_other(format!(
                "/positions/{id}{}",
                if day > app.today() { format!("?on={day}") } else { String::new() }
            )))
        }
        Err(ChangeError::NothingChanges) => {
            tx.rollback().await?;
            who.flash(&Flash::information("Nothing was changed: the position says all of that already"));
            Ok(ui::see_other(format!("/positions/{id}")))
        }
        Err(ChangeError::Refused(refusals)) => {
            page(tx, &who, &id, &before, form, &refusals, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(ChangeError::Unconfirmed(warnings)) => {
            let judged = actions::check(&mut tx, &change).await;
            tx.rollback().await?;
            let shown = judged.map(|judged| differences(&judged.before, &judged.after, day)).unwrap_or_default();
            let page = ConfirmPage {
                layout: who.layout(),
                position: on_day(&before, day).clone(),
                id: id.clone(),
                warnings,
                shown,
                form,
            };
            Ok(ui::page(StatusCode::OK, &page))
        }
        Err(ChangeError::ChangedMeanwhile) => {
            let last = store::history(&mut tx, &id).await?.into_iter().next();
            tx.rollback().await?;
            let now = on_day(&before, day);
            let typed = typed(&form, now);
            let page = ConflictPage { layout: who.layout(), id: id.clone(), now: labelled(now), typed, last, day };
            Ok(ui::page(StatusCode::CONFLICT, &page))
        }
        Err(ChangeError::NotFound) => Err(PageError::NotFound),
        Err(ChangeError::Database(error)) => Err(error.into()),
    }
}

/// What somebody typed, as values of a position.
fn typed(form: &EditForm, now: &Stretch) -> Vec<(&'static str, String)> {
    let text = |typed: &str| Some(typed.to_owned()).filter(|typed| !typed.is_empty());
    labelled(&Stretch {
        dpn: text(&form.deanery_post_number),
        managing_body: text(&form.managing_deanery_body),
        host_or_lead: HostOrLead::parse(&form.host_lead_status),
        out_of_hours: text(&form.out_of_hours),
        rota_pattern: text(&form.rota_pattern),
        prospective_cover: text(&form.prospective_cover),
        name: form.name.clone(),
        job_role: text(&form.job_role),
        workplace_code: text(&form.workplace_code),
        position_type: text(&form.position_type),
        hiring_status: text(&form.hiring_status),
        budgeted_fte: text(&form.budgeted_fte),
        ..now.clone()
    })
}

/// What is said after a change: what became of each value, and that it can be taken back.
pub(super) fn saved(id: &str, made: ChangeId, day: NaiveDate, before: &[Stretch], after: &[Stretch]) -> Flash {
    let number = after.last().map_or(id, |stretch| stretch.position_number.as_str());
    let mut flash = Flash::success(format!("Position {number} is changed from {}", dates::day(day)));
    for one in differences(before, after, day) {
        let none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
        flash = flash.detail(format!("{}: {}, was {}", one.label, none(&one.after), none(&one.before)));
    }
    flash = flash.detail("It goes to the deanery with tonight's file");
    flash.undo("Undo", format!("/positions/changes/{}/undo", made.0))
}
