//! What the lead and the host of a post see of each other, and what they do not.

use std::slice::from_ref;

use changeover::access::Right;
use changeover::audit::Actor;
use changeover::positions::actions;
use changeover::positions::model::{HostOrLead, PositionChange, Set, Source};
use sqlx::PgPool;

use crate::deanery_changes::{POST, with_davies};
use crate::support::Portal;
use crate::support::files::{framed, sample};

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

/// A file of one employer's changes with this one record.
async fn file(portal: &Portal, vpd: &str, number: u32, record: String) {
    let name = format!("GO_{vpd}_EXP_GOC_20260506_{number:08}.DAT");
    let report = portal.receive(&name, framed(&name, vpd, &[record])).await;
    assert_eq!((report.outcome.as_str(), report.fail), ("processed", 0));
    portal.run_jobs().await;
}

/// The position as the first file of its employer tells it, with another end and number.
fn told(position: &str, end: &str, dpn: &str) -> String {
    let path = sample(&format!("GO_{}_EXP_GOF_20260505_00000001.DAT", &position[..3]));
    let full = std::fs::read_to_string(path).unwrap();
    let line = full.lines().find(|line| line.starts_with(&format!("POA~{position}~"))).unwrap();
    let mut fields: Vec<&str> = line.split('~').collect();
    (fields[3], fields[19]) = (end, dpn);
    fields.join("~")
}

#[sqlx::test]
async fn what_a_file_says_of_a_claimed_number_settles_the_claim_or_makes_it_again(pool: PgPool) {
    let portal = ground(pool).await;
    says(&portal, HostOrLead::Host).await;
    let (open, closed) = (row("904", "action", "open"), row("904", "action", "closed_by_system"));
    assert_eq!(claims(&portal).await, from_ref(&open));
    let stays = told("9041003", "", POST);
    for (number, (vpd, record), found) in [
        // The position that claims the number loses it, and gets it back.
        (11, ("917", told("9171003", "", "KSS/R9B01/024/STR/777")), &closed),
        (12, ("917", told("9171003", "", POST)), &open),
        // The position of which it is claimed ends, and goes on after all.
        (11, ("904", told("9041003", "20260430", POST)), &closed),
        (12, ("904", stays.clone()), &open),
        // It is deleted, and told again; what says nothing new changes nothing.
        (13, ("904", "POD~9041003".to_owned()), &closed),
        (14, ("904", stays.clone()), &open),
        (15, ("904", stays.clone()), &open),
    ] {
        file(&portal, vpd, number, record).await;
        let of_904: Vec<_> = claims(&portal).await.into_iter().filter(|claim| claim.0 == "904").collect();
        assert_eq!(of_904, from_ref(found), "{vpd} {number}");
    }
    // Nobody at 917 typed what its file brought back: it is told too that both say the same.
    let both = [open.clone(), row("917", "action", "open")];
    assert_eq!(claims(&portal).await, both);
    // An end that lies ahead settles nothing until it has come.
    file(&portal, "917", 13, told("9171003", "20260507", POST)).await;
    assert_eq!(claims(&portal).await, both);
    for vpd in ["904", "917"] {
        let mut tx = portal.begin(vpd).await;
        changeover::positions::look_again_at_claims(&mut tx, &portal.app).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(claims(&portal).await, both);
    run(&portal, "update position_directory set effective_to = '2026-05-05' where position_id = '9171003'").await;
    changeover::dpn_report::queue(&portal.app, portal.app.today()).await.unwrap();
    portal.run_jobs().await;
    assert_eq!(claims(&portal).await, [closed, row("917", "action", "closed_by_system")]);
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
