//! What people would lose by a change is said before it is made, whichever way it comes.

use changeover::access::Right;
use sqlx::PgPool;

use crate::deanery_changes::{link, notification, told};
use crate::support::{Page, Portal};

/// The number of position 29040003, for which Davies applies.
const HELD: &str = "KSS/R9A01/024/STR/004";

/// A portal with the employers and the applicants of the main sample.
async fn with_applicants(pool: PgPool) -> Portal {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    portal.run_jobs().await;
    portal
}

fn says_what_is_lost(page: &Page) {
    let words = page.words().replace("/ ", "/");
    assert!(words.contains(&format!("Position 29040003 has the Deanery Post Number {HELD} now")), "{words}");
    assert!(words.contains("and 1 applicant starts on it later"), "{words}");
}

#[sqlx::test]
async fn a_number_is_replaced_from_no_place_without_saying_whose_it_is(pool: PgPool) {
    let portal = with_applicants(pool).await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let changes = "select count(*) from position_changes where undone_at is null";

    // On the position's own page.
    let path = "/positions/9041003/edit";
    let shown = works.get(path).await;
    let text = |name: &str| shown.attr(&format!("#{name}"), "value");
    let (name, site, fte) = (text("name"), text("workplace_code"), text("budgeted_fte"));
    let (kind, hiring) = (text("position_type"), text("hiring_status"));
    let body = shown.attr("#managing_deanery_body option[selected]", "value");
    let role = shown.attr("#job_role option[selected]", "value");
    let typed = [
        ("effective_from", "6/5/2026"),
        ("deanery_post_number", "KSS/R9A01/024/STR/777"),
        ("managing_deanery_body", &body),
        ("name", &name),
        ("job_role", &role),
        ("workplace_code", &site),
        ("budgeted_fte", &fte),
        ("position_type", &kind),
        ("hiring_status", &hiring),
    ];
    let page = works.post(path, typed).await;
    assert_eq!(page.text("h1"), "Check the change of position 29040003", "{}", page.words());
    says_what_is_lost(&page);

    // From the deanery's list.
    let list = "deanery_post_number,specialty\nKSS/R9A01/024/STR/777,Paediatrics\n";
    let to = works.upload("/positions/deanery-list", &[], &[("file", "kss.csv", list.as_bytes())]).await;
    let to = format!("{}/posts/2/assign", to.assert_redirect());
    let page = works.post(&to, [("position_number", "29040003"), ("from", "6/5/2026")]).await;
    assert_eq!(page.status, 422);
    says_what_is_lost(&page);
    assert!(page.words().contains(&format!("Replace {HELD} with KSS/R9A01/024/STR/777")), "{}", page.words());
    assert_eq!(page.attr("#position_number", "value"), "29040003", "what was typed stays");
    let seen = page.attr("#confirmed", "value");
    let other = [("position_number", "29040006"), ("from", "6/5/2026"), ("confirmed", &seen)];
    assert_eq!(works.post(&to, other).await.status, 422, "ticked for another position");
    assert_eq!(portal.count(changes).await, 0);
    let sure = [("position_number", "29040003"), ("from", "6/5/2026"), ("confirmed", &seen)];
    works.post(&to, sure).await.assert_redirect();
    assert_eq!(portal.count(changes).await, 1);
    let undo = works.get("/positions").await.attr("#banner form", "action");
    works.press(&undo).await.assert_redirect();

    // From a notification, where it is undone too.
    told(&portal, 2701, &[notification("5", "KSS/R9A01/052/STR/301", &[])]).await;
    let item = link(&portal, "dit_newpost").await;
    let page = works.post(format!("{item}/link"), [("position_number", "29040003")]).await;
    assert_eq!(page.status, 422);
    says_what_is_lost(&page);
    let seen = page.attr("#confirmed", "value");
    let sure = [("position_number", "29040003"), ("confirmed", seen.as_str())];
    works.post(format!("{item}/link"), sure).await.assert_redirect();
    let page = works.get("/positions/9041003").await;
    assert!(page.has(&format!("main a[href='{item}']")) && !page.has("form[action^='/positions/changes/']"));
    let change = portal.text("select change_id::text from position_changes where source = 'item'").await;
    let page = works.press(format!("/positions/changes/{change}/undo")).await;
    assert_eq!((page.status, page.text("h1").as_str()), (409, "This is undone elsewhere"));
    assert!(page.has(&format!("main a[href='{item}']")));
}

#[sqlx::test]
async fn a_mass_update_says_for_whom_a_row_takes_the_post_away(pool: PgPool) {
    let portal = with_applicants(pool).await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let two: Vec<String> = sqlx::query_scalar(
        "select position_number from applications where vpd = '904' and hire_on = '2026-08-05' and status = 'preferred_applicant'
          group by 1 having count(*) = 1 order by 1 limit 2",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    let file = format!(
        "vpd,position_number,action,deanery_post_number,managing_deanery_body,host_lead_status,effective_from,note\r\n\
         904,{},END_DATE,,,,2026-07-31,\r\n904,{},CLEAR,,,,2026-06-01,\r\n",
        two[0], two[1]
    );
    let to = works.upload("/positions/mass-update", &[], &[("file", "mass.csv", file.as_bytes())]).await;
    let to = to.assert_redirect().to_owned();
    let page = works.get(&to).await;
    assert_eq!(page.words().matches("1 applicant starts on it later").count(), 2, "{}", page.words());
    assert!(page.words().contains("Rows to look at"));
    let file = works.get(format!("{to}/file.csv")).await.body.clone();
    assert_eq!(file.matches("1 applicant starts on it later").count(), 2, "{file}");
    assert_eq!(portal.count("select count(*) from position_changes").await, 0, "a dry run");
}
