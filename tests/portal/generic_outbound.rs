//! A trust loads itself: what a Generic Outbound file does, does again, and does not do.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;
use crate::support::files::framed;

const FULL: &str = "GO_904_EXP_GOF_20260505_00000001.DAT";

/// A line of `columns` columns after the record type, with these values in it.
fn line(kind: &str, columns: usize, values: &[(usize, &str)]) -> String {
    let mut fields = vec![""; columns + 1];
    fields[0] = kind;
    for (at, value) in values {
        fields[*at] = value;
    }
    fields.join("~")
}

fn organisation(id: &str, name: &str) -> String {
    line("ORA", 14, &[(1, id), (2, name), (4, "20000101")])
}

pub fn person(id: &str, from: &str, last_name: &str) -> String {
    line(
        "PRA",
        43,
        &[
            (1, id),
            (2, from),
            (3, "47121231"),
            (4, "0012345"),
            (6, last_name),
            (7, "Zoë"),
            (13, "19900101"),
            (33, "EMP"),
        ],
    )
}

pub fn position(id: &str, from: &str, to: &str, name: &str) -> String {
    line("POA", 23, &[(1, id), (2, from), (3, to), (4, "0021"), (5, name), (19, "KSS/R9A01/024/STR/004"), (20, "KSS")])
}

async fn load(portal: &Portal, number: u32, kind: &str, records: &[String]) -> changeover::file_exchange::FileReport {
    let name = format!("GO_904_EXP_{kind}_20260505_{number:08}.DAT");
    portal.receive(&name, framed(&name, "904", records)).await
}

#[sqlx::test]
async fn the_samples_load_as_expected_and_register_their_employers(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(crate::support::files::sample("expected.json")).unwrap()).unwrap();
    for vpd in ["904", "917", "931"] {
        let name = format!("GO_{vpd}_EXP_GOF_20260505_00000001.DAT");
        let report = portal.receive_sample(&name).await;
        let wanted = &expected["files"][&name];
        assert_eq!(report.outcome, wanted["outcome"].as_str().unwrap());
        assert_eq!(report.records, wanted["records"].as_i64().unwrap(), "{name}");
        assert_eq!(report.success, wanted["success"].as_i64().unwrap(), "{name}");
        assert_eq!((report.fail, report.unchanged, report.warnings, &report.confirmation), (0, 0, 0, &None), "{name}");
        assert_eq!(report.interface.as_deref(), Some("generic_outbound"));
    }
    assert_eq!(portal.text("select name from vpds where vpd = '904'").await, "Northmoor University Hospitals");
    assert_eq!(portal.text("select ods_code from vpds where vpd = '917'").await, "R9B");
    assert_eq!(portal.count("select count(*) from people").await, 110);
    assert_eq!(portal.count("select count(*) from positions").await, 185);
    assert_eq!(portal.count("select count(*) from position_directory").await, 185);
    assert_eq!(portal.count("select count(*) from assignments where vpd = '904'").await, 40);
    portal.run_jobs().await;
    let items = portal.items("0").await;
    assert!(
        items.iter().any(|item| item.1 == "Add an administrator for 904 Northmoor University Hospitals"),
        "{items:?}"
    );
    assert!(portal.audit("904").await.contains(&"file_processed".to_owned()));
    assert_eq!(portal.audit("904").await.len(), 1, "one row for each employer and file");

    // It is something to do, and closes itself when it is done.
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let message = portal
        .text("select '/inbox/' || message_id || '?item=' || item_id from items where title like '% 904 %'")
        .await;
    let form = operator.get(&message).await.assert_ok().attr("#panel a[href^='/admin/users/new']", "href");
    assert!(operator.get(&form).await.assert_ok().words().contains("904 Northmoor"));
    let fields = [
        ("organisation", "904"),
        ("name", "Ann Example"),
        ("email", "ann@904.example"),
        ("username", "ann"),
        ("right", Right::VpdAdmin.code()),
    ];
    operator.post("/admin/users/new", fields).await;
    portal.run_jobs().await;
    let states: Vec<_> = portal.items("0").await.into_iter().filter(|item| item.0 == "organisation").collect();
    assert!(states.iter().all(|item| (item.2 == "closed_by_system") == item.1.contains(" 904 ")), "{states:?}");
}

