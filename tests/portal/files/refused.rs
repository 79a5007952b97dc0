use changeover::audit::Actor;
use changeover::file_exchange::receive;
use changeover::worker;
use sqlx::PgPool;

use super::{app_name, applicants, code, send};
use crate::support::Portal;
use crate::support::files::{framed, sample};

#[sqlx::test]
async fn file_1_to_9_each_fault_of_a_whole_file_has_its_code_and_changes_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let (name, good) = applicants(5, 1);
    let nul = good.replace("not an", "not\0an");
    let cases: [(&str, String, &str); 9] = [
        (&name, String::new(), "F01"),
        (&name, good.replace("TRL~1\r\n", ""), "F02"),
        (&name, good.replace("TRL~1", "TRL~9"), "F03"),
        ("applicants.txt", good.clone(), "F04"),
        (&name, good.replace("APP~1", "XXX~1"), "F04"),
        ("GO_555_EXP_GOC_20260506_00000001.DAT", framed("GO_555_EXP_GOC_20260506_00000001.DAT", "555", &[]), "F06"),
        (&name, good.replace(&name, "DE_KSS_APP_20260506_00000006.DAT"), "F11"),
        (&name, good.replace("000~01\r", "000~02\r"), "F12"),
        (&name, nul, "F14"),
    ];
    for (name, text, wanted) in cases {
        let report = portal.receive(name, text).await;
        assert_eq!(code(&report), ("refused", wanted), "{report:?}");
        let reason = report.reason.unwrap();
        assert!(reason.ends_with('.') && reason.len() > 40, "{reason}");
        assert_eq!((report.records, report.success, report.fail, report.held), (0, 0, 0, 0));
    }
    assert_eq!(portal.count("select count(*) from file_records").await, 0);
    // A body that nobody knows, by a name of its own.
    let other = framed("DE_XYZ_APP_20260506_00000001.DAT", "XYZ", &[]);
    assert_eq!(code(&portal.receive("DE_XYZ_APP_20260506_00000001.DAT", other).await), ("refused", "F06"));
    // The name of a refused file is free.
    assert_eq!(portal.receive(&name, good).await.outcome, "processed");
    portal.run_jobs().await;
    let items = portal.items("0").await;
    assert!(items.iter().any(|item| item.1 == "applicants.txt was refused"), "{items:?}");
    assert!(portal.audit("0").await.contains(&"file_refused".to_owned()));
}

#[sqlx::test]
async fn f_37_a_sender_that_nobody_knows_and_a_header_that_names_another_file(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let unknown = framed("DE_XYZ_APP_20260506_00000001.DAT", "XYZ", &[]);
    assert_eq!(code(&portal.receive("DE_XYZ_APP_20260506_00000001.DAT", unknown).await), ("refused", "F06"));
    // Only a full file registers an employer; changes for one that nobody knows are refused.
    let changes = "GO_555_EXP_GOC_20260506_00000001.DAT";
    assert_eq!(code(&portal.receive(changes, framed(changes, "555", &[])).await), ("refused", "F06"));
    let (name, text) = applicants(1, 1);
    let other = text.replacen(&name, &app_name(2), 1);
    assert_eq!(code(&portal.receive(&name, other).await), ("refused", "F11"));
}

#[sqlx::test]
async fn file_12_record_types_unknown_out_of_order_and_after_the_trailer(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let (name, text) = applicants(1, 2);
    // The first record of another kind: this is another file than its name says.
    let first = text.replacen("APP~1~", "XXX~1~", 1);
    assert_eq!(code(&portal.receive(&name, first).await), ("refused", "F04"));
    // A later one costs only itself.
    let later = text.replacen("APP~2~", "XXX~2~", 1);
    let report = portal.receive(&name, later).await;
    assert_eq!((report.outcome.as_str(), report.records, report.fail), ("processed", 2, 2), "{report:?}");
    let (name, text) = applicants(2, 1);
    let after = format!("{text}APP~2~after the trailer\r\n");
    assert_eq!(code(&portal.receive(&name, after).await), ("refused", "F04"));
    // In a Generic Outbound file an unknown type rejects that record, and the order of types is free.
    let name = "GO_904_EXP_GOC_20260506_00000001.DAT";
    let records = [
        "PHA~9045000~9990001~M~07700 900123~20240807~~20260506".to_owned(),
        "ZZZ~1".to_owned(),
        "ORD~9040017".to_owned(),
    ];
    let report = portal.receive(name, framed(name, "904", &records)).await;
    assert_eq!((report.outcome.as_str(), report.success, report.fail), ("processed", 2, 1), "{report:?}");
}

#[sqlx::test]
async fn file_10_names_and_headers_that_lead_elsewhere(pool: PgPool) {
    let portal = Portal::start(pool).await;
    for name in ["CON", "DE_KSS_APP_20260506_00000001.DAT.", "a\nb.DAT"] {
        assert_eq!(code(&portal.receive(name, "HDR~x").await), ("refused", "F04"), "{name:?}");
    }
    let (name, text) = applicants(1, 1);
    let path = text.replacen(&name, "../../etc/passwd", 1);
    assert_eq!(code(&portal.receive(&name, path).await), ("refused", "F11"));
    let gone = receive(&portal.app, &worker::processors(), &portal.data_dir.join("nothing.DAT"), &Actor::Command).await;
    assert_eq!(code(&gone.unwrap()), ("refused", "F08"));
}

#[sqlx::test]
async fn f_36_other_bytes_under_a_taken_name_are_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    assert_eq!(send(&portal, 7).await.outcome, "processed");
    let (name, text) = applicants(7, 2);
    assert_eq!(code(&portal.receive(&name, text).await), ("refused", "F09"));
    assert_eq!(portal.count("select count(*) from file_records").await, 1);
}

#[sqlx::test]
async fn f_33_bytes_of_another_code_page_are_read_with_a_warning(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let text = std::fs::read_to_string(sample("GO_904_EXP_GOF_20260505_00000001.DAT")).unwrap();
    let text = text.replacen("~Zhang~", "~M\u{1}nch~", 1);
    let bytes: Vec<u8> = text.bytes().map(|b| if b == 1 { 0xfc } else { b }).collect();
    let report = portal.receive("GO_904_EXP_GOF_20260505_00000001.DAT", bytes).await;
    assert_eq!((report.success, report.warnings), (250, 1));
    assert_eq!(portal.text("select last_name from people where person_id = '9045000'").await, "Münch");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(code(&portal.receive("GO_904_EXP_GOF_20260506_00000002.DAT", utf16).await), ("refused", "F14"));
}

#[sqlx::test]
async fn f_32_trailers_that_count_otherwise(pool: PgPool) {
    let portal = Portal::start(pool).await;
    for (number, count, wanted) in [(1, "2", "F03"), (1, "3", ""), (2, "-1", "F03"), (2, "one", "F03"), (2, "1", "")] {
        let (name, text) = applicants(number, 1);
        let report = portal.receive(&name, text.replace("TRL~1", &format!("TRL~{count}"))).await;
        assert_eq!(report.code.as_deref().unwrap_or(""), wanted, "{count}");
    }
}
