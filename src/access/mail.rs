//! How often mail comes to a user, and whether the address takes any.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rights::Right;
use crate::email::Frequency;
use crate::tenancy::{SystemTx, Vpd};

/// A user's choice on `/account`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailChoice {
    pub frequency: Frequency,
    /// For daily mail: the hour in London.
    pub hour: i16,
}

pub async fn choice(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Option<MailChoice>> {
    let row = sqlx::query!("select mail_frequency, mail_hour from users where user_id = $1", user_id)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| MailChoice {
        frequency: Frequency::from_code(&row.mail_frequency).unwrap_or(Frequency::Daily),
        hour: row.mail_hour,
    }))
}

/// Keeps what the mail server said of a user's address, for the user to see.
pub async fn save_problem(tx: &mut SystemTx, user_id: Uuid, words: &str) -> sqlx::Result<()> {
    sqlx::query!("update users set mail_problem = $2 where user_id = $1", user_id, words).execute(&mut **tx).await?;
    Ok(())
}

/// Somebody whose summary may be due, and the organisation that the mail is kept with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    pub user_id: Uuid,
    pub home: Vpd,
}

/// Users of this frequency (and hour, for daily mail) who can sign in, hold a right, and whose address takes mail.
pub async fn readers(tx: &mut SystemTx, frequency: Frequency, hour: Option<i16>) -> sqlx::Result<Vec<Reader>> {
    sqlx::query_as!(
        Reader,
        r#"select u.user_id, min(g.vpd) as "home!: Vpd" from users u join user_grants g on g.user_id = u.user_id and g.ended_at is null
            where u.mail_frequency = $1 and ($2::smallint is null or u.mail_hour = $2) and u.disabled_at is null and u.mail_problem is null
            group by u.user_id order by u.user_id"#,
        frequency.code(),
        hour
    )
    .fetch_all(&mut **tx)
    .await
}

/// The same for those of one organisation who want mail at once.
pub async fn readers_at_once(tx: &mut SystemTx, vpd: &Vpd) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select u.user_id from users u
          where u.mail_frequency = 'at_once' and u.disabled_at is null and u.mail_problem is null
            and exists (select 1 from user_grants g where g.user_id = u.user_id and g.vpd = $1 and g.ended_at is null)
          order by u.user_id",
        vpd as &Vpd
    )
    .fetch_all(&mut **tx)
    .await
}

/// To whom a summary goes, and what that user may see where.
#[derive(Debug)]
pub struct Recipient {
    pub name: String,
    pub email: String,
    pub choice: MailChoice,
    /// Each organisation with its name, the rights held there, and since when the first of them.
    pub organisations: Vec<(Vpd, String, Vec<Right>, DateTime<Utc>)>,
}

/// A user who can sign in and whose address takes mail.
pub async fn recipient(tx: &mut SystemTx, user_id: Uuid) -> sqlx::Result<Option<Recipient>> {
    let Some(choice) = choice(tx, user_id).await? else { return Ok(None) };
    let user = sqlx::query!(
        "select name, email from users where user_id = $1 and disabled_at is null and mail_problem is null",
        user_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(user) = user else { return Ok(None) };
    let rows = sqlx::query!(
        r#"select v.vpd as "vpd: Vpd", v.name, array_agg(g.name) as "rights!", min(g.granted_at) as "since!"
             from user_grants g join vpds v on v.vpd = g.vpd
            where g.user_id = $1 and g.ended_at is null group by v.vpd, v.name order by v.vpd"#,
        user_id
    )
    .fetch_all(&mut **tx)
    .await?;
    let organisations = rows
        .into_iter()
        .map(|row| {
            let rights = row.rights.iter().filter_map(|code| Right::from_code(code)).collect();
            (row.vpd, row.name, rights, row.since)
        })
        .collect();
    Ok(Some(Recipient { name: user.name, email: user.email, choice, organisations }))
}
