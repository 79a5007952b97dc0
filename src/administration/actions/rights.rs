use chrono::{DateTime, Utc};
use serde_json::json;

use super::{AdminError, By};
use crate::access::Right;
use crate::access::store::{self, User};
use crate::administration::cover;
use crate::audit::{self, Event, Subject};
use crate::jobs;
use crate::notifications::RELEASE_CLAIMS;
use crate::tenancy::{SystemTx, Vpd};

/// Gives a user a right in an organisation; `false` when the user has it already.
pub async fn grant_right(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    right: Right,
    now: DateTime<Utc>,
) -> Result<bool, AdminError> {
    may_change(tx, by, vpd, user, right).await?;
    let actor = by.actor();
    if !store::grant(tx, vpd, user.user_id, right, actor.name(), now).await? {
        return Ok(false);
    }
    record(tx, by, vpd, user, right, Event::RightGranted, now).await?;
    cover::ask(tx, vpd).await?;
    Ok(true)
}

/// Takes a right away; `false` when the user does not have it. What the user had claimed by it goes back.
pub async fn end_right(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    right: Right,
    now: DateTime<Utc>,
) -> Result<bool, AdminError> {
    may_change(tx, by, vpd, user, right).await?;
    let actor = by.actor();
    if !store::end_grant(tx, vpd, user.user_id, right, actor.name(), now).await? {
        return Ok(false);
    }
    record(tx, by, vpd, user, right, Event::RightEnded, now).await?;
    jobs::enqueue_system(tx, vpd, RELEASE_CLAIMS, &json!({ "user_id": user.user_id }), None).await?;
    cover::ask(tx, vpd).await?;
    Ok(true)
}

async fn may_change(tx: &mut SystemTx, by: By<'_>, vpd: &Vpd, user: &User, right: Right) -> Result<(), AdminError> {
    by.administers(vpd)?;
    by.is_not(user.user_id)?;
    match (right.is_national(), vpd.is_operations()) {
        (true, false) => return Err(AdminError::National(right.label())),
        (false, true) => return Err(AdminError::OfAnEmployer(right.label())),
        _ => {}
    }
    if store::organisation_name(tx, vpd).await?.is_none() {
        return Err(AdminError::NoSuchOrganisation(vpd.clone()));
    }
    Ok(())
}

async fn record(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    right: Right,
    event: Event,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let about = Subject::new("user", &user.username);
    audit::record_for(tx, vpd, &by.actor(), event, about, json!({ "right": right.code() }), now).await
}
