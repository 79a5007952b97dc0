//! Two organisations with one thing of each kind: nobody of one reads, counts, exports or changes anything of the other, whatever is asked.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use changeover::access::Right;
use http::{HeaderMap, Method};
use sqlx::{AssertSqlSafe, PgPool};

use super::objects::Objects;
use super::rights_of;
use super::table::{ROUTES, Route};
use crate::support::{Page, Portal, Visitor};

/// What 905 has in every field that a page may show, and 904 has nowhere.
const CANARY: &str = "Canaryword";

/// Every right that an employer's user may hold.
fn every_right() -> Vec<Right> {
    Right::ALL.iter().copied().filter(|right| !right.is_national()).collect()
}

async fn both(portal: &Portal) -> (Objects, Objects) {
    let theirs = Objects::make(portal, "905").await;
    let sql = format!(
        "update interface_files set file_name = 'DE_WAL_APP_{CANARY}.DAT';
         update vpds set name = '{CANARY} trust' where vpd = '905';
         update people set last_name = '{CANARY}', last_name_key = lower('{CANARY}'), first_name = '{CANARY}';
         update positions set name = '{CANARY}|Registrar', dpn = 'WAL/{CANARY}/1/2', dpn_key = upper('WAL/{CANARY}/1/2');
         update applications set dpn = 'WAL/{CANARY}/1/2';
         update items set title = '{CANARY}', person_name = '{CANARY}', dpn = 'WAL/{CANARY}/1/2';
         update messages set title = '{CANARY}';
         update deanery_changes set last_name = '{CANARY}', first_name = '{CANARY}', dpn = 'WAL/{CANARY}/1/2', dpn_key = upper('WAL/{CANARY}/1/2');
         update mass_updates set file_name = '{CANARY}.csv';
         update deanery_lists set file_name = '{CANARY}.csv';
         update api_tokens set supplier = '{CANARY}';
         update emails set to_address = '{CANARY}@trust.example', subject = '{CANARY}';
         update file_records set raw = 'APP~{CANARY}', summary = '{CANARY}';
         update users set name = '{CANARY}' where user_id in (select user_id from user_grants where vpd = '905');"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&portal.owner).await.unwrap();
    (Objects::make(portal, "904").await, theirs)
}

/// All that is 905's, table by table; sessions come and go.
async fn rows_of_905(portal: &Portal) -> BTreeMap<String, String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select t.relname::text from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attname = 'vpd'
          where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace and t.relname <> 'sessions' order by 1",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for table in tables {
        let sql = format!(
            "select coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '') from {table} t where vpd = '905'"
        );
        let digest: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&portal.owner).await.unwrap();
        rows.insert(table, digest);
    }
    rows
}

/// A form that answers whatever is asked, and claims more than it may.
fn claims() -> Vec<(&'static str, &'static str)> {
    vec![
        ("reason", "A reason"),
        ("note", "A note"),
        ("text", "A text"),
        ("confirmed", "yes"),
        ("decision", "discard"),
        ("outcome", "stays"),
        ("when", "now"),
        ("then", "list"),
        ("version", "1"),
        ("shown", "preferred_applicant"),
        ("right", "sys_admin"),
        ("vpd", "905"),
        ("organisation", "905"),
        ("trust_id", "905"),
        ("role", "sys_admin"),
        ("state", "done"),
        ("status", "hired"),
        ("approved_by", "00000000-0000-0000-0000-000000000007"),
        ("decided_by", "00000000-0000-0000-0000-000000000007"),
    ]
}

/// Whether an employer's user may ask for it at all.
fn for_employers(route: &Route) -> bool {
    let may =
        route.needs == "signed in" || rights_of(route).is_some_and(|rights| rights.iter().any(|r| !r.is_national()));
    may && !route.ends_session
}

