//! What the lead and the host of a post see of each other, and what they do not.

use changeover::access::Right;
use changeover::audit::Actor;
use changeover::positions::actions;
use changeover::positions::model::{HostOrLead, PositionChange, Set, Source};
use sqlx::PgPool;

use crate::deanery_changes::{POST, with_davies};
use crate::support::Portal;

const BOTH: [Right; 3] =
    [Right::MedicalStaffingOfficer, Right::LocalWorkstructuresAdministration, Right::RecruitmentAndApplicantEnrolment];

async fn run(portal: &Portal, sql: &'static str) {
    sqlx::query(sql).execute(&portal.owner).await.unwrap();
}

/// 904 is host of the post of Davies; 917 bears its number too, and has said nothing of it.
async fn ground(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    for table in ["positions", "position_directory"] {
        let host = format!("update {table} set host_or_lead = 'host' where position_id = '9041003'");
        let pair = format!("update {table} set dpn_key = '{POST}' where position_id = '9171003'");
        for sql in [host, pair] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&portal.owner).await.unwrap();
        }
    }
    run(&portal, "update positions set dpn = dpn_key where position_id = '9171003'").await;
    portal
}

/// 917 says what it is of the post.
async fn says(portal: &Portal, status: HostOrLead) {
    let change = PositionChange {
        host_or_lead: Set::To(Some(status)),
        confirmed: true,
        ..PositionChange::new("9171003", portal.app.today())
    };
    let mut tx = portal.begin("917").await;
    actions::change(&mut tx, &Actor::Command, &change, Source::Page, portal.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    portal.run_jobs().await;
}

async fn claims(portal: &Portal) -> Vec<(String, String, String)> {
    sqlx::query_as("select vpd, class, state from items where subject_key like 'claim:%' order by created_at, item_id")
        .fetch_all(&portal.owner)
        .await
        .unwrap()
}

fn row(vpd: &str, class: &str, state: &str) -> (String, String, String) {
    (vpd.to_owned(), class.to_owned(), state.to_owned())
}

#[sqlx::test]
async fn ten_6_ten_8_lead_and_host_see_dates_stage_and_contact_of_each_other_and_nobody(pool: PgPool) {
    let portal = ground(pool).await;
    let host = portal.sign_in("904", BOTH).await;
    let lead = portal.sign_in("917", BOTH).await;
    let before = lead.get("/positions/9171003").await;
    assert!(before.text("#other-employer ~ dl").contains("904"), "that there is another: {}", before.words());
    assert!(before.words().contains("None is told") && before.words().contains("Nobody is named"));

    run(&portal, "update positions set host_or_lead = 'lead' where position_id = '9171003'").await;
    run(&portal, "update position_directory set host_or_lead = 'lead' where position_id = '9171003'").await;
    let contact = [("name", "Medical Staffing"), ("address", "staffing@example.com"), ("telephone", "01632 960001")];
    host.post("/shared-posts/contact", contact).await.assert_redirect();
    let page = lead.get("/positions/9171003").await;
    let said = page.text("#other-employer ~ dl");
    assert!(said.contains("5 Aug 2026 to 3 Aug 2027, application received"), "{said}");
    for part in ["Medical Staffing", "staffing@example.com", "01632 960001"] {
        assert!(said.contains(part), "{said}");
    }
    for secret in ["Davies", "Yusuf", "9779858", "9041003", "29041003"] {
        assert!(!page.body.contains(secret), "{secret}: {}", page.words());
    }
    // What happens to the placement is told as it happens.
    let id = portal.text("select application_id::text from applications").await;
    let step = [("shown", "preferred_applicant"), ("event-1", "offer_conditionally"), ("reason-1", "")];
    host.post(format!("/doctors/applications/{id}/status"), step).await.assert_redirect();
    assert!(lead.get("/positions/9171003").await.words().contains("post offered"));
    assert!(lead.get("/rotation?on=2026-08-05").await.words().contains("Also 904"), "on the board too");
    // A third employer of the number who is host as well sees nothing of the other host.
    let third = "update position_directory set dpn_key = 'KSS/R9A01/024/STR/004', host_or_lead = 'host' where position_id = (select min(position_id) from position_directory where vpd = '931')";
    run(&portal, third).await;
    let mut tx = portal.begin("931").await;
    let seen: i64 = sqlx::query_scalar("select count(*) from placements_told").fetch_one(&mut *tx).await.unwrap();
    let contacts: i64 = sqlx::query_scalar("select count(*) from employer_contacts").fetch_one(&mut *tx).await.unwrap();
    assert_eq!((seen, contacts), (0, 0));
}

#[sqlx::test]
async fn ten_10_what_is_told_of_a_placement_is_seen_by_its_two_employers_alone_and_written_by_one(pool: PgPool) {
    let portal = ground(pool).await;
    run(&portal, "update position_directory set host_or_lead = 'lead' where position_id = '9171003'").await;
    for (vpd, sees) in [("904", 1_i64), ("917", 1), ("931", 0)] {
        let mut tx = portal.begin(vpd).await;
        let seen: i64 = sqlx::query_scalar("select count(*) from placements_told").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(seen, sees, "{vpd}");
        let written = sqlx::query("update placements_told set stage = 'hired'").execute(&mut *tx).await.unwrap();
        assert_eq!(written.rows_affected(), u64::from(vpd == "904"), "{vpd}");
    }
    let mut tx = portal.begin("917").await;
    let forged = sqlx::query(
        "insert into placements_told (vpd, application_id, dpn_key, hire_on, stage) values ('904', gen_random_uuid(), 'X', '2026-08-05', 'hired')",
    );
    assert!(forged.execute(&mut *tx).await.is_err());
    // The table has nothing of a person to give away.
    let columns: Vec<String> = sqlx::query_scalar(
        "select column_name::text from information_schema.columns where table_name = 'placements_told' order by ordinal_position",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    assert_eq!(columns, ["vpd", "application_id", "dpn_key", "hire_on", "end_on", "stage"]);
    // The pair is over: nothing is seen any more.
    run(&portal, "update position_directory set effective_to = '2026-07-01' where position_id = '9171003'").await;
    let mut tx = portal.begin("917").await;
    let seen: i64 = sqlx::query_scalar("select count(*) from placements_told").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(seen, 0);
}

#[sqlx::test]
async fn an_employer_is_told_who_claims_its_post_and_what_settles_it_closes_that(pool: PgPool) {
    let portal = ground(pool).await;
    let lead = portal.sign_in("917", BOTH).await;
    says(&portal, HostOrLead::Host).await;
    assert_eq!(claims(&portal).await, [row("904", "action", "open")], "two hosts");
    let keeper = portal.sign_in("904", BOTH).await;
    assert!(keeper.get("/inbox").await.words().contains("917"), "in the inbox of the other");
    let text = portal.text("select facts->>'text' from items where subject_key like 'claim:%'").await;
    assert!(text.contains("says that it is the Host Employer of this post, and you are Host Employer too"), "{text}");

    says(&portal, HostOrLead::Lead).await;
    let found = claims(&portal).await;
    assert_eq!(found, [row("904", "action", "closed_by_system"), row("904", "information", "open")]);
    // Undone, the claim is what it was before.
    let undo = portal
        .text("select '/positions/changes/' || change_id || '/undo' from position_changes where vpd = '917' order by at desc limit 1")
        .await;
    lead.press(&undo).await.assert_redirect();
    portal.run_jobs().await;
    let found = claims(&portal).await;
    assert_eq!(found[1], row("904", "information", "closed_by_system"));
    assert_eq!(found[0], row("904", "action", "open"), "{found:?}");
}

#[sqlx::test]
async fn biz_2_a_contact_needs_an_office_and_an_address(pool: PgPool) {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    for (name, address, field) in [
        ("", "staffing@example.com", "name"),
        ("Medical Staffing", "", "address"),
        ("Medical Staffing", "not an address", "address"),
        ("Medical Staffing", "a@b", "address"),
    ] {
        let page = officer.post("/shared-posts/contact", [("name", name), ("address", address)]).await;
        assert_eq!((page.status, page.has(&format!("#{field}-error"))), (422, true), "{name} {address}");
    }
    officer
        .post("/shared-posts/contact", [("name", "Medical Staffing"), ("address", "staffing@example.com")])
        .await
        .assert_redirect();
    assert!(portal.audit("904").await.contains(&"employer_contact_saved".to_owned()));
    assert_eq!(officer.get("/shared-posts/contact").await.attr("#address", "value"), "staffing@example.com");
}
