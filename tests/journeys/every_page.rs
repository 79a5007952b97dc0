//! Every page that the table of routes knows, judged by axe at the width of a desk and of a phone: a page that somebody adds is judged
//! here without a line being written. Journeys judge the states in which they find them.

use std::collections::BTreeSet;

use changeover::access::{Right, permissions};
use sqlx::PgPool;

use crate::portal::{Portal, User};
use crate::support::{Browser, DESKTOP, PHONE};
use objects::Objects;
use table::{ROUTES, Route};

#[path = "../portal/permissions/objects.rs"]
#[expect(dead_code, reason = "only what is there is opened here")]
mod objects;
#[path = "../portal/permissions/table.rs"]
#[expect(dead_code, reason = "only pages are opened here")]
mod table;

/// What these addresses give is no page: files, answers to programs, the way to the next item; and the page of a link, which its own
/// journey opens with a link that works and one that does not.
const NO_PAGES: &[&str] = &[
    "/admin/audit.csv",
    "/api/employment-checks/v1/applications",
    "/api/employment-checks/v1/applications/{application}/checks",
    "/api/employment-checks/v1/applications/{application}/checks/{standard}",
    "/api/openapi.json",
    "/doctors/day-one.csv",
    "/healthz",
    "/inbox/export.csv",
    "/inbox/next",
    "/interfaces/requests/{request}/email",
    "/interfaces/requests/{request}/report",
    "/metrics",
    "/password/{token}",
    "/positions/dpn-report/report.csv",
    "/positions/dpn-report/report.pdf",
    "/positions/dpn-report/report.xlsx",
    "/positions/mass-update/template.csv",
    "/positions/mass-update/template.xlsx",
    "/positions/mass-update/{update}/file.csv",
    "/positions/mass-update/{update}/file.xlsx",
    "/positions/readiness/requests/{request}/email",
    "/positions/readiness/requests/{request}/report",
    "/readyz",
    "/rotation/board.csv",
    "/rotation/board.xlsx",
    "/rotation/export.csv",
    "/rotation/export.xlsx",
    "/static/{path:.*}",
];

/// What the samples leave, and beside it one thing of each kind: what stands for each name in an address.
struct Ground {
    portal: Portal,
    objects: Objects,
    person: String,
    post: String,
    /// What pages that are asked about something are asked.
    queries: Vec<(&'static str, String)>,
    /// The applicants' file, its reply, and one that waits for its turn.
    files: [String; 3],
}

async fn ground(pool: PgPool) -> Ground {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    for file in ["APP_20260506_00002689", "APP_20260506_00002696", "APP_20260506_00002693", "DNC_20260506_00002701"] {
        portal.receive_sample(&format!("DE_KSS_{file}.DAT")).await;
    }
    portal.run_jobs().await;
    let objects = Objects::make(&portal, "904").await;
    let person = portal.text("select person_id from people where vpd = '904' and gmc_number = '9434439'").await;
    let post = portal.text("select held_post_id::text from held_posts limit 1").await;
    let files = [
        portal
            .text("select file_id::text from interface_files where file_name = 'DE_KSS_APP_20260506_00002689.DAT'")
            .await,
        portal
            .text("select file_id::text from interface_files where direction = 'out' order by received_at limit 1")
            .await,
        portal.text("select file_id::text from interface_files where state = 'held_for_order'").await,
    ];
    let dates = portal
        .text("select change_id::text from deanery_changes where vpd = '904' and kind = 'dates' and state = 'open' limit 1")
        .await;
    let double = portal
        .text("select dpn_key from positions where vpd = '904' and dpn_key is not null group by 1 having count(distinct position_id) > 1 limit 1")
        .await;
    let queries = vec![
        ("/doctors/changes/bulk", format!("change={dates}")),
        ("/interfaces/codes/{code_list}/change", "code=Consultant".to_owned()),
        ("/inbox/bulk", "action=claim&all=yes".to_owned()),
        ("/positions/dpn-report/settle", format!("dpn={double}")),
        ("/positions/readiness/request", "body=KSS".to_owned()),
    ];
    Ground { portal, objects, person, post, queries, files }
}

impl Ground {
    fn fill(&self, path: &str) -> String {
        let file = match path {
            path if path.ends_with("/decide") => &self.files[2],
            path if path.ends_with("/download") => &self.files[1],
            _ => &self.files[0],
        };
        let record = if path.starts_with("/interfaces") { "41?vpd=904" } else { "41" };
        let real = [
            ("{file}", file.as_str()),
            ("{record}", record),
            ("{application}", "00000000-0000-0000-0000-000000000007"),
            ("{person}", self.person.as_str()),
            ("{position}", "9041006"),
            ("{post}", &self.post),
            ("{vpd}", "904"),
            ("{interface}/{sender}", "applicants/KSS"),
            ("{body}", "KSS"),
            ("{code_list}", "job_role"),
            ("{path:.*}", "changeover.css"),
        ];
        let query = self.queries.iter().find(|(page, _)| *page == path).map(|(_, query)| format!("?{query}"));
        let path = format!("{path}{}", query.unwrap_or_default());
        self.objects.fill(&real.iter().fold(path, |path, (name, value)| path.replace(name, value)))
    }
}

/// Who opens a page: whoever is there, somebody of an organisation, or national operations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opener {
    Nobody,
    Organisation,
    Operations,
}

