//! Go or no-go, and the request that cannot be sent before everything is there.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn a_request_is_sent_once_everything_is_there_and_answered_by_an_operator(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/readiness").await;
    page.assert_ok();
    assert!(
        page.words().contains("No-go.") && page.words().contains("2 numbers on several positions"),
        "{}",
        page.words()
    );
    let email = [("email", "approval.eml", &b"From: office@deanery.example"[..])];
    let answers = [("body", "KSS"), ("required_by", "1/6/2026"), ("unbucketed", "yes"), ("unique_dpns", "yes")];
    let page = works.upload("/positions/readiness/request", &answers, &email).await;
    assert_eq!(page.status, 422);
    assert!(page.words().contains("The DPN report is not clean"), "{}", page.words());

    // 917 is clean.
    let works = portal.sign_in("917", Right::LocalWorkstructuresAdministration).await;
    let body = works
        .get("/positions/readiness")
        .await
        .attr("main a.nhsuk-button", "href")
        .replace("/positions/readiness/request?body=", "");
    let mut answers = answers.to_vec();
    answers[0].1 = &body;
    for left_out in 1..4 {
        let mut some = answers.clone();
        some.remove(left_out);
        assert_eq!(works.upload("/positions/readiness/request", &some, &email).await.status, 422, "{left_out}");
    }
    assert_eq!(works.upload("/positions/readiness/request", &answers, &[]).await.status, 422, "no e-mail");
    let page = [("email", "approval.html", &b"<script>"[..])];
    assert_eq!(works.upload("/positions/readiness/request", &answers, &page).await.status, 422, "no e-mail's kind");
    let to = works.upload("/positions/readiness/request", &answers, &email).await.assert_redirect().to_owned();
    assert_eq!(works.upload("/positions/readiness/request", &answers, &email).await.status, 409, "one at a time");
    let kept = works.get(format!("{to}/email")).await;
    assert_eq!(kept.body, "From: office@deanery.example");
    assert!(kept.header("content-security-policy").unwrap().contains("sandbox"));
    assert!(works.get(format!("{to}/report")).await.bytes.starts_with(b"PK"), "the report attached itself");

    portal.run_jobs().await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let list = operator.get("/interfaces/requests").await;
    let request = list.attr("main tbody a", "href");
    operator.get(&request).await.assert_ok();
    assert_eq!(operator.post(format!("{request}/answer"), [("text", ""), ("state", "done")]).await.status, 422);
    let answer = [("text", "You are live from Monday."), ("state", "done")];
    operator.post(format!("{request}/answer"), answer).await.assert_redirect();
    portal.run_jobs().await;
    assert!(portal.inbox("917").await.iter().any(|title| title.contains("was answered")));
    let page = works.get(&to).await;
    assert!(page.words().contains("You are live from Monday.") && page.words().contains("The request is closed"));
    // AUTHZ-5: a closed request takes no more answers.
    assert_eq!(works.post(format!("{to}/reply"), [("text", "Thank you")]).await.status, 409);
    let stranger = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    assert_eq!(stranger.get(&to).await.status, 404, "TEN-1");
    assert_eq!(stranger.get(format!("{to}/email")).await.status, 404, "TEN-1");
}

#[sqlx::test]
async fn the_checklist_keeps_owner_and_days(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let step = |due: &'static str| {
        [
            ("body", "KSS"),
            ("step", "materials"),
            ("owner-materials", "Amara"),
            ("due-materials", due),
            ("done-materials", ""),
        ]
    };
    assert_eq!(works.post("/positions/readiness/steps", step("soon")).await.status, 422);
    works.post("/positions/readiness/steps", step("1/6/2026")).await.assert_redirect();
    let page = works.get("/positions/readiness?body=KSS").await;
    assert_eq!(
        (page.attr("#owner-materials", "value").as_str(), page.attr("#due-materials", "value").as_str()),
        ("Amara", "1/6/2026")
    );

    // One form for all steps: nothing that was typed in another step is lost, whether all is right or not.
    let both = |due: &'static str| {
        [
            ("body", "KSS"),
            ("owner-esr_lead", "Bo"),
            ("due-esr_lead", due),
            ("done-esr_lead", ""),
            ("was-esr_lead", "||"),
            ("owner-colleagues", "Cy"),
            ("due-colleagues", "2/6/2026"),
            ("done-colleagues", ""),
            ("was-colleagues", "||"),
            // Shown so, and not changed since: another's change of it meanwhile stays.
            ("owner-materials", "Zoe"),
            ("due-materials", ""),
            ("done-materials", ""),
            ("was-materials", "Zoe||"),
        ]
    };
    let page = works.post("/positions/readiness/steps", both("soon")).await;
    assert_eq!((page.status, page.attr("#owner-colleagues", "value").as_str()), (422, "Cy"));
    assert_eq!(page.attr("#due-esr_lead", "value"), "soon");
    assert!(page.text("#due-esr_lead-error").contains("ESR Lead engaged: enter a date such as 1/6/2026"));
    assert_eq!(portal.count("select count(*) from readiness_steps").await, 1, "nothing half saved");
    works.post("/positions/readiness/steps", both("3/6/2026")).await.assert_redirect();
    let kept = "select string_agg(owner, ' ' order by owner) from readiness_steps";
    assert_eq!(portal.text(kept).await, "Amara Bo Cy");
}

/// AUTHZ-3: who sends a request does not answer it, whatever rights the same person has with national operations.
#[sqlx::test]
async fn authz_3_who_sent_a_request_does_not_answer_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let both = portal.user_named("both", "917", Right::LocalWorkstructuresAdministration).await;
    portal.grant(&both, "0", Right::SysAdmin).await;
    let visitor = portal.sign_in_as(&both).await;
    let switch = async |organisation: &str| {
        visitor.get("/account/organisation").await.assert_ok();
        visitor.post("/account/organisation", [("organisation", organisation)]).await.assert_redirect();
        visitor.forget_csrf();
        visitor.get("/account").await.assert_ok();
    };
    switch("917").await;
    let email = [("email", "approval.eml", &b"From: office@deanery.example"[..])];
    let body = visitor.get("/positions/readiness").await.attr("main a.nhsuk-button", "href");
    let body = body.replace("/positions/readiness/request?body=", "");
    let answers = [("body", body.as_str()), ("required_by", "1/6/2026"), ("unbucketed", "yes"), ("unique_dpns", "yes")];
    visitor.upload("/positions/readiness/request", &answers, &email).await.assert_redirect();
    portal.run_jobs().await;

    switch("0").await;
    let request = visitor.get("/interfaces/requests").await.attr("main tbody a", "href");
    let page = visitor.get(&request).await;
    assert!(page.assert_ok().words().contains("Somebody else of national operations answers it") && !page.has("#text"));
    let answer = [("text", "<b>Granted</b>"), ("state", "done")];
    let page = visitor.post(format!("{request}/answer"), answer).await;
    assert_eq!(page.status, 403);
    assert!(page.words().contains("You sent this request yourself"), "{}", page.words());
    assert_eq!(page.text("#text"), "<b>Granted</b>", "what was typed stays");
    assert_eq!(portal.text("select state from readiness_requests").await, "sent");
    assert_eq!(portal.count("select count(*) from readiness_messages").await, 0);
    let other = portal.sign_in("0", Right::SysAdmin).await;
    other.post(format!("{request}/answer"), answer).await.assert_redirect();
    portal.run_jobs().await;
    assert_eq!(portal.text("select state from readiness_requests").await, "done");
}
