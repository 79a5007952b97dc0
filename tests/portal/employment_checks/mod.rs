//! Employment checks: on the doctor's page, and by a recruitment system's calls.

mod api;
mod refusals;

use changeover::access::Right::{MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment, VpdAdmin};
use http::{HeaderMap, HeaderName, Method};
use serde_json::Value;
use sqlx::PgPool;

use crate::applicants::{load, record, with_trusts};
use crate::support::{Page, Portal, Visitor};

/// A doctor of 904 with an application; gives its id.
pub async fn with_application(portal: &Portal) -> String {
    with_trusts(portal).await;
    assert_eq!(load(portal, 1, &[record(&[])]).await.success, 1);
    portal.text("select application_id::text from applications").await
}

/// Makes a token on the administration page, as an administrator does; gives its text.
pub async fn token(portal: &Portal, vpd: &str, supplier: &str) -> String {
    let administrator = portal.sign_in(vpd, VpdAdmin).await;
    let page = administrator.post("/admin/tokens", [("supplier", supplier), ("lasts", "90")]).await;
    page.assert_ok().text("#token")
}

/// A supplier's system.
pub struct Supplier<'a> {
    visitor: Visitor,
    token: &'a str,
}

impl<'a> Supplier<'a> {
    pub fn new(portal: &Portal, token: &'a str) -> Self {
        Self::at(&portal.base, token)
    }

    /// The same at another server.
    pub fn at(base: &str, token: &'a str) -> Self {
        Self { visitor: Visitor::new(base), token }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.visitor
            .send(Method::GET, path, headers(&[("authorization", &format!("Bearer {}", self.token))]), Vec::new())
            .await
    }

    pub async fn set(&self, path: &str, seen: i32, key: &str, body: &str) -> Page {
        self.send(path, &[("if-match", &format!("\"{seen}\"")), ("idempotency-key", key)], body.as_bytes()).await
    }

    pub async fn send(&self, path: &str, more: &[(&str, &str)], body: &[u8]) -> Page {
        let bearer = format!("Bearer {}", self.token);
        let mut all = headers(&[("authorization", &bearer), ("content-type", "application/json")]);
        all.extend(headers(more));
        self.visitor.send(Method::POST, path, all, body.to_vec()).await
    }
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap()))
        .collect()
}

pub fn json(page: &Page) -> Value {
    serde_json::from_slice(&page.bytes).unwrap_or_else(|error| panic!("no JSON ({error}): {}", page.body))
}

const CHECKS: [&str; 6] = ["identity", "registration", "references", "right-to-work", "work-health", "criminal-record"];

/// What makes each check clear, as the form sends it.
fn cleared(standard: &str) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![
        ("version", "0"),
        ("status", "clear"),
        ("cleared-on-day", "5"),
        ("cleared-on-month", "5"),
        ("cleared-on-year", "2026"),
        ("checked-by", "Amara Obi"),
    ];
    fields.extend_from_slice(match standard {
        "registration" => &[("body", "General Medical Council"), ("registration-number", "9779858")],
        "right-to-work" => &[("identity-verified", "yes")],
        "criminal-record" => &[
            ("dbs-type", "Enhanced check"),
            ("certificate-number", "001234567890"),
            ("issued-on-day", "1"),
            ("issued-on-month", "5"),
            ("issued-on-year", "2026"),
            ("workforce", "Child and Adult"),
        ],
        _ => &[],
    });
    fields
}

/// Clears all six checks of an application on the page.
pub async fn clear_all(recruiter: &Visitor, application: &str) {
    for standard in CHECKS {
        let path = format!("/doctors/applications/{application}/checks/{standard}");
        recruiter.post(path, cleared(standard)).await.assert_redirect();
    }
}

#[sqlx::test]
async fn an_offer_is_accepted_without_a_reason_once_all_six_checks_are_complete(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let recruiter = portal.sign_in("904", [RecruitmentAndApplicantEnrolment, MedicalStaffingOfficer]).await;
    let status = format!("/doctors/applications/{application}/status");
    let step = |shown: &'static str, event: &'static str| {
        let (recruiter, status) = (&recruiter, &status);
        async move { recruiter.post(status, [("shown", shown), ("event-1", event), ("reason-1", "")]).await }
    };
    step("preferred_applicant", "offer_conditionally").await.assert_redirect();
    // "Without conditions" says that every check is complete: while one is not, that needs a reason.
    let page = step("offered_post_conditional", "offer_unconditionally").await;
    assert_eq!((page.status, page.text("#reason-1-error").as_str()), (422, "Error: Enter a reason"));
    assert_eq!(page.words().matches("These checks are open, so this needs a reason: Identity: not started").count(), 2);
    let page = step("offered_post_conditional", "accept_offer").await;
    assert_eq!((page.status, page.text("#reason-1-error").as_str()), (422, "Error: Enter a reason"));
    assert!(page.words().contains("These checks are open") && page.words().contains("0 of 6 complete"));
    clear_all(&recruiter, &application).await;
    let doctor = portal.text("select '/doctors/' || person_id from applications").await;
    assert!(recruiter.get(&doctor).await.words().contains("6 of 6 complete"));
    step("offered_post_conditional", "accept_offer").await.assert_redirect();
    assert_eq!(portal.text("select status from applications").await, "offer_accepted");
    assert_eq!(portal.count("select count(*) from audit where detail ? 'overridden_checks'").await, 0);
}

