use changeover::access::Right;
use http::{HeaderMap, Method};
use sqlx::PgPool;

use crate::support::{Page, Portal, Visitor};

const FORM: &str = "mail_frequency=never&mail_hour=8&after_decision=list";

async fn send(visitor: &Visitor, method: Method, headers: &[(&'static str, &str)], body: &str) -> Page {
    let mut all = HeaderMap::new();
    all.insert("Content-Type", "application/x-www-form-urlencoded".parse().unwrap());
    for (name, value) in headers {
        all.insert(*name, value.parse().unwrap());
    }
    visitor.send(method, "/account/preferences", all, body.as_bytes().to_vec()).await
}

async fn unchanged(portal: &Portal) {
    assert_eq!(portal.count("select count(*) from users where mail_frequency = 'never'").await, 0);
}

#[sqlx::test]
async fn csrf_1_to_5_and_8_a_form_that_is_not_this_sessions_own_changes_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let other = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let (csrf, foreign) = (visitor.csrf().await, other.csrf().await);
    let (right, with) = (format!("{FORM}&csrf={csrf}"), |token: &str| format!("{FORM}&csrf={token}"));
    let origin = ("Origin", portal.base.as_str());
    for (what, headers, body) in [
        ("CSRF-1: no token", vec![origin], FORM.to_owned()),
        ("CSRF-2: another session's token", vec![origin], with(&foreign)),
        ("CSRF-3: cross-site", vec![origin, ("Sec-Fetch-Site", "cross-site")], right.clone()),
        ("CSRF-3: from nowhere", vec![origin, ("Sec-Fetch-Site", "none")], right.clone()),
        ("CSRF-4: nothing says where from", vec![], right.clone()),
        ("CSRF-5: null origin", vec![("Origin", "null")], right.clone()),
        ("CSRF-5: another origin", vec![("Origin", "http://evil.example")], right.clone()),
        ("CSRF-8: sibling", vec![origin, ("Sec-Fetch-Site", "same-site")], right.clone()),
    ] {
        let page = send(&visitor, Method::POST, &headers, &body).await;
        assert_eq!(page.status, 403, "{what}");
        unchanged(&portal).await;
    }
    assert_eq!(send(&visitor, Method::POST, &[origin], &right).await.status, 303, "the real one is taken");
}

#[sqlx::test]
async fn csrf_6_and_7_no_other_way_in(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let csrf = visitor.csrf().await;
    let origin = ("Origin", portal.base.as_str());
    for method in [Method::GET, Method::HEAD] {
        let page = visitor
            .send(
                method,
                &format!("/account/preferences?{FORM}&csrf={csrf}&_method=POST"),
                HeaderMap::new(),
                Vec::new(),
            )
            .await;
        assert!([403, 404, 405].contains(&page.status), "{}", page.status);
        unchanged(&portal).await;
    }
    let page = send(&visitor, Method::POST, &[origin, ("HX-Request", "true")], FORM).await;
    assert_eq!(page.status, 403, "CSRF-7: htmx without the header");
    unchanged(&portal).await;
    let page = send(&visitor, Method::POST, &[origin, ("HX-Request", "true"), ("X-CSRF-Token", &csrf)], FORM).await;
    assert_eq!(page.status, 303);
}

#[sqlx::test]
async fn csrf_9_a_form_that_outlived_its_session_is_kept_and_sent_with_one_press(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    let csrf = visitor.csrf().await;
    sqlx::query("update sessions set last_seen_at = now() - interval '31 minutes'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let page = visitor.post_raw("/account/preferences", format!("{FORM}&csrf={csrf}")).await;
    assert_eq!(page.status, 403);
    assert!(page.words().contains("We kept what you typed"), "{}", page.words());
    unchanged(&portal).await;
    assert_eq!(page.attr("a.nhsuk-button", "href"), "/sign-in?next=/resume");
    visitor.forget_csrf();
    assert!(visitor.get("/sign-in?next=/resume").await.words().contains("You were signed out after 30 minutes"));
    let fields = [("username", user.username.as_str()), ("password", "a long password for tests"), ("next", "/resume")];
    assert_eq!(visitor.post("/sign-in", fields).await.assert_redirect(), "/resume");
    visitor.forget_csrf();
    let page = visitor.get("/resume").await;
    assert_eq!(page.attr("main form", "action"), "/account/preferences");
    assert_eq!(page.attr("main input[name=mail_frequency]", "value"), "never");
    visitor
        .post("/account/preferences", [("mail_frequency", "never"), ("mail_hour", "8"), ("after_decision", "list")])
        .await
        .assert_redirect();
    assert_eq!(portal.count("select count(*) from users where mail_frequency = 'never'").await, 1);
    assert!(visitor.get("/resume").await.words().contains("nothing waiting"), "once only");
}

#[sqlx::test]
async fn ten_17_a_tab_left_open_for_another_organisation_is_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", [Right::VpdAdmin, Right::MedicalStaffingOfficer]).await;
    portal.grant(&user, "905", [Right::VpdAdmin, Right::MedicalStaffingOfficer]).await;
    let colleague = portal.user("905", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    visitor.get("/account/organisation").await.assert_ok();
    visitor.post("/account/organisation", [("organisation", "904")]).await.assert_redirect();
    visitor.get("/admin/users").await.assert_ok();
    let old_tab = visitor.csrf().await;
    visitor.post("/account/organisation", [("organisation", "905")]).await.assert_redirect();
    let path = format!("/admin/users/{}/rights", colleague.user_id);
    let page = visitor.post_raw(path, format!("right=iat_approval&csrf={old_tab}")).await;
    assert_eq!(page.status, 403);
    assert!(page.words().contains("You switched organisation"), "{}", page.words());
    assert!(!page.has("main form"), "it is not offered to be sent for the wrong organisation");
    assert_eq!(portal.count("select count(*) from user_grants where name = 'iat_approval'").await, 0);
}

#[sqlx::test]
async fn ten_17_a_form_of_an_earlier_session_is_not_resumed_for_another_organisation(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    portal.grant(&user, "905", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    visitor.get("/account/organisation").await.assert_ok();
    visitor.post("/account/organisation", [("organisation", "904")]).await.assert_redirect();
    visitor.get("/account").await.assert_ok();
    let csrf = visitor.csrf().await;
    sqlx::query("update sessions set last_seen_at = now() - interval '31 minutes'")
        .execute(&portal.owner)
        .await
        .unwrap();
    assert_eq!(visitor.post_raw("/account/preferences", format!("{FORM}&csrf={csrf}")).await.status, 403);
    visitor.forget_csrf();
    let fields = [("username", user.username.as_str()), ("password", "a long password for tests"), ("next", "/resume")];
    visitor.post("/sign-in", fields).await.assert_redirect();
    visitor.forget_csrf();
    assert_eq!(visitor.get("/resume").await.location(), Some("/account/organisation?next=/resume"));
    visitor.get("/account/organisation?next=/resume").await.assert_ok();
    let to = visitor
        .post("/account/organisation", [("organisation", "905"), ("next", "/resume")])
        .await
        .assert_redirect()
        .to_owned();
    assert_eq!(to, "/resume");
    assert!(!visitor.get("/resume").await.has("main form"), "it was for 904");
}
