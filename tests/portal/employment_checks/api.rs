//! Get and Set, as a recruitment system uses them.

use changeover::access::Right::{RecruitmentAndApplicantEnrolment, VpdAdmin};
use futures_util::future::join_all;
use sqlx::PgPool;

use super::{Supplier, headers, json, token, with_application};
use crate::support::Portal;

const V1: &str = "/api/employment-checks/v1/applications";

#[sqlx::test]
async fn a_supplier_finds_a_doctor_and_sets_the_checks_and_staff_see_them(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "904", "Trac").await;
    let trac = Supplier::new(&portal, &token);
    let page = trac.get(&format!("{V1}?gmcNumber=9779858")).await;
    let list = json(page.assert_ok());
    let found = &list["applications"][0];
    assert_eq!(
        (found["applicationId"].as_str(), found["lastName"].as_str()),
        (Some(application.as_str()), Some("Davies"))
    );
    assert_eq!(found["checks"]["right-to-work"], "NOT_STARTED");
    assert_eq!(list["next"], serde_json::Value::Null);
    assert!(!page.body.contains("TX958941B") && !page.body.contains("1990"), "no more than it needs");
    assert_eq!(json(&trac.get(&format!("{V1}?gmcNumber=1111111")).await)["applications"].as_array().unwrap().len(), 0);

    let path = format!("{V1}/{application}/checks/right-to-work");
    let page = trac.get(&path).await;
    assert_eq!(page.assert_ok().header("etag"), Some("\"0\""));
    let body = r#"{"status":"CLEAR","clearedOn":"2026-05-01","checkedBy":"Yoti Ltd","identityVerified":true,"gpg45Profile":"H1A"}"#;
    let page = trac.set(&path, 0, "one", body).await;
    assert_eq!(page.assert_ok().header("etag"), Some("\"1\""));
    assert_eq!(json(&page)["gpg45Profile"], "H1A");
    let recruiter = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let page = recruiter.get(format!("/doctors/applications/{application}/checks")).await;
    assert!(page.words().contains("Trac, a supplier's system") && page.words().contains("1 of 6 complete"));
    let actor =
        portal.text("select actor_kind || ' ' || actor from audit where event = 'employment_check_changed'").await;
    assert_eq!(actor, "supplier Trac");
    let page = trac.get(&format!("{V1}/{application}/checks")).await;
    assert_eq!(json(&page).as_array().unwrap().len(), 6);
}

#[sqlx::test]
async fn every_documented_example_is_taken(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "904", "Trac").await;
    let trac = Supplier::new(&portal, &token);
    let document = json(portal.visitor().get("/api/openapi.json").await.assert_ok());
    assert_eq!(document["info"]["version"], "1.0.0");
    assert!(document["components"]["securitySchemes"]["token"].is_object());
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 3);
    let mut posted = 0;
    for (path, methods) in paths {
        let path = path.replace("{application}", &application).replace("{standard}", "right-to-work");
        for method in methods.as_object().unwrap().keys() {
            if method == "get" {
                trac.get(&path).await.assert_ok();
                continue;
            }
            let example = &document["components"]["schemas"]["SetCheck"]["example"];
            trac.set(&path, 0, "example", &example.to_string()).await.assert_ok();
            posted += 1;
        }
    }
    assert_eq!(posted, 1);
    let page = portal.visitor().get("/api").await;
    assert!(
        page.assert_ok()
            .words()
            .contains("POST /api/employment-checks/v1/applications/{application}/checks/{standard}")
    );
}

