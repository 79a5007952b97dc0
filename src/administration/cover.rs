//! Whether somebody holds every right that work waits for; where nobody does, the administrators have an item about it until somebody
//! does. Where nobody is administrator either, the operators have it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::access::{Right, store};
use crate::audit::Actor;
use crate::generic_outbound::notices::registration_key;
use crate::jobs::{self, Failure, Work};
use crate::notifications::{self, CHECK_COVER, ItemClass, ItemDraft, MessageDraft, MessageType};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// Has the cover of an organisation looked at, after its rights changed.
pub async fn ask(tx: &mut SystemTx, vpd: &Vpd) -> sqlx::Result<()> {
    if vpd.is_operations() {
        return Ok(());
    }
    jobs::enqueue_system(tx, vpd, CHECK_COVER, &json!({}), Some("cover")).await
}

/// Raises and closes what administrators are told of rights that nobody holds. Run again, it changes nothing.
pub async fn check(work: Work) -> Result<(), Failure> {
    let (now, today) = (work.app.now(), work.app.today());
    if work.vpd.is_operations() {
        return Ok(());
    }
    let mut tx = work.begin().await?;
    let gaps = gaps(&mut tx).await?;
    let administered = !store::holders(&mut tx, Right::VpdAdmin).await?.is_empty();
    tell(&mut tx, &work.vpd, &gaps, Right::VpdAdmin, today, now).await?;
    tx.commit().await?;

    let mut tx = work.app.db.vpd(&Vpd::operations()).await?;
    if administered {
        let by = Actor::System("role cover");
        notifications::close(&mut tx, &registration_key(&work.vpd), "It has an administrator now.", &by, now).await?;
    }
    let unseen = if administered { Vec::new() } else { gaps };
    tell(&mut tx, &work.vpd, &unseen, Right::SysAdmin, today, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The awaited rights that nobody holds though somebody did, or though work waits for them.
async fn gaps(tx: &mut VpdTx) -> sqlx::Result<Vec<Right>> {
    let mut in_use = store::ever_held(tx).await?;
    in_use.extend(notifications::store::roles_with_open_items(tx).await?);
    let mut gaps = Vec::new();
    for (right, _) in Right::AWAITED {
        if in_use.contains(right) && store::holders(tx, *right).await?.is_empty() {
            gaps.push(*right);
        }
    }
    Ok(gaps)
}

/// The awaited rights that nobody holds in this transaction's organisation, in use or not.
pub(super) async fn uncovered(tx: &mut VpdTx) -> sqlx::Result<Vec<Right>> {
    let mut gaps = Vec::new();
    for (right, _) in Right::AWAITED {
        if store::holders(tx, *right).await?.is_empty() {
            gaps.push(*right);
        }
    }
    Ok(gaps)
}

/// The awaited rights that nobody else holds: what an organisation would lack without this user.
pub(super) async fn held_by_nobody_but(
    tx: &mut VpdTx,
    user_id: Uuid,
    rights: &[Right],
) -> sqlx::Result<Vec<(Right, &'static str)>> {
    let mut lost = Vec::new();
    let administrator = (Right::VpdAdmin, "Nobody could give rights here. Operators would be told, and could.");
    for (right, consequence) in Right::AWAITED.iter().copied().chain([administrator]) {
        if rights.contains(&right)
            && let [(only, ..)] = store::holders(tx, right).await?.as_slice()
            && *only == user_id
        {
            lost.push((right, consequence));
        }
    }
    Ok(lost)
}

/// Makes the open items of one inbox about an organisation's cover agree with its gaps.
async fn tell(
    tx: &mut VpdTx,
    vpd: &Vpd,
    gaps: &[Right],
    to: Right,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let key = |right: &Right| format!("role_gap:{vpd}:{}", right.code());
    let mended: Vec<String> =
        Right::AWAITED.iter().map(|(right, _)| right).filter(|right| !gaps.contains(right)).map(key).collect();
    let reason =
        if to == Right::SysAdmin { "Somebody holds it, or an administrator is told" } else { "Somebody holds it now" };
    notifications::close_many(tx, &mended, reason, &Actor::System("role cover"), now).await?;
    for (right, consequence) in Right::AWAITED.iter().filter(|(right, _)| gaps.contains(right)) {
        let subject = key(right);
        if notifications::store::is_open(tx, &subject).await? {
            continue;
        }
        let whose = if to == Right::SysAdmin { format!(" in {vpd}") } else { String::new() };
        let message = MessageDraft {
            kind: MessageType::RoleGap,
            title: MessageType::RoleGap.label().to_owned(),
            // A gap that opens again is told again.
            dedupe_key: format!("{subject}:{}", now.timestamp_millis()),
            file: None,
            body_code: None,
            dated_on: today,
        };
        let title = format!("Nobody holds {}{whose}", right.label());
        let mut item = ItemDraft::new("role_gap", to, ItemClass::Action, subject, title);
        item.link = Some(match to {
            Right::SysAdmin => format!("/admin/roles?organisation={vpd}"),
            _ => "/admin/roles".to_owned(),
        });
        item.facts = json!({ "right": right.label(), "consequence": consequence, "vpd": vpd });
        notifications::raise(tx, &message, &[item], now).await?;
    }
    Ok(())
}
