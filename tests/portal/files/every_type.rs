//! What every inbound file is held to, asked of each type beside applicants: notifications, the deanery's replies, an employer's changes.

use std::time::Duration;

use changeover::file_exchange::folders::{Inbound, Patience};
use changeover::worker;
use sqlx::PgPool;

use super::code;
use crate::deanery_changes::{DAVIES, POST, withdrawal};
use crate::support::Portal;
use crate::support::files::framed;

/// A type, its sender, and one record of it that is taken.
fn types() -> [(&'static str, &'static str, &'static str, String); 4] {
    [
        ("DE_KSS_DNC", "KSS", "DE_XYZ_DNC", withdrawal(POST, DAVIES)),
        ("DE_KSS_DNF", "KSS", "DE_XYZ_DNF", withdrawal(POST, DAVIES)),
        ("DE_KSS_RTC", "KSS", "DE_XYZ_RTC", "RTC~1~POS~9041003~KSS/R9A01/024/STR/004~SUCCESS~~~Ü".to_owned()),
        ("GO_904_EXP_GOC", "904", "GO_555_EXP_GOC", "PHA~9045000~9990001~M~07700 900123~20240807~~20260506".to_owned()),
    ]
}

fn name(stem: &str, number: u32) -> String {
    format!("{stem}_20260506_{number:08}.DAT")
}

/// FILE-1 to FILE-10, F-31 to F-37: each fault of a whole file has its code, changes nothing and leaves the name free.
#[sqlx::test]
async fn file_1_to_10_and_f_31_to_37_each_type_is_refused_for_the_same_faults(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let records = portal.count("select count(*) from file_records").await;
    for (stem, sender, unknown, record) in types() {
        let (file, other, stranger) = (name(stem, 9), name(stem, 10), name(unknown, 9));
        let good = framed(&file, sender, std::slice::from_ref(&record));
        let kind = &record[..3];
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(good.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let foreign = framed(&stranger, stranger.split('_').nth(1).unwrap(), std::slice::from_ref(&record));
        let long = format!("{}{}", "x".repeat(300), ".DAT");
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            (&file, Vec::new(), "F01"),
            (&file, vec![0xc8, 0xc4, 0xd9, 0xa1, 0x15], "F01"), // EBCDIC
            (&file, good.replace("TRL~1\r\n", "").into_bytes(), "F02"),
            (&file, good[..good.len() - 3].to_owned().into_bytes(), "F03"),
            (&file, good.replace("TRL~1", "TRL~2").into_bytes(), "F03"),
            (&file, good.replace("TRL~1", "TRL~-1").into_bytes(), "F03"),
            (&file, good.replace("TRL~1", "TRL~one").into_bytes(), "F03"),
            (&file, good.replace(&format!("\r\n{kind}~"), "\r\nXXX~").into_bytes(), "F04"),
            (&file, format!("{good}{record}\r\n").into_bytes(), "F04"),
            (&file, good.replace("TRL~", &format!("{}TRL~", "\r\n".repeat(20_000))).into_bytes(), "F04"),
            (&file, good.replace(&file, &other).into_bytes(), "F11"),
            (&file, good.replace(&file, "../../etc/passwd").into_bytes(), "F11"),
            (&file, good.replace("000~01\r", "000~02\r").into_bytes(), "F12"),
            (&file, good.replace(&format!("{kind}~"), &format!("{kind}\0~")).into_bytes(), "F14"),
            (&file, utf16, "F14"),
            (&stranger, foreign.into_bytes(), "F06"),
            (&long, good.clone().into_bytes(), "F04"),
        ];
        for (called, bytes, wanted) in cases {
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).into_owned();
            // A name of 300 letters is one that no disk keeps either.
            let report = if called.len() > 255 {
                let path = portal.write(&file, &bytes);
                let folder = path.parent().unwrap().join(&called[..250]);
                std::fs::rename(&path, &folder).unwrap();
                portal.receive_path(folder).await
            } else {
                portal.receive(called, bytes).await
            };
            assert_eq!(code(&report), ("refused", wanted), "{stem}: {head:?}");
            let reason = report.reason.unwrap();
            assert!(reason.ends_with('.') && reason.len() > 40, "{reason}");
            assert_eq!((report.records, report.success, report.fail, report.held), (0, 0, 0, 0));
        }
        assert_eq!(portal.count("select count(*) from file_records").await, records, "{stem}: nothing was applied");

        // F-32: two more are the header and the trailer. F-29 and F-36: again, and with other bytes. F-35: an older number.
        let report = portal.receive(&file, good.replace("TRL~1", "TRL~3")).await;
        assert_eq!((code(&report), report.records), (("processed", ""), 1), "{stem}: {report:?}");
        sqlx::query("delete from file_records where file_id = (select file_id from interface_files where file_name = $1 and state not in ('refused', 'duplicate'))")
            .bind(&file)
            .execute(&portal.owner)
            .await
            .unwrap();
        assert_eq!(code(&portal.receive(&file, good.replace("TRL~1", "TRL~3")).await), ("duplicate", "F09"), "{stem}");
        assert_eq!(code(&portal.receive(&file, &good).await), ("refused", "F09"), "{stem}");
        let older = name(stem, 3);
        assert_eq!(code(&portal.receive(&older, good.replace(&file, &older)).await), ("held", "F07"), "{stem}");
        // F-33: a byte of Windows-1252 costs a warning, not the record.
        let later = name(stem, 20);
        let bytes: Vec<u8> = good
            .replace(&file, &later)
            .replace('Ü', "?")
            .replacen("Yusuf", "Yus?f", 1)
            .replacen("07700", "0?700", 1)
            .bytes()
            .map(|b| if b == b'?' { 0xdc } else { b })
            .collect();
        let report = portal.receive(&later, bytes).await;
        assert_eq!((report.outcome.as_str(), report.records), ("processed", 1), "{stem}: {report:?}");
        assert!(report.warnings >= 1, "{stem}: the sender is told of its bytes: {report:?}");
        sqlx::query(
            "delete from file_records where file_id = (select file_id from interface_files where file_name = $1)",
        )
        .bind(&later)
        .execute(&portal.owner)
        .await
        .unwrap();
    }
    portal.run_jobs().await;
}

