use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::tenancy::{Database, Vpd};

/// What a check of one chain found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    pub vpd: Vpd,
    pub rows: i64,
    /// The first row that is not as it was written, and what is wrong with it.
    pub broken: Option<(i64, String)>,
}

/// Checks every chain, row by row, and the seals against them. `key` is the seal's.
pub async fn verify(db: &Database, key: &[u8]) -> sqlx::Result<Vec<Verdict>> {
    let mut tx = db.system().await?;
    let chains = sqlx::query!(r#"select h.vpd as "vpd: Vpd", h.seq, h.hash from audit_heads h order by h.vpd"#)
        .fetch_all(&mut *tx)
        .await?;
    let mut verdicts = Vec::new();
    for chain in chains {
        let mut rows = sqlx::query!(
            r#"select seq, prev, hash,
                      sec.audit_digest(prev, vpd, seq, at, actor_kind, actor, user_id, event, object_type, object_id, detail, request_id) as "digest!"
                 from audit where vpd = $1 order by seq"#,
            chain.vpd.as_str()
        )
        .fetch(&mut *tx);
        let mut expected = 1;
        let mut prev: Vec<u8> = Vec::new();
        let mut broken = None;
        while let Some(row) = rows.try_next().await? {
            let fault = if row.seq != expected {
                Some(format!("row {expected} is missing"))
            } else if row.prev != prev {
                Some("it does not follow the row before it".to_owned())
            } else if row.hash != row.digest {
                Some("its content was changed".to_owned())
            } else {
                None
            };
            if let Some(fault) = fault {
                broken = Some((expected, fault));
                break;
            }
            prev = row.hash;
            expected += 1;
        }
        drop(rows);
        if broken.is_none() && (expected - 1 != chain.seq || prev != chain.hash) {
            broken = Some((expected, "rows at the end were removed".to_owned()));
        }
        if broken.is_none() {
            broken = broken_seal(&mut tx, &chain.vpd, key).await?;
        }
        verdicts.push(Verdict { rows: expected - 1, vpd: chain.vpd, broken });
    }
    Ok(verdicts)
}

async fn broken_seal(tx: &mut crate::tenancy::SystemTx, vpd: &Vpd, key: &[u8]) -> sqlx::Result<Option<(i64, String)>> {
    let mut seals = sqlx::query!(
        r#"select s.seq, s.hash, s.signature, a.hash as "now_there?" from audit_seals s left join audit a on a.vpd = s.vpd and a.seq = s.seq
            where s.vpd = $1 order by s.seq"#,
        vpd.as_str()
    )
    .fetch(&mut **tx);
    while let Some(seal) = seals.try_next().await? {
        let genuine: bool = signature(key, vpd, seal.seq, &seal.hash).ct_eq(&seal.signature).into();
        if !genuine {
            return Ok(Some((seal.seq, "the seal on it is not ours".to_owned())));
        }
        if seal.now_there.as_deref() != Some(&seal.hash) {
            return Ok(Some((seal.seq, "it is not the row that was sealed: the tail was rebuilt".to_owned())));
        }
    }
    Ok(None)
}

fn signature(key: &[u8], vpd: &Vpd, seq: i64, hash: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(vpd.as_str().as_bytes());
    mac.update(b"\x1f");
    mac.update(&seq.to_be_bytes());
    mac.update(hash);
    mac.finalize().into_bytes().to_vec()
}

/// Seals the head of every chain that has grown since its last seal, and writes the heads to the log.
pub async fn seal_heads(db: &Database, key: &[u8], now: DateTime<Utc>) -> sqlx::Result<u64> {
    let mut tx = db.system().await?;
    let heads = sqlx::query!(
        r#"select h.vpd as "vpd: Vpd", h.seq, h.hash from audit_heads h
            where h.seq > 0 and not exists (select 1 from audit_seals s where s.vpd = h.vpd and s.seq = h.seq)"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let count = heads.len() as u64;
    for head in heads {
        let signature = signature(key, &head.vpd, head.seq, &head.hash);
        sqlx::query!(
            "insert into audit_seals (vpd, seq, hash, signature, sealed_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
            head.vpd.as_str(),
            head.seq,
            head.hash,
            signature,
            now
        )
        .execute(&mut *tx)
        .await?;
        tracing::info!(vpd = %head.vpd, seq = head.seq, "audit chain sealed");
    }
    tx.commit().await?;
    Ok(count)
}
