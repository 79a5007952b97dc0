//! What an employer is told of a file of its own.

use changeover::access::Right;
use changeover::audit::Actor;
use changeover::file_exchange::held::{self, Decision};
use changeover::file_exchange::{Interface, Processors, engine, intake, receive};
use changeover::worker;
use sqlx::PgPool;

use super::id_of;
use crate::support::Portal;
use crate::support::files::framed;

fn go(file_type: &str, number: u32) -> String {
    format!("GO_904_EXP_{file_type}_20260506_{number:08}.DAT")
}

/// A file of no records, whose trailer counts one.
fn miscounted(name: &str) -> String {
    framed(name, "904", &[]).replace("TRL~0", "TRL~1")
}

async fn told(portal: &Portal, vpd: &str) -> Vec<(String, String)> {
    let items = portal.items(vpd).await.into_iter().filter(|item| item.0 == "own_file");
    items.map(|(_, title, state)| (title, state)).collect()
}

fn one(title: &str, state: &str) -> Vec<(String, String)> {
    vec![(title.to_owned(), state.to_owned())]
}

#[sqlx::test]
async fn an_employers_administrators_are_told_of_a_refused_file_until_a_later_one_mends_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let refused = go("GOF", 2);
    let report = portal.receive(&refused, miscounted(&refused)).await;
    assert_eq!(report.outcome, "refused");
    portal.run_jobs().await;
    let title = format!("{refused} was refused");
    assert_eq!(told(&portal, "904").await, one(&title, "open"));
    assert!(told(&portal, "917").await.is_empty() && told(&portal, "931").await.is_empty());

    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    let inbox = administrator.get("/inbox").await;
    assert!(inbox.words().contains("was refused"), "{}", inbox.words());
    let message = portal.text("select '/inbox/' || message_id from items where type = 'own_file'").await;
    let page = administrator.get(&message).await;
    let words = page.assert_ok().words();
    assert!(words.contains("The trailer counts 1 records; the file holds 0."), "what was wrong: {words}");
    assert!(words.contains("Put the file right and send it again: its name is free."), "what to do: {words}");
    assert!(!words.contains("Ask the sender"), "the sender is reading: {words}");
    let file = format!("/interfaces/files/{}", id_of(&portal, &refused).await);
    administrator.get(&file).await.assert_ok();
    // TEN-1: another employer's file is not there, and neither is its notice.
    let stranger = portal.sign_in("917", Right::VpdAdmin).await;
    assert_eq!(stranger.get(&file).await.status, 404);
    assert_eq!(stranger.get(&message).await.status, 404);
    let staffing = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert!(!staffing.get("/inbox").await.words().contains("was refused"), "it is the administrators'");

    // A changes file does not bring what the full file would have brought; the full file under the same name does.
    let changes = go("GOC", 1);
    assert_eq!(portal.receive(&changes, framed(&changes, "904", &[])).await.outcome, "processed");
    assert_eq!(told(&portal, "904").await, one(&title, "open"));
    assert_eq!(portal.receive(&refused, framed(&refused, "904", &[])).await.outcome, "processed");
    portal.run_jobs().await;
    assert_eq!(told(&portal, "904").await, one(&title, "closed_by_system"));
    let why = portal.text("select closed_reason from items where type = 'own_file'").await;
    assert_eq!(why, format!("{refused} was processed."));
}

#[sqlx::test]
async fn an_employer_is_told_of_a_file_that_waits_and_what_was_decided(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (fifth, third) = (go("GOF", 5), go("GOF", 3));
    assert_eq!(portal.receive(&fifth, framed(&fifth, "904", &[])).await.outcome, "processed");
    assert_eq!(portal.receive(&third, framed(&third, "904", &[])).await.outcome, "held");
    portal.run_jobs().await;
    assert_eq!(told(&portal, "904").await, one(&format!("{third} waits"), "open"));
    let held = id_of(&portal, &third).await;
    held::decide_file(&portal.app, held, Decision::Discard, "sent by mistake", &Actor::Command).await.unwrap();
    assert_eq!(told(&portal, "904").await, one(&format!("{third} waits"), "closed_by_system"));
    let why = portal.text("select closed_reason from items where type = 'own_file'").await;
    assert_eq!(why, "The file was discarded: sent by mistake");
}

#[sqlx::test]
async fn an_employer_is_told_of_a_gap_and_of_a_file_with_many_failures(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (first, fourth, fifth) = (go("GOF", 1), go("GOF", 4), go("GOF", 5));
    portal.receive(&first, framed(&first, "904", &[])).await;
    let bad: Vec<String> = (0..3).map(|n| format!("POA~{n}")).collect();
    portal.receive(&fourth, framed(&fourth, "904", &bad)).await;
    portal.run_jobs().await;
    // One file, one item: what asks for something comes first.
    assert_eq!(told(&portal, "904").await, one(&format!("100% of {fourth} failed"), "open"));
    portal.receive(&fifth, framed(&fifth, "904", &[])).await;
    assert_eq!(told(&portal, "904").await, one(&format!("100% of {fourth} failed"), "closed_by_system"));

    let seventh = go("GOF", 7);
    portal.receive(&seventh, framed(&seventh, "904", &[])).await;
    portal.run_jobs().await;
    assert_eq!(told(&portal, "904").await[1], (format!("Files are missing before {seventh}"), "open".to_owned()));
}

#[sqlx::test]
async fn an_employer_is_told_of_a_file_that_stopped_and_not_to_send_it_again(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let first = go("GOF", 1);
    portal.receive(&first, framed(&first, "904", &[])).await;
    let second = go("GOF", 2);
    let path = portal.write(&second, framed(&second, "904", &["PRD~STOP".to_owned()]));
    let broken = Processors::default().on(Interface::GenericOutbound, super::cut_off::Poisoned);
    intake::register(&portal.app, &broken, &second, &path, intake::Source::Command, &Actor::Command).await.unwrap();
    for _ in 0..8 {
        engine::run_due(&portal.app, &broken).await.unwrap();
        sqlx::query("update interface_files set lease_until = null").execute(&portal.owner).await.unwrap();
    }
    portal.run_jobs().await;
    assert_eq!(told(&portal, "904").await, one(&format!("{second} could not be processed"), "open"));
    let text = portal.text("select facts->>'text' from items where type = 'own_file'").await;
    assert!(text.contains("do not send it again"), "{text}");
    let file_id = id_of(&portal, &second).await;
    assert!(held::process_again(&portal.app, file_id, &Actor::Command).await.unwrap());
    receive::settled(&portal.app, &worker::processors(), file_id).await.unwrap();
    assert_eq!(told(&portal, "904").await, one(&format!("{second} could not be processed"), "closed_by_system"));
}

#[sqlx::test]
async fn a_file_of_an_unknown_employer_or_of_a_deanery_is_the_operators_alone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let name = go("GOF", 1);
    portal.receive(&name, miscounted(&name)).await;
    let (applicants, text) = super::applicants(1, 2);
    portal.receive(&applicants, text.replace("TRL~2", "TRL~9")).await;
    portal.run_jobs().await;
    assert!(portal.dead_jobs().await.is_empty(), "{:?}", portal.dead_jobs().await);
    assert!(told(&portal, "904").await.is_empty());
    assert_eq!(portal.items("0").await.iter().filter(|item| item.1.ends_with("was refused")).count(), 2);
}
