//! The officer's work around one doctor, in every way: a check that is refused and corrected, dates that are applied together, a hire made
//! in error, somebody who leaves, and the rotation board with what is downloaded from it.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Walk, Way, in_every_way};

/// The samples with their notifications, and an officer who hires.
async fn ground(pool: PgPool) -> (Portal, User) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    portal.receive_sample("DE_KSS_DNC_20260506_00002701.DAT").await;
    let rights = [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment];
    let maya = portal.user_named("maya", "904", rights).await;
    portal.run_jobs().await;
    (portal, maya)
}

#[sqlx::test]
async fn a_check_is_refused_in_words_corrected_and_set_back(pool: PgPool) {
    let (portal, maya) = ground(pool).await;
    in_every_way(&portal, &maya, async |walk: &mut Walk| {
        walk.open("/doctors?q=9434439").await;
        walk.press("Patel, Ibrahim").await;
        walk.press("See and change the checks").await;
        walk.sees("The six standards").await;
        walk.press("Change Criminal record").await;
        walk.sees("Where does the check stand?").await;
        walk.choose("Where does the check stand?", "Clear").await;
        walk.fill("Certificate number", "12").await;
        walk.press("Save the check").await;
        walk.sees("There is a problem").await;
        walk.choose("Where does the check stand?", "In progress").await;
        walk.fill("Certificate number", "001234567890").await;
        walk.press("Save the check").await;
        walk.sees("Criminal record is now “In progress”").await;
        walk.press("Change Criminal record").await;
        walk.choose("Where does the check stand?", "Not started").await;
        walk.fill("Certificate number", "").await;
        walk.press("Save the check").await;
        walk.sees("Criminal record is now “Not started”").await;
    })
    .await;
}

#[sqlx::test]
async fn somebody_leaves_and_stays_after_all(pool: PgPool) {
    let (portal, maya) = ground(pool).await;
    // Holds post 9041006 until the changeover.
    let holder = portal
        .text("select last_name || ', ' || first_name from people p join assignments a using (vpd, person_id) where a.position_id = '9041006'")
        .await;
    in_every_way(&portal, &maya, async |walk: &mut Walk| {
        walk.open("/rotation?q=STR%2F007").await;
        walk.sees("Leaving").await;
        walk.press(&holder).await;
        walk.sees("Person type").await;
        walk.press("End, extend or keep the employment or honorary record").await;
        walk.sees("What becomes of the employment or honorary record?").await;
        walk.choose("What becomes of the employment or honorary record?", "It ends").await;
        walk.date("Last day", "31/2/2026").await;
        walk.press("Continue").await;
        walk.sees("Enter the last day as day, month and year").await;
        walk.date("Last day", "4/8/2026").await;
        walk.pick("Leaving reason", "08").await;
        walk.press("Continue").await;
        walk.sees("Every assignment here ends on the last day").await;
        walk.press("End the record").await;
        walk.sees("The record ends after 4 August 2026").await;
        walk.press("Undo").await;
        walk.sees("Undone: the record is as it was").await;
    })
    .await;
    assert_eq!(portal.count("select count(*) from leavings where taken_back_at is null").await, 0);
}

#[sqlx::test]
async fn the_board_of_the_changeover_is_filtered_and_downloaded(pool: PgPool) {
    let (portal, maya) = ground(pool).await;
    in_every_way(&portal, &maya, async |walk: &mut Walk| {
        walk.open("/rotation").await;
        walk.sees("Arriving").await;
        walk.open_filters().await;
        walk.fill("Search", "Patel").await;
        walk.pick("Employer", "Not set").await;
        walk.press("Apply filters").await;
        walk.sees("KSS/R9A01/100/STR/007").await;
        walk.open("/rotation/grid").await;
        walk.sees("Date generated").await;
        let sheet = walk.download("as CSV").await;
        assert!(sheet.contains("KSS/R9A01/100/STR/007"), "{sheet}");
        walk.download("Download as a workbook (XLSX)").await;
        walk.open("/rotation/grids").await;
        walk.sees("DE_KSS_DNC_20260506_00002701.DAT").await;
    })
    .await;
    // Each download is recorded.
    let recorded = portal.audit("904").await.into_iter().filter(|event| event.contains("rotation")).count();
    assert_eq!(recorded, 2 * Way::ALL.len());
}

#[sqlx::test]
async fn dates_are_applied_together_and_put_back(pool: PgPool) {
    let (portal, maya) = ground(pool).await;
    let moved = "select count(*) from applications where vpd = '904' and hire_on = '2026-09-02' and origin = 'deanery'";
    let before = portal.count(moved).await;
    in_every_way(&portal, &maya, async |walk: &mut Walk| {
        walk.open("/doctors/changes?kind=dates").await;
        walk.press("Decide the selected dates together").await;
        walk.sees("Select at least one change of dates").await;
        walk.tick("Select the dates of Hughes, Jia").await;
        walk.press("Decide the selected dates together").await;
        walk.sees("Check each, then apply them all").await;
        walk.press("Apply the new dates").await;
        walk.sees("Undo").await;
        assert_eq!(portal.count(moved).await, before + 1);
        walk.press("Undo").await;
        walk.sees("1 change waits again").await;
        assert_eq!(portal.count(moved).await, before);
    })
    .await;
}

#[sqlx::test]
async fn a_hire_made_in_error_is_cancelled_with_a_reason(pool: PgPool) {
    let portal = Portal::start_with(pool, &[("CHANGEOVER_TODAY", "2026-08-01")]).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    let maya = portal.user_named("maya", "904", Right::RecruitmentAndApplicantEnrolment).await;
    // How an offer comes to be accepted is the worked changeover's to show.
    let accepted = "update applications set status = 'offer_accepted' where vpd = '904' and record_no = 60";
    sqlx::query(accepted).execute(&portal.owner).await.unwrap();
    portal.run_jobs().await;
    in_every_way(&portal, &maya, async |walk: &mut Walk| {
        walk.open("/doctors/day-one?from=5/8/2026&to=5/8/2026&show=waiting").await;
        walk.press("Hire: Umarova, Oluwaseun").await;
        walk.sees("Projected hire date").await;
        walk.press("Continue").await;
        walk.sees("Choose the person type").await;
        walk.pick("Person type", "Employee").await;
        walk.press("Continue").await;
        walk.sees("Hire Oluwaseun Umarova?").await;
        walk.press("Hire the doctor").await;
        walk.sees("The doctor is hired: Employee from 5 August 2026").await;
        walk.press("cancel it").await;
        walk.sees("Why was the hire an error?").await;
        walk.press("Cancel the hire").await;
        walk.sees("There is a problem").await;
        walk.fill("Why was the hire an error?", "Another doctor of that name").await;
        walk.press("Cancel the hire").await;
        walk.sees("The hire is taken back").await;
    })
    .await;
    assert_eq!(portal.count("select count(*) from hires where taken_back_at is null").await, 0);
}
