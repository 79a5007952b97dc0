//! Who keeps the positions: finds one, changes it, settles a duplicate, and takes it back; by keyboard, at 320 pixels, without JavaScript.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Browser, DESKTOP, PHONE};

async fn ground(pool: PgPool) -> (Portal, User) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let user = portal.user_named("owen", "904", Right::LocalWorkstructuresAdministration).await;
    (portal, user)
}

#[sqlx::test]
async fn pages_about_positions_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    let pages = [
        ("list", "/positions?problem=any"),
        ("position", "/positions/9041003"),
        ("edit", "/positions/9041003/edit"),
        ("end", "/positions/9041003/end"),
        ("report", "/positions/dpn-report"),
        ("duplicates", "/positions/dpn-report/duplicates"),
        ("all", "/positions/dpn-report/all"),
        ("forecast", "/positions/forecast"),
        ("readiness", "/positions/readiness"),
        ("request", "/positions/readiness/request?body=KSS"),
        ("mass-update", "/positions/mass-update"),
        ("deanery-list", "/positions/deanery-list"),
        ("unbucket", "/positions/9041003/unbucket"),
    ];
    browser.check_pages("positions", &pages).await;
    browser.finish().await;
}

#[sqlx::test]
async fn a_position_is_changed_and_put_back_without_javascript(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open_without_javascript(&portal.base, PHONE).await;
    browser.sign_in(&user).await;
    browser.goto("/positions/9041003").await;
    browser.press("Change this position").await;
    browser.fill("deanery_post_number", "MER//123/123").await;
    browser.press("Save").await;
    browser.wait_for_text("Part 2 is empty: MER//123/123").await;
    browser.fill("deanery_post_number", "KSS/R9A01/024/STR/900").await;
    browser.press("Save").await;
    browser.wait_for_text("which would be replaced: 1 person holds it").await;
    browser.check_no_sideways_scroll().await;
    browser.press("Save all the same").await;
    browser.wait_for_text("Position 29040003 is changed").await;
    browser.check_no_sideways_scroll().await;
    browser.press("Undo").await;
    browser.wait_for_text("The change is undone").await;
    browser.finish().await;
}

#[sqlx::test]
async fn a_duplicate_is_settled_by_keyboard(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    browser.goto("/positions/dpn-report/duplicates").await;
    browser.tab_to("section a.nhsuk-button").await;
    browser.enter().await;
    browser.wait_for_text("Which position keeps the number?").await;
    browser.tab_to("form button.nhsuk-button").await;
    browser.enter().await;
    browser.wait_for_text("Nothing is changed yet").await;
    browser.tab_to("form button.nhsuk-button").await;
    browser.enter().await;
    browser.wait_for_text("is settled").await;
    browser.finish().await;
}