/// TEN-2 and TEN-4: every form of the program, sent to the other organisation's objects, and to one's own with fields that claim more.
#[sqlx::test]
async fn ten_2_and_4_no_form_changes_a_row_of_another_organisation_or_takes_a_right(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (ours, theirs) = both(&portal).await;
    let before = rows_of_905(&portal).await;
    assert!(before.values().filter(|digest| !digest.is_empty()).count() > 20, "905 has something in most tables");
    let user = portal.user("904", every_right().as_slice()).await;
    let visitor = portal.sign_in_as(&user).await;
    let mut wrong = Vec::new();
    for route in ROUTES.iter().filter(|route| route.method == "POST" && for_employers(route)) {
        for objects in [&theirs, &ours] {
            // A person's or a position's number is each employer's own: the same path names one's own.
            let is_theirs = std::ptr::eq(objects, &theirs) && ours.fill(route.path) != theirs.fill(route.path);
            if std::ptr::eq(objects, &theirs) && !is_theirs {
                continue;
            }
            let path = objects.fill(route.path);
            let status = if route.is_upload {
                visitor.upload(&path, &claims(), &[("file", "a.csv", b"vpd\n905\n")]).await.status
            } else {
                visitor.probe("POST", &path, &claims()).await.0
            };
            if status >= 500 || (is_theirs && !route.is_shared && (200..400).contains(&status)) {
                wrong.push(format!("POST {path} gave {status}"));
            }
        }
        // Who changes the own password or leaves the organisation goes on as before.
        sqlx::query("delete from sign_in_throttles").execute(&portal.owner).await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let after = rows_of_905(&portal).await;
    let changed: Vec<_> =
        before.iter().filter(|(table, digest)| after[*table] != **digest).map(|(table, _)| table).collect();
    assert!(changed.is_empty(), "rows of 905 were changed in {changed:?}");
    assert_eq!(portal.count("select count(*) from user_grants where name = 'sys_admin'").await, 0);
    let own = "select count(*) from user_grants g join users u using (user_id) where g.vpd <> '904' and u.username not in (select username from users where name = 'Canaryword')";
    assert_eq!(portal.count(own).await, 0, "nobody of 904 got anything elsewhere");
}

/// All text of an answer, of every sheet where it is a workbook.
fn all_text(page: &Page) -> String {
    if !page.bytes.starts_with(b"PK") {
        return page.body.replace("<wbr>", "");
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(page.bytes.to_vec())).unwrap();
    let sheets = book.worksheets();
    let cells = sheets.iter().flat_map(|(_, range)| range.rows().flatten());
    cells.map(|cell| format!("{cell}\n")).collect()
}

async fn ask_with_claims(visitor: &Visitor, path: &str) -> Page {
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{separator}vpd=905&organisation=905&trust=905");
    let mut headers = HeaderMap::new();
    for name in ["X-Tenant", "X-VPD", "X-Organisation"] {
        headers.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), "905".parse().unwrap());
    }
    visitor.send(Method::GET, &path, headers, Vec::new()).await
}

/// TEN-3, TEN-6 and TEN-7: lists, counts, searches, exports and pages, with the other organisation claimed in address and header.
#[sqlx::test]
async fn ten_3_6_and_7_no_page_list_or_export_shows_anything_of_another_organisation(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (ours, theirs) = both(&portal).await;
    let user = portal.user("904", every_right().as_slice()).await;
    let visitor = portal.sign_in_as(&user).await;
    let own = portal.user("905", every_right().as_slice()).await;
    let own = portal.sign_in_as(&own).await;
    let (mut leaks, mut shown) = (Vec::new(), 0);
    for route in ROUTES.iter().filter(|route| route.method == "GET" && for_employers(route)) {
        let page = ask_with_claims(&visitor, &ours.fill(route.path)).await;
        if page.status >= 500 {
            leaks.push(format!("{} gave {}", route.path, page.status));
        }
        if all_text(&page).contains(CANARY) || all_text(&page).contains(&CANARY.to_uppercase()) {
            leaks.push(format!("{} shows what is 905's", route.path));
        }
        // The other way round the word is there: the test has teeth.
        let page = own.get(theirs.fill(route.path)).await;
        shown += usize::from(page.status == 200 && all_text(&page).contains(CANARY));
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    assert!(shown >= 20, "905 itself sees its own on {shown} pages only");
    // A search for it finds nothing, and says nothing of another's having it.
    for path in ["/inbox?q=", "/inbox?class=any&state=any&post=", "/doctors?q=", "/positions?q=", "/admin/users?q="] {
        let page = ask_with_claims(&visitor, &format!("{path}{CANARY}")).await;
        let said = all_text(&page).replace(&format!("value=\"{CANARY}\""), "");
        let said = said.matches(CANARY).count();
        assert!(said <= 3, "{path} repeats more than what was searched for: {said}");
        assert!(page.texts("tbody tr").iter().all(|row| !row.contains("Registrar")), "{path}");
    }
}
