//! What the deanery is told of a doctor who is hired and leaves.

use changeover::audit::Actor;
use changeover::deanery_outbound::actions::send_persons;
use sqlx::PgPool;

use super::{hire, recruiter, with_accepted_on};
use crate::support::{Portal, Visitor};

/// The records of the Person Update that is due, each by its fields; none where nothing is.
async fn told(portal: &Portal) -> Vec<Vec<String>> {
    let vpd = "904".parse().unwrap();
    let Some(made) = send_persons(&portal.app, &vpd, "KSS", &Actor::Command).await.unwrap() else { return Vec::new() };
    let path = portal.app.config.exchange.join("outbound").join(&made.file);
    let text = std::fs::read_to_string(path).unwrap();
    let all: Vec<&str> = text.split_terminator("\r\n").collect();
    all[1..all.len() - 1].iter().map(|line| line.split('~').map(str::to_owned).collect()).collect()
}

/// The action, whether there is an employee number, and the termination date of each PER.
fn persons(told: &[Vec<String>]) -> Vec<(&str, bool, &str)> {
    let per = told.iter().filter(|fields| fields[0] == "PER");
    per.map(|fields| (fields[2].as_str(), !fields[5].is_empty(), fields[27].as_str())).collect()
}

async fn end(recruiter: &Visitor, person: &str, day: &str) {
    let ends =
        [("confirmed", "yes"), ("outcome", "ends"), ("last-day", day), ("reason-code", "08"), ("destination", "01")];
    recruiter.post(format!("/doctors/{person}/leaving"), ends).await.assert_redirect();
}

/// Domain §8.4 and §19: the address that the deanery gave goes back as the primary one, and a leaving is told of before the delete.
#[sqlx::test]
async fn a_person_update_has_the_address_of_a_hired_doctor_and_the_day_of_a_leaving(pool: PgPool) {
    let (portal, application) = with_accepted_on(pool, "2026-08-10").await;
    sqlx::query("update positions set host_or_lead = 'lead' where position_id = '9041003'")
        .execute(&portal.owner)
        .await
        .unwrap();
    // Those who are here already are told of first.
    told(&portal).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Employee", "The papers came late").await.assert_redirect();
    let first = told(&portal).await;
    let kinds: Vec<&str> = first.iter().map(|fields| fields[0].as_str()).collect();
    assert_eq!(kinds, ["PER", "ADD", "ASG", "PBD"]);
    let address = [&first[1][5..7], &first[1][9..14]].concat();
    assert_eq!(address, ["Y", "2 Example Street", "Northmoor", "", "ZZ99 3VZ", "GB", "20260506"]);
    assert_eq!((persons(&first), first[0][33].len()), (vec![("C", true, "")], "20260810 120000".len()));
    assert!(told(&portal).await.is_empty(), "when the record changed is no news");

    // A day to come, the contract's own last one.
    let person = portal.text("select person_id from applications").await;
    end(&recruiter, &person, "2026-09-01").await;
    assert_eq!(persons(&told(&portal).await), [("C", true, "20260901")]);
    let undo = portal.text("select '/doctors/leavings/' || leaving_id || '/undo' from leavings").await;
    recruiter.press(&undo).await.assert_redirect();
    assert_eq!(persons(&told(&portal).await), [("C", true, "")]);
    let ends = portal
        .text("select max(contract_end_on)::text from assignments a join applications using (assignment_id)")
        .await;
    end(&recruiter, &person, &ends).await;
    assert_eq!(
        persons(&told(&portal).await),
        [("C", true, ends.replace('-', "").as_str())],
        "the contract's own last day"
    );
    let undo = "select '/doctors/leavings/' || leaving_id || '/undo' from leavings where taken_back_at is null";
    recruiter.press(&portal.text(undo).await).await.assert_redirect();
    assert_eq!(persons(&told(&portal).await), [("C", true, "")]);

    // A day that is past: told of with the day, then taken away, once.
    end(&recruiter, &person, "2026-08-08").await;
    assert_eq!(persons(&told(&portal).await), [("C", true, "20260808")]);
    assert_eq!(persons(&told(&portal).await), [("D", false, "")]);
    assert!(told(&portal).await.is_empty());
}
