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
