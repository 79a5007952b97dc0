//! FILE-18: what goes out is kept, and made again it is the same.

use changeover::audit::Actor;
use changeover::deanery_outbound::actions::{send_persons, send_positions};
use changeover::file_exchange::replies;
use sqlx::PgPool;

use crate::support::Portal;

/// Replies, positions and person updates: each put into the folder again after a crash, or twice, has the same bytes.
#[sqlx::test]
async fn file_18_a_file_that_is_put_out_again_has_the_same_bytes(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    portal.receive_sample("DE_KSS_APP_20260506_00002689.DAT").await;
    portal.receive_sample("DE_KSS_DNC_20260506_00002701.DAT").await;
    send_positions(&portal.app, "KSS", true, &Actor::Command).await.unwrap().unwrap();
    let vpd = "917".parse().unwrap();
    send_persons(&portal.app, &vpd, "KSS", &Actor::Command).await.unwrap().unwrap();
    let out = portal.app.config.exchange.join("outbound");
    let read = || {
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let first = read();
    let kinds: Vec<&str> = first.iter().map(|(name, _)| &name[7..10]).collect();
    assert_eq!(kinds, ["APC", "DCC", "RMC", "RMF"]);
    for name in first.iter().map(|(name, _)| name) {
        std::fs::remove_file(out.join(name)).unwrap();
    }
    sqlx::query("update interface_files set state = 'queued' where direction = 'out'")
        .execute(&portal.owner)
        .await
        .unwrap();
    replies::send_waiting(&portal.app).await.unwrap();
    assert!(read() == first, "the same names and bytes");
    // Cut off after the rename and before the row says so: over what is there, the same again.
    sqlx::query("update interface_files set state = 'queued' where direction = 'out'")
        .execute(&portal.owner)
        .await
        .unwrap();
    replies::send_waiting(&portal.app).await.unwrap();
    assert!(read() == first, "and no half file beside them");

    // A full file made anew tells the same, in the same order, under a number of its own.
    send_positions(&portal.app, "KSS", true, &Actor::Command).await.unwrap().unwrap();
    let told = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().filter(|line| line.starts_with("PO")).map(str::to_owned).collect::<Vec<_>>()
    };
    let full: Vec<Vec<String>> =
        read().iter().filter(|(name, _)| name.contains("_RMF_")).map(|(_, b)| told(b)).collect();
    assert_eq!(full.len(), 2);
    assert!(full[0] == full[1] && full[0].len() > 20);
}
