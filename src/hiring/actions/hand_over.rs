use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::access::{Caller, Right, store as access};
use crate::applicants::actions::hire_key;
use crate::audit::{self, Event, Subject};
use crate::hiring::store;
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::VpdTx;
use crate::ui::dates;

/// Asks those who may hire, or one of them by name, to hire a doctor. Nothing where there is no such application or colleague.
pub async fn hand_over(
    tx: &mut VpdTx,
    by: &Caller,
    application_id: Uuid,
    to: Option<Uuid>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let right = Right::RecruitmentAndApplicantEnrolment;
    let Some(applicant) = store::applicant(tx, application_id).await? else { return Ok(None) };
    let holders = access::holders(tx, right).await?;
    let named = match to {
        None => right.label().to_owned(),
        Some(id) => match holders.iter().find(|(holder, ..)| *holder == id) {
            Some((_, _, name)) => name.clone(),
            None => return Ok(None),
        },
    };
    let message = MessageDraft {
        kind: MessageType::DitStarter,
        title: "Doctors to be hired".to_owned(),
        dedupe_key: format!("hire-requests:{today}"),
        file: None,
        body_code: None,
        dated_on: today,
    };
    let mut item =
        ItemDraft::new("hire_request", right, ItemClass::Action, hire_key(application_id), "Hire this doctor");
    item.person_name = Some(format!("{}, {}", applicant.last_name, applicant.first_name));
    item.gmc_number = applicant.gmc_number.clone();
    item.dpn = Some(applicant.dpn.clone());
    item.position_id = Some(applicant.position_id.clone());
    item.position_number = Some(applicant.position_number.clone());
    item.takes_effect_on = Some(applicant.hire_on);
    item.person_id = Some(applicant.person_id.clone());
    item.application_id = Some(application_id);
    item.link = Some(format!("/doctors/applications/{application_id}/hire"));
    let whom = if to.is_some() { format!(" {} was asked.", named) } else { String::new() };
    item.facts = json!({ "text": format!("{} asks that the doctor be hired on {}.{whom}", by.name, dates::day(applicant.hire_on)) });
    notifications::raise(tx, &message, &[item], now).await?;
    let detail = json!({ "application": application_id, "to": named });
    let about = Subject::new("person", &applicant.person_id);
    audit::record(tx, &by.actor(), Event::HireHandedOver, about, detail, now).await?;
    Ok(Some(named))
}
