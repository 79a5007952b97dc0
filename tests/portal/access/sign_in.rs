use std::time::Instant;

use changeover::access::Right;
use futures_util::future::join_all;
use http::{HeaderMap, Method};
use sqlx::PgPool;

use crate::support::{Page, Portal, Visitor};

const WRONG: &str = "Enter a correct user name and password";

async fn attempt(visitor: &Visitor, username: &str, password: &str) -> Page {
    visitor.post("/sign-in", [("username", username), ("password", password)]).await
}

#[sqlx::test]
async fn auth_1_unknown_wrong_disabled_and_invited_look_alike_and_cost_one_hash_each(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user_named("known", "904", Right::MedicalStaffingOfficer).await;
    let disabled = portal.user_named("disabled", "904", Right::MedicalStaffingOfficer).await;
    sqlx::query("update users set disabled_at = now() where user_id = $1")
        .bind(disabled.user_id)
        .execute(&portal.owner)
        .await
        .unwrap();
    portal.user_named("invited", "904", Right::MedicalStaffingOfficer).await;
    sqlx::query("update users set password_hash = null where username = 'invited'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let mut seen = Vec::new();
    for (username, password) in [
        ("nobody", "a long password for tests"),
        ("known", "a wrong password for tests"),
        ("disabled", "a long password for tests"),
        ("invited", "a long password for tests"),
    ] {
        let visitor = portal.visitor();
        let before = portal.passwords.hashed();
        let page = attempt(&visitor, username, password).await;
        assert_eq!(portal.passwords.hashed() - before, 1, "{username}");
        assert_eq!(page.status, 422, "{username}");
        assert_eq!(page.text("#username-error"), format!("Error: {WRONG}"));
        let headers: std::collections::BTreeSet<String> =
            page.headers.keys().map(ToString::to_string).filter(|name| name != "date").collect();
        seen.push((headers, page.words().replace(username, "")));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
}

#[sqlx::test]
async fn auth_2_an_account_waits_longer_and_longer_and_is_never_locked(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let mut waits = Vec::new();
    for n in 0..20 {
        // Each from another address, or the address would be slowed first.
        sqlx::query("update sign_in_throttles set blocked_until = null").execute(&portal.owner).await.unwrap();
        sqlx::query("delete from sign_in_throttles where subject like 'address:%'")
            .execute(&portal.owner)
            .await
            .unwrap();
        let page = attempt(&portal.visitor(), &user.username, &format!("wrong password {n}")).await;
        assert_eq!(page.status, 422);
        let wait: Option<f64> = sqlx::query_scalar(
            "select extract(epoch from blocked_until - window_start)::float8 from sign_in_throttles where subject like 'account:%'",
        )
        .fetch_one(&portal.owner)
        .await
        .unwrap();
        waits.push(wait.unwrap_or_default());
    }
    assert_eq!(waits[..9], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0, 8.0]);
    assert_eq!(waits[19], 900.0, "15 minutes at most");
    let page = attempt(&portal.visitor(), &user.username, "a long password for tests").await;
    assert_eq!(page.status, 429);
    assert!(page.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    sqlx::query("update sign_in_throttles set blocked_until = now() - interval '1 second'")
        .execute(&portal.owner)
        .await
        .unwrap();
    attempt(&portal.visitor(), &user.username, "a long password for tests").await.assert_redirect();
}

#[sqlx::test]
async fn auth_3_one_address_trying_many_accounts_is_slowed_after_ten(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user("904", Right::MedicalStaffingOfficer).await;
    let visitor = portal.visitor();
    let mut statuses = Vec::new();
    for n in 0..13 {
        statuses.push(attempt(&visitor, &format!("somebody{n}"), "Spring2026!").await.status);
    }
    assert_eq!(statuses[..10], [422; 10]);
    assert_eq!(statuses[10..], [429; 3]);
}

#[sqlx::test]
async fn auth_4_a_claimed_address_is_not_believed_and_the_victims_session_lives(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let victim = portal.sign_in_as(&user).await;
    let attacker = portal.visitor();
    let csrf = attacker.csrf().await;
    let mut statuses = Vec::new();
    for n in 0..14 {
        let mut headers = HeaderMap::new();
        headers.insert("Origin", portal.base.parse().unwrap());
        headers.insert("X-Forwarded-For", format!("192.0.2.{n}").parse().unwrap());
        headers.insert("Content-Type", "application/x-www-form-urlencoded".parse().unwrap());
        let body = format!("username={}&password=wrong+{n}&csrf={csrf}", user.username);
        statuses.push(attacker.send(Method::POST, "/sign-in", headers, body.into_bytes()).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let addresses: i64 =
        portal.count("select count(*) from sign_in_throttles where subject like 'address:192.0.2.%'").await;
    assert_eq!(addresses, 0, "the header is not from a proxy that we trust");
    victim.get("/account").await.assert_ok();
}

#[sqlx::test]
async fn auth_2_wrong_passwords_at_one_instant_are_not_all_hashed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    for username in [user.username.as_str(), "nobody"] {
        let mut tries = Vec::new();
        for n in 0..16 {
            let visitor = portal.visitor();
            visitor.csrf().await;
            tries.push(async move { attempt(&visitor, username, &format!("a wrong password {n}")).await.status });
        }
        sqlx::query("delete from sign_in_throttles").execute(&portal.owner).await.unwrap();
        let before = portal.passwords.hashed();
        let statuses = join_all(tries).await;
        let hashed = portal.passwords.hashed() - before;
        assert!((1..=6).contains(&hashed), "{username}: {hashed} of 16 were hashed");
        let wrong = statuses.iter().filter(|status| **status == 422).count() as u64;
        assert_eq!(wrong, hashed, "{statuses:?}");
        assert!(statuses.iter().all(|status| [422, 429].contains(status)), "{statuses:?}");
    }
    // What was tried is forgotten with the right password, once the wait is over.
    sqlx::query("update sign_in_throttles set blocked_until = null").execute(&portal.owner).await.unwrap();
    let victim = portal.sign_in_as(&user).await;
    assert_eq!(portal.count("select count(*) from sign_in_throttles where subject like 'account:user%'").await, 0);

    // The same at the page that changes a password.
    let change = |n: usize| {
        let victim = &victim;
        let form = [("current_password", format!("wrong {n}")), ("new_password", "lantern orchard pebble".to_owned())];
        async move { victim.post("/account/password", form).await.status }
    };
    victim.csrf().await;
    let before = portal.passwords.hashed();
    let statuses = join_all((0..16).map(change)).await;
    assert!(portal.passwords.hashed() - before <= 6, "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[sqlx::test]
async fn auth_5_many_at_once_are_served_or_told_to_come_again_and_others_go_on(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let reader = portal.sign_in_as(&user).await;
    let mut tries = Vec::new();
    for n in 0..24 {
        let visitor = portal.visitor();
        visitor.csrf().await;
        tries.push(async move { attempt(&visitor, &format!("nobody{n}"), "wrong").await.status });
    }
    let page = async {
        let started = Instant::now();
        reader.get("/account").await.assert_ok();
        started.elapsed()
    };
    let (statuses, _) = tokio::join!(join_all(tries), page);
    assert!(statuses.iter().all(|status| [422, 429, 503].contains(status)), "{statuses:?}");
    let wait: i64 = portal.count("select extract(epoch from blocked_until - now())::bigint from sign_in_throttles where subject like 'address:%'").await;
    let wrong = statuses.iter().filter(|status| **status == 422).count();
    if wrong > 12 {
        assert!(wait > 20, "a burst of {wrong} waits as long as {wrong} in a row, not {wait} s");
    }
}

#[sqlx::test]
async fn auth_8_odd_passwords_are_refused_with_a_reason_or_taken_exactly(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let before = portal.passwords.hashed();
    let huge = "x".repeat(1_000_000);
    assert_eq!(attempt(&portal.visitor(), &user.username, &huge).await.status, 413);
    assert_eq!(portal.passwords.hashed(), before, "refused before hashing");

    let visitor = portal.sign_in_as(&user).await;
    let change = |new: String| {
        let visitor = &visitor;
        async move {
            visitor
                .post("/account/password", [("current_password", "a long password for tests"), ("new_password", &new)])
                .await
        }
    };
    for (new, words) in [
        ("é".repeat(257), "Password must be 256 characters or fewer"),
        ("lantern\0orchard pebble".to_owned(), "Password must not contain a character that cannot be typed"),
        ("too short".to_owned(), "Password must be 12 characters or more"),
    ] {
        let page = change(new).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.text("#new_password-error"), format!("Error: {words}"));
    }
    let exact = format!("  🦆 {} ", "é".repeat(250));
    change(exact.clone()).await.assert_redirect();
    assert_eq!(attempt(&portal.visitor(), &user.username, exact.trim()).await.status, 422, "spaces count");
    attempt(&portal.visitor(), &user.username, &exact).await.assert_redirect();
}

#[sqlx::test]
async fn auth_12_guessable_passwords_are_refused_with_the_reason(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.organisation("904", "Northmoor Hospitals NHS Trust").await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    for (new, words) in [
        ("Northmoor2026!", "Password must not be your name, your organisation's name"),
        ("password1234", "Password is one that many people use"),
        ("changeover 2026", "Password must not be your name"),
    ] {
        let page = visitor
            .post("/account/password", [("current_password", "a long password for tests"), ("new_password", new)])
            .await;
        assert_eq!(page.status, 422, "{new}");
        assert!(page.text("#new_password-error").contains(words), "{new}: {}", page.text("#new_password-error"));
    }
}

#[sqlx::test]
async fn auth_14_an_empty_portal_lets_nobody_in_and_names_the_command(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.visitor();
    let page = visitor.get("/sign-in").await;
    assert!(page.words().contains("changeover user add"), "{}", page.words());
    for (username, password) in [("admin", "admin"), ("", ""), ("postgres", "postgres")] {
        assert_eq!(attempt(&visitor, username, password).await.status, 422);
    }
    assert_eq!(portal.count("select count(*) from users").await, 0);
    portal.user("904", Right::VpdAdmin).await;
    assert!(!portal.visitor().get("/sign-in").await.words().contains("changeover user add"));
}
