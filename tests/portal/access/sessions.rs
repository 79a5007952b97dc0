use changeover::access::Right;
use http::{HeaderMap, Method};
use sqlx::PgPool;

use crate::support::{Page, Portal, Visitor};

/// Somebody at another replica with the same cookie.
fn at(base: &str, like: &Visitor) -> Visitor {
    let other = Visitor::new(base);
    other.set_cookie("sid", &like.cookie("sid").unwrap());
    other
}

fn is_sign_in(location: Option<&str>) -> bool {
    location.is_some_and(|path| path.starts_with("/sign-in"))
}

#[sqlx::test]
async fn without_javascript_a_page_says_when_its_session_ends(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let said = |page: Page| {
        let rest = page.body.split("You will be signed out at ").nth(1)?;
        Some(rest.split(" unless").next()?.to_owned())
    };
    let time = |minutes| changeover::ui::dates::time(portal.app.now() + chrono::TimeDelta::minutes(minutes));
    let shown = said(visitor.get("/").await).unwrap();
    assert!([time(28), time(29)].contains(&shown), "{shown}");
    assert_eq!(said(portal.visitor().get("/sign-in").await), None);
}

#[sqlx::test]
async fn sess_1_cookies_that_are_none_are_anonymous(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let real = visitor.cookie("sid").unwrap();
    for forged in
        ["x".repeat(64), real[..real.len() / 2].to_owned(), "y".repeat(8_000), String::new(), "%00%ff".to_owned()]
    {
        let thief = portal.visitor();
        thief.set_cookie("sid", &forged);
        let page = thief.get("/account").await;
        assert!(page.status == 303 && is_sign_in(page.location()), "{forged:.20}: {}", page.status);
    }
    let mut headers = HeaderMap::new();
    headers.insert("Cookie", format!("sid=nonsense; sid={real}").parse().unwrap());
    assert_ne!(portal.visitor().send(Method::GET, "/account", headers, Vec::new()).await.status, 500);
}

#[sqlx::test]
async fn sess_2_and_3_the_id_changes_at_sign_in_and_at_a_switch_and_the_old_one_is_dead(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    portal.grant(&user, "905", Right::MedicalStaffingOfficer).await;
    let visitor = portal.visitor();
    visitor.get("/sign-in").await.assert_ok();
    let planted = visitor.cookie("sid").unwrap();
    visitor
        .post("/sign-in", [("username", user.username.as_str()), ("password", "a long password for tests")])
        .await
        .assert_redirect();
    let signed_in = visitor.cookie("sid").unwrap();
    assert_ne!(planted, signed_in);
    let attacker = portal.visitor();
    attacker.set_cookie("sid", &planted);
    assert!(is_sign_in(attacker.get("/account").await.location()), "the planted id knows nobody");

    visitor.forget_csrf();
    assert_eq!(visitor.get("/").await.location(), Some("/account/organisation"));
    visitor.get("/account/organisation").await.assert_ok();
    visitor.post("/account/organisation", [("organisation", "904")]).await.assert_redirect();
    let switched = visitor.cookie("sid").unwrap();
    assert_ne!(signed_in, switched);
    attacker.set_cookie("sid", &signed_in);
    assert!(is_sign_in(attacker.get("/account").await.location()));
    assert!(visitor.get("/account").await.words().contains("904 Trust 904"));
    assert_eq!(portal.audit("904").await, ["organisation_switched"]);
}

#[sqlx::test]
async fn sess_4_signing_out_ends_the_session_on_every_replica(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let replica = portal.replica();
    let elsewhere = at(&replica, &visitor);
    elsewhere.get("/account").await.assert_ok();
    let stolen = visitor.cookie("sid").unwrap();
    visitor.press("/sign-out").await.assert_redirect();
    assert!(is_sign_in(elsewhere.get("/account").await.location()));
    let again = portal.visitor();
    again.set_cookie("sid", &stolen);
    assert!(is_sign_in(again.get("/account").await.location()));
}

