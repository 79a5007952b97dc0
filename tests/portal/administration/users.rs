use changeover::access::Right;
use sqlx::PgPool;

use crate::support::smtp::SmtpSink;
use crate::support::{Page, Portal, Visitor};

const NEW: [(&str, &str); 4] = [
    ("name", "Mo Newcomer"),
    ("email", "mo.newcomer@trust.example"),
    ("username", "mo.newcomer"),
    ("right", "medical_staffing_officer"),
];

async fn id_of(portal: &Portal, username: &str) -> String {
    sqlx::query_scalar("select user_id::text from users where username = $1")
        .bind(username)
        .fetch_one(&portal.owner)
        .await
        .unwrap()
}

async fn set_password(portal: &Portal, path: &str) {
    portal.visitor().post(path, [("password", "a long password for tests")]).await.assert_redirect();
}

async fn sign_in(portal: &Portal, username: &str) -> Page {
    portal.visitor().post("/sign-in", [("username", username), ("password", "a long password for tests")]).await
}

#[sqlx::test]
async fn without_mail_an_invitation_is_shown_once_and_its_reader_sets_the_password(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let page = admin.post("/admin/users/new", NEW).await;
    page.assert_ok();
    let link = page.text("#link");
    assert!(link.starts_with(&format!("{}/password/chg_link_", portal.base)), "{link}");
    assert_eq!(portal.count("select count(*) from emails").await, 0);
    set_password(&portal, link.trim_start_matches(&portal.base)).await;
    sign_in(&portal, "mo.newcomer").await.assert_redirect();
    assert_eq!(portal.audit("904").await, ["user_added", "right_granted", "password_link_sent"]);
    let kept: i64 = portal.count("select count(*) from audit where detail::text like '%chg_link%'").await;
    assert_eq!(kept, 0, "the link is kept nowhere");
    // Once there is a password, only an operator makes a link to hand over.
    let path = format!("/admin/users/{}/link/hand-over", id_of(&portal, "mo.newcomer").await);
    admin.press(&path).await.assert_redirect();
    assert!(admin.get("/account").await.words().contains("Only an operator can make one to hand over"));
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let page = operator.post(&path, [("organisation", "904")]).await;
    page.assert_ok();
    assert!(page.text("#link").contains("/password/chg_link_"));
}

#[sqlx::test]
async fn with_mail_an_invitation_goes_by_mail_and_nobody_sees_the_link(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = Portal::start_with(pool, &[("CHANGEOVER_SMTP_URL", &sink.url())]).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let to = admin.post("/admin/users/new", NEW).await.assert_redirect().to_owned();
    let page = admin.get(&to).await;
    assert!(page.words().contains("An invitation is on its way to mo.newcomer@trust.example"), "{}", page.words());
    assert!(!page.body.replace("<wbr>", "").contains("chg_link_"));
    portal.run_jobs().await;
    let mails = sink.received();
    assert_eq!(mails.len(), 1);
    let text = mails[0].raw.replace("=\r\n", "").replace("=3D", "=");
    let start = text.find("/password/chg_link_").unwrap();
    let path: String = text[start..].chars().take_while(|c| !c.is_whitespace() && *c != '"').collect();
    set_password(&portal, &path).await;
    sign_in(&portal, "mo.newcomer").await.assert_redirect();
    assert_eq!(portal.count("select count(*) from emails where sealed_link is not null").await, 0);
}

#[sqlx::test]
async fn a_user_who_cannot_be_added_is_told_why_and_nothing_is_changed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user_named("taken", "905", Right::MedicalStaffingOfficer).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let before = portal.count("select count(*) from users").await;
    let page = admin.post("/admin/users/new", [("name", ""), ("email", "x"), ("username", "")]).await;
    assert_eq!(page.status, 422);
    for (name, email, username, right, id, words) in [
        ("Mo", "mo@trust.example", "taken", "iat_approval", "#username-error", "There is a user called taken already"),
        ("Mo", "not an address", "mo", "iat_approval", "#email-error", "Enter one email address only"),
        ("", "mo@trust.example", "mo", "iat_approval", "#name-error", "Enter the name"),
        ("Mo", "mo@trust.example", "mo mo", "iat_approval", "#username-error", "User name must be letters"),
        ("Mo", "mo@trust.example", "mo", "", "#right-error", "Select at least one right"),
    ] {
        let mut fields = vec![("name", name), ("email", email), ("username", username)];
        if !right.is_empty() {
            fields.push(("right", right));
        }
        let page = admin.post("/admin/users/new", fields).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(page.text(id).contains(words), "{}", page.text(id));
    }
    assert_eq!(portal.count("select count(*) from users").await, before);
    assert_eq!(portal.audit("904").await, Vec::<String>::new());
}

