use changeover::access::Right;
use changeover::file_exchange::{engine, expected};
use changeover::worker;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Html, app_name, id_of};
use crate::support::Portal;
use crate::support::files::{framed, sample};

#[sqlx::test]
async fn who_sees_which_of_a_file(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let report = portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    assert_eq!((report.success, report.fail), (49, 12), "{report:?}");
    let app = format!("/interfaces/files/{}", id_of(&portal, "DE_KSS_APP_20260506_00002689.DAT").await);
    let go = format!("/interfaces/files/{}", id_of(&portal, "GO_904_EXP_GOF_20260505_00000001.DAT").await);

    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = officer.get(&app).await;
    page.assert_ok();
    assert!(page.html().contains("Davies") && page.html().contains("KSS/"), "their own records, with content");
    assert!(!page.html().contains("TX958941B"), "no National Insurance number");
    assert_eq!(officer.get(&go).await.status, 404, "another role's interface");
    assert!(officer.get("/interfaces").await.assert_ok().html().contains("2689"));

    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    assert!(works.get(format!("{go}?page=2")).await.assert_ok().html().contains("Zhang"));
    let others = portal.sign_in("931", Right::LocalWorkstructuresAdministration).await;
    assert_eq!(others.get(&go).await.status, 404, "another organisation's file");
    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    assert!(
        !administrator.get(format!("{go}?page=2")).await.assert_ok().html().contains("Zhang"),
        "counts, not content"
    );

    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let page = operator.get(format!("{app}?vpd=904")).await;
    page.assert_ok();
    assert!(!page.html().contains("Davies") && page.html().contains("Read it, with a reason"));
    let record = format!("{app}/records/1");
    operator.get(format!("{record}?vpd=904")).await.assert_ok();
    assert_eq!(operator.post(&record, [("vpd", "904"), ("reason", "")]).await.status, 422);
    let read = operator.post(&record, [("vpd", "904"), ("reason", "the deanery asked")]).await;
    assert!(read.status == 200 && read.html().contains("Davies"));
    assert!(portal.audit("904").await.contains(&"record_viewed".to_owned()));
    assert!(portal.inbox("904").await.contains(&"An operator read a record of yours".to_owned()));

    let reply = portal.count("select count(*) from interface_files where direction = 'out'").await;
    assert_eq!(reply, 1);
    let reply: Uuid = sqlx::query_scalar("select file_id from interface_files where direction = 'out'")
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    let download = format!("/interfaces/files/{reply}/download");
    assert!(operator.get(&download).await.assert_ok().words().contains("organisations 904"), "who will be told");
    let blank = operator.post(&download, [("reason", " ")]).await;
    assert_eq!((blank.status, blank.text("#reason-error").contains("why you need")), (422, true));
    assert!(!portal.audit("904").await.contains(&"file_downloaded".to_owned()), "not yet");
    let page = operator.post(&download, [("reason", "the deanery lost it")]).await;
    assert_eq!(page.bytes.as_ref(), std::fs::read(report.confirmation.unwrap()).unwrap().as_slice());
    for vpd in ["0", "904", "931"] {
        assert!(portal.audit(vpd).await.contains(&"file_downloaded".to_owned()), "{vpd}");
    }
    let told = portal.inbox("904").await;
    assert!(told.contains(&"An operator downloaded a file about your records".to_owned()), "{told:?}");
    assert!(portal.items("904").await.iter().any(|item| item.1.contains("downloaded DE_KSS_APC")));
    assert_eq!(officer.get(format!("/interfaces/files/{reply}/download")).await.status, 403);
    for view in ["", "?view=today", "?view=held", "?view=outbound", "?interface=applicants&failures=yes&from=1/1/2020"]
    {
        operator.get(format!("/interfaces{view}")).await.assert_ok();
    }
    assert_eq!(operator.get("/interfaces?from=yesterday").await.status, 422);
    assert_eq!(portal.visitor().get(&app).await.status, 303);
}

