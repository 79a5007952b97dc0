//! The rotation board and the deanery's grid: who leaves, stays and comes, what changed, and any past day's grid again.

use changeover::access::Right;
use sqlx::PgPool;

use crate::deanery_changes::{DAVIES, POST, column, grid_row, notification, told, with_davies};
use crate::support::Portal;

const SINGH: (&str, &str, &str) = ("Singh", "Chloe", "9841235");
const NOBODY: (&str, &str, &str) = ("", "", "");
const VACANT: &str = "KSS/R9A01/052/FY1/005";

async fn ground(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    with_davies(&portal).await;
    told(
        &portal,
        2701,
        &[grid_row(POST, SINGH, "20260804", DAVIES, "20260805"), grid_row(VACANT, SINGH, "20260804", NOBODY, "")],
    )
    .await;
    portal
}

fn line(page: &crate::support::Page, dpn: &str) -> String {
    let rows = page.texts("tbody tr");
    rows.into_iter().find(|row| row.replace(' ', "").contains(dpn)).unwrap_or_else(|| panic!("no {dpn}"))
}

#[sqlx::test]
async fn the_board_of_the_next_changeover_shows_who_leaves_and_who_comes(pool: PgPool) {
    let portal = ground(pool).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = officer.get("/rotation?all=yes").await;
    page.assert_ok();
    assert_eq!(page.text("h1"), "Changeover on 5 August 2026");
    let post = line(&page, POST);
    assert!(post.contains("Singh, Chloe") && post.contains("until 4 Aug 2026"), "{post}");
    assert!(post.contains("Davies, Yusuf") && post.contains("from 5 Aug 2026, Preferred Applicant"), "{post}");
    let vacant = line(&page, VACANT);
    assert!(vacant.contains("Gap") && vacant.contains("Nobody comes after"), "{vacant}");
    assert!(page.body.contains("may or may not mean a vacancy"));

    let gaps = officer.get("/rotation?show=gap&q=052%2FFY1%2F005").await;
    assert_eq!(gaps.texts("tbody tr").len(), 1);
    let none = officer.get("/rotation?q=nothing-like-it").await;
    assert!(none.body.contains("No post matches"));
    assert_eq!(officer.get("/rotation?specialty=024&show=changed").await.texts("tbody tr").len(), 1);
}

#[sqlx::test]
async fn the_board_narrows_to_days_and_leads_who_may_to_ending_or_extending_a_record(pool: PgPool) {
    let portal = ground(pool).await;
    sqlx::query(
        "update assignments a set effective_from = '2025-08-06', contract_end_on = '2026-08-04', effective_to = null
          where a.vpd = '904' and a.assignment_id = (select min(assignment_id) from assignments where vpd = '904')",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    sqlx::query(
        "update assignments set position_id = (select position_id from positions where vpd = '904' and dpn_key = $1 limit 1)
          where vpd = '904' and contract_end_on = '2026-08-04'",
    )
    .bind(POST)
    .execute(&portal.owner)
    .await
    .unwrap();
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let both = portal.sign_in("904", [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment]).await;
    let way = "a[href^='/doctors/'][href*='/leaving?then=%2Frotation%3Fon%3D2026-08-05']";
    assert!(both.get("/rotation?all=yes").await.has(way) && !officer.get("/rotation?all=yes").await.has(way));

    // Back to the board as it was filtered, and so is taking it back; on paper neither this way nor the downloads are shown.
    let narrow = both.get("/rotation?q=singh").await;
    assert!(narrow.has(&format!("{}[href$='%26q%3Dsingh']", way)), "{}", narrow.body);
    assert!(narrow.has(&format!(".app-no-print {way}")) && narrow.has(".app-no-print a[href^='/rotation/board.csv']"));
    assert!(narrow.words().contains("Narrowed to: \u{201c}singh\u{201d}"), "{}", narrow.words());
    assert_eq!(narrow.attr("a.app-no-print", "href"), "/rotation?on=2026-08-05", "Clear");
    // Paper hides the footer, so what marks it stands outside.
    let marking = narrow.text("body > .app-marking");
    assert!(marking.contains("Official - sensitive: personal. Printed by") && marking.contains(", 904 "), "{marking}");
    assert!(!narrow.has("footer .app-print-only"));

    let within = officer.get("/rotation?from=5%2F8%2F2026&to=5%2F8%2F2026").await;
    assert!(line(&within, POST).contains("Davies, Yusuf"));
    let all = officer.get("/rotation?all=yes").await.texts("tbody tr").len();
    assert!(within.texts("tbody tr").len() < all);
    assert!(officer.get("/rotation?from=1%2F9%2F2027").await.body.contains("No post matches"));
    let refused = officer.get("/rotation?from=soon").await;
    assert_eq!((refused.status, refused.has("#from-error")), (422, true));
    let turned = officer.get("/rotation?from=6%2F8%2F2026&to=5%2F8%2F2026").await;
    assert_eq!(turned.text("#to-error"), "Error: The last day must not be before the first");
}

