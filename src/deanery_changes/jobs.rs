use serde_json::json;

use super::actions;
use crate::app::App;
use crate::jobs::{self, Failure, Work};
use crate::tenancy::Vpd;

/// Shows new dates that waited three days for their applicant; payload `{}`, one waiting for each organisation.
pub const EXPIRE_PENDING: &str = "deanery_changes.expire_pending";

/// Queues the day's look at changes that wait, for every employer; of several workers one does.
pub async fn queue_expiry(app: &App) -> sqlx::Result<()> {
    let mut tx = app.db.system().await?;
    if jobs::take_slot(&mut tx, EXPIRE_PENDING, &app.today().to_string(), app.now()).await? {
        let employers = sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from vpds where vpd <> '0' order by vpd"#);
        for vpd in employers.fetch_all(&mut *tx).await? {
            jobs::enqueue_system(&mut tx, &vpd, EXPIRE_PENDING, &json!({}), Some("expiry")).await?;
        }
    }
    tx.commit().await
}

/// Does the day's look for one employer.
pub async fn expire_pending(work: Work) -> Result<(), Failure> {
    let mut tx = work.begin().await?;
    actions::expire(&mut tx, work.app.today(), work.app.now()).await?;
    tx.commit().await?;
    Ok(())
}
