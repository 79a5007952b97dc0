//! XSS-1: text that files and people bring into every field is shown as text on every page, in lists of values and in mail.

use changeover::access::Right;
use sqlx::PgPool;

use crate::applicants::{column, for_position, load, record};
use crate::files::Html;
use crate::generic_outbound::{person, position};
use crate::inbox::hostile::assert_inert;
use crate::mail::{choose, part, portal_with};
use crate::support::files::framed;
use crate::support::payloads::PAYLOADS;
use crate::support::smtp::SmtpSink;
use crate::support::{Portal, Visitor};

/// A payload as a file can carry it: on one line.
fn on_one_line(payload: &str) -> String {
    payload.chars().filter(|c| !matches!(c, '\r' | '\n')).collect()
}

async fn look(visitor: &Visitor, path: &str) {
    let page = visitor.get(path).await;
    assert!([200, 303].contains(&page.status), "{path}: {}", page.status);
    if page.is_html() {
        assert_inert(&page);
    }
}

async fn texts(portal: &Portal, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&portal.owner).await.unwrap()
}

#[sqlx::test]
async fn xss_1_names_and_posts_that_files_bring_are_shown_as_text(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let mut staff = Vec::new();
    for (n, payload) in PAYLOADS.iter().enumerate() {
        let payload = on_one_line(payload);
        staff.push(person(&format!("{}", 7_000_000 + n), "20200101", &payload));
        let title = format!("{n}|{payload}");
        staff.push(position(&format!("{}", 8_000_000 + n), "20200101", "", &title));
    }
    let changes = "GO_904_EXP_GOC_20260506_00000002.DAT";
    let report = portal.receive(changes, framed(changes, "904", &staff)).await;
    assert!(report.success >= 110, "{report:?}");
    // No more than forty for one post, or they would wait for an operator.
    for (number, some) in PAYLOADS.chunks(30).enumerate() {
        let records: Vec<String> = (0..)
            .zip(some)
            .map(|(n, payload)| {
                let (gmc, payload) = (format!("{}", 9_300_000 + 100 * number + n), on_one_line(payload));
                let vacancy = [
                    (column::VACANCY, payload.as_str()),
                    (column::LAST_NAME, payload.as_str()),
                    (column::FIRST_NAME, "Sam"),
                ];
                let changes: Vec<_> =
                    vacancy.into_iter().chain([(column::GMC, gmc.as_str()), (column::NI, "")]).collect();
                for_position("9041003", "KSS/R9A01/024/STR/004", &changes)
            })
            .collect();
        load(&portal, 4_000 + u32::try_from(number).unwrap(), &records).await;
    }
    // Posts that nobody has, for the operators.
    let nowhere: Vec<String> = PAYLOADS
        .iter()
        .map(|payload| {
            let dpn = on_one_line(payload);
            record(&[(column::POSITION_ID, "1"), (column::POSITION_NUMBER, "1"), (column::DPN, &dpn)])
        })
        .collect();
    load(&portal, 4_100, &nowhere).await;
    portal.run_jobs().await;

    let officer = portal
        .sign_in(
            "904",
            [
                Right::MedicalStaffingOfficer,
                Right::LocalWorkstructuresAdministration,
                Right::RecruitmentAndApplicantEnrolment,
            ],
        )
        .await;
    let names: Vec<String> =
        texts(&portal, "select last_name from people where vpd = '904' and person_id like '70000%'").await;
    assert_eq!(names.len(), 60, "all of them are stored");
    for path in texts(
        &portal,
        "select '/people/' || person_id from people where vpd = '904' and person_id like '70000%'
         union select '/positions/' || position_id from positions where vpd = '904' and position_id like '80000%'
         union select '/doctors/' || person_id from applications where vpd = '904'
         union select '/inbox/' || message_id from items where vpd = '904' and role <> 'vpd_admin'
         union select '/interfaces/files/' || file_id || '?page=' || p from file_vpds, generate_series(1, 5) p where vpd = '904'
         union select '/doctors/records/' || file_id || '/' || record_no from file_records
                where vpd = '904' and outcome = 'failed' and record_type = 'APP'
         union select '/doctors/duplicates/' || duplicate_id from possible_duplicates where vpd = '904'",
    )
    .await
    {
        look(&officer, &path).await;
    }
    for path in [
        "/",
        "/inbox",
        "/inbox?class=information",
        "/inbox/export.csv",
        "/doctors",
        "/doctors/duplicates",
        "/positions?page=4",
    ] {
        look(&officer, path).await;
    }
    let shown = officer.get("/people/7000000").await;
    assert!(shown.text("h1").contains("<script>alert(1)</script>"), "shown as it was sent: {}", shown.html());
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    for path in
        texts(&portal, "select distinct '/inbox/' || message_id from items where vpd = '0' and role = 'sys_admin'")
            .await
    {
        look(&operator, &path).await;
    }
    for path in texts(
        &portal,
        "select '/interfaces/files/' || file_id || '?vpd=904' from interface_files where direction = 'in'",
    )
    .await
    {
        look(&operator, &path).await;
    }
}

#[sqlx::test]
async fn xss_1_reasons_and_names_that_people_type_are_shown_as_text(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    portal.load_employers().await;
    let records: Vec<String> = (0..30)
        .map(|n| {
            for_position(
                "9041003",
                "KSS/R9A01/024/STR/004",
                &[(column::LAST_NAME, ""), (column::VACANCY, &format!("{n}"))],
            )
        })
        .collect();
    load(&portal, 4_200, &records).await;
    load(&portal, 4_201, &records).await;
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let failed = texts(&portal, "select '/doctors/records/' || file_id || '/' || record_no from file_records where outcome = 'failed' and settled_at is null").await;
    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    for (n, payload) in PAYLOADS.iter().enumerate() {
        if let Some(record) = failed.get(n) {
            officer.post(format!("{record}/dismiss"), [("reason", *payload)]).await.assert_redirect();
            look(&officer, record).await;
        }
        let (username, email) = (format!("hostile{n}"), format!("hostile{n}@trust.example"));
        let fields =
            [("name", *payload), ("email", &email), ("username", &username), ("right", Right::BiAdministration.code())];
        let page = administrator.post("/admin/users/new", fields).await;
        if page.is_html() {
            assert_inert(&page);
        }
    }
    for path in
        ["/admin/users", "/admin/users?page=2", "/admin/roles", "/admin/audit", "/admin/audit.csv", "/admin/mail"]
    {
        look(&administrator, path).await;
    }
    for path in texts(&portal, "select '/admin/users/' || user_id from users where username like 'hostile%'").await {
        look(&administrator, &path).await;
    }
    portal.run_jobs().await;

    // The name of an organisation stands in mail.
    let name: String = PAYLOADS[..12].join(" ").replace('\n', " ");
    portal.organisation("951", &name).await;
    let reader = portal.user("951", Right::MedicalStaffingOfficer).await;
    choose(&portal, &reader, "at_once").await;
    portal.item("951", "One").raise().await;
    portal.run_jobs().await;
    let address = format!("{}@trust.example", reader.username);
    let sent = sink.received();
    let mail = sent.iter().find(|mail| mail.to.contains(&address)).expect("a summary was sent");
    let html = part(mail, "text/html");
    for tag in
        ["<script", "<img", "<svg", "<iframe", "<button", "<meta http-equiv=refresh", "javascript:alert(1)>x</a>"]
    {
        assert!(!html.contains(tag), "{tag} in {html}");
    }
    let visitor = portal.sign_in_as(&reader).await;
    for path in ["/", "/inbox", "/account", "/help"] {
        look(&visitor, path).await;
    }
}
