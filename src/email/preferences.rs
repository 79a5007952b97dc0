use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::tenancy::VpdTx;

/// How often a summary may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    AtOnce,
    Hourly,
    Daily,
    Never,
}

impl Frequency {
    pub const ALL: &'static [Self] = &[Self::AtOnce, Self::Hourly, Self::Daily, Self::Never];

    pub fn code(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Never => "never",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::AtOnce => "At once",
            Self::Hourly => "Hourly",
            Self::Daily => "Daily",
            Self::Never => "Never",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|frequency| frequency.code() == code)
    }
}

/// Up to when a user's summaries have told what is new in one organisation.
#[derive(Clone, Debug)]
pub struct Mark {
    pub told_until: DateTime<Utc>,
    /// The hour or day of the last summary, London time.
    pub local_slot: Option<String>,
}

pub async fn find_mark(tx: &mut VpdTx, user_id: Uuid) -> sqlx::Result<Option<Mark>> {
    sqlx::query_as!(
        Mark,
        "select told_until, local_slot from summary_marks where vpd = $1 and user_id = $2",
        tx.vpd().as_str().to_owned(),
        user_id
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn save_mark(tx: &mut VpdTx, user_id: Uuid, mark: &Mark) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into summary_marks (vpd, user_id, told_until, local_slot) values ($1, $2, $3, $4)
         on conflict (vpd, user_id) do update set told_until = excluded.told_until,
           local_slot = coalesce(excluded.local_slot, summary_marks.local_slot)",
        tx.vpd().as_str().to_owned(),
        user_id,
        mark.told_until,
        mark.local_slot
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
