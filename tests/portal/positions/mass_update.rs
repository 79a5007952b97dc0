//! Many positions changed by a spreadsheet: checked first, done by the same code, given back with reasons, undone whole.

use changeover::access::Right;
use changeover::spreadsheets::{self, Cell, Sheet};
use sqlx::PgPool;

use crate::support::{Portal, Visitor};

const HEAD: &str =
    "vpd,position_number,action,deanery_post_number,managing_deanery_body,host_lead_status,effective_from,note";

async fn works(portal: &Portal) -> Visitor {
    portal.load_employers().await;
    portal.sign_in("904", Right::LocalWorkstructuresAdministration).await
}

async fn upload(visitor: &Visitor, name: &str, bytes: &[u8]) -> crate::support::Page {
    visitor.upload("/positions/mass-update", &[], &[("file", name, bytes)]).await
}

// 32, 33 of the edge cases; CSV-1, XLSX-8; AUTHZ-5: what is done or taken back is not done again; TEN-5: a row of another employer changes nothing
#[sqlx::test]
async fn a_file_is_checked_row_by_row_then_done_and_undone_whole(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let works = works(&portal).await;
    let text = format!(
        "\u{feff}{HEAD}\r\n\
         904,29040003,SET,KSS/R9A01/001/STR/001,KSS,,2026-06-01,taken by another\r\n\
         904,29040004,SET,KSS/R9A01/052/FY1/900,KSS,Host Employer,5/8/2026,\"a note, with a comma\"\r\n\
         \r\n\
         904,29040006,CLEAR,,,,2026-06-01,\r\n\
         904,29040007,SET,KSS/R9A01/001/FY1/008,KSS,,2026-06-01,so already\r\n\
         904,29040008,END_DATE,,,,2026-07-31,\r\n\
         904,29040009,SET,KSS/R9A01/100/STR/007,KSS,,2026-06-01,freed by the row of 29040006\r\n\
         917,29170001,CLEAR,,,,,\r\n\
         904,1,CLEAR,,,,,\r\n\
         904,29040010,SET,MER//123/123,,,,\r\n\
         904,29040011,SET,KSS/R9A01/1/2/3,KSS,,,\r\n\
         904,29040012,SET,kss/r9a01/1/2/3,KSS,,,\r\n"
    );
    let to = upload(&works, "mass.csv", text.as_bytes()).await.assert_redirect().to_owned();
    let page = works.get(&to).await;
    page.assert_ok();
    assert_eq!(page.text(".app-lede"), "11 rows: 4 will change a position, 1 already so, 6 with errors");
    assert_eq!(portal.count("select count(*) from position_changes").await, 0, "a dry run");
    let wrong = page.words();
    assert!(wrong.contains("This Deanery Post Number is used by 29040000 Specialty Registrar"), "{wrong}");
    let rows = page.texts("table:first-of-type tbody th");
    let mut each = rows.clone();
    each.dedup();
    assert_eq!(each, ["Row 2", "Row 9", "Row 10", "Row 11", "Row 12", "Row 13"], "as Excel numbers them");
    assert!(wrong.contains("stands in row 13 too") && wrong.contains("stands in row 12 too"), "{wrong}");

    works.post(format!("{to}/apply"), [("when", "now")]).await.assert_redirect();
    let page = works.get(&to).await;
    assert_eq!(page.text(".app-lede"), "11 rows: 4 changed a position, 1 already so, 6 with errors");
    assert!(!page.words().contains("would be taken away"), "{}", page.words());
    assert_eq!(portal.count("select count(*) from position_changes where source = 'mass_update'").await, 4);
    assert_eq!(works.post(format!("{to}/apply"), [("when", "now")]).await.status, 409, "once");
    assert_eq!(portal.audit("904").await.iter().filter(|event| event.starts_with("mass_update")).count(), 2);

    // The user's own rows with the reason beside each, and readable again.
    let back = spreadsheets::read(&works.get(format!("{to}/file.csv")).await.bytes, 100).unwrap();
    assert_eq!(back.columns[8..], ["result", "message_code", "message"]);
    assert_eq!(back.rows[0].cells[8..10], ["REJECTED", "DUPLICATE"]);
    assert_eq!(back.rows[1].cells[7..9], ["a note, with a comma", "APPLIED"]);
    assert_eq!(spreadsheets::read(&works.get(format!("{to}/file.xlsx")).await.bytes, 100).unwrap().rows.len(), 11);
    // The empty row of the file stands where it stood.
    let text = works.get(format!("{to}/file.csv")).await.body.clone();
    assert!(
        text.lines().nth(3).unwrap().chars().all(|c| matches!(c, ',' | '"'))
            && text.lines().nth(4).unwrap().contains("29040006"),
        "{text}"
    );
    let again = works.get(format!("{to}/file.csv")).await.bytes;
    let again = upload(&works, "again.csv", &again).await.assert_redirect().to_owned();
    assert!(works.get(&again).await.text(".app-lede").contains("0 will change"), "the same again is unchanged");

    works.press(format!("{to}/undo")).await.assert_redirect();
    assert!(works.get(&to).await.text(".app-lede").contains("4 changed a position and were undone"));
    let back = spreadsheets::read(&works.get(format!("{to}/file.csv")).await.bytes, 100).unwrap();
    assert_eq!(back.rows[1].cells[8], "UNDONE");
    assert_eq!(portal.count("select count(*) from positions where vpd = '904' and split_of is not null").await, 0);
    assert_eq!(
        portal.text("select dpn from positions where position_number = '29040006'").await,
        "KSS/R9A01/100/STR/007"
    );
    assert_eq!(works.press(format!("{to}/undo")).await.status, 409);
}