#[sqlx::test]
async fn somebody_with_an_account_elsewhere_gets_the_rights_and_no_second_key_to_the_account(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let rover = portal.user_named("rover", "905", Right::IatApproval).await;
    sqlx::query("update users set password_hash = null where username = 'rover'").execute(&portal.owner).await.unwrap();
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let fields =
        [("name", "Rover"), ("email", "ROVER@trust.example"), ("username", "rover"), ("right", "iat_initiation")];
    let to = admin.post("/admin/users/new", fields).await.assert_redirect().to_owned();
    assert!(admin.get(&to).await.words().contains("had an account already"));
    assert_eq!(portal.count("select count(*) from one_time_links").await, 0);
    // The account itself is not this administrator's.
    for (path, field) in
        [("disable", ("confirmed", "yes")), ("details", ("name", "Changed")), ("link/hand-over", ("x", "y"))]
    {
        admin
            .post(format!("/admin/users/{}/{path}", rover.user_id), [field, ("email", "own@trust.example")])
            .await
            .assert_redirect();
        assert!(admin.get("/account").await.words().contains("Only an operator can do that"), "{path}");
    }
    assert_eq!(portal.count("select count(*) from users where disabled_at is not null or name = 'Changed'").await, 0);
    assert_eq!(portal.count("select count(*) from one_time_links").await, 0);
}

#[sqlx::test]
async fn nobody_gives_rights_to_oneself_and_administrators_only_their_own_organisations(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::VpdAdmin).await;
    let admin = portal.sign_in_as(&user).await;
    let own = format!("/admin/users/{}/rights", user.user_id);
    admin.post(&own, [("right", "medical_staffing_officer")]).await.assert_redirect();
    assert!(admin.get("/account").await.words().contains("Nobody changes their own rights"));
    let colleague = portal.user("904", Right::IatApproval).await;
    let path = format!("/admin/users/{}/rights", colleague.user_id);
    admin.post(&path, [("right", "sys_admin")]).await.assert_redirect();
    assert!(admin.get("/account").await.words().contains("a right in National operations"));
    admin.post(&path, [("right", "medical_staffing_officer"), ("right", "iat_initiation")]).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from user_grants where ended_at is null").await, 4);
    assert_eq!(portal.audit("904").await, ["right_granted", "right_granted"]);

    let operator = portal.user("0", Right::SysAdmin).await;
    let operations = portal.sign_in_as(&operator).await;
    let path = format!("/admin/users/{}/rights", operator.user_id);
    operations.post(&path, [("organisation", "904"), ("right", "medical_staffing_officer")]).await.assert_redirect();
    assert!(operations.get("/account").await.words().contains("Nobody changes their own rights"));
    let path = format!("/admin/users/{}/rights", colleague.user_id);
    operations.post(&path, [("organisation", "904"), ("right", "vpd_admin")]).await.assert_redirect();
    operations.post(&path, [("right", "vpd_admin")]).await.assert_redirect();
    assert!(operations.get("/account").await.words().contains("is a right in an employing organisation"));
    assert_eq!(portal.count("select count(*) from user_grants where name = 'vpd_admin' and vpd = '904'").await, 2);
    assert_eq!(portal.count("select count(*) from user_grants where vpd = '0'").await, 1);
}

async fn claimed(portal: &Portal) -> (crate::support::User, Visitor) {
    let officer = portal.user("904", Right::MedicalStaffingOfficer).await;
    let item = portal.item("904", "A doctor who did not arrive").raise().await;
    let visitor = portal.sign_in_as(&officer).await;
    visitor.get("/inbox").await.assert_ok();
    let version: i32 = sqlx::query_scalar("select version from items where item_id = $1")
        .bind(item)
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    let page = visitor.post(format!("/inbox/items/{item}/claim"), [("version", version.to_string())]).await;
    assert!(page.status < 400, "{}", page.words());
    assert_eq!(portal.count("select count(*) from items where state = 'claimed'").await, 1);
    (officer, visitor)
}