#[sqlx::test]
async fn an_upload_goes_the_way_of_every_file(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let name = "GO_904_EXP_GOF_20260505_00000001.DAT";
    let bytes = std::fs::read(sample(name)).unwrap();
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    operator.get("/interfaces/upload").await.assert_ok();
    assert_eq!(operator.upload("/interfaces/upload", &[], &[]).await.status, 422);
    operator.upload("/interfaces/upload", &[], &[("file", name, &bytes)]).await.assert_redirect();
    while engine::run_due(&portal.app, &worker::processors()).await.unwrap() > 0 {}
    assert_eq!(portal.count("select count(*) from people").await, 40);
    assert_eq!(portal.text("select source || received_by from interface_files").await, "uploaduser1");
    let leftovers = std::fs::read_dir(portal.data_dir.join("uploads")).unwrap().count();
    assert_eq!(leftovers, 0);

    let administrator = portal.sign_in("904", Right::VpdAdmin).await;
    administrator.get("/interfaces/upload").await.assert_ok();
    let refused = administrator.upload("/interfaces/upload", &[], &[("file", &app_name(1), b"HDR")]).await;
    assert_eq!(refused.status, 422, "not a file of their own organisation");
    let sent = administrator.upload("/interfaces/upload", &[], &[("file", name, &bytes)]).await;
    // Whoever uploads lands on the file's page, whatever became of the file.
    assert!(administrator.get(sent.assert_redirect()).await.assert_ok().words().contains("was here already"));
    let next = "GO_904_EXP_GOC_20260506_00000002.DAT";
    let sent =
        administrator.upload("/interfaces/upload", &[], &[("file", next, framed(next, "904", &[]).as_bytes())]).await;
    assert!(sent.assert_redirect().starts_with("/interfaces/files/"), "{:?}", sent.location());
    assert_eq!(administrator.get(sent.assert_redirect()).await.assert_ok().text("h1"), next);
    while engine::run_due(&portal.app, &worker::processors()).await.unwrap() > 0 {}
    administrator.get(sent.assert_redirect()).await.assert_ok();
    let torn = "GO_904_EXP_GOC_20260506_00000003.DAT";
    let sent = administrator.upload("/interfaces/upload", &[], &[("file", torn, b"HDR")]).await;
    assert!(administrator.get(sent.assert_redirect()).await.assert_ok().words().contains("This file was refused"));
    assert_eq!(portal.count("select count(*) from interface_files where state = 'duplicate'").await, 1);
    let officer = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert_eq!(officer.get("/interfaces/upload").await.status, 403);
    // Names that lead elsewhere are names like any other: refused, and written nowhere.
    operator.upload("/interfaces/upload", &[], &[("file", "../../escape.DAT", b"HDR")]).await.assert_redirect();
    assert!(!portal.data_dir.join("escape.DAT").exists() && !portal.data_dir.join("../escape.DAT").exists());
}

#[sqlx::test]
async fn positions_and_people_are_shown_as_on_a_date_and_the_viewing_is_recorded(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let list = works.get("/positions?q=004&dpn=with").await;
    list.assert_ok();
    assert!(list.html().contains("KSS/"));
    let page = works.get("/positions/9041000").await;
    page.assert_ok();
    assert!(page.html().contains("Zhang, Aisha") && page.html().contains("Active on 6 May 2026"), "{}", page.html());
    assert!(works.get("/positions/9041000?on=1/1/2010").await.assert_ok().html().contains("Not yet active"));
    assert_eq!(works.get("/positions/9041000?on=soon").await.status, 422);
    assert_eq!(works.get("/positions/9171000").await.status, 404, "another organisation's");
    let person = works.get("/people/9045000").await;
    person.assert_ok();
    assert!(person.html().contains("TC ** ** 03 A") && !person.html().contains("TC832103A"), "{}", person.html());
    for hidden in ["Ethnic", "Disab", "Marital"] {
        assert!(!person.html().contains(hidden));
    }
    // What was true on a day: before the person came there is nothing to show of an assignment.
    let before = works.get("/people/9045000?on=1/1/1990").await;
    before.assert_ok();
    assert!(before.html().contains("Details on 1 January 1990"), "{}", before.html());
    assert!(!before.html().contains("Details on 6 May 2026"));
    assert_eq!(works.get("/people/9045000?on=soon").await.status, 422);
    assert!(portal.audit("904").await.contains(&"person_viewed".to_owned()));
    assert_eq!(works.get("/people/9175000").await.status, 404);
}

#[sqlx::test]
async fn an_expected_file_that_has_not_come_is_an_item_until_it_comes(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002694.DAT").await;
    portal.run_jobs().await;
    // The file of the day is there; of another body that sends on every day, nothing came.
    sqlx::query("insert into expected_files values ('applicants', 'LDN', '00:00', '2026-01-01', true)")
        .execute(&portal.owner)
        .await
        .unwrap();
    let told = expected::check(&portal.app).await.unwrap();
    assert_eq!(told, 1);
    assert_eq!(expected::check(&portal.app).await.unwrap(), 0, "told once");
    assert!(portal.items("0").await.iter().any(|i| i.1 == "Applicants file from LDN has not come" && i.2 == "open"));
    let name = "DE_LDN_APP_20260506_00003000.DAT";
    portal.receive(name, framed(name, "LDN", &[])).await;
    portal.run_jobs().await;
    let items = portal.items("0").await;
    assert!(
        items.iter().any(|i| i.1 == "Applicants file from LDN has not come" && i.2 == "closed_by_system"),
        "{items:?}"
    );
}

