//! Wrong passwords are slowed down, by account and by address, in the database, so that every replica counts the same.
//!
//! An address has ten wrong tries and one more every ten seconds; only failures count, since a whole hospital may share one address. An
//! account waits from its sixth try on: 1, 2, 4 ... seconds, at most 15 minutes, and is never locked for good. Its tries are counted before
//! anything is hashed, so that many at one instant are no more than many in a row, and a right password forgets them.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::tenancy::SystemTx;

const ADDRESS_BURST: i32 = 10;
const ADDRESS_REFILL: TimeDelta = TimeDelta::seconds(10);
const FREE_FAILURES: i32 = 5;
const LONGEST: i64 = 15 * 60;
/// An account's failures are forgotten after so long without one.
const FORGET: TimeDelta = TimeDelta::hours(1);

/// What an address counts as: itself, or the /64 that it is of, which is one subscriber's where IPv6 is spoken.
pub fn network(address: &str) -> String {
    let Ok(IpAddr::V6(v6)) = address.parse::<IpAddr>() else { return address.to_owned() };
    match v6.to_ipv4_mapped() {
        Some(v4) => v4.to_string(),
        None => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Seconds to wait before another try, if one must wait.
pub async fn wait(tx: &mut SystemTx, username: &str, address: &str, now: DateTime<Utc>) -> sqlx::Result<Option<u64>> {
    let until = sqlx::query_scalar!(
        r#"select max(blocked_until) from sign_in_throttles where subject in ($1, $2)"#,
        format!("account:{username}"),
        format!("address:{}", network(address))
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(until.filter(|until| *until > now).map(|until| u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1))
}

/// Lets a try at an account's password through to be hashed, and counts it; or seconds to wait. To be committed before the hash begins:
/// of tries at one instant each sees those that were let through before it.
pub async fn admit(tx: &mut SystemTx, username: &str, address: &str, now: DateTime<Utc>) -> sqlx::Result<Option<u64>> {
    let account = format!("account:{username}");
    // The row stays locked until the commit: the next try at this account waits here.
    let tries = sqlx::query_scalar!(
        "insert into sign_in_throttles as t (subject, failures, window_start) values ($1, 1, $2)
         on conflict (subject) do update set failures = case when t.window_start < $2 - $3::interval then 1 else t.failures + 1 end, window_start = $2
         where t.blocked_until is null or t.blocked_until <= $2
         returning failures",
        account,
        now,
        FORGET as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    let seconds = wait(tx, username, address, now).await?;
    if seconds.is_some() {
        return Ok(seconds);
    }
    let Some(tries) = tries else { return Ok(Some(1)) };
    if tries > FREE_FAILURES {
        let seconds = 2_i64.saturating_pow(u32::try_from(tries - FREE_FAILURES - 1).unwrap_or(0).min(20)).min(LONGEST);
        block(tx, &account, now + TimeDelta::seconds(seconds)).await?;
    }
    Ok(None)
}

/// Counts a wrong password against the address that it came from.
pub async fn failed(tx: &mut SystemTx, address: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    let failures = count(
        tx,
        &format!("address:{}", network(address)),
        FORGET,
        i32::try_from(ADDRESS_REFILL.num_seconds()).unwrap_or(10),
        now,
    )
    .await?;
    if failures >= ADDRESS_BURST {
        // Sixty tries at once cost as long a wait as sixty in a row.
        let over = failures - ADDRESS_BURST + 1;
        block(
            tx,
            &format!("address:{}", network(address)),
            now + (ADDRESS_REFILL * over).min(TimeDelta::seconds(LONGEST)),
        )
        .await?;
    }
    Ok(())
}

/// Counts one more failure; with `refill`, one is forgiven for so many seconds since the last.
async fn count(
    tx: &mut SystemTx,
    subject: &str,
    forget: TimeDelta,
    refill: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "insert into sign_in_throttles as t (subject, failures, window_start) values ($1, 1, $2)
         on conflict (subject) do update set
           failures = case when t.window_start < $2 - $3::interval then 1
                           when $4 > 0 then greatest(0, t.failures - (extract(epoch from $2 - t.window_start) / $4)::integer) + 1
                           else t.failures + 1 end,
           window_start = $2
         returning failures",
        subject,
        now,
        forget as _,
        refill
    )
    .fetch_one(&mut **tx)
    .await
}

/// Counts a request that anybody may make, such as for a forgotten password; seconds to wait when there were more than `burst`
/// and not one forgiven for each `refill`.
pub async fn take(
    tx: &mut SystemTx,
    subject: &str,
    burst: i32,
    refill: TimeDelta,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<u64>> {
    let refill = i32::try_from(refill.num_seconds()).unwrap_or(i32::MAX);
    let taken = count(tx, subject, TimeDelta::days(1), refill, now).await?;
    if taken <= burst {
        return Ok(None);
    }
    // What was refused does not count, or a page that is pressed often would stay shut for hours.
    sqlx::query!("update sign_in_throttles set failures = $2 where subject = $1", subject, burst)
        .execute(&mut **tx)
        .await?;
    Ok(Some(u64::try_from(refill).unwrap_or(60)))
}

async fn block(tx: &mut SystemTx, subject: &str, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update sign_in_throttles set blocked_until = $2 where subject = $1", subject, until)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Forgets an account's failures, after a right password.
pub async fn forgive(tx: &mut SystemTx, username: &str) -> sqlx::Result<()> {
    sqlx::query!("delete from sign_in_throttles where subject = $1", format!("account:{username}"))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn auth_3_an_address_counts_with_those_of_its_subscriber() {
        for (address, counts_as) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(network(address), counts_as, "{address}");
        }
    }
}