#[sqlx::test]
async fn auth_11_disabling_asks_first_ends_every_session_and_puts_claims_back(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let (officer, visitor) = claimed(&portal).await;
    let path = format!("/admin/users/{}/disable", officer.user_id);
    let page = admin.press(&path).await;
    page.assert_ok();
    assert!(page.words().contains("Nobody would hold Medical Staffing Officer"), "{}", page.words());
    visitor.get("/inbox").await.assert_ok();
    admin.post(&path, [("confirmed", "yes")]).await.assert_redirect();
    assert!(visitor.get("/inbox").await.location().unwrap().starts_with("/sign-in"));
    assert_eq!(sign_in(&portal, &officer.username).await.status, 422);
    portal.run_jobs().await;
    assert_eq!(
        portal
            .count("select count(*) from items where type <> 'role_gap' and state = 'open' and claimed_by is null")
            .await,
        1
    );
    admin.press(format!("/admin/users/{}/enable", officer.user_id)).await.assert_redirect();
    sqlx::query("delete from sign_in_throttles").execute(&portal.owner).await.unwrap();
    sign_in(&portal, &officer.username).await.assert_redirect();
    let events = portal.audit("904").await;
    for event in ["user_disabled", "item_released", "user_enabled"] {
        assert!(events.contains(&event.to_owned()), "{event} is not in {events:?}");
    }
}

#[sqlx::test]
async fn losing_the_right_puts_back_what_was_claimed_by_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let (officer, visitor) = claimed(&portal).await;
    let path = format!("/admin/users/{}/rights/end", officer.user_id);
    let page = admin.post(&path, [("right", "medical_staffing_officer")]).await;
    assert!(page.words().contains("Nobody would hold Medical Staffing Officer"), "it asks first: {}", page.words());
    admin.post(&path, [("right", "medical_staffing_officer"), ("confirmed", "yes")]).await.assert_redirect();
    assert_eq!(visitor.get("/inbox").await.location(), Some("/account/organisation"));
    portal.run_jobs().await;
    assert_eq!(portal.count("select count(*) from items where type <> 'role_gap' and state = 'open'").await, 1);
    // Undo is one press.
    let page = admin.get(format!("/admin/users/{}", officer.user_id)).await;
    assert_eq!(page.attr("#banner form", "action"), format!("/admin/users/{}/rights", officer.user_id));
    admin
        .post(format!("/admin/users/{}/rights", officer.user_id), [("right", "medical_staffing_officer")])
        .await
        .assert_redirect();
    portal.run_jobs().await;
    visitor.get("/inbox").await;
    assert_eq!(
        portal.count("select count(*) from items where type = 'role_gap' and state in ('open', 'claimed')").await,
        0
    );
}

#[sqlx::test]
async fn operators_see_every_user_and_act_where_they_say(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user_named("alpha", "904", Right::MedicalStaffingOfficer).await;
    portal.user_named("beta", "905", Right::MedicalStaffingOfficer).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let page = operator.get("/admin/users").await;
    assert!(page.words().contains("alpha") && page.words().contains("beta"));
    let page = operator.get("/admin/users?organisation=905").await;
    assert!(!page.texts("table").concat().contains("alpha"));
    assert!(page.texts("table").concat().contains("beta"));
    assert_eq!(operator.get("/admin/users?organisation=777").await.status, 404);
    let page = operator.get("/admin/users?q=ALPH").await;
    assert!(page.texts("table").concat().contains("alpha") && !page.texts("table").concat().contains("beta"));
    assert!(operator.get("/admin/users?q=%25").await.words().contains("Nobody here matches"));

    operator.get("/admin/organisations").await.assert_ok();
    let path = "/admin/organisations/904/interface";
    operator.get(path).await.assert_ok();
    assert_eq!(operator.post(path, [("to", "off"), ("reason", " ")]).await.status, 422);
    operator.post(path, [("to", "off"), ("reason", "Not live yet")]).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from vpds where not dit_subscribed").await, 1);
    assert_eq!(portal.audit("904").await, ["organisation_changed"]);
}

#[sqlx::test]
async fn work_that_was_given_up_is_queued_again(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.organisation("905", "Trust 905").await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    sqlx::query(
        "insert into jobs (job_id, vpd, kind, payload, state, run_at, last_error) values
           ('00000000-0000-0000-0000-000000000001', '904', 'access.send_password_links', '{\"users\": []}', 'dead', now(), 'the mail server was away'),
           ('00000000-0000-0000-0000-000000000002', '905', 'access.send_password_links', '{\"users\": []}', 'dead', now(), 'another trust')",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let page = admin.get("/admin/work").await;
    assert!(page.words().contains("the mail server was away") && !page.words().contains("another trust"));
    assert_eq!(admin.press("/admin/work/00000000-0000-0000-0000-000000000002/requeue").await.status, 404);
    admin.press("/admin/work/00000000-0000-0000-0000-000000000001/requeue").await.assert_redirect();
    portal.run_jobs().await;
    assert_eq!(portal.count("select count(*) from jobs where vpd = '904'").await, 0);
    assert_eq!(portal.audit("904").await, ["job_requeued"]);
}
