//! The inbox page at 1,000,000 items over 300 employers and at 10,000 over 3, so that the employer measured has the same items and the same page,
//! beside a bare page of the same bytes with one query on the same index.

use std::time::Duration;

use actix_web::web::Bytes;
use anyhow::Result;
use changeover::server;

use crate::bare;
use crate::ground::Ground;
use crate::load;
use crate::report::Report;

const EMPLOYERS: usize = 300;
const FEW: usize = 3;
const CLIENTS: usize = 16;

pub async fn measure(report: &mut Report, quick: bool) -> Result<()> {
    let (small, large) = if quick { (100, 10_000) } else { (10_000, 1_000_000) };
    let time = Duration::from_secs(if quick { 1 } else { 6 });
    let mut ground = Ground::prepare("bench_inbox").await?;
    ground.sql(format!("insert into vpds (vpd, name) select (1000 + n)::text, 'Employer ' || n from generate_series(1, {EMPLOYERS}) n")).await?;
    let cookie_user = add_user(&ground).await?;
    grant(&ground, "1002").await?;
    let listener = ground.listener();
    let address = listener.local_addr()?.to_string();
    let portal = server::start(ground.app.clone(), listener)?;
    let portal_handle = portal.handle();
    tokio::spawn(portal);
    let cookie = sign_in(&ground, &address, &cookie_user).await?;

    add_items(&ground, small, 0, FEW).await?;
    let at_small = rounds(&address, "/inbox", &cookie, time).await?;
    add_items(&ground, large - small, FEW, EMPLOYERS - FEW).await?;
    let (_, page) = load::once(&address, "/inbox", &cookie).await?;
    let bare = bare::start(&ground.owner, Bytes::from(page), bare::Query::Inbox("1002".to_owned())).await?;
    // Interleaved, so that noise of the machine meets both.
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        theirs.push(load::ask(&bare.address, "/", "", CLIENTS, time).await?);
        ours.push(load::ask(&address, "/inbox", &cookie, CLIENTS, time).await?);
    }
    let (at_large, plain) = (load::median(ours), load::median(theirs));
    report.line(format!(
        "inbox page, {} bytes, {CLIENTS} clients: {:.0} pages/s (median {:.1} ms) at {large} items",
        at_large.bytes, at_large.pages_a_second, at_large.median_ms
    ));
    report.line(format!(
        "  the same at {small} items: {:.0} pages/s; bare page with one query: {:.0} pages/s",
        at_small.pages_a_second, plain.pages_a_second
    ));
    report.ratio(
        "inbox page at 1,000,000 items to the bare page",
        at_large.pages_a_second / plain.pages_a_second,
        "at least 0.50",
        |r| r >= 0.5,
    );
    report.ratio(
        "inbox page at 1,000,000 items to the same at 10,000",
        at_large.pages_a_second / at_small.pages_a_second,
        "at least 0.85",
        |r| r >= 0.85,
    );
    bare.handle.stop(false).await;
    portal_handle.stop(false).await;
    Ok(())
}

async fn rounds(address: &str, path: &str, cookie: &str, time: Duration) -> Result<load::Round> {
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(load::ask(address, path, cookie, CLIENTS, time).await?);
    }
    Ok(load::median(all))
}

/// Spreads items evenly over the employers: one in three for action, most of the old ones done, as inboxes are.
async fn add_items(ground: &Ground, count: usize, first: usize, employers: usize) -> Result<()> {
    let messages = count.div_ceil(50);
    ground
        .sql(format!(
            "set session_replication_role = replica;
             create temporary table fresh as
               select gen_random_uuid() as message_id, (1000 + 1 + {first} + n % {employers})::text as vpd, n from generate_series(0, {messages} - 1) n;
             insert into messages (vpd, message_id, type, title, cause, dedupe_key, dated_on, created_at)
               select vpd, message_id, 'DIT-APP', 'Deanery Applicant Notification', 'system_to_role', message_id::text, '2026-05-06',
                      now() - n * interval '1 minute' from fresh;
             insert into items (vpd, item_id, message_id, type, role, class, state, subject_key, title, person_name, gmc_number, dpn, position_number,
                                position_name, takes_effect_on, created_at, decided_by, decided_at)
               select f.vpd, gen_random_uuid(), f.message_id,
                      case when i % 3 = 0 then 'dit_app_failed' else 'dit_app_loaded' end, 'medical_staffing_officer',
                      case when i % 3 = 0 then 'action' else 'information' end,
                      case when (f.n + i) % 4 = 0 then 'open' else 'done' end,
                      'bench:' || f.message_id || ':' || i, 'Application of a doctor', 'Example, Sam', '9000001', 'KSS/R9A01/024/STR/004', '29040003',
                      '29040003|Specialty Registrar|024|Paediatrics', '2026-08-05', now() - f.n * interval '1 minute',
                      case when (f.n + i) % 4 = 0 then null else (select user_id from users limit 1) end,
                      case when (f.n + i) % 4 = 0 then null else now() end
                 from fresh f, generate_series(1, 50) i limit {count};
             drop table fresh;
             delete from item_tallies;
             insert into item_tallies (vpd, role, class, state, n)
               select vpd, role, class, state, count(*) from items where state in ('open', 'claimed') group by vpd, role, class, state;
             set session_replication_role = default;
             analyze messages; analyze items; analyze item_tallies;"
        ))
        .await
}

pub async fn add_user(ground: &Ground) -> Result<String> {
    let hash =
        changeover::access::Passwords::new(ground.app.config.passwords).hash("lantern orchard pebble".to_owned()).await;
    let hash = hash.map_err(|error| anyhow::anyhow!("{error}"))?;
    sqlx::query("insert into users (user_id, username, name, email, password_hash, created_at) values (gen_random_uuid(), 'bench', 'Bench', 'bench@mail.example', $1, now())")
        .bind(hash)
        .execute(&ground.owner)
        .await?;
    Ok("bench".to_owned())
}

/// Makes the user a medical staffing officer of an employer.
pub async fn grant(ground: &Ground, vpd: &str) -> Result<()> {
    ground
        .sql(format!(
            "insert into user_grants (grant_id, vpd, user_id, kind, name, granted_by, granted_at)
               select gen_random_uuid(), '{vpd}', user_id, 'role', 'medical_staffing_officer', 'bench', now() from users"
        ))
        .await
}

/// Signs in as a browser does; gives the cookie.
pub async fn sign_in(ground: &Ground, address: &str, username: &str) -> Result<String> {
    let (head, body) = load::once(address, "/sign-in", "").await?;
    let form = format!("username={username}&password=lantern+orchard+pebble&csrf={}", load::token_of(&body));
    let (status, answer) =
        load::post(address, &ground.app.config.origin(), "/sign-in", &cookie_of(&head), &form).await?;
    anyhow::ensure!(status == 303, "sign-in was refused with {status}");
    Ok(cookie_of(&answer))
}

/// The session that an answer begins.
pub fn cookie_of(head: &str) -> String {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie: sid="));
    line.and_then(|line| line.split_once(": "))
        .and_then(|(_, value)| value.split(';').next())
        .unwrap_or_default()
        .to_owned()
}
