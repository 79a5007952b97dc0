//! The DPN report in all its forms, and the settling of what it finds.

use changeover::access::Right;
use changeover::dpn_report;
use changeover::spreadsheets;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn the_statistics_are_those_of_the_samples(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(crate::support::files::sample("expected.json")).unwrap()).unwrap();
    for vpd in ["904", "917", "931"] {
        let mut tx = portal.begin(vpd).await;
        let report = dpn_report::read(&mut tx, portal.app.today(), portal.app.now()).await.unwrap();
        let found = serde_json::to_value(report.quality.statistics).unwrap();
        for (name, wanted) in expected["dpn_report"][vpd].as_object().unwrap() {
            assert_eq!(&found[name], wanted, "{vpd} {name}");
        }
    }
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/dpn-report").await;
    page.assert_ok();
    assert_eq!(page.texts(".app-card__number"), ["70", "2", "4", "3"]);
    // A figure opens the list that it counts.
    for (figure, rows) in [(3, 4), (4, 3)] {
        let list = page.attr(&format!(".app-cards > :nth-child({figure}) a"), "href");
        assert_eq!(works.get(&list).await.texts("tbody tr").len(), rows, "{list}");
    }
    let clean = portal.sign_in("917", Right::BiAdministration).await.get("/positions/dpn-report").await;
    assert!(clean.body.contains("Ready for go-live"));
}

