use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn a_user_changes_the_password_and_other_devices_are_signed_out(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let (here, there) = (portal.sign_in_as(&user).await, portal.sign_in_as(&user).await);
    let new = "another long password";
    let page = here.post("/account/password", [("current_password", "not it"), ("new_password", new)]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text("#current_password-error"), "Error: Enter your current password correctly");
    let same = "a long password for tests";
    let page = here.post("/account/password", [("current_password", same), ("new_password", same)]).await;
    assert_eq!(page.text("#new_password-error"), "Error: Enter a password that is not the one you have");
    let before = here.cookie("sid").unwrap();
    here.post("/account/password", [("current_password", same), ("new_password", new)]).await.assert_redirect();
    assert_ne!(here.cookie("sid").unwrap(), before, "the id is a new one");
    assert!(here.get("/account").await.words().contains("Your password is changed"));
    assert!(there.get("/account").await.location().unwrap().starts_with("/sign-in"));
    let visitor = portal.visitor();
    visitor.post("/sign-in", [("username", user.username.as_str()), ("password", new)]).await.assert_redirect();
    let mails: Vec<(String, String)> =
        sqlx::query_as("select vpd, purpose from emails").fetch_all(&portal.owner).await.unwrap();
    assert_eq!(mails, [("904".to_owned(), "password_changed".to_owned())]);
}

#[sqlx::test]
async fn a_user_sees_the_sessions_and_ends_one_or_all(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let stranger = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let here = portal.sign_in_as(&user).await;
    let there = portal.sign_in_as(&user).await;
    let page = here.get("/account").await;
    let ends = page.attrs("table form", "action");
    assert_eq!(ends.len(), 2, "{}", page.words());
    let theirs = portal.count("select count(*) from sessions where user_id is not null").await;
    assert_eq!(theirs, 3);
    for path in &ends {
        assert_eq!(stranger.press(path).await.status, 404, "nobody ends another's session");
    }
    let others: Vec<String> = sqlx::query_scalar(
        "select session_id::text from sessions s where user_id = $1 order by created_at desc limit 1",
    )
    .bind(user.user_id)
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    here.press(format!("/account/sessions/{}/end", others[0])).await.assert_redirect();
    assert!(there.get("/account").await.location().unwrap().starts_with("/sign-in"));
    here.get("/account").await.assert_ok();
    let third = portal.sign_in_as(&user).await;
    here.press("/account/sessions/end").await.assert_redirect();
    for visitor in [&here, &third] {
        assert!(visitor.get("/account").await.location().unwrap().starts_with("/sign-in"));
    }
}

#[sqlx::test]
async fn preferences_are_kept_and_odd_ones_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = visitor
        .post("/account/preferences", [("mail_frequency", "often"), ("mail_hour", "25"), ("after_decision", "next")])
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text("#mail_frequency-error"), "Error: Select how often mail comes");
    assert_eq!(page.text("#mail_hour-error"), "Error: Select the hour of the daily mail");
    visitor
        .post("/account/preferences", [("mail_frequency", "hourly"), ("mail_hour", "17"), ("after_decision", "list")])
        .await
        .assert_redirect();
    let page = visitor.get("/account").await;
    assert_eq!(page.attr("input[name=mail_frequency][checked]", "value"), "hourly");
    assert_eq!(page.attr("#mail_hour option[selected]", "value"), "17");
    assert_eq!(page.attr("input[name=after_decision][checked]", "value"), "list");
}

#[sqlx::test]
async fn somebody_without_rights_is_told_whom_to_ask(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user_named("boss", "904", Right::VpdAdmin).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    sqlx::query("update user_grants set ended_at = now(), ended_by = 'test' where user_id = $1")
        .bind(user.user_id)
        .execute(&portal.owner)
        .await
        .unwrap();
    assert_eq!(visitor.get("/inbox").await.location(), Some("/account/organisation"));
    let page = visitor.get("/account/organisation").await;
    assert!(page.words().contains("of 904 Trust 904: Test boss"), "{}", page.words());
    visitor.get("/account").await.assert_ok();
}

#[sqlx::test]
async fn ten_3_and_4_what_a_form_or_an_address_claims_is_not_believed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.organisation("905", "Trust 905").await;
    let outsider = portal.user("905", Right::MedicalStaffingOfficer).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    // In the address.
    let page = admin.get("/admin/users?organisation=905&vpd=905").await;
    assert!(!page.words().contains(&outsider.username), "{}", page.words());
    assert_eq!(admin.get(format!("/admin/users/{}?organisation=905", outsider.user_id)).await.status, 404);
    // In the form.
    let fields = [("organisation", "905"), ("vpd", "905"), ("right", "iat_approval")];
    assert_eq!(admin.post(format!("/admin/users/{}/rights", outsider.user_id), fields).await.status, 404);
    // In a header.
    let mut headers = http::HeaderMap::new();
    headers.insert("X-Tenant", "905".parse().unwrap());
    let page = admin.send(http::Method::GET, "/admin/users", headers, Vec::new()).await;
    assert!(!page.words().contains(&outsider.username));
    // Fields that the form does not have.
    let preferences = [
        ("mail_frequency", "never"),
        ("mail_hour", "8"),
        ("after_decision", "list"),
        ("vpd", "905"),
        ("role", "sys_admin"),
        ("disabled_at", "2020-01-01"),
    ];
    admin.post("/account/preferences", preferences).await.assert_redirect();
    assert_eq!(admin.post("/account/organisation", [("organisation", "905")]).await.status, 422);
    assert_eq!(portal.count("select count(*) from user_grants where name = 'sys_admin' or vpd = '905' and name <> 'medical_staffing_officer'").await, 0);
}
