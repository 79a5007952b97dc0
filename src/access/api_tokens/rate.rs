use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

use uuid::Uuid;

/// Calls at once, and how many come back each second.
const BURST: f64 = 50.0;
const EACH_SECOND: f64 = 10.0;

/// What each token has left: only tokens that are valid get here, so this holds as many as there are.
static LEFT: LazyLock<Mutex<HashMap<Uuid, (f64, Instant)>>> = LazyLock::new(Mutex::default);

/// Takes one call of a token's; seconds to wait where it has none left.
pub fn take(token: Uuid) -> Result<(), u64> {
    let Ok(mut all) = LEFT.lock() else { return Ok(()) };
    let now = Instant::now();
    let (left, since) = all.entry(token).or_insert((BURST, now));
    *left = (*left + now.duration_since(*since).as_secs_f64() * EACH_SECOND).min(BURST);
    *since = now;
    if *left < 1.0 {
        return Err(1);
    }
    *left -= 1.0;
    Ok(())
}

/// Wrong tokens of an address at once, and how many come back each second.
const WRONG_BURST: f64 = 10.0;
const WRONG_EACH_SECOND: f64 = 0.1;
/// The most addresses that are remembered here; beyond it those that have waited longest are forgotten.
const MOST_ADDRESSES: usize = 10_000;

static WRONG: LazyLock<Mutex<HashMap<String, (f64, Instant)>>> = LazyLock::new(Mutex::default);

/// Seconds that a caller from this address must wait because of the wrong tokens that came from there; asked before the database is.
pub fn wait(address: &str) -> Option<u64> {
    let all = WRONG.lock().ok()?;
    let (left, since) = all.get(address)?;
    let left = left + since.elapsed().as_secs_f64() * WRONG_EACH_SECOND;
    (left < 1.0).then_some(10)
}

/// Counts a wrong token against the address that it came from, which bears the portal's own: tests have several in one process.
pub fn wrong(address: &str) {
    let Ok(mut all) = WRONG.lock() else { return };
    let now = Instant::now();
    if all.len() >= MOST_ADDRESSES && !all.contains_key(address) {
        // Whoever has all tries again is as good as unknown.
        all.retain(|_, (left, since)| {
            *left + now.duration_since(*since).as_secs_f64() * WRONG_EACH_SECOND < WRONG_BURST
        });
        if all.len() >= MOST_ADDRESSES {
            all.clear();
        }
    }
    let (left, since) = all.entry(address.to_owned()).or_insert((WRONG_BURST, now));
    *left = (*left + now.duration_since(*since).as_secs_f64() * WRONG_EACH_SECOND).min(WRONG_BURST);
    *since = now;
    *left = (*left - 1.0).max(0.0);
}
