//! Getting in, and staying in: a link to a first password, several organisations, a session that ends in the middle of a form, a user
//! who is disabled, and a supplier's token. In every way.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::Portal;
use crate::support::{Account, Walk, Way, in_every_way};

const NEW_PASSWORD: &str = "another long one for tests";

#[sqlx::test]
async fn a_link_that_is_handed_over_sets_a_password_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let odette = portal.user_named("odette", "0", Right::SysAdmin).await;
    let maya = portal.user_named("maya", "904", Right::MedicalStaffingOfficer).await;
    let page = format!("/admin/users/{}?organisation=904", maya.user_id);
    in_every_way(&portal, &odette, async |walk: &mut Walk| {
        walk.open(&page).await;
        walk.sees("Password and sessions").await;
        walk.press("Make a link for a new password").await;
        walk.sees("Shown this once only").await;
        let link = walk.browser.text("#link").await.replace(&portal.base, "");
        walk.sign_out().await;
        walk.open(&link).await;
        walk.sees("Set your password").await;
        walk.fill("New password", "short").await;
        walk.press("Set password").await;
        walk.sees("There is a problem").await;
        walk.fill("New password", NEW_PASSWORD).await;
        walk.press("Set password").await;
        walk.sees("User name").await;
        walk.open(&link).await;
        walk.sees("This link cannot be used").await;
        walk.sign_in(Account { username: "maya", password: NEW_PASSWORD }).await;
        walk.sign_out().await;
        walk.sign_in(&odette).await;
    })
    .await;
}

#[sqlx::test]
async fn a_forgotten_password_is_asked_for_and_the_answer_gives_nothing_away(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user_named("maya", "904", Right::MedicalStaffingOfficer).await;
    let mut walk = Walk::start(&portal, Way::Mouse).await;
    for way in Way::ALL {
        walk = walk.then(&portal, way).await;
        walk.open("/sign-in").await;
        walk.press("Cannot sign in").await;
        walk.sees("Cannot sign in").await;
        walk.fill("Email address", "nobody@trust.example").await;
        walk.press("Send me a link").await;
        walk.sees("Look in your mail").await;
    }
    walk.finish().await;
}

#[sqlx::test]
async fn what_was_typed_outlives_the_session(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let maya = portal.user_named("maya", "904", Right::MedicalStaffingOfficer).await;
    portal.item("904", "A doctor who did not arrive").raise().await;
    portal.run_jobs().await;
    let preferences = "select count(*) from users where mail_frequency = 'never'";
    in_every_way(&portal, &maya, async |walk: &mut Walk| {
        walk.open("/account").await;
        walk.choose("How often should summary mail come?", "Never").await;
        // Half an hour goes by.
        for sql in [
            "update sessions set last_seen_at = now() - interval '31 minutes'",
            "update users set mail_frequency = 'daily'",
        ] {
            sqlx::query(sql).execute(&portal.owner).await.unwrap();
        }
        walk.press("Save preferences").await;
        walk.sees("We kept what you typed").await;
        walk.press("Sign in").await;
        walk.sees("You were signed out after 30 minutes").await;
        walk.fill("User name", "maya").await;
        walk.fill("Password", "a long password for tests").await;
        walk.press("Sign in").await;
        walk.sees("You were signed out before this was sent").await;
        assert_eq!(portal.count(preferences).await, 0, "nothing is sent by itself");
        walk.press("Send it now").await;
        walk.sees("Your account").await;
        assert_eq!(portal.count(preferences).await, 1);
    })
    .await;
}

#[sqlx::test]
async fn somebody_of_two_organisations_chooses_and_changes(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let maya = portal.user_named("maya", "904", Right::MedicalStaffingOfficer).await;
    portal.grant(&maya, "917", Right::MedicalStaffingOfficer).await;
    let mut walk = Walk::start(&portal, Way::Mouse).await;
    for way in Way::ALL {
        walk = walk.then(&portal, way).await;
        walk.open("/sign-in").await;
        walk.fill("User name", "maya").await;
        walk.fill("Password", "a long password for tests").await;
        walk.press("Sign in").await;
        walk.sees("Choose your organisation").await;
        walk.press("Continue").await;
        walk.sees("There is a problem").await;
        walk.choose("Which organisation are you acting for?", "904 Trust 904").await;
        walk.press("Continue").await;
        walk.sees("Your work today").await;
        walk.open("/account/organisation").await;
        walk.choose("Which organisation are you acting for?", "917 Trust 917").await;
        walk.press("Continue").await;
        walk.sees("917 Trust 917").await;
        walk.sign_out().await;
    }
    walk.finish().await;
}

#[sqlx::test]
async fn disabling_somebody_says_what_would_be_held_by_nobody(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let ada = portal.user_named("ada", "904", Right::VpdAdmin).await;
    let maya = portal.user_named("maya", "904", Right::MedicalStaffingOfficer).await;
    let page = format!("/admin/users/{}", maya.user_id);
    in_every_way(&portal, &ada, async |walk: &mut Walk| {
        walk.open(&page).await;
        walk.press("Disable the account").await;
        walk.sees("Nobody would hold what work waits for").await;
        walk.press("Leave it as it is").await;
        walk.sees("Last signed in").await;
        walk.press("Disable the account").await;
        walk.sees("Disable Test maya?").await;
        walk.press("Disable the account").await;
        walk.sees("Enable the account").await;
        walk.press("Enable the account").await;
        walk.sees("Disable the account").await;
    })
    .await;
}

#[sqlx::test]
async fn a_suppliers_token_is_shown_once_and_revoked(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let ada = portal.user_named("ada", "904", Right::VpdAdmin).await;
    in_every_way(&portal, &ada, async |walk: &mut Walk| {
        walk.open("/admin/tokens").await;
        walk.sees("Make a token").await;
        walk.press("Make the token").await;
        walk.sees("There is a problem").await;
        walk.fill("Supplier and system", "Trac").await;
        walk.press("Make the token").await;
        walk.sees("Shown this once only").await;
        walk.press("Back to suppliers' tokens").await;
        walk.sees("Last used").await;
        walk.press("Revoke").await;
        walk.sees("Revoked").await;
    })
    .await;
    assert_eq!(portal.count("select count(*) from api_tokens where revoked_at is null").await, 0);
}