#[sqlx::test]
async fn each_fault_of_a_row_is_told_with_its_column_and_nobody_loses_a_position_in_the_past(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let works = works(&portal).await;
    let number = portal
        .text(
            "select p.position_number from positions p join assignments a using (vpd, position_id)
              where vpd = '904' and a.effective_from <= '2026-05-06' and a.effective_to is null
                and p.effective_to is null and p.position_number not in ('29040004', '29040006', '29040008') order by 1 limit 1",
        )
        .await;
    let text = format!(
        "{HEAD}\n904,29040004,SET,MER//1/2,,Guest,soon,\n904,29040008,END_DATE,,,,31-AUG-2026,\n904,29040006,CLEAR,,,,20260601,\n\
         904,{number},END_DATE,,,,2026-04-30,\n"
    );
    let to = upload(&works, "mass.csv", text.as_bytes()).await.assert_redirect().to_owned();
    let page = works.get(&to).await;
    assert_eq!(page.text(".app-lede"), "4 rows: 2 will change a position, 0 already so, 2 with errors");
    let table = page.texts("table:first-of-type tbody tr").join(" / ");
    for said in
        ["effective_from", "soon", "host_lead_status", "Guest", "deanery_post_number", "MER//1/2", "its own page"]
    {
        assert!(table.contains(said), "{said}: {table}");
    }
    assert_eq!(page.texts("table:first-of-type tbody tr").len(), 4, "three of the first row, one of the last");
}

#[sqlx::test]
async fn an_update_is_not_undone_once_something_followed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let works = works(&portal).await;
    let text = format!("{HEAD}\n904,29040006,CLEAR,,,,2026-06-01,\n904,29040007,CLEAR,,,,2026-06-01,\n");
    let to = upload(&works, "mass.csv", text.as_bytes()).await.assert_redirect().to_owned();
    works.post(format!("{to}/apply"), [("when", "now")]).await.assert_redirect();
    works.post("/positions/9041006/end", [("end_on", "31/12/2026"), ("confirmed", "yes")]).await.assert_redirect();
    let page = works.press(format!("{to}/undo")).await;
    assert_eq!(page.status, 409);
    assert!(page.words().contains("Position 29040006 was changed again by user1"), "{}", page.words());
    assert_eq!(
        portal.count("select count(*) from position_changes where undone_at is not null").await,
        0,
        "nothing half done"
    );
}

// XLSX-7, CSV-1, BIZ-3
#[sqlx::test]
async fn what_is_not_the_template_is_refused_in_words(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let works = works(&portal).await;
    let many = format!("{HEAD}\n{}", "904,1,CLEAR,,,,,\n".repeat(10_001));
    for (name, bytes, words) in [
        ("a.csv", &b""[..], "The selected file is empty"),
        ("a.csv", b"number,dpn\n1,2\n", "must use the template"),
        ("a.xlsx", b"PK\x03\x04", "cannot be read"),
        ("a.xls", b"\xD0\xCF\x11\xE0 old", "old Excel workbook"),
        ("a.csv", b"<html><body>", "must be a CSV or an Excel workbook"),
        ("a.csv", many.as_bytes(), "more than 10,000 rows"),
    ] {
        let page = upload(&works, name, bytes).await;
        assert_eq!(page.status, 422, "{words}");
        assert!(page.text("#file-error").contains(words), "{words}: {}", page.text("#file-error"));
    }
    assert_eq!(works.upload("/positions/mass-update", &[], &[]).await.status, 422);
    assert_eq!(portal.count("select count(*) from mass_updates").await, 0);
}

#[sqlx::test]
async fn a_large_update_waits_for_the_night_and_can_be_cancelled(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let works = works(&portal).await;
    let template = works.get("/positions/mass-update/template.xlsx").await;
    template.assert_ok();
    let table = spreadsheets::read(&template.bytes, 1000).unwrap();
    assert!(table.rows.len() >= 70 && table.rows.iter().all(|row| row.cells[0] == "904" && row.cells[2] == "SET"));
    let mut rows: Vec<Vec<Cell>> =
        table.rows.iter().map(|row| row.cells.iter().map(|cell| Cell::new(cell.clone())).collect()).collect();
    rows[4][5] = Cell::new("Lead Employer");
    rows.extend((0..60).map(|n| ["904", &format!("{n}"), "CLEAR", "", "", "", "", ""].map(Cell::new).to_vec()));
    let columns = table.columns.iter().map(|name| (name.clone(), 20)).collect();
    let sheet = Sheet { name: "Mass update".into(), columns, rows, ..Sheet::default() };
    let bytes = spreadsheets::xlsx("Test", portal.app.now(), &[sheet]).unwrap();
    let to = upload(&works, "mass.xlsx", &bytes).await.assert_redirect().to_owned();
    works.post(format!("{to}/apply"), [("when", "tonight")]).await.assert_redirect();
    assert!(works.get(&to).await.words().contains("Waits for tonight"));
    portal.run_jobs().await;
    assert_eq!(portal.count("select count(*) from position_changes").await, 0);
    portal.run_jobs_later().await;
    assert_eq!(portal.count("select count(*) from position_changes").await, 1);
    assert!(portal.inbox("904").await.iter().any(|title| title.ends_with("finished: 1 done, 60 rejected")));
    assert_eq!(works.press(format!("{to}/cancel")).await.status, 409);
    let to = upload(&works, "mass.xlsx", &bytes).await.assert_redirect().to_owned();
    works.press(format!("{to}/cancel")).await.assert_redirect();
    assert_eq!(works.post(format!("{to}/apply"), [("when", "now")]).await.status, 409);
}
