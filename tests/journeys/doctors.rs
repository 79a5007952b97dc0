//! Recruitment puts a failed doctor right: from the record, by hand, to the doctor's page; and settles who is who.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Browser, DESKTOP, PHONE};

/// The samples, taken in, and somebody with both rights.
async fn ground(pool: PgPool) -> (Portal, User) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let rights = [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment];
    let user = portal.user_named("amara", "904", rights).await;
    portal.run_jobs().await;
    (portal, user)
}

/// Every page about doctors at the width of a desk and of a phone: axe, and no sideways scroll.
#[sqlx::test]
async fn pages_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    let doctor =
        portal.text("select '/doctors/' || person_id from applications where vpd = '904' and record_no = 60").await;
    let record =
        portal.text("select link from items where vpd = '904' and type = 'dit_app_failed' and record_no = 41").await;
    let pair = portal.text("select link from items where type = 'dit_app_duplicate'").await;
    let form = record.replace("/doctors/records/", "/doctors/new?file=").replace("/41", "&record=41");
    let pages = [
        ("list", "/doctors"),
        ("doctor", &doctor),
        ("record", &record),
        ("pair", &pair),
        ("form", &form),
        ("blank", "/doctors/new"),
    ];
    browser.check_pages("doctors", &pages).await;
    browser.finish().await;
}

/// A record without a last name: refused with every fault, corrected, saved; its item closes by itself.
#[sqlx::test]
async fn a_failed_doctor_is_entered_by_hand_without_javascript(pool: PgPool) {
    let (portal, user) = ground(pool).await;
    let record =
        portal.text("select link from items where vpd = '904' and type = 'dit_app_failed' and record_no = 41").await;
    let browser = Browser::open_without_javascript(&portal.base, PHONE).await;
    browser.sign_in(&user).await;
    browser.goto(&record).await;
    browser.press("Enter the application by hand").await;
    browser.press("Save the application").await;
    browser.wait_for_text("Enter the last name").await;
    browser.screenshot("doctors-refused-320").await;
    browser.fill("last-name", "Okonjo").await;
    browser.press("Save the application").await;
    browser.wait_for_text("The application is entered").await;
    assert_eq!(browser.text("h1").await, "Zoë Okonjo");
    browser.check_no_sideways_scroll().await;
    browser.goto(&record).await;
    browser.wait_for_text("entered it by hand").await;
    browser.finish().await;
}