#[sqlx::test]
async fn auth_11_whoever_is_disabled_or_loses_the_right_is_refused_at_the_next_request(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", [Right::VpdAdmin, Right::MedicalStaffingOfficer]).await;
    let visitor = portal.sign_in_as(&user).await;
    let elsewhere = at(&portal.replica(), &visitor);
    elsewhere.get("/admin/users").await.assert_ok();
    sqlx::query("update user_grants set ended_at = now(), ended_by = 'test' where name = 'vpd_admin'")
        .execute(&portal.owner)
        .await
        .unwrap();
    assert_eq!(elsewhere.get("/admin/users").await.status, 403);
    assert_eq!(visitor.get("/admin/users").await.status, 403);
    sqlx::query("update users set disabled_at = now()").execute(&portal.owner).await.unwrap();
    assert!(is_sign_in(elsewhere.get("/account").await.location()));
}

#[sqlx::test]
async fn sess_5_the_table_of_sessions_holds_no_key(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let cookie = visitor.cookie("sid").unwrap();
    let rows: Vec<String> =
        sqlx::query_scalar("select row_to_json(s)::text from sessions s").fetch_all(&portal.owner).await.unwrap();
    let key: String = cookie.chars().rev().take(64).collect::<String>().chars().rev().collect();
    assert!(rows.iter().all(|row| !row.contains(&key) && !row.contains(&cookie)));
}

#[sqlx::test]
async fn sess_6_nothing_behind_sign_in_is_kept_by_a_browser(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", [Right::MedicalStaffingOfficer, Right::VpdAdmin]).await;
    for path in ["/", "/account", "/inbox", "/admin", "/admin/users", "/nothing-here"] {
        assert_eq!(visitor.get(path).await.header("cache-control"), Some("no-store"), "{path}");
    }
    let page = visitor.press("/sign-out").await;
    assert_eq!(page.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert!(is_sign_in(visitor.get("/account").await.location()));
}

#[sqlx::test]
async fn sess_7_idle_ends_though_polling_and_twelve_hours_end_whatever_happens(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    let minutes_idle =
        "select round(extract(epoch from now() - last_seen_at) / 60)::bigint from sessions where user_id is not null";
    let idle = "update sessions set last_seen_at = now() - interval '29 minutes'";
    sqlx::query(idle).execute(&portal.owner).await.unwrap();
    let mut background = HeaderMap::new();
    background.insert("X-Background", "1".parse().unwrap());
    visitor.send(Method::GET, "/account", background, Vec::new()).await.assert_ok();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(portal.count(minutes_idle).await, 29, "polling does not keep a session alive");
    visitor.get("/account").await.assert_ok();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(portal.count(minutes_idle).await, 0, "a person does");
    sqlx::query("update sessions set last_seen_at = now() - interval '31 minutes'")
        .execute(&portal.owner)
        .await
        .unwrap();
    assert!(is_sign_in(visitor.get("/account").await.location()));

    // A switch of organisation renews the id, not the 12 hours.
    portal.grant(&user, "905", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    sqlx::query(
        "update sessions set expires_at = now() + interval '1 hour', created_at = now() - interval '11 hours',
                state = jsonb_set(state, '{signed_in_at}', to_jsonb(to_json(now() - interval '11 hours')::text)) where user_id is not null",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    visitor.get("/account/organisation").await.assert_ok();
    visitor.post("/account/organisation", [("organisation", "905")]).await.assert_redirect();
    let left = portal
        .count("select round(extract(epoch from max(expires_at) - now()) / 60)::bigint from sessions where vpd = '905'")
        .await;
    assert_eq!(left, 60, "minutes");
    sqlx::query("update sessions set expires_at = now() - interval '1 second'").execute(&portal.owner).await.unwrap();
    assert!(is_sign_in(visitor.get("/account").await.location()));
}

#[sqlx::test]
async fn sess_8_the_sixth_session_ends_the_oldest_and_says_so(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let mut visitors = Vec::new();
    for _ in 0..5 {
        visitors.push(portal.sign_in_as(&user).await);
    }
    visitors[0].get("/account").await.assert_ok();
    let sixth = portal.visitor();
    sixth.get("/sign-in").await.assert_ok();
    sixth
        .post("/sign-in", [("username", user.username.as_str()), ("password", "a long password for tests")])
        .await
        .assert_redirect();
    assert!(sixth.get("/account").await.words().contains("signed in on five devices already"));
    assert!(is_sign_in(visitors[0].get("/account").await.location()));
    visitors[4].get("/account").await.assert_ok();
    assert_eq!(portal.count("select count(*) from sessions where user_id is not null").await, 5);
}
