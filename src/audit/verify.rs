use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::tenancy::{Database, SystemTx, Vpd, VpdTx};

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
    let chains =
        sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from audit_heads order by vpd"#).fetch_all(&mut *tx).await?;
    let mut verdicts = Vec::new();
    for vpd in chains {
        verdicts.extend(verify_chain(&mut tx, &vpd, key).await?);
    }
    Ok(verdicts)
}

/// Checks one chain, to the row that was its last when the check began.
async fn verify_chain(tx: &mut SystemTx, vpd: &Vpd, key: &[u8]) -> sqlx::Result<Option<Verdict>> {
    let head = sqlx::query!("select seq, hash from audit_heads where vpd = $1", vpd.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(head) = head else { return Ok(None) };
    let mut rows = sqlx::query!(
        r#"select seq, prev, hash,
                  sec.audit_digest(prev, vpd, seq, at, actor_kind, actor, user_id, event, object_type, object_id, detail, request_id) as "digest!"
             from audit where vpd = $1 and seq <= $2 order by seq"#,
        vpd.as_str(),
        head.seq
    )
    .fetch(&mut **tx);
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
    if broken.is_none() && (expected - 1 != head.seq || prev != head.hash) {
        broken = Some((expected, "rows at the end were removed".to_owned()));
    }
    if broken.is_none() {
        broken = broken_seal(tx, vpd, key).await?;
    }
    Ok(Some(Verdict { rows: expected - 1, vpd: vpd.clone(), broken }))
}

async fn broken_seal(tx: &mut SystemTx, vpd: &Vpd, key: &[u8]) -> sqlx::Result<Option<(i64, String)>> {
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

/// The kind of the job that checks an organisation's chain and keeps what it found; payload `{}`.
pub const CHECK_CHAIN: &str = "audit.check_chain";

/// What the last check of a chain found.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Check {
    pub at: DateTime<Utc>,
    pub rows: i64,
    pub broken: Option<(i64, String)>,
}

/// What is known of one organisation's chain.
#[derive(Clone, Debug, Default)]
pub struct ChainState {
    pub rows: i64,
    /// The newest row that is sealed, and when it was.
    pub sealed: Option<(i64, DateTime<Utc>)>,
    pub checked: Option<Check>,
}

/// Checks an organisation's chain and keeps what was found, for [`chain_state`].
pub async fn check_chain(db: &Database, vpd: &Vpd, key: &[u8], now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut tx = db.system().await?;
    let Some(verdict) = verify_chain(&mut tx, vpd, key).await? else { return Ok(()) };
    if let Some((seq, fault)) = &verdict.broken {
        tracing::error!(%vpd, seq, fault, "an audit chain is broken");
    }
    let check = Check { at: now, rows: verdict.rows, broken: verdict.broken };
    let text = serde_json::to_string(&check).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        "insert into portal_settings (name, value, changed_at) values ($1, $2, $3)
         on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at",
        format!("audit_check:{vpd}"),
        text,
        now
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// How long this transaction's organisation's chain is, to where it is sealed, and what the last check found.
pub async fn chain_state(tx: &mut VpdTx) -> sqlx::Result<ChainState> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        r#"select coalesce((select max(seq) from audit where vpd = $1), 0) as "rows!",
                  (select value from portal_settings where name = 'audit_check:' || $1) as "checked?""#,
        vpd
    )
    .fetch_one(&mut **tx)
    .await?;
    let sealed = sqlx::query!("select seq, sealed_at from audit_seals where vpd = $1 order by seq desc limit 1", vpd)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(ChainState {
        rows: row.rows,
        sealed: sealed.map(|seal| (seal.seq, seal.sealed_at)),
        checked: row.checked.and_then(|text| serde_json::from_str(&text).ok()),
    })
}
