use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store;
use crate::access::Right;
use crate::app::App;
use crate::audit::Actor;
use crate::jobs::{self, Failure, Work};
use crate::notifications::{self, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::positions;
use crate::tenancy::Vpd;
use crate::ui;

/// Counts an employer's positions for the DPN report, and tells those who keep them.
pub const COUNT: &str = "dpn_report.count";

/// The day that is counted.
#[derive(Deserialize, Serialize)]
struct Day {
    day: NaiveDate,
}

/// Queues the night's counts, one for each employer, once for each business date; gives how many.
pub async fn queue(app: &App, day: NaiveDate) -> sqlx::Result<usize> {
    let mut tx = app.db.system().await?;
    if !jobs::take_slot(&mut tx, "dpn_report", &day.to_string(), app.now()).await? {
        return Ok(0);
    }
    let employers = sqlx::query_scalar!(r#"select vpd as "vpd: Vpd" from vpds where vpd <> '0' order by vpd"#);
    let employers = employers.fetch_all(&mut *tx).await?;
    for vpd in &employers {
        jobs::enqueue_system(&mut tx, vpd, COUNT, &Day { day }, Some(&day.to_string())).await?;
    }
    tx.commit().await?;
    Ok(employers.len())
}

/// Keeps the day's statistics, and raises or closes the notice about them. Run again, it changes nothing.
pub async fn count(work: Work) -> Result<(), Failure> {
    let Day { day } = work.payload()?;
    let now = work.app.now();
    let mut tx = work.begin().await?;
    positions::look_again_at_claims(&mut tx, &work.app).await?;
    let quality = positions::store::quality(&mut tx, day).await?;
    let statistics = quality.statistics;
    if statistics.positions == 0 {
        return Ok(tx.commit().await?);
    }
    store::keep(&mut tx, day, &statistics).await?;
    let issues = statistics.dpns_on_several_positions + statistics.dpn_quality_issues + statistics.name_quality_issues;
    let subject = |day: NaiveDate| format!("dpn-report:{day}");
    let key = subject(day);
    let earlier = (1..=60).filter_map(|days| day.checked_sub_days(Days::new(days)));
    let mut stale: Vec<String> = earlier.map(subject).collect();
    if issues == 0 {
        stale.push(key.clone());
    }
    let by = Actor::Schedule("dpn_report");
    notifications::close_many(&mut tx, &stale, "A newer count has been made", &by, now).await?;
    if issues > 0 {
        let message = MessageDraft {
            kind: MessageType::DpnQuality,
            title: format!("DPN report: {} in VPD {}", ui::count(issues, "issue", "issues"), work.vpd),
            dedupe_key: key.clone(),
            file: None,
            body_code: None,
            dated_on: day,
        };
        let title = format!(
            "{}, {} with a Deanery Post Number that breaks the rules, {} with such a name",
            ui::count(
                statistics.dpns_on_several_positions,
                "number on several positions",
                "numbers on several positions"
            ),
            ui::count(statistics.dpn_quality_issues, "position", "positions"),
            ui::count(statistics.name_quality_issues, "position", "positions")
        );
        let mut item =
            ItemDraft::new("dpn_quality", Right::LocalWorkstructuresAdministration, ItemClass::Information, key, title);
        item.link = Some("/positions/dpn-report".to_owned());
        item.facts = json!({ "statistics": statistics });
        notifications::raise(&mut tx, &message, &[item], now).await?;
    }
    tx.commit().await?;
    Ok(())
}