#[sqlx::test]
async fn api_6_the_same_request_again_gets_the_same_answer_and_another_is_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "904", "Trac").await;
    let trac = Supplier::new(&portal, &token);
    let path = format!("{V1}/{application}/checks/identity");
    let body = r#"{"status":"IN_PROGRESS","requestedOn":"2026-05-01"}"#;
    let answers = join_all((0..20).map(|_| trac.set(&path, 0, "key", body))).await;
    assert!(
        answers.iter().all(|answer| answer.status == 200),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(portal.count("select count(*) from employment_check_versions").await, 1);
    // The answer is the old one even when the check has moved on.
    trac.set(&path, 1, "next", r#"{"status":"RECEIVED","receivedOn":"2026-05-02"}"#).await.assert_ok();
    let again = trac.set(&path, 0, "key", body).await;
    assert_eq!((again.body.as_str(), again.header("etag")), (answers[0].body.as_str(), Some("\"1\"")));
    let other = trac.set(&path, 0, "key", r#"{"status":"IN_PROGRESS"}"#).await;
    assert_eq!((other.status, json(&other)["title"].as_str().unwrap()), (409, "The Idempotency-Key was used before"));
    // After a day the key is free, and the version guards.
    sqlx::query("update api_answers set at = at - interval '25 hours'").execute(&portal.owner).await.unwrap();
    assert_eq!(trac.set(&path, 0, "key", r#"{"status":"IN_PROGRESS"}"#).await.status, 412);
    // A refusal does not use a key up.
    assert_eq!(trac.set(&path, 2, "later", r#"{"status":"CLEAR"}"#).await.status, 422);
    trac.set(&path, 2, "later", r#"{"status":"IN_PROGRESS"}"#).await.assert_ok();
}

#[sqlx::test]
async fn api_4_and_ten_1_another_organisations_applicant_is_not_there(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "917", "Trac").await;
    let stranger = Supplier::new(&portal, &token);
    assert_eq!(json(&stranger.get(V1).await)["applications"].as_array().unwrap().len(), 0);
    let path = format!("{V1}/{application}/checks/identity");
    let (get, set) = (stranger.get(&path).await, stranger.set(&path, 0, "k", r#"{"status":"IN_PROGRESS"}"#).await);
    let nobody = stranger.get(&format!("{V1}/{}/checks/identity", uuid::Uuid::nil())).await;
    assert_eq!((get.status, set.status), (404, 404));
    assert_eq!(get.body, nobody.body, "no hint that it exists");
    assert_eq!(portal.count("select count(*) from employment_checks").await, 0);
}

#[sqlx::test]
async fn api_5_a_revoked_or_expired_token_is_refused_at_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_application(&portal).await;
    let (text, other) = (token(&portal, "904", "Trac").await, token(&portal, "904", "Jobtrain").await);
    let stored = portal.text("select string_agg(t::text, '') from api_tokens t").await;
    assert!(!stored.contains(text.rsplit('_').next().unwrap()), "only a hash is kept");
    assert!(
        !portal.text("select string_agg(detail::text, '') from audit").await.contains(text.rsplit('_').next().unwrap())
    );
    let (trac, jobtrain) = (Supplier::new(&portal, &text), Supplier::new(&portal, &other));
    trac.get(V1).await.assert_ok();
    let administrator = portal.sign_in("904", VpdAdmin).await;
    let page = administrator.get("/admin/tokens").await;
    assert!(page.assert_ok().words().contains("Trac") && !page.body.contains(&text));
    assert!(page.words().contains("Never"), "the other was not used yet");
    let trac_id = portal.text("select token_id::text from api_tokens where supplier = 'Trac'").await;
    let stranger = portal.sign_in("917", VpdAdmin).await;
    assert_eq!(stranger.press(format!("/admin/tokens/{trac_id}/revoke")).await.status, 404);
    administrator.press(format!("/admin/tokens/{trac_id}/revoke")).await.assert_redirect();
    let refused = trac.get(V1).await;
    assert_eq!((refused.status, refused.header("content-type")), (401, Some("application/problem+json")));
    assert!(refused.header("www-authenticate").is_some());
    jobtrain.get(V1).await.assert_ok();
    sqlx::query("update api_tokens set expires_at = now() - interval '1 second'").execute(&portal.owner).await.unwrap();
    assert_eq!(jobtrain.get(V1).await.status, 401);
    let events = portal.audit("904").await;
    assert!(events.contains(&"api_token_made".to_owned()) && events.contains(&"api_token_revoked".to_owned()));
}

#[sqlx::test]
async fn api_2_wrong_tokens_are_slowed_down_and_right_ones_are_not(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_application(&portal).await;
    let right = token(&portal, "904", "Trac").await;
    let wrong = format!("{}x", &right[..right.len() - 1]);
    let guesser = Supplier::new(&portal, &wrong);
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(guesser.get(V1).await.status);
    }
    assert_eq!((answers[0], answers[19]), (401, 429), "{answers:?}");
    assert!(guesser.get(V1).await.header("retry-after").is_some());
    Supplier::new(&portal, &right).get(V1).await.assert_ok();
    let session =
        portal.visitor().send(http::Method::GET, V1, headers(&[("authorization", "Basic x")]), Vec::new()).await;
    assert_eq!(session.status, 429, "no token is a wrong token");
}

#[sqlx::test]
async fn api_10_a_burst_is_refused_with_a_time_to_wait_and_other_suppliers_are_served(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_application(&portal).await;
    let (loud, quiet) = (token(&portal, "904", "Loud").await, token(&portal, "904", "Quiet").await);
    let supplier = Supplier::new(&portal, &loud);
    let mut refused = None;
    for _ in 0..500 {
        let page = supplier.get(V1).await;
        if page.status == 429 {
            refused = Some(page);
            break;
        }
    }
    let refused = refused.expect("ten times the limit is refused");
    assert_eq!(refused.header("retry-after"), Some("1"));
    Supplier::new(&portal, &quiet).get(V1).await.assert_ok();
}