#[sqlx::test]
async fn accepting_over_open_checks_keeps_the_reason_and_what_was_open(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let recruiter = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let status = format!("/doctors/applications/{application}/status");
    recruiter
        .post(&status, [("shown", "preferred_applicant"), ("event-1", "offer_conditionally"), ("reason-1", "")])
        .await;
    let form = [("shown", "offered_post_conditional"), ("event-1", "accept_offer"), ("reason-1", "DBS seen on paper")];
    recruiter.post(&status, form).await.assert_redirect();
    let kept = portal.text("select detail::text from audit where detail ? 'overridden_checks'").await;
    assert!(kept.contains("Criminal record: not started") && kept.contains("DBS seen on paper"), "{kept}");
}

#[sqlx::test]
async fn a_check_is_recorded_with_its_rules_and_every_version_is_kept(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let recruiter = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let path = format!("/doctors/applications/{application}/checks/criminal-record");
    assert_eq!(recruiter.get(&path).await.assert_ok().text("h1"), "Criminal record");
    let page = recruiter.post(&path, [("version", "0"), ("status", "clear"), ("certificate-number", "12")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text("#certificate-number-error"), "Error: Certificate number must be 12 digits");
    assert_eq!(page.attr("#certificate-number", "value"), "12", "what was typed stays");
    assert_eq!(page.texts(".nhsuk-error-summary a").len(), 6);
    recruiter.post(&path, cleared("criminal-record")).await.assert_redirect();
    // F-19, BIZ-3: the same again changes nothing; another version that had not been seen is refused.
    recruiter.post(&path, cleared("criminal-record")).await.assert_redirect();
    assert_eq!(recruiter.post(&path, [("version", "0"), ("status", "in_progress")]).await.status, 409);
    recruiter
        .post(&path, [("version", "1"), ("status", "failed"), ("note", "<b>Wrong person</b>")])
        .await
        .assert_redirect();
    let page = recruiter.get(format!("/doctors/applications/{application}/checks")).await;
    let titles = page.texts(".app-timeline__title");
    assert_eq!(titles, ["Criminal record: Failed", "Criminal record: Clear"]);
    assert!(page.words().contains("Certificate number: 001234567890 was taken out"));
    assert!(!page.body.contains("<b>Wrong"));
    assert_eq!(portal.count("select count(*) from employment_check_versions").await, 2);
    let changed = portal.audit("904").await.iter().filter(|event| *event == "employment_check_changed").count();
    assert_eq!(changed, 2);
    assert!(!portal.text("select string_agg(detail::text, '') from audit").await.contains("001234567890"));
}

#[sqlx::test]
async fn authz_2_of_the_work_health_assessment_only_the_outcome_is_kept(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let recruiter = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let path = format!("/doctors/applications/{application}/checks/work-health");
    assert!(!recruiter.get(&path).await.assert_ok().has("#note, #evidence-ref"));
    let mut fields = cleared("work-health");
    fields[1].1 = "clear_with_conditions";
    fields.push(("note", "asthma"));
    recruiter.post(&path, fields).await.assert_redirect();
    assert_eq!(portal.text("select status from employment_checks").await, "clear_with_conditions");
    assert_eq!(
        portal.count("select count(*) from employment_check_versions where entry::text like '%asthma%'").await,
        0
    );
    let officer = portal.sign_in("904", MedicalStaffingOfficer).await;
    let page = officer.get(format!("/doctors/applications/{application}/checks")).await;
    assert!(page.assert_ok().words().contains("Clear with conditions") && !page.has("a[href$=work-health]"));
    assert_eq!(officer.get(&path).await.status, 403);
    assert_eq!(officer.post(&path, cleared("work-health")).await.status, 403);
}

#[sqlx::test]
async fn a_check_that_ends_before_the_start_is_not_complete(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let recruiter = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let mut fields = cleared("right-to-work");
    fields.extend([("expires-on-day", "4"), ("expires-on-month", "8"), ("expires-on-year", "2026")]);
    recruiter.post(format!("/doctors/applications/{application}/checks/right-to-work"), fields).await.assert_redirect();
    let page = recruiter.get(format!("/doctors/applications/{application}/checks")).await;
    assert!(
        page.words().contains("Ends before the start") && page.words().contains("0 of 6 complete"),
        "{}",
        page.words()
    );
}