#[sqlx::test]
async fn the_same_content_in_another_file_is_unchanged(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.receive_sample(FULL).await;
    let before = portal.text("select md5(string_agg(p::text, '' order by person_id)) from people p").await;
    let again = std::fs::read_to_string(crate::support::files::sample(FULL)).unwrap();
    let name = "GO_904_EXP_GOF_20260506_00000002.DAT";
    let report = portal.receive(name, again.replace(FULL, name)).await;
    assert_eq!((report.records, report.success, report.unchanged, report.fail), (250, 250, 250, 0));
    assert_eq!(portal.text("select md5(string_agg(p::text, '' order by person_id)) from people p").await, before);
}

#[sqlx::test]
async fn text_stays_text_and_history_is_kept(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let records = [
        organisation("1", "904 Trust"),
        person("55", "20200101", "Nuñez "),
        person("55", "20260101", "O'Brien"),
        person("55", "20270101", "Later"),
        position("77", "20200101", "20251231", "0021|Old|001|Urology"),
        position("77", "20260101", "47121231", "0021|New|001|Urology"),
    ];
    let report = load(&portal, 1, "GOF", &records).await;
    assert_eq!((report.success, report.fail), (6, 0), "{report:?}");
    let today = "select last_name || '/' || employee_number || '/' || first_name || '/' || last_name_key from people";
    assert_eq!(portal.text(today).await, "O'Brien/0012345/Zoë/obrien");
    assert_eq!(portal.count("select count(*) from person_versions").await, 3);
    let mut tx = portal.begin("904").await;
    for (on, title) in [("2019-01-01", "Old"), ("2025-12-31", "Old"), ("2026-01-01", "New")] {
        let found = changeover::positions::store::find(&mut tx, "77", on.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(found.title(), title, "{on}");
    }
    tx.rollback().await.unwrap();
    // The same id and start replaces; an earlier version does not become today's.
    let report = load(&portal, 2, "GOC", &[person("55", "20200101", "Núñez")]).await;
    assert_eq!((report.success, report.unchanged), (1, 0));
    assert!(portal.text(today).await.starts_with("O'Brien/"));
    let report = load(&portal, 3, "GOC", &[person("55", "20260101", "O'Brien-Hall")]).await;
    assert_eq!(report.success, 1);
    assert!(portal.text(today).await.starts_with("O'Brien-Hall/"));
    // The day comes on which the next version begins.
    let mut tx = portal.begin("904").await;
    let day = "2027-01-02".parse().unwrap();
    assert_eq!(changeover::people::store::roll_forward(&mut tx, day, portal.app.now()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(portal.text(today).await.starts_with("Later/"));
}

#[sqlx::test]
async fn only_delete_records_end_anything_and_absence_is_counted(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let all = [
        organisation("1", "904 Trust"),
        person("55", "20200101", "Stays"),
        person("56", "20200101", "Goes"),
        position("77", "20200101", "47121231", "0021|Post|001|Urology"),
        line("PHA", 7, &[(1, "56"), (2, "9"), (4, "07700 900001"), (5, "20200101")]),
    ];
    load(&portal, 1, "GOF", &all).await;
    let report = load(&portal, 2, "GOF", &all[..2]).await;
    assert_eq!((report.success, report.unchanged), (2, 2));
    assert_eq!(portal.count("select count(*) from people where deleted_at is null").await, 2);
    let absent = portal.text("select detail->>'absent' from file_vpds order by file_id desc limit 1").await;
    let absent: serde_json::Value = serde_json::from_str(&absent).unwrap();
    assert_eq!((&absent["people"], &absent["positions"], &absent["locations"]), (&1.into(), &1.into(), &0.into()));

    let deletes = ["PRD~56", "POD~77", "PRD~56", "PHD~9", "ORD~404"].map(str::to_owned);
    let report = load(&portal, 3, "GOC", &deletes).await;
    assert_eq!((report.success, report.unchanged, report.fail), (5, 3, 0), "{report:?}");
    assert_eq!(portal.count("select count(*) from people where deleted_at is null").await, 1);
    assert_eq!(portal.count("select count(*) from person_phones").await, 0);
    assert_eq!(portal.count("select count(*) from positions where deleted_at is not null").await, 1);
    assert_eq!(portal.count("select count(*) from position_directory where effective_to < '2026-05-06'").await, 1);
    // Sent again after its delete, in one file: the order of the records decides.
    let report = load(&portal, 4, "GOC", &[all[2].clone(), "PRD~56".to_owned(), all[2].clone()]).await;
    assert_eq!((report.success, report.unchanged), (3, 0), "{report:?}");
    assert_eq!(portal.count("select count(*) from people where deleted_at is null").await, 2);
}

#[sqlx::test]
async fn file_13_a_bad_record_is_rejected_and_the_good_ones_load(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let records = [
        organisation("1", "904 Trust"),
        person("55", "20260230", "Bad date"),
        person("", "20260101", "No id"),
        format!("{}~", person("56", "20260101", "Too many")),
        "XYZ~1".to_owned(),
        "VHA~1~whatever".to_owned(),
        person("57", "20260101", "Good"),
        person("58", "20260101", "Good too").replace("~47121231~", "~2026-01-01~"),
    ];
    let report = load(&portal, 1, "GOF", &records).await;
    assert_eq!((report.records, report.success, report.fail, report.warnings), (8, 4, 4, 1), "{report:?}");
    let said: Vec<(i32, String)> = sqlx::query_as(
        "select record_no, messages->0->>'text' from file_records where messages <> '[]' order by record_no",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    assert_eq!(
        said,
        [
            (2, "EffectiveStartDate “20260230” is not a date (YYYYMMDD). Record rejected.".to_owned()),
            (3, "Mandatory item PersonId not supplied. Record rejected.".to_owned()),
            (4, "PRA has 45 columns; 44 are expected. Record rejected.".to_owned()),
            (5, "Record type “XYZ” is not one of the Generic Outbound file. Record rejected.".to_owned()),
            (8, "EffectiveEndDate “2026-01-01” is not a date (YYYYMMDD). The value will be ignored.".to_owned()),
        ]
    );
    assert_eq!(portal.text("select outcome from file_records where record_no = 6").await, "skipped");
}

#[sqlx::test]
async fn a_position_of_another_employer_is_rejected_and_operators_are_told(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.run_jobs().await;
    let records = [position("9041003", "20200101", "47121231", "0021|Claimed|001|Urology"), organisation("2", "Ours")];
    let name = "GO_917_EXP_GOC_20260505_00000002.DAT";
    let report = portal.receive(name, framed(name, "917", &records)).await;
    assert_eq!((report.success, report.fail), (1, 1));
    assert_eq!(portal.text("select codes[1] from file_records where outcome = 'failed'").await, "G007");
    assert_eq!(portal.count("select count(*) from positions where vpd = '917' and position_id = '9041003'").await, 0);
    portal.run_jobs().await;
    let items = portal.items("0").await;
    assert!(items.iter().any(|item| item.1.contains("claims position of another employer")), "{items:?}");
}

#[sqlx::test]
async fn special_categories_are_kept_apart(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.receive_sample(FULL).await;
    assert_eq!(portal.count("select count(*) from person_equality where ethnic_origin = 'A'").await, 40);
    let leaked = "select count(*) from person_versions where record ?| array['EthnicOrigin', 'MaritalStatus', 'CountryOfBirth', 'DisabilityFlag']";
    assert_eq!(portal.count(leaked).await, 0);
}