fn opener(route: &Route) -> Opener {
    let Some((_, rights)) = permissions::ALL.iter().find(|(name, _)| *name == route.needs) else {
        return if route.needs == "everybody" { Opener::Nobody } else { Opener::Organisation };
    };
    if rights.iter().any(|right| !right.is_national()) { Opener::Organisation } else { Opener::Operations }
}

/// Judges what this opener can open; gives the addresses that are no pages.
async fn judge(ground: &Ground, who: Opener, user: Option<&User>) -> BTreeSet<&'static str> {
    let portal = &ground.portal;
    let visitor = match user {
        Some(user) => portal.sign_in_as(user).await,
        None => portal.visitor(),
    };
    let browser = Browser::open(&portal.base, DESKTOP).await;
    if let Some(user) = user {
        browser.goto("/sign-in").await;
        browser.fill("username", &user.username).await;
        browser.fill("password", "a long password for tests").await;
        browser.press("Sign in").await;
        browser.wait_for_text("Your work today").await;
    }
    let mut no_pages = BTreeSet::new();
    for route in ROUTES.iter().filter(|route| route.method == "GET" && opener(route) == who) {
        let path = ground.fill(route.path);
        let answer = visitor.get(&path).await;
        if answer.status != 200 || !answer.is_html() {
            no_pages.insert(route.path);
            continue;
        }
        browser.resize(DESKTOP).await;
        browser.goto(&path).await;
        browser.find("body[data-ready]").await;
        browser.check_page().await;
        browser.resize(PHONE).await;
        browser.check_page().await;
    }
    browser.finish().await;
    no_pages
}

fn expected(who: Opener) -> BTreeSet<&'static str> {
    let theirs = ROUTES.iter().filter(|route| route.method == "GET" && opener(route) == who).map(|route| route.path);
    theirs.filter(|path| NO_PAGES.contains(path)).collect()
}

#[sqlx::test]
async fn every_page_of_an_organisation_is_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let ground = ground(pool).await;
    let rights: Vec<Right> = Right::ALL.iter().copied().filter(|right| !right.is_national()).collect();
    let user = ground.portal.user_named("amara", "904", rights.as_slice()).await;
    assert_eq!(judge(&ground, Opener::Organisation, Some(&user)).await, expected(Opener::Organisation));
}

#[sqlx::test]
async fn every_page_of_operations_and_of_visitors_is_sound_on_a_desk_and_on_a_phone(pool: PgPool) {
    let ground = ground(pool).await;
    let user = ground.portal.user_named("odette", "0", Right::SysAdmin).await;
    assert_eq!(judge(&ground, Opener::Operations, Some(&user)).await, expected(Opener::Operations));
    assert_eq!(judge(&ground, Opener::Nobody, None).await, expected(Opener::Nobody));
}
