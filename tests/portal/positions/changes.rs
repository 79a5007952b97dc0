//! A position is changed from a day on, is found by what it became, and is put back.

use changeover::audit::Actor;
use changeover::positions::actions::{self, ChangeError, UndoError};
use changeover::positions::model::{ChangeId, Draft, HostOrLead, PositionChange, Set, Source};
use chrono::NaiveDate;
use sqlx::PgPool;

use crate::support::Portal;
use crate::support::files::framed;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn poa(id: &str, from: &str, number: &str, dpn: &str, fte: &str, updated: &str) -> String {
    let name = format!("{number}|Registrar|024|Paediatrics");
    format!(
        "POA~{id}~{from}~~{number}~{name}~{fte}~~Medical and Dental~Specialty Registrar~024~NHS|MN37~~N~~Open~Single~Y~N~{dpn}~KSS~R9A01~{updated}~"
    )
}

async fn load(portal: &Portal, vpd: &str, number: u32, records: &[String]) {
    let name = format!("GO_{vpd}_EXP_GOF_20260505_{number:08}.DAT");
    let report = portal.receive(&name, framed(&name, vpd, records)).await;
    assert_eq!((report.outcome.as_str(), report.fail), ("processed", 0), "{report:?}");
}

fn dpn(id: &str, from: &str, dpn: Option<&str>) -> PositionChange {
    PositionChange { dpn: Set::To(dpn.map(str::to_owned)), confirmed: true, ..PositionChange::new(id, day(from)) }
}

async fn change(portal: &Portal, change: &PositionChange) -> Result<ChangeId, ChangeError> {
    let mut tx = portal.begin("904").await;
    let made = actions::change(&mut tx, &Actor::Command, change, Source::Page, portal.app.now()).await;
    match made.is_ok() {
        true => tx.commit().await.unwrap(),
        false => tx.rollback().await.unwrap(),
    }
    made
}

async fn undo(portal: &Portal, id: ChangeId) -> Result<String, UndoError> {
    let mut tx = portal.begin("904").await;
    let undone = actions::undo(&mut tx, &Actor::Command, id, portal.app.now()).await;
    if undone.is_ok() {
        tx.commit().await.unwrap();
    }
    undone
}

/// What is stored of a position: from, to, DPN, host or lead; and whether the directory says the same.
async fn stored(portal: &Portal, id: &str) -> Vec<String> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select concat_ws(' ', p.effective_from, coalesce(p.effective_to::text, '-'), coalesce(p.dpn, '-'), coalesce(p.host_or_lead, '-'),
                          case when (d.effective_to, d.dpn_key, d.host_or_lead) is not distinct from (p.effective_to, p.dpn_key, p.host_or_lead)
                               then '' else 'and the directory differs' end)
           from positions p left join position_directory d using (position_id, effective_from) where p.position_id = $1 order by p.effective_from",
    )
    .bind(id)
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    let entries: i64 = sqlx::query_scalar("select count(*) from position_directory where position_id = $1")
        .bind(id)
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    assert_eq!(entries, i64::try_from(rows.len()).unwrap());
    rows.iter().map(|row| row.trim().to_owned()).collect()
}

