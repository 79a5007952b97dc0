//! What can be made to happen to a request, and what the conditions say.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::jobs::{TELL_ANSWER, TELL_REQUEST};
use super::model::{Answers, Condition, State};
use super::store::{self, NewRequest, Request};
use crate::access::store as rights;
use crate::access::{Caller, Right};
use crate::audit::{self, Event, Subject};
use crate::dpn_report::{self, Report, files};
use crate::jobs;
use crate::positions::quality::Fault;
use crate::tenancy::VpdTx;
use crate::ui::{self, dates};

/// What must be so before going live with a body, each with what was counted.
pub async fn conditions(
    tx: &mut VpdTx,
    body: &str,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<(Vec<Condition>, Report)> {
    let report = dpn_report::read(tx, today, now).await?;
    let evidence = store::evidence(tx, body, today).await?;
    let officers = rights::holders(tx, Right::MedicalStaffingOfficer).await?.len();
    let works = rights::holders(tx, Right::LocalWorkstructuresAdministration).await?.len();
    let recruiters = rights::holders(tx, Right::RecruitmentAndApplicantEnrolment).await?.len();
    let statistics = report.quality.statistics;
    let with = |fault: Fault| report.faults().iter().find(|(found, _)| *found == fault).map_or(0, |(_, count)| *count);
    let (unnumbered, stray) = (with(Fault::D11), with(Fault::D12));
    let issues = statistics.dpn_quality_issues + statistics.name_quality_issues;
    let positions = |count: i64| ui::count(count, "position", "positions");
    let confirmed = evidence.contact_confirmed;
    let is_fresh = confirmed.is_some_and(|day| today.checked_sub_days(Days::new(365)).is_none_or(|year| day >= year));
    let needed = |title, is_met, evidence: String, mend: (&str, &'static str)| Condition {
        title,
        is_met,
        is_needed: true,
        evidence,
        mend: Some((mend.0.to_owned(), mend.1)),
    };
    let all = vec![
        needed(
            "Positions unbucketed",
            evidence.buckets == 0,
            format!("{} with several holders, or of the shared type", positions(evidence.buckets)),
            ("/positions/forecast", "Split shared positions"),
        ),
        needed(
            "DPNs assigned",
            unnumbered == 0,
            format!("{} without a Deanery Post Number", ui::count(unnumbered, "training post", "training posts")),
            ("/positions/dpn-report/all?problem=D11", "Give them a number"),
        ),
        needed(
            "No duplicates",
            statistics.dpns_on_several_positions == 0,
            format!("{} on several positions", ui::count(statistics.dpns_on_several_positions, "number", "numbers")),
            ("/positions/dpn-report/duplicates", "Settle the duplicates"),
        ),
        needed(
            "No data quality issues",
            issues == 0,
            format!("{} with numbers or names that break the rules", ui::count(issues, "issue", "issues")),
            ("/positions/dpn-report/all?problem=any", "Put them right"),
        ),
        needed(
            "Non-training posts clean",
            stray == 0,
            format!("{} with a number or a managing body and no training", positions(stray)),
            ("/positions/dpn-report/all?problem=D12", "Clear them"),
        ),
        needed(
            "Medical Staffing Officer role held",
            officers > 0,
            format!("{} the role", ui::count(i64::try_from(officers).unwrap_or(0), "person holds", "people hold")),
            ("/help#admin", "Ask an administrator to give it out"),
        ),
        needed(
            "URPs assigned",
            works > 0 && recruiters > 0,
            format!("Local Workstructures Administration: {works}; Recruitment and Applicant Enrolment: {recruiters}"),
            ("/help#admin", "Ask an administrator to give them out"),
        ),
        needed(
            "Contact confirmed",
            is_fresh,
            match confirmed {
                Some(day) => format!("Last confirmed on {}", dates::day(day)),
                None => "No contact of this body was confirmed".to_owned(),
            },
            ("/help/contact", "Ask national operations to confirm the contact"),
        ),
        Condition {
            title: "Test file passed",
            is_met: evidence.last_file.is_some(),
            is_needed: false,
            evidence: evidence.last_file.map_or_else(
                || "No applicant file of this body has come yet; the first comes after going live".to_owned(),
                |name| format!("{name} was processed"),
            ),
            mend: None,
        },
    ];
    Ok((all, report))
}

/// Why a request is not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Something is missing or not clean: the field and the sentence.
    #[error("the request is not complete")]
    Incomplete(Vec<(&'static str, String)>),
    #[error("a request for this body is open already")]
    OpenAlready,
    #[error("the report could not be written: {0}")]
    Report(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Sends the request to go live, with the DPN report of this moment.
pub async fn send(
    tx: &mut VpdTx,
    by: &Caller,
    body: &str,
    answers: &Answers,
    email: Option<(&str, &[u8])>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Uuid, SendError> {
    let mut missing = Vec::new();
    let (conditions, report) = conditions(tx, body, today, now).await?;
    match answers.required_by {
        None => missing.push(("required_by", "Enter the day by which it is required, such as 1/6/2026".to_owned())),
        Some(day) if day < today => missing.push(("required_by", "Enter today or a later day".to_owned())),
        Some(_) => {}
    }
    if answers.unbucketed.is_none() {
        missing.push(("unbucketed", "Answer whether Doctors in Training posts are unbucketed".to_owned()));
    }
    if answers.unique_dpns.is_none() {
        missing.push(("unique_dpns", "Answer whether positions have only unique Deanery Post Numbers".to_owned()));
    }
    match email {
        None => missing
            .push(("email", "Attach the e-mail of the local office or the Business Manager that approves".to_owned())),
        Some((name, _)) if !super::model::is_an_email(name) => {
            missing.push(("email", "The selected file must be an e-mail (.eml or .msg) or a PDF".to_owned()));
        }
        Some((_, [])) => missing.push(("email", "The selected file is empty".to_owned())),
        Some((_, bytes)) if bytes.len() > 10 * 1024 * 1024 => {
            missing.push(("email", "The selected file must be smaller than 10MB".to_owned()));
        }
        Some(_) => {}
    }
    if !report.quality.statistics.is_clean() {
        let open: Vec<&str> = conditions.iter().filter(|c| c.is_needed && !c.is_met).map(|c| c.title).collect();
        missing.push(("report", format!("The DPN report is not clean. Still open: {}", open.join(", "))));
    }
    let (Some(required_by), Some(unbucketed), Some(unique_dpns), Some(email), true) =
        (answers.required_by, answers.unbucketed, answers.unique_dpns, email, missing.is_empty())
    else {
        return Err(SendError::Incomplete(missing));
    };
    let workbook = files::xlsx(&report, &by.name).map_err(|error| SendError::Report(error.to_string()))?;
    let request_id = Uuid::now_v7();
    let report_name = format!("{}.xlsx", report.file_name());
    let new = NewRequest {
        request_id,
        body,
        required_by,
        unbucketed,
        unique_dpns,
        email,
        report: (&report_name, &workbook),
        statistics: json!(report.quality.statistics),
        sent_by: (&by.name, by.user_id),
    };
    if !store::insert(tx, &new, now).await? {
        return Err(SendError::OpenAlready);
    }
    store::save_step(tx, body, super::model::Step::Request, &by.name, [Some(required_by), Some(today)], &by.name, now)
        .await?;
    jobs::enqueue(tx, TELL_REQUEST, &json!({ "request": request_id }), None).await?;
    let about = Subject::new("readiness_request", request_id);
    audit::record(tx, &by.actor(), Event::RequestSent, about, json!({ "body": body }), now).await?;
    Ok(request_id)
}

/// Why nothing was said.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    #[error("no such request")]
    NotFound,
    #[error("the request is closed")]
    Closed,
    /// Who asks does not answer.
    #[error("the request is the answerer's own")]
    Own,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Says something on a request; operators choose what it becomes, an employer's reply puts it in discussion.
pub async fn say(
    tx: &mut VpdTx,
    by: &Caller,
    id: Uuid,
    text: &str,
    becomes: Option<State>,
    now: DateTime<Utc>,
) -> Result<Request, SayError> {
    let request = store::find(tx, id).await?.ok_or(SayError::NotFound)?;
    let state = State::from_code(&request.state).filter(|state| state.is_open()).ok_or(SayError::Closed)?;
    if tx.vpd().is_operations() && request.sent_by_user == Some(by.user_id) {
        return Err(SayError::Own);
    }
    let becomes = becomes.unwrap_or_else(|| state.replied());
    store::say(tx, &request, &by.name, becomes.code(), text, now).await?;
    let payload = json!({ "request": id, "for": request.vpd });
    let kind = if tx.vpd().is_operations() { TELL_ANSWER } else { TELL_REQUEST };
    jobs::enqueue(tx, kind, &payload, None).await?;
    let about = Subject::new("readiness_request", id);
    audit::record(tx, &by.actor(), Event::RequestAnswered, about, json!({ "state": becomes.code() }), now).await?;
    Ok(request)
}
