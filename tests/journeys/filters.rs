//! The filters above a list: folded on a phone, open on a desk, with and without scripts, and open where one is wrong.

use changeover::access::Right;
use sqlx::PgPool;

use crate::portal::Portal;
use crate::support::{Browser, DESKTOP, PHONE, Walk, Way};

/// A page, the words on its fold, and a field in it.
const LISTS: [(&str, &str, &str); 7] = [
    ("/doctors", "Search and filters", "start_from"),
    ("/doctors/exceptions", "Filters", "start_from"),
    ("/doctors/changes", "Search and filters", "kind"),
    ("/rotation", "Search and filters", "from"),
    ("/rotation/grid", "Search and filters", "end_from"),
    ("/positions", "Search and filters", "on"),
    ("/positions/dpn-report/all", "Filter", "problem"),
];

/// Whether the fold's summary, and the field, can be seen.
async fn seen(browser: &Browser, field: &str) -> (bool, bool) {
    let script = format!(
        "return ['.app-filter__fold > summary', '[name={field}]'].map(css => document.querySelector(css).checkVisibility())"
    );
    let seen = browser.script(&script).await;
    (seen[0].as_bool().unwrap(), seen[1].as_bool().unwrap())
}

#[sqlx::test]
async fn filters_are_folded_on_a_phone_and_open_on_a_desk(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    for file in ["APP_20260506_00002689", "DNC_20260506_00002701"] {
        portal.receive_sample(&format!("DE_KSS_{file}.DAT")).await;
    }
    portal.run_jobs().await;
    let rights = [Right::MedicalStaffingOfficer, Right::LocalWorkstructuresAdministration];
    let user = portal.user_named("maya", "904", rights).await;
    for way in [Way::Mouse, Way::NoScript] {
        let mut walk = Walk::start(&portal, way).await;
        walk.sign_in(&user).await;
        for (page, words, field) in LISTS {
            walk.browser.resize(DESKTOP).await;
            walk.open(page).await;
            assert_eq!(seen(&walk.browser, field).await, (false, true), "{page} on a desk, {way:?}");
            walk.browser.resize(PHONE).await;
            walk.open(page).await;
            assert_eq!(seen(&walk.browser, field).await, (true, false), "{page} on a phone, {way:?}");
            walk.press(words).await;
            assert_eq!(seen(&walk.browser, field).await, (true, true), "{page} opened on a phone, {way:?}");
        }
        // How many are set is said on the fold; a wrong one is in sight.
        walk.open("/rotation?q=Patel&host=none").await;
        walk.sees("Search and filters (2 applied)").await;
        for page in ["/doctors?start_from=31%2F2%2F2026", "/doctors/exceptions?start_to=x", "/rotation/grid?end_to=x"] {
            walk.open(page).await;
            walk.sees("There is a problem").await;
            walk.sees("Error: Enter a date as day, month and year").await;
        }
        walk.browser.finish().await;
    }
}