#[sqlx::test]
async fn a_change_takes_effect_on_its_day_and_the_same_file_again_does_not_undo_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let old = poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/001", "1.00", "20260505");
    load(&portal, "904", 1, std::slice::from_ref(&old)).await;
    let mut both = dpn("77", "2026-06-01", Some("KSS/R9A01/024/STR/900"));
    both.host_or_lead = Set::To(Some(HostOrLead::Host));
    change(&portal, &both).await.unwrap();
    let changed = ["2019-08-07 2026-05-31 KSS/R9A01/024/STR/001 -", "2026-06-01 - KSS/R9A01/024/STR/900 host"];
    assert_eq!(stored(&portal, "77").await, changed);
    assert_eq!(portal.audit("904").await.iter().filter(|event| *event == "position_changed").count(), 1);

    load(&portal, "904", 2, std::slice::from_ref(&old)).await;
    assert_eq!(stored(&portal, "77").await, changed, "the same record again");
    // ESR writes the day on which it wrote the record: that says nothing new of the post.
    load(&portal, "904", 3, &[poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/001", "0.60", "20260506")]).await;
    assert_eq!(stored(&portal, "77").await, changed, "another FTE");
    assert_eq!(
        portal
            .text(
                "select string_agg(budgeted_fte, ' ' order by effective_from) from positions where position_id = '77'"
            )
            .await,
        "0.60 0.60"
    );
    load(&portal, "904", 4, &[poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/777", "0.60", "20260506")]).await;
    assert_eq!(
        stored(&portal, "77").await,
        ["2019-08-07 2026-05-31 KSS/R9A01/024/STR/777 -", "2026-06-01 - KSS/R9A01/024/STR/777 host"],
        "a new number is news, and Host/Lead status is no file's to clear"
    );
    let next = poa("77", "20260805", "29040001", "KSS/R9A01/024/STR/778", "0.60", "20260506");
    load(&portal, "904", 5, &[poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/777", "0.60", "20260506"), next])
        .await;
    assert_eq!(
        stored(&portal, "77").await[1..],
        ["2026-06-01 2026-08-04 KSS/R9A01/024/STR/777 host", "2026-08-05 - KSS/R9A01/024/STR/778 host"]
    );
}

#[sqlx::test]
async fn a_number_is_given_once_in_an_organisation_across_case_and_spaces(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let records = [
        poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/001", "1.00", "20260505"),
        poa("78", "20190807", "29040002", "kss/r9a01/024/STR/002 ", "1.00", "20260505"),
    ];
    load(&portal, "904", 1, &records).await;
    let Err(ChangeError::Refused(refusals)) =
        change(&portal, &dpn("77", "2026-06-01", Some("KSS/R9A01/024/STR/002"))).await
    else {
        panic!("a duplicate is refused")
    };
    assert_eq!(refusals[0].text, "This Deanery Post Number is used by 29040002 Registrar");
    assert_eq!(refusals[0].holder.as_ref().unwrap().position_id, "78");
    for (wrong, code) in [
        ("KSS/R9A01/024", "D1"),
        ("KS/R9A01/024/STR/1", "D2"),
        ("KSS/R9A01/024\t/STR/1", "D3"),
        ("KSS//024/STR", "D4"),
        ("KSS/R9A01/024/STR/00000000000001", "D5"),
        ("KSS/R9A01/024/STR/001 ", "D9"),
    ] {
        let Err(ChangeError::Refused(refusals)) = change(&portal, &dpn("77", "2026-06-01", Some(wrong))).await else {
            panic!("{wrong} is refused")
        };
        assert_eq!(refusals[0].code, code, "{wrong}");
    }
    // Once the other has ended, the number is free from the day after.
    let end =
        PositionChange { end_on: Set::To(Some(day("2026-05-31"))), ..PositionChange::new("78", day("2026-05-06")) };
    change(&portal, &end).await.unwrap();
    let early = change(&portal, &dpn("77", "2026-05-31", Some("KSS/R9A01/024/STR/002"))).await;
    assert!(matches!(early, Err(ChangeError::Refused(_))));
    change(&portal, &dpn("77", "2026-06-01", Some("KSS/R9A01/024/STR/002"))).await.unwrap();
    let reopened = PositionChange { end_on: Set::To(None), ..PositionChange::new("78", day("2026-05-06")) };
    assert!(matches!(change(&portal, &reopened).await, Err(ChangeError::Refused(_))), "two would bear it");
}

// BIZ-8
#[sqlx::test]
async fn biz_8_of_two_who_give_one_number_at_once_one_wins_and_the_other_is_told(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let record = |id: &str| poa(id, "20190807", &format!("290400{id}"), "", "1.00", "20260505");
    load(&portal, "904", 1, &[record("77"), record("78")]).await;
    let (one, two) =
        (dpn("77", "2026-06-01", Some("KSS/R9A01/024/STR/5")), dpn("78", "2026-06-01", Some("kss/R9A01/024/STR/5")));
    let (one, two) = tokio::join!(change(&portal, &one), change(&portal, &two));
    let refused = [one, two].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(&refused[..], [ChangeError::Refused(why)] if why[0].code == "DUPLICATE"), "{refused:?}");
}

#[sqlx::test]
async fn lead_and_host_of_two_employers_are_a_pair_and_two_leads_are_a_warning(pool: PgPool) {
    let portal = Portal::start(pool).await;
    load(&portal, "904", 1, &[poa("77", "20190807", "1", "KSS/R9A01/024/STR/001", "1.00", "20260505")]).await;
    load(&portal, "917", 1, &[poa("99", "20190807", "1", "KSS/R9A01/024/STR/001", "1.00", "20260505")]).await;
    let mut tx = portal.begin("917").await;
    let lead = |id: &str, what| PositionChange {
        host_or_lead: Set::To(Some(what)),
        ..PositionChange::new(id, day("2026-05-06"))
    };
    let now = portal.app.now();
    actions::change(&mut tx, &Actor::Command, &lead("99", HostOrLead::Lead), Source::Page, now).await.unwrap();
    tx.commit().await.unwrap();
    let Err(ChangeError::Unconfirmed(warnings)) = change(&portal, &lead("77", HostOrLead::Lead)).await else {
        panic!("two leads are a warning")
    };
    assert_eq!(warnings[0].code, "PAIR");
    change(&portal, &lead("77", HostOrLead::Host)).await.unwrap();
}

#[sqlx::test]
async fn a_change_is_undone_whole_while_nothing_followed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let old = poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/001", "1.00", "20260505");
    load(&portal, "904", 1, std::slice::from_ref(&old)).await;
    let was = stored(&portal, "77").await;
    let first = change(&portal, &dpn("77", "2026-06-01", Some("KSS/R9A01/024/STR/900"))).await.unwrap();
    let second = change(&portal, &dpn("77", "2026-07-01", None)).await.unwrap();
    assert_eq!(stored(&portal, "77").await.len(), 3);
    let Err(UndoError::Followed(why)) = undo(&portal, first).await else { panic!("a later change stands") };
    assert!(why[0].starts_with("Position 29040001 was changed again by command line on "), "{why:?}");
    assert_eq!(undo(&portal, second).await.unwrap(), "77");
    assert_eq!(undo(&portal, first).await.unwrap(), "77");
    assert_eq!(stored(&portal, "77").await, was);
    assert!(matches!(undo(&portal, first).await, Err(UndoError::Already { .. })));

    let third = change(&portal, &dpn("77", "2026-06-01", Some("KSS/R9A01/024/STR/901"))).await.unwrap();
    load(&portal, "904", 2, &[poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/555", "1.00", "20260506")]).await;
    let Err(UndoError::Followed(why)) = undo(&portal, third).await else { panic!("a file said something new") };
    assert_eq!(why, ["Position 29040001 was changed since by a file of ESR"]);
    let mut other = portal.begin("917").await;
    let foreign = actions::undo(&mut other, &Actor::Command, third, portal.app.now()).await;
    assert!(matches!(foreign, Err(UndoError::NotFound)), "another organisation's");
}

#[sqlx::test]
async fn a_position_is_drafted_under_an_id_of_ours_and_taken_back(pool: PgPool) {
    let portal = Portal::start(pool).await;
    load(&portal, "904", 1, &[poa("77", "20190807", "29040001", "KSS/R9A01/024/STR/001", "1.00", "20260505")]).await;
    let wanted = Draft {
        title: "Specialty Registrar".into(),
        occupation_code: "024".into(),
        area: "Paediatrics".into(),
        job_role: Some("Specialty Registrar".into()),
        effective_from: day("2026-08-05"),
        dpn: Some("KSS/R9A01/024/STR/031".into()),
        managing_body: Some("KSS".into()),
        ..Draft::default()
    };
    let mut tx = portal.begin("904").await;
    let now = portal.app.now();
    let drafted = actions::draft(&mut tx, &Actor::Command, &wanted, Source::Page, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((drafted.position_id.as_str(), drafted.position_number.as_str()), ("900000000", "900000000"));
    assert_eq!(stored(&portal, "900000000").await, ["2026-08-05 - KSS/R9A01/024/STR/031 -"]);
    assert_eq!(
        portal.text("select name from positions where position_id = '900000000'").await,
        "900000000|Specialty Registrar|024|Paediatrics"
    );
    let mut tx = portal.begin("904").await;
    let again = actions::draft(&mut tx, &Actor::Command, &wanted, Source::Page, now).await;
    assert!(matches!(&again, Err(ChangeError::Refused(why)) if why[0].code == "DUPLICATE"), "{again:?}");
    drop(tx);
    undo(&portal, drafted.change).await.unwrap();
    assert!(stored(&portal, "900000000").await.is_empty());
}