/// F-30 and F-31: every type waits in the folder until it is whole, and what is never completed is refused.
#[sqlx::test]
async fn f_30_and_31_each_type_waits_in_the_folder_until_it_is_whole(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let inbound = portal.data_dir.join("exchange/inbound");
    std::fs::create_dir_all(&inbound).unwrap();
    let processors = worker::processors();
    let patience = Patience { still: Duration::from_millis(40), for_trailer: Duration::from_millis(400) };
    let mut watch = Inbound::with(patience);
    let whole: Vec<(String, String)> = types()
        .into_iter()
        .map(|(stem, sender, _, record)| (name(stem, 1), framed(&name(stem, 1), sender, &[record])))
        .collect();
    for (name, text) in &whole {
        std::fs::write(inbound.join(name), &text.as_bytes()[..text.len() - 8]).unwrap();
    }
    let pause = || tokio::time::sleep(Duration::from_millis(60));
    for _ in 0..3 {
        assert_eq!(watch.look(&portal.app, &processors).await.unwrap(), 0, "a file without its end waits");
        pause().await;
    }
    for (name, text) in &whole[..3] {
        std::fs::write(inbound.join(name), text).unwrap();
    }
    watch.look(&portal.app, &processors).await.unwrap();
    pause().await;
    watch.look(&portal.app, &processors).await.unwrap();
    assert_eq!(
        portal.count("select count(*) from interface_files where file_name like 'DE_KSS%' and direction = 'in'").await,
        3
    );
    // The last is never completed.
    for _ in 0..20 {
        watch.look(&portal.app, &processors).await.unwrap();
        pause().await;
    }
    let cut = "select code from interface_files where file_name like 'GO_904_EXP_GOC%'";
    assert_eq!(portal.text(cut).await, "F02");
    assert_eq!(portal.count("select count(*) from interface_files where state = 'refused'").await, 1);
}