#[sqlx::test]
async fn a_holder_who_is_named_but_not_here_says_so(pool: PgPool) {
    let portal = ground(pool).await;
    told(&portal, 2702, &[grid_row(POST, SINGH, "20260804", ("Ghosh", "Lowri", "9123646"), "20260805")]).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let post = line(&officer.get("/rotation").await, POST);
    assert!(post.contains("Ghosh, Lowri") && post.contains("no application yet"), "{post}");
    assert!(post.contains("Shared"), "two come: {post}");
    let grid = officer.get("/rotation/grid").await;
    assert!(grid.body.contains("Older notice"), "the row that named Davies says that it is older");
}

/// Domain §10: blank holders, changed cells, and a past day's grid again.
#[sqlx::test]
async fn the_grid_says_what_changed_and_any_past_one_can_be_opened(pool: PgPool) {
    let portal = ground(pool).await;
    told(&portal, 2702, &[grid_row(POST, SINGH, "20260901", DAVIES, "20260902")]).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let full = officer.get("/rotation/grid").await;
    assert_eq!(full.texts("tbody tr").len(), 2);
    assert!(line(&full, VACANT).contains("Not supplied") && line(&full, VACANT).contains("Not Known"));
    assert!(line(&full, VACANT).contains("Nobody named") && !line(&full, POST).contains("Nobody named"));
    let davies = portal.text("select '/doctors/' || person_id from applications").await;
    assert!(full.has(&format!("tbody a[href='{davies}']")), "the next holder leads to the application");
    let first = |page: &crate::support::Page| page.texts("tbody tr").remove(0).replace(' ', "");
    assert!(first(&full).contains(POST));
    assert!(first(&officer.get("/rotation/grid?order=end").await).contains(VACANT), "who ends first");
    assert_eq!(officer.get("/rotation/grid?specialty=Nothing").await.texts("tbody tr").len(), 0);
    assert!(full.body.contains("Date generated: 2026/05/06 "));
    let changed = officer.get("/rotation/grid?view=changed").await;
    assert_eq!(changed.texts("tbody tr").len(), 1);
    let row = line(&changed, POST);
    assert!(row.contains("01-SEP-2026") && row.contains("was 2026-08-04"), "{row}");
    let earlier = officer.get("/rotation/grid?grid=1").await;
    assert!(earlier.body.contains("You are looking at the grid of 6 May 2026"));
    assert!(line(&earlier, POST).contains("04-AUG-2026"));
    assert_eq!(officer.get("/rotation/grids").await.texts("tbody tr").len(), 2);
    assert_eq!(officer.get("/rotation/grid?grid=99").await.status, 404);
    assert_eq!(officer.get("/rotation/grid?on=2026-01-01").await.status, 200, "before the first there is none");
    assert_eq!(officer.get("/rotation/grid?next=vacant").await.texts("tbody tr").len(), 1);
    assert_eq!(officer.get("/rotation/grid?end_from=1%2F9%2F2026").await.texts("tbody tr").len(), 1);
}

/// CSV-2, TEN-7: both blocks with the columns of the source, no cell a formula, nobody else's rows, each download recorded.
#[sqlx::test]
async fn csv_2_the_grid_goes_out_with_both_blocks_and_no_formula(pool: PgPool) {
    let portal = ground(pool).await;
    let evil = notification(
        "1",
        POST,
        &[(column::CURRENT_LAST, "=cmd|'/c calc'!A0"), (column::CURRENT_FIRST, "+1"), (column::NEXT_LAST, "@SUM(A1)")],
    );
    told(
        &portal,
        2702,
        &[evil, grid_row("KSS/R9B01/024/STR/004", ("Canary", "Other", "9000001"), "20260804", NOBODY, "")],
    )
    .await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let csv = officer.get("/rotation/export.csv").await;
    assert_eq!(csv.status, 200);
    let text = &csv.body;
    assert!(
        text.contains("Date generated: 2026/05/06 ") && text.contains("Full listing (includes changed records)"),
        "{text}"
    );
    assert_eq!(text.matches("\"ESR Position\",\"TPN Number\",\"Place of Work\"").count(), 2);
    assert!(text.contains("\"'=cmd|") && text.contains("\"'+1\"") && text.contains("\"'@SUM"), "{text}");
    assert!(!text.contains("Canary"), "TEN-7: only this employer's rows");
    assert!(csv.header("content-disposition").unwrap().contains("DE_KSS_904_MEDROT_20260506.csv"));
    let xlsx = officer.get("/rotation/export.xlsx?next=vacant").await;
    assert_eq!((xlsx.status, &xlsx.bytes[..2]), (200, &b"PK"[..]));
    let exported = portal.audit("904").await.into_iter().filter(|event| event == "rotation_exported").count();
    assert_eq!(exported, 2);
    let stranger = portal.sign_in("931", Right::MedicalStaffingOfficer).await;
    assert!(stranger.get("/rotation/grid").await.body.contains("No grid has come"));
    assert_eq!(stranger.get("/rotation/export.csv").await.status, 404);
}

