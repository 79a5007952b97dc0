use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{AdminError, By};
use crate::access::links::{self, Link, Purpose};
use crate::access::store::{self, User};
use crate::access::{emails, new_password};
use crate::administration::cover;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::email::{self, Address};
use crate::error::PageError;
use crate::jobs;
use crate::notifications::RELEASE_CLAIMS;
use crate::tenancy::{SystemTx, Vpd};

/// What is known of a user who is to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    pub username: &'a str,
    pub name: &'a str,
    pub email: &'a str,
}

/// Adds a user without a password and without rights, recorded with the organisation `vpd`. A user name that exists changes nothing.
pub async fn add_user(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    new: NewUser<'_>,
    now: DateTime<Utc>,
) -> Result<User, AdminError> {
    let username = new.username.trim().to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !username.starts_with(plain) || username.len() > 100 || !username.chars().all(|c| plain(c) || "._@-".contains(c))
    {
        return Err(AdminError::BadUsername);
    }
    let name = clean_name(new.name)?;
    let address: Address = new.email.parse()?;
    let user_id = Uuid::now_v7();
    if !store::insert(tx, user_id, &username, &name, address.as_str(), now).await? {
        return Err(AdminError::NameTaken(username));
    }
    audit::record_for(tx, vpd, &by.actor(), Event::UserAdded, Subject::new("user", &username), json!({}), now).await?;
    store::find(tx, user_id).await?.ok_or(AdminError::NoSuchUser(username))
}

fn clean_name(name: &str) -> Result<String, AdminError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(AdminError::BadName);
    }
    Ok(name)
}

/// The user of a user name, for the command line.
pub async fn find_user(tx: &mut SystemTx, username: &str) -> Result<User, AdminError> {
    let username = username.trim().to_lowercase();
    store::find_by_username(tx, &username).await?.ok_or(AdminError::NoSuchUser(username))
}

/// Makes the one-time link by which a user sets a password: an invitation for one who never had one. To be shown once, or mailed.
pub async fn issue_link(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    how: &'static str,
    now: DateTime<Utc>,
) -> Result<(Purpose, Link), AdminError> {
    by.is_not(user.user_id)?;
    if user.disabled_at.is_some() {
        return Err(AdminError::Disabled(user.username.clone()));
    }
    let purpose = if user.has_password { Purpose::Password } else { Purpose::Invitation };
    let actor = by.actor();
    let link = links::issue(tx, user.user_id, purpose, actor.name()).await?;
    let about = Subject::new("user", &user.username);
    audit::record_for(tx, vpd, &actor, Event::PasswordLinkSent, about, json!({ "how": how }), now).await?;
    Ok((purpose, link))
}

/// Mails a user the link by which to set a password.
pub async fn mail_link(
    tx: &mut SystemTx,
    app: &App,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    now: DateTime<Utc>,
) -> Result<(), AdminError> {
    let organisation = store::organisation_name(tx, vpd).await?.unwrap_or_default();
    let (purpose, link) = issue_link(tx, by, vpd, user, "by mail", now).await?;
    let draft = emails::one_time_link(app, user, purpose, &organisation, &link)?;
    email::queue_system(tx, vpd, draft, now).await?;
    Ok(())
}

/// Sets the password of a user who has none yet, checked and hashed: for the command line and the demonstration.
pub async fn set_password(
    tx: &mut SystemTx,
    by: By<'_>,
    user: &User,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), PageError> {
    new_password::save(tx, user, hash, &by.actor(), "from the command line", None, now).await
}

/// Corrects a user's name and address.
pub async fn change_details(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    name: &str,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), AdminError> {
    owns(tx, by, vpd, user).await?;
    let (name, address) = (clean_name(name)?, email.parse::<Address>()?);
    store::save_details(tx, user.user_id, &name, address.as_str()).await?;
    if address.as_str() != user.email {
        // Whoever reads the new address owns the account from here on: nobody else's password, link or session does.
        store::forget_password(tx, user.user_id).await?;
        links::supersede(tx, user.user_id).await?;
        store::end_sessions(tx, user.user_id, None).await?;
        if user.has_password {
            let told = emails::address_changed(user, now)?;
            email::queue_system(tx, vpd, told, now).await?;
        }
    }
    let detail = json!({ "name": name != user.name, "email": address.as_str() != user.email });
    let about = Subject::new("user", &user.username);
    audit::record_for(tx, vpd, &by.actor(), Event::UserChanged, about, detail, now).await?;
    Ok(())
}

/// Shuts a user out: every session ends, and what was claimed goes back to the others.
pub async fn disable(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    now: DateTime<Utc>,
) -> Result<bool, AdminError> {
    owns(tx, by, vpd, user).await?;
    if !store::set_disabled(tx, user.user_id, Some(now)).await? {
        return Ok(false);
    }
    let sessions = store::end_sessions(tx, user.user_id, None).await?;
    let detail = json!({ "sessions": sessions });
    let about = Subject::new("user", &user.username);
    audit::record_for(tx, vpd, &by.actor(), Event::UserDisabled, about, detail, now).await?;
    for (organisation, _) in store::organisations_of(tx, user.user_id).await? {
        let payload = json!({ "user_id": user.user_id });
        jobs::enqueue_system(tx, &organisation, RELEASE_CLAIMS, &payload, None).await?;
        cover::ask(tx, &organisation).await?;
    }
    Ok(true)
}

/// Lets a user in again.
pub async fn enable(
    tx: &mut SystemTx,
    by: By<'_>,
    vpd: &Vpd,
    user: &User,
    now: DateTime<Utc>,
) -> Result<bool, AdminError> {
    owns(tx, by, vpd, user).await?;
    if !store::set_disabled(tx, user.user_id, None).await? {
        return Ok(false);
    }
    let about = Subject::new("user", &user.username);
    audit::record_for(tx, vpd, &by.actor(), Event::UserEnabled, about, json!({}), now).await?;
    for (organisation, _) in store::organisations_of(tx, user.user_id).await? {
        cover::ask(tx, &organisation).await?;
    }
    Ok(true)
}

/// Whether an administrator may be shown a link that opens this account: an invitation to an account of the own organisation alone;
/// operators, for any.
pub async fn may_hand_over(tx: &mut SystemTx, by: By<'_>, vpd: &Vpd, user: &User) -> Result<(), AdminError> {
    owns(tx, by, vpd, user).await?;
    if user.has_password && !by.is_operator() { Err(AdminError::HasPassword) } else { Ok(()) }
}

/// An account belongs to an administrator who administers every organisation that its user acts for; to operators, every account does.
pub async fn owns(tx: &mut SystemTx, by: By<'_>, vpd: &Vpd, user: &User) -> Result<(), AdminError> {
    by.is_not(user.user_id)?;
    by.administers(vpd)?;
    if !by.is_operator() && store::organisations_of(tx, user.user_id).await?.iter().any(|(theirs, _)| theirs != vpd) {
        return Err(AdminError::NotYours);
    }
    Ok(())
}
