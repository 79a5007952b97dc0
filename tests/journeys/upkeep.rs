//! Who keeps the posts right: many changed by a spreadsheet, the deanery's list beside them, a shared one split, a number that two bear,
//! and the request to go live. Each in every way, and each taken back.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Walk, Way, in_every_way};

/// The employers of the samples, and who keeps the positions of one.
async fn ground(pool: PgPool, vpd: &str) -> (Portal, User) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let user = portal.user_named("owen", vpd, Right::LocalWorkstructuresAdministration).await;
    portal.run_jobs().await;
    (portal, user)
}

#[sqlx::test]
async fn many_positions_are_changed_by_a_spreadsheet_and_put_back(pool: PgPool) {
    let (portal, owen) = ground(pool, "904").await;
    let file = portal.write(
        "mass.csv",
        "vpd,position_number,action,deanery_post_number,managing_deanery_body,host_lead_status,effective_from,note\r\n\
         904,29040006,CLEAR,,,,2026-06-01,\r\n904,1,CLEAR,,,,,\r\n",
    );
    let changed = "select count(*) from position_changes where undone_at is null";
    in_every_way(&portal, &owen, async |walk: &mut Walk| {
        walk.open("/positions").await;
        walk.press("Mass update").await;
        walk.sees("1. Download the template").await;
        walk.upload("File", &file).await;
        walk.press("Check the file").await;
        walk.sees("2 rows: 1 will change a position, 0 already so, 1 with errors").await;
        assert_eq!(portal.count(changed).await, 0, "a dry run");
        walk.press("Change 1 position").await;
        walk.sees("2 rows: 1 changed a position, 0 already so, 1 with errors").await;
        assert_eq!(portal.count(changed).await, 1);
        let result = walk.download("Your file with results, CSV").await;
        assert!(result.contains("REJECTED"), "{result}");
        walk.press("Undo the whole update").await;
        walk.sees("The mass update is undone").await;
        assert_eq!(portal.count(changed).await, 0);
    })
    .await;
}

#[sqlx::test]
async fn the_deanerys_list_is_compared_and_a_missing_post_drafted(pool: PgPool) {
    let (portal, owen) = ground(pool, "904").await;
    let post = "KSS/R9A01/024/STR/777";
    let list = format!(
        "deanery_post_number,specialty,valid_from\nKSS/R9A01/001/STR/001,Urology,\n{post},Paediatrics,5/8/2026\n"
    );
    let file = portal.write("kss.csv", list);
    in_every_way(&portal, &owen, async |walk: &mut Walk| {
        walk.open("/positions").await;
        walk.press("Deanery's list").await;
        walk.sees("Load the posts that a managing body says are yours").await;
        walk.upload("File", &file).await;
        walk.press("Load the list").await;
        walk.sees("Posts that no position carries (1)").await;
        walk.press(&format!("Assign, draft or query {post}")).await;
        walk.sees("Assign it to a position").await;
        walk.fill("It begins on", "5/8/2026").await;
        walk.fill("Title", "Specialty Registrar").await;
        walk.fill("Occupation code", "024").await;
        walk.fill("Area of work", "Paediatrics").await;
        walk.press("Draft the position").await;
        walk.sees("There is a problem").await;
        walk.pick("Job role", "Specialty Registrar").await;
        walk.press("Draft the position").await;
        walk.sees(&format!("is drafted for {post}")).await;
        walk.sees("Posts that no position carries (0)").await;
        walk.press("Undo").await;
        walk.sees("The change is undone").await;
    })
    .await;
    let left = portal.count("select count(*) from positions where dpn = 'KSS/R9A01/024/STR/777'").await;
    assert_eq!(left, 0, "each draft was taken back");
}

