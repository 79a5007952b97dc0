//! The deanery changes what it said: a doctor is withdrawn, another moved by four weeks, a post made; and the board of the changeover.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Browser, DESKTOP, PHONE};

/// The samples with their notifications, and somebody with every right that acting on them needs.
async fn ground(pool: PgPool) -> (Portal, User) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    portal.receive_sample("DE_KSS_DNC_20260506_00002701.DAT").await;
    let rights = [
        Right::MedicalStaffingOfficer,
        Right::RecruitmentAndApplicantEnrolment,
        Right::LocalWorkstructuresAdministration,
    ];
    let user = portal.user_named("amara", "904", rights).await;
    portal.run_jobs().await;
    (portal, user)
}

const DAVIES: &str =
    "select link from items where vpd = '904' and type = 'dit_wdraw' and person_name = 'Davies, Yusuf'";
const HUGHES: &str = "select link from items where vpd = '904' and type = 'dit_dates' and person_name = 'Hughes, Jia'";
const POST: &str = "select link from items where vpd = '904' and type = 'dit_newpost' limit 1";

/// Every page at the width of a desk and of a phone: axe, and no sideways scroll.
#[sqlx::test]
async fn pages_of_changes_and_rotation_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    let (withdrawal, dates, post) = (portal.text(DAVIES).await, portal.text(HUGHES).await, portal.text(POST).await);
    let id = dates.rsplit('/').next().unwrap().to_owned();
    let message =
        portal.text("select '/inbox/' || message_id from items where vpd = '904' and type = 'dit_wdraw' limit 1").await;
    let bulk = format!("/doctors/changes/bulk?change={id}");
    let pages = [
        ("doctors", "/doctors"),
        ("why", "/doctors?q=Nobody"),
        ("exceptions", "/doctors/exceptions"),
        ("changes", "/doctors/changes"),
        ("bulk", &bulk),
        ("withdrawal", &withdrawal),
        ("dates", &dates),
        ("new-posts", "/positions/new-posts"),
        ("new-post", &post),
        ("message", &message),
        ("board", "/rotation"),
        ("grid", "/rotation/grid"),
        ("changed", "/rotation/grid?view=changed"),
        ("grids", "/rotation/grids"),
    ];
    browser.check_pages("changes", &pages).await;
    browser.finish().await;
}

/// One withdrawn and taken back, one moved by four weeks: from the item, without JavaScript, on a phone.
#[sqlx::test]
async fn a_doctor_is_withdrawn_and_another_moved_without_javascript(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open_without_javascript(&portal.base, PHONE).await;
    browser.sign_in(&user).await;
    browser.goto(&portal.text(DAVIES).await).await;
    browser.press("Withdraw the application").await;
    browser.wait_for_text("The application of Yusuf Davies is withdrawn").await;
    browser.press("Undo").await;
    browser.wait_for_text("Taken back").await;
    browser.press("Withdraw the application").await;
    browser.wait_for_text("The application of Yusuf Davies is withdrawn").await;
    browser.goto(&portal.text(HUGHES).await).await;
    browser.wait_for_text("4 weeks later").await;
    // By keyboard alone.
    browser.tab_to("form[action$='/apply'] button").await;
    browser.enter().await;
    browser.wait_for_text("Dates applied for Jia Hughes").await;
    browser.check_no_sideways_scroll().await;
    let hire = portal.text("select hire_on::text from applications a join people p using (vpd, person_id) where p.last_name = 'Hughes' and p.gmc_number = '9836138'").await;
    assert_eq!(hire, "2026-09-02");
    browser.finish().await;
}

/// The board is filtered, and a new post is drafted.
#[sqlx::test]
async fn a_new_post_is_drafted_and_the_board_shows_it(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    browser.goto(&portal.text(POST).await).await;
    browser.press("Draft the position").await;
    if browser.text("main").await.contains("Look at this first") {
        browser.press("Draft it all the same").await;
    }
    browser.wait_for_text("A position is drafted for KSS/R9A01/052/STR/301").await;
    browser.goto("/rotation?q=STR%2F301").await;
    browser.wait_for_text("Nobody named").await;
    browser.finish().await;
}
