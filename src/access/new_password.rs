//! Setting a password: what it must be for this user, and what ends when it is changed.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::passwords::{self, MIN_LENGTH, MIN_LENGTH_ADMINISTRATOR, PasswordProblem};
use super::rights::Right;
use super::store::{self, User};
use super::{emails, links, throttle};
use crate::audit::{self, Actor, Event, Subject};
use crate::email;
use crate::error::PageError;
use crate::tenancy::{SystemTx, Vpd};

/// What this user's password must be at least, in characters.
pub async fn at_least(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<usize> {
    let grants = store::grants_of(tx, user_id).await?;
    let gives_rights = grants.iter().any(|grant| matches!(grant.right, Right::SysAdmin | Right::VpdAdmin));
    Ok(if gives_rights { MIN_LENGTH_ADMINISTRATOR } else { MIN_LENGTH })
}

/// What the field for a new password says below its label.
pub(super) async fn hint(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<String> {
    let at_least = at_least(tx, user_id).await?;
    Ok(format!("{at_least} characters or more. Several words that do not belong together make a good one"))
}

/// Why this user cannot have this password, if so.
pub async fn problem(tx: &mut SystemTx, user: &User, password: &str) -> sqlx::Result<Option<PasswordProblem>> {
    let at_least = at_least(tx, user.user_id).await?;
    let organisations = store::organisations_of(tx, user.user_id).await?;
    let mailbox = user.email.split('@').next().unwrap_or_default();
    let mut context = vec![user.name.as_str(), user.username.as_str(), mailbox];
    context.extend(organisations.iter().map(|(_, name)| name.as_str()));
    Ok(passwords::check(password, at_least, &context).err())
}

/// Saves a password that was checked and hashed. Every other session of the user ends, links not yet used die, and a mail tells of it.
pub async fn save(
    tx: &mut SystemTx,
    user: &User,
    hash: &str,
    by: &Actor,
    how: &'static str,
    keep: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), PageError> {
    store::save_password(tx, user.user_id, hash, now).await?;
    store::end_sessions(tx, user.user_id, keep).await?;
    links::supersede(tx, user.user_id).await?;
    throttle::forgive(tx, &user.username).await?;
    let about = Subject::new("user", &user.username);
    audit::record_for(tx, &Vpd::operations(), by, Event::PasswordChanged, about, json!({ "how": how }), now).await?;
    if user.has_password {
        let draft = emails::password_changed(user, now).map_err(|error| PageError::unexpected(&error))?;
        let vpd = home(tx, user.user_id).await?;
        email::queue_system(tx, &vpd, draft, now).await?;
    }
    Ok(())
}

/// The organisation with which mail about a user's account is kept: the first where the user has a right, or National operations.
pub async fn home(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Vpd> {
    let organisations = store::organisations_of(tx, user_id).await?;
    Ok(organisations.into_iter().map(|(vpd, _)| vpd).next().unwrap_or_else(Vpd::operations))
}