#[sqlx::test]
async fn a_shared_position_is_split_and_put_together_again(pool: PgPool) {
    let (portal, owen) = ground(pool, "904").await;
    // One holds it, and another is on the way.
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    portal.run_jobs().await;
    let made = "select count(*) from positions where position_id like '9000%'";
    in_every_way(&portal, &owen, async |walk: &mut Walk| {
        walk.open("/positions/9041006").await;
        walk.press("Split a shared position").await;
        walk.sees("Say whose post is which").await;
        walk.fill("They move on", "1/6/2026").await;
        walk.fill("Patel, Ibrahim", "KSS/R9A01/001/STR/001").await;
        walk.press("See what would change").await;
        walk.sees("There is a problem").await;
        walk.fill("Patel, Ibrahim", "KSS/R9A01/100/STR/801").await;
        walk.press("See what would change").await;
        walk.sees("Nothing is changed yet").await;
        assert_eq!(portal.count(made).await, 0, "a dry run");
        walk.press("Split it").await;
        walk.sees("The shared position is split").await;
        assert_eq!(portal.count(made).await, 1);
        walk.press("Undo").await;
        walk.sees("It is undone").await;
        assert_eq!(portal.count(made).await, 0);
    })
    .await;
}

#[sqlx::test]
async fn a_number_on_two_positions_is_settled_on_its_page(pool: PgPool) {
    let (portal, owen) = ground(pool, "904").await;
    in_every_way(&portal, &owen, async |walk: &mut Walk| {
        walk.open("/positions/dpn-report").await;
        walk.sees("DPN report").await;
        walk.press("Duplicates").await;
        walk.sees("Positions that bear it").await;
        walk.press("Settle this number").await;
        walk.sees("Which position keeps the number?").await;
        walk.press("See what would change").await;
        walk.sees("Check how").await;
        walk.press("Leave the number on position").await;
        walk.sees("is settled").await;
        walk.press("Undo").await;
        walk.sees("It is undone").await;
    })
    .await;
    assert_eq!(portal.count("select count(*) from position_changes where undone_at is null").await, 0);
}

#[sqlx::test]
async fn a_request_to_go_live_is_complete_before_it_is_sent_and_is_answered(pool: PgPool) {
    let (portal, owen) = ground(pool, "917").await;
    let odette = portal.user_named("odette", "0", Right::SysAdmin).await;
    let email = portal.write("approval.eml", "From: office@deanery.example\r\nSubject: Yes\r\n\r\nApproved.\r\n");
    in_every_way(&portal, &owen, async |walk: &mut Walk| {
        walk.open("/positions/readiness").await;
        walk.sees("Conditions").await;
        walk.press("Request to go live").await;
        walk.sees("Every question needs an answer before the request can be sent").await;
        walk.press("Send the request").await;
        walk.sees("There is a problem").await;
        walk.fill("Required by date", "1/6/2026").await;
        walk.choose("Are Doctors in Training posts unbucketed in ESR?", "Yes").await;
        walk.choose("Do ESR positions have only unique Deanery Post Numbers linked?", "Yes").await;
        walk.press("Send the request").await;
        walk.sees("There is a problem").await;
        walk.upload("E-mail of the local office or the Business Manager that approves the request", &email).await;
        walk.press("Send the request").await;
        walk.sees("The request is sent: Support answers on this page").await;
        let page = walk.browser.path().await;
        walk.sign_out().await;
        portal.run_jobs().await;

        walk.sign_in(&odette).await;
        walk.open("/interfaces/requests").await;
        walk.sees("Requests to go live, newest first").await;
        walk.press("917 Westvale Lead Employer").await;
        walk.fill("Your answer", "You are live from Monday").await;
        walk.choose("The request becomes", "Done").await;
        walk.press("Send").await;
        walk.sees("The answer was sent").await;
        walk.sign_out().await;
        portal.run_jobs().await;

        walk.sign_in(&owen).await;
        walk.open(&page).await;
        walk.sees("You are live from Monday").await;
        walk.sees("The request is closed").await;
    })
    .await;
    let sent = portal.count("select count(*) from readiness_requests where state = 'done'").await;
    assert_eq!(sent, i64::try_from(Way::ALL.len()).unwrap());
}
