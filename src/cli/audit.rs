use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::audit;
use crate::config::Config;
use crate::tenancy::PoolSize;

/// Checks every chain; a broken one fails the command.
pub async fn verify(config: Config, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let verified = async {
        let app = opened.app(PoolSize::WORK).await?;
        let verdicts = audit::verify(&app.db, &app.key("audit seal")).await?;
        app.db.close().await;
        Ok::<_, Failure>(verdicts)
    }
    .await;
    opened.close().await;
    let verdicts = verified?;
    for verdict in &verdicts {
        let (vpd, rows) = (&verdict.vpd, verdict.rows);
        match (&verdict.broken, as_json) {
            (broken, true) => {
                let (seq, why) = broken.clone().unzip();
                print_json(
                    &json!({ "vpd": vpd, "rows": rows, "intact": broken.is_none(), "broken_at": seq, "reason": why }),
                );
            }
            (None, false) => println!("{vpd}: {rows} rows, intact"),
            (Some((seq, why)), false) => println!("{vpd}: broken at row {seq}: {why}"),
        }
    }
    let broken = verdicts.iter().filter(|verdict| verdict.broken.is_some()).count();
    if broken > 0 {
        return Err(Failure::new(format!("The audit trail of {broken} organisation(s) is not as it was written.")));
    }
    if !as_json {
        println!("The audit trail is intact: {} organisations.", verdicts.len());
    }
    Ok(())
}