/// DOS-3: nine hundred posts are searched whole, shown by the hundred, and printed on one page.
#[sqlx::test]
async fn dos_3_nine_hundred_posts_come_by_the_hundred_and_on_one_page_to_print(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.organisation("905", "Many Posts").await;
    let sql = "insert into positions (vpd, position_id, effective_from, position_number, name, dpn, dpn_key, record, digest)
               select '905', (9050000 + n)::text, '2020-01-01', (29050000 + n)::text, n || '|Specialty Registrar|024|Paediatrics',
                      'KSS/R9D01/024/STR/' || n, 'KSS/R9D01/024/STR/' || n, '{}', '\\x00' from generate_series(1, 900) n";
    sqlx::query(sql).execute(&portal.owner).await.unwrap();
    let officer = portal.sign_in("905", Right::MedicalStaffingOfficer).await;
    let page = officer.get("/rotation").await;
    page.assert_ok();
    assert_eq!(page.texts("tbody tr").len(), 100);
    assert!(page.text("caption").contains("900 posts of 900, page 1 of 9"), "{}", page.text("caption"));
    let last = officer.get("/rotation?host=none&page=9").await;
    assert_eq!(last.texts("tbody tr").len(), 100);
    assert!(last.has("a[href='/rotation?host=none&page=8']") && last.has("a[href='/rotation?host=none']"));
    // A page that is not there is the nearest that is.
    assert_eq!(officer.get("/rotation?page=77").await.texts("tbody tr").len(), 100);
    assert!(last.has("a[href='/rotation?host=none&all=yes']"));
    assert_eq!(officer.get("/rotation?host=none&all=yes").await.texts("tbody tr").len(), 900);
    // A search goes over all of them.
    let found = officer.get("/rotation?q=KSS%2FR9D01%2F024%2FSTR%2F900").await;
    assert_eq!(found.texts("tbody tr").len(), 1);
    assert!(!found.body.contains("on one page"));
}

/// Who withdrew does not arrive, who comes to no post of ours is not lost, and names are found in any order.
#[sqlx::test]
async fn the_board_loses_nobody_and_goes_out_as_it_is_filtered(pool: PgPool) {
    let portal = ground(pool).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    for q in ["yusuf+davies", "Davies%2C+Yusuf", "DAVIES", "977+98+58", "9779858"] {
        let page = officer.get(format!("/rotation?on=2026-08-05&q={q}")).await;
        assert!(page.texts("tbody tr").iter().any(|row| row.contains("Davies, Yusuf")), "{q}");
    }
    let csv = officer.get("/rotation/board.csv?on=2026-08-05&q=yusuf+davies&page=9").await;
    assert_eq!(csv.status, 200);
    assert!(csv.header("content-disposition").unwrap().contains("2026-08-05-filtered.csv"));
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert!(csv.body.contains("Davies, Yusuf (GMC 9779858), from 5 Aug 2026, Preferred Applicant"), "{}", csv.body);
    assert!(
        csv.body.lines().next().unwrap().ends_with(r#""Arriving: name","Arriving: GMC number","Arriving: first day""#)
    );
    assert!(csv.body.contains(r#""Singh, Chloe","","2026-08-04""#), "{}", csv.body);
    assert!(csv.body.trim_end().ends_with(r#""Davies, Yusuf","9779858","2026-08-05""#), "{}", csv.body);
    let whole = officer.get("/rotation/board.csv?on=2026-08-05").await;
    let name = whole.header("content-disposition").unwrap().to_owned();
    assert!(name.contains("changeover-904-") && !name.contains("filtered"), "{name}");
    assert_eq!(officer.get("/rotation/board.xlsx?show=gap").await.status, 200);
    assert_eq!(officer.get("/rotation/board.csv?from=soon").await.status, 400);
    assert_eq!(portal.audit("904").await.iter().filter(|event| *event == "rotation_exported").count(), 3);
    for path in ["/rotation/grid?end_from=31%2F2%2F2026", "/rotation/grid?end_from=2%2F8%2F2026&end_to=1%2F8%2F2026"] {
        assert_eq!(officer.get(path).await.status, 422, "{path}");
    }
    assert_eq!(officer.get("/rotation/export.csv?end_from=31%2F2%2F2026").await.status, 400);

    sqlx::query("update applications set status = 'withdrawn' where vpd = '904' and dpn = $1")
        .bind(POST)
        .execute(&portal.owner)
        .await
        .unwrap();
    let post = line(&officer.get("/rotation?all=yes").await, POST);
    assert!(post.contains("Nobody: Davies, Yusuf withdrew") && post.contains("Gap"), "{post}");

    sqlx::query("update applications set status = 'offer_accepted', dpn = 'KSS/R9A01/024/STR/999' where vpd = '904' and dpn = $1")
        .bind(POST)
        .execute(&portal.owner)
        .await
        .unwrap();
    let page = officer.get("/rotation?on=2026-08-05").await;
    let callout = page.text(".nhsuk-warning-callout");
    assert!(callout.contains("Davies, Yusuf") && callout.replace(' ', "").contains("STR/999"), "{callout}");
    assert!(page.has(".nhsuk-warning-callout a[href^='/doctors/']"));
}
