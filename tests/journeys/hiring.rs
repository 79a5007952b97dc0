//! Recruitment clears a check, hires a doctor, sees it on the list of first days, and undoes it.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Browser, DESKTOP, PHONE};

/// Four days before the changeover: a doctor whose offer is accepted, and somebody with both rights.
async fn ground(pool: PgPool) -> (Portal, User, String) {
    let portal = Portal::start_with(pool, &[("CHANGEOVER_TODAY", "2026-08-01")]).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let sql = "update applications set status = 'offer_accepted' where vpd = '904' and record_no = 60;
               update positions set host_or_lead = 'host' where vpd = '904'";
    sqlx::raw_sql(sql).execute(&portal.owner).await.unwrap();
    let application =
        portal.text("select application_id::text from applications where vpd = '904' and record_no = 60").await;
    let rights = [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment];
    let user = portal.user_named("amara", "904", rights).await;
    portal.run_jobs().await;
    (portal, user, application)
}

/// Every page of hiring at the width of a desk and of a phone: axe, and no sideways scroll.
#[sqlx::test]
async fn pages_are_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let (portal, user, application) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    let person = portal.text("select person_id from applications where vpd = '904' and record_no = 60").await;
    let doctor = format!("/doctors/{person}");
    let checks = format!("/doctors/applications/{application}/checks");
    let check = format!("{checks}/criminal-record");
    let hire = format!("/doctors/applications/{application}/hire");
    let leaving = format!("/doctors/{person}/leaving");
    let pages = [
        ("doctor", doctor.as_str()),
        ("checks", &checks),
        ("check", &check),
        ("hire", &hire),
        ("leaving", &leaving),
        ("day-one", "/doctors/day-one"),
        ("reference", "/api"),
    ];
    browser.check_pages("hiring", &pages).await;
    browser.finish().await;
}

/// By keyboard alone, to the confirmation and through it.
#[sqlx::test]
async fn a_doctor_is_hired_by_keyboard(pool: PgPool) {
    let (portal, user, application) = ground(pool).await;
    let browser = Browser::open(&portal.base, DESKTOP).await;
    browser.sign_in(&user).await;
    browser.goto(&format!("/doctors/applications/{application}/hire")).await;
    browser.tab_to("main form button").await;
    browser.enter().await;
    browser.wait_for_text("Hire the doctor").await;
    browser.check_page().await;
    browser.tab_to("main form button").await;
    browser.enter().await;
    browser.wait_for_text("The doctor is hired: Honorary").await;
    browser.check_page().await;
    assert_eq!(portal.count("select count(*) from hires").await, 1);
    browser.finish().await;
}

/// On a phone without JavaScript: a date that cannot be is refused, the right one hires, and Undo takes it back.
#[sqlx::test]
async fn a_doctor_is_hired_without_javascript_and_the_hire_undone(pool: PgPool) {
    let (portal, user, application) = ground(pool).await;
    let browser = Browser::open_without_javascript(&portal.base, PHONE).await;
    browser.sign_in(&user).await;
    browser.goto("/doctors/day-one").await;
    browser.wait_for_text("Not hired").await;
    browser.goto(&format!("/doctors/applications/{application}/hire")).await;
    browser.fill("hired-on-day", "31").await;
    browser.fill("hired-on-month", "2").await;
    browser.press("Continue").await;
    browser.wait_for_text("Enter the hire date as day, month and year").await;
    browser.fill("hired-on-day", "5").await;
    browser.fill("hired-on-month", "8").await;
    browser.press("Continue").await;
    browser.press("Hire the doctor").await;
    browser.wait_for_text("The doctor is hired: Honorary").await;
    browser.check_no_sideways_scroll().await;
    browser.press("Undo the hire").await;
    browser.wait_for_text("The hire is taken back").await;
    assert_eq!(portal.count("select count(*) from hires where taken_back_at is null").await, 0);
    browser.finish().await;
}