#[sqlx::test]
async fn operators_keep_the_contacts_of_managing_bodies(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    operator.get("/interfaces/bodies").await.assert_ok();
    operator.get("/interfaces/bodies/KSS").await.assert_ok();
    assert_eq!(operator.get("/interfaces/bodies/XXX").await.status, 404);
    let add = |address: &'static str| [("purpose", "applicants"), ("address", address), ("telephone", "")];
    assert_eq!(operator.post("/interfaces/bodies/KSS/contacts", add("nobody")).await.status, 422);
    let dated =
        |from: &'static str, to: &'static str| add("later@kss.example").into_iter().chain([("from", from), ("to", to)]);
    for (from, to) in [("soon", ""), ("", "5/5/2026"), ("1/6/2026", "31/5/2026")] {
        assert_eq!(operator.post("/interfaces/bodies/KSS/contacts", dated(from, to)).await.status, 422, "{from} {to}");
    }
    assert!(operator.get("/interfaces/bodies").await.words().contains("No contact today"));
    assert!(operator.get("/admin").await.has("a[href='/interfaces/bodies']"));
    operator.post("/interfaces/bodies/KSS/contacts", add("applicants@kss.example")).await.assert_redirect();
    let contact = portal.text("select contact_id::text from managing_body_contacts").await;
    let chosen = [("contact", contact.as_str())];
    operator.post("/interfaces/bodies/KSS/contacts/confirm", chosen).await.assert_redirect();
    operator.post("/interfaces/bodies/KSS/contacts/end", chosen).await.assert_redirect();
    assert_eq!(operator.post("/interfaces/bodies/KSS/contacts/end", chosen).await.status, 409);
    operator.get("/interfaces/bodies/KSS").await.assert_ok();
    assert_eq!(portal.audit("0").await.iter().filter(|event| *event == "contact_changed").count(), 3);
}

#[sqlx::test]
async fn operators_change_by_when_a_file_is_expected(pool: PgPool) {
    let portal = Portal::start(pool).await;
    sqlx::query("insert into expected_files values ('applicants', 'LDN', '00:00', '2026-01-01', true)")
        .execute(&portal.owner)
        .await
        .unwrap();
    assert_eq!(expected::check(&portal.app).await.unwrap(), 1);
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let today = operator.get("/interfaces?view=today").await;
    assert!(today.has("a[href='/interfaces/expected']"));
    let list = operator.get("/interfaces/expected").await;
    let path = list.assert_ok().attr("td a", "href");
    assert_eq!(
        (path.as_str(), operator.get(&path).await.attr("#hour", "value").as_str()),
        ("/interfaces/expected/applicants/LDN", "00:00")
    );
    let wrong = operator.post(&path, [("expected", "yes"), ("hour", "2pm")]).await;
    assert_eq!((wrong.status, wrong.text("#hour-error").contains("such as 14:00")), (422, true));
    assert_eq!(operator.post(&path, [("expected", ""), ("hour", "14:00")]).await.status, 422);
    assert_eq!(operator.get("/interfaces/expected/applicants/XXX").await.status, 404);

    // Not late by the new hour: what was said of it closes, and is said again when that hour is past.
    operator.post(&path, [("expected", "yes"), ("hour", "23.59")]).await.assert_redirect();
    portal.run_jobs().await;
    let state = || async { portal.items("0").await.into_iter().find(|item| item.0 == "file_missing").unwrap().2 };
    assert_eq!(state().await, "closed_by_system");
    operator.post(&path, [("expected", "yes"), ("hour", "0:00")]).await.assert_redirect();
    portal.run_jobs().await;
    operator.post(&path, [("expected", "no"), ("hour", "")]).await.assert_redirect();
    assert!(operator.get("/interfaces/expected").await.words().contains("Not expected"));
    assert_eq!(expected::check(&portal.app).await.unwrap(), 0, "nothing is expected");
    let told = portal.audit("0").await.into_iter().filter(|event| event == "expected_file_changed").count();
    assert_eq!(told, 3);
}

/// DOS-1: an upload that dawdles is ended, and leaves nothing behind.
#[sqlx::test]
async fn dos_1_an_upload_that_stops_half_way_is_given_up_after_30_seconds(pool: PgPool) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let (host, csrf) = (portal.base.trim_start_matches("http://").to_owned(), operator.csrf().await);
    let part = |head: &str, body: &str| format!("--e\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}");
    let body =
        part("name=\"csrf\"", &format!("{csrf}\r\n")) + &part("name=\"file\"; filename=\"a.DAT\"", "HDR~and then");
    let request = format!(
        "POST /interfaces/upload HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: sid={}\r\nContent-Length: 100000\r\n\
         Content-Type: multipart/form-data; boundary=e\r\n\r\n{body}",
        portal.base,
        operator.cookie("sid").unwrap()
    );
    let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let begun = std::time::Instant::now();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400");
    assert!((25..45).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(std::fs::read_dir(portal.data_dir.join("uploads")).unwrap().count(), 0);
    assert_eq!(portal.count("select count(*) from interface_files").await, 0);
}