// CSV-2, XLSX-8
#[sqlx::test]
async fn the_report_is_a_workbook_a_table_and_a_document(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    sqlx::query("update positions set name = '=cmd|x|024|' || name where position_id = '9041005'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let workbook = officer.get("/positions/dpn-report/report.xlsx").await;
    workbook.assert_ok();
    assert_eq!(workbook.header("content-disposition").unwrap(), "attachment; filename=\"DPN_904_20260506.xlsx\"");
    assert!(workbook.bytes.starts_with(b"PK"));
    let table = spreadsheets::read(&officer.get("/positions/dpn-report/report.csv").await.bytes, 1000).unwrap();
    assert_eq!(table.columns[..5], ["VPD", "Position Number", "Position Name", "DPN", "Managing Deanery Body"]);
    assert!(table.rows.len() >= 70);
    assert!(table.rows.iter().any(|row| row.cells[2].starts_with("=cmd|x")), "read again as it was");
    let text = officer.get("/positions/dpn-report/report.csv").await.body.clone();
    assert!(text.contains("\"'=cmd|x"), "and no formula");
    let document = officer.get("/positions/dpn-report/report.pdf").await;
    assert!(document.bytes.starts_with(b"%PDF-1.7"), "{}", document.status);
    assert_eq!(portal.audit("904").await.iter().filter(|event| *event == "list_exported").count(), 4);
}

#[sqlx::test]
async fn a_number_on_two_positions_is_settled_on_one_page_after_a_dry_run(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/dpn-report/duplicates").await;
    // Who is proposed to keep it is of the number's grade.
    let of_year_two = works.get("/positions/dpn-report/settle?dpn=KSS%2FR9A01%2F023%2FFY2%2F003").await;
    assert_eq!(of_year_two.attr("input[name=keep][checked]", "value"), "9041002");
    let settle = page.attr("main section a.nhsuk-button", "href");
    let page = works.get(&settle).await;
    page.assert_ok();
    let dpn = page.attr("input[name=dpn]", "value");
    let keeps = page.attrs("input[name=keep]", "value");
    let (keep, other) = (keeps[0].clone(), keeps[1].clone());
    let deed = format!("do-{other}");
    let fields = [("dpn", dpn.as_str()), ("keep", &keep), ("from", "6/5/2026"), (&deed, "end")];

    // At an address of its own, so that the browser's buttons lead back to it.
    let check = works.post_to_check("/positions/dpn-report/settle", fields).await;
    check.assert_ok();
    assert!(check.text("main form button").starts_with("Leave the number on position"), "{}", check.words());
    let change = check.attr(".app-actions a", "href");
    assert!(works.get(&change).await.has(&format!("input[name='{deed}'][value='end'][checked]")));
    assert!(check.body.contains("Nothing is changed yet") && check.body.contains("5 May 2026"), "{}", check.words());
    assert_eq!(portal.count("select count(*) from position_changes").await, 0, "a dry run");
    let mut sure = fields.to_vec();
    sure.push(("confirmed", "yes"));
    works.post("/positions/dpn-report/settle", sure).await.assert_redirect();
    let page = works.get("/positions/dpn-report").await;
    assert_eq!(page.texts(".app-card__number")[1], "1");
    let undo = page.attr("#banner form", "action");
    works.press(&undo).await.assert_redirect();
    assert_eq!(works.get("/positions/dpn-report").await.texts(".app-card__number")[1], "2");

    // Moved to a third position: both of the others lose it, and the third has it.
    let third =
        [("dpn", dpn.as_str()), ("keep", "other"), ("other", "29040069"), ("from", "6/5/2026"), ("confirmed", "yes")];
    let page = works.post("/positions/dpn-report/settle", third).await;
    page.assert_redirect();
    let moved = portal
        .text("select dpn from positions where position_number = '29040069' order by effective_from desc limit 1")
        .await;
    assert_eq!(changeover::positions::dpn::key(&moved), changeover::positions::dpn::key(&dpn));
    let nowhere = [("dpn", dpn.as_str()), ("keep", "other"), ("other", "1"), ("from", "6/5/2026")];
    assert_eq!(works.post("/positions/dpn-report/settle", nowhere).await.status, 422);
}

#[sqlx::test]
async fn the_deanery_is_asked_for_a_number_in_words_and_not_for_what_is_ours(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let sql = "insert into managing_body_contacts (contact_id, body_code, purpose, address, valid_from)
               values (gen_random_uuid(), 'KSS', 'data_quality', 'data@deanery.example', '2020-01-01');
               update positions set dpn = E'KSS/R9A01/024\\t/STR/006', managing_body = 'KSS', host_or_lead = null where position_id = '9041006';
               update positions set host_or_lead = 'host' where position_id = '9041007'";
    sqlx::raw_sql(sql).execute(&portal.owner).await.unwrap();
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/dpn-report/all?problem=D3").await;
    let mails = page.attrs("a[href^='mailto:data']", "href");
    let mail = mails.iter().find(|mail| mail.contains("29040006")).unwrap();
    let mail = url::form_urlencoded::parse(mail.split_once('?').unwrap().1.as_bytes()).last().unwrap().1.into_owned();
    assert!(mail.contains("KSS/R9A01/024[tab]/STR/006") && !mail.contains('⇥'), "{mail}");
    assert!(!mail.contains("Host/Lead"), "{mail}");
}

#[sqlx::test]
async fn the_night_keeps_its_count_and_tells_those_who_keep_positions(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    for _ in 0..2 {
        dpn_report::queue(&portal.app, portal.app.today()).await.unwrap();
        portal.run_jobs().await;
    }
    assert_eq!(portal.count("select count(*) from dpn_report_counts").await, 3);
    let told = portal.inbox("904").await;
    assert_eq!(told.iter().filter(|title| *title == "DPN report: 9 issues in VPD 904").count(), 1, "{told:?}");
    assert!(!portal.inbox("917").await.iter().any(|title| title.starts_with("DPN report")));
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    assert!(works.get("/positions/dpn-report").await.body.contains("<svg"));
    works.get("/inbox").await.assert_ok();
}

#[sqlx::test]
async fn the_forecast_says_which_posts_would_be_held_and_why(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    sqlx::query("update assignments set position_id = '9041003' where vpd = '904'")
        .execute(&portal.owner)
        .await
        .unwrap();
    sqlx::query(
        "insert into position_directory (position_id, effective_from, vpd, position_number, dpn_key) values ('1', '2020-01-01', '917', '1', 'KSS/R9A01/024/STR/004')",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/forecast").await;
    page.assert_ok();
    let text = page.words();
    assert!(text.contains("Would be held (1)") && text.contains("40 doctors are on it"), "{text}");
    assert!(text.contains("1 position of another employer bears the number too"), "{text}");
}

#[sqlx::test]
async fn a_post_that_is_held_now_is_the_first_of_the_forecast(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002696.DAT").await;
    portal.run_jobs().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/forecast").await;
    assert_eq!(page.assert_ok().texts("main h2")[0], "Held now (1)");
    assert!(page.words().contains("41 records wait in"), "{}", page.words());
    let other = portal.sign_in("931", Right::LocalWorkstructuresAdministration).await;
    assert!(!other.get("/positions/forecast").await.words().contains("Held now"));
}
