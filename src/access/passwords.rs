//! Argon2id at OWASP's parameters: a hash for everybody who tries, known or not, and no more of them at once than the machine bears.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::config::PasswordCost;
use crate::error::PageError;

/// The shortest password that is taken.
pub const MIN_LENGTH: usize = 12;
/// The shortest for those who give rights to others.
pub const MIN_LENGTH_ADMINISTRATOR: usize = 15;
/// The longest; counted in characters, refused before anything is hashed.
pub const MAX_LENGTH: usize = 256;

/// Why a password cannot be set. Each reads as the sentence that the user sees.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    #[error("Password must be {0} characters or more")]
    TooShort(usize),
    #[error("Password must be {MAX_LENGTH} characters or fewer")]
    TooLong,
    #[error("Password must not contain a character that cannot be typed")]
    Unprintable,
    #[error("Password is one that many people use. Choose another")]
    Common,
    #[error("Password must not be your name, your organisation's name or the name of this service with little added")]
    Guessable,
}

/// Checks a new password: length, the list of common ones, and words that an attacker would try first. `context` holds the
/// user's and the organisations' names. No rules of composition, no expiry.
pub fn check(password: &str, at_least: usize, context: &[&str]) -> Result<(), PasswordProblem> {
    let length = password.chars().count();
    if length > MAX_LENGTH {
        return Err(PasswordProblem::TooLong);
    }
    if password.contains('\0') {
        return Err(PasswordProblem::Unprintable);
    }
    if length < at_least {
        return Err(PasswordProblem::TooShort(at_least));
    }
    let plain = password.to_lowercase();
    if common().binary_search(&plain.as_str()).is_ok() {
        return Err(PasswordProblem::Common);
    }
    let letters = letters_of(&plain);
    if common().binary_search(&letters.as_str()).is_ok() && length - letters.chars().count() <= 4 {
        return Err(PasswordProblem::Common);
    }
    let words = context.iter().copied().chain([
        "changeover",
        "electronic staff record",
        "doctors in training",
        "medical staffing",
    ]);
    // `Northmoor2026` is guessed from `Northmoor Hospitals NHS Trust`: what is left without its words must not be little.
    let whole = words.clone().map(|name| letters_of(&name.to_lowercase()));
    let mut parts: Vec<String> = words
        .flat_map(|name| name.to_lowercase().split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect::<Vec<_>>())
        .chain(whole)
        .filter(|word| word.chars().count() >= 4)
        .collect();
    parts.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut left = letters.clone();
    for word in parts {
        left = left.replace(&word, "");
    }
    if left != letters && left.chars().count() < 4 {
        return Err(PasswordProblem::Guessable);
    }
    Ok(())
}

fn letters_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// The common passwords of at least eight characters, lower case and sorted.
fn common() -> &'static [&'static str] {
    static LIST: OnceLock<Vec<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| {
        let mut list: Vec<&str> =
            include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty()).collect();
        list.sort_unstable();
        list
    })
}

/// Hashes and verifies, off the web threads, two for each core at once, 64 waiting.
#[derive(Clone)]
pub struct Passwords {
    cost: PasswordCost,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    hashed: Arc<AtomicU64>,
}

impl Passwords {
    pub fn new(cost: PasswordCost) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            cost,
            running: Arc::new(Semaphore::new(2 * cores)),
            waiting: Arc::new(Semaphore::new(64)),
            hashed: Arc::default(),
        }
    }

    /// How many hashes were computed, for a stored one or for nobody's.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, PageError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| PageError::Busy)?;
        let running = tokio::time::timeout(Duration::from_secs(5), self.running.clone().acquire_owned()).await;
        let _running = running.map_err(|_| PageError::Busy)?.map_err(|_| PageError::Busy)?;
        let argon2 = argon2(self.cost);
        self.hashed.fetch_add(1, Ordering::Relaxed);
        actix_web::web::block(move || work(argon2)).await.map_err(|error| PageError::unexpected(&error))
    }

    /// The hash to store.
    pub async fn hash(&self, password: String) -> Result<String, PageError> {
        let hash =
            self.blocking(move |argon2| argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?;
        hash.map_err(|error| PageError::unexpected(&error))
    }

    /// Whether the password is the one hashed; with no hash (nobody of that name) a hash is computed all the same, and the answer is no.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, PageError> {
        if password.chars().count() > MAX_LENGTH {
            return Ok(false);
        }
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| decoy(self.cost));
        let matches = self
            .blocking(move |argon2| {
                PasswordHash::new(&text).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    /// Whether a stored hash was made at another cost and should be made again at the next sign-in.
    pub fn outdated(&self, stored: &str) -> bool {
        let wanted = format!("$m={},t={},p=1$", self.cost.memory_kib, self.cost.passes);
        !stored.contains(&wanted)
    }
}

/// A hash that no password has, at the cost of the real ones: so that an unknown name takes as long as a known one, the first time too.
fn decoy(cost: PasswordCost) -> String {
    let (salt, digest) = ("bm9ib2R5IGlzIGhlcmU", "bm9ib2R5IGhhcyB0aGlzIHBhc3N3b3JkIGF0IGFsbCE");
    format!("$argon2id$v=19$m={},t={},p=1${salt}${digest}", cost.memory_kib, cost.passes)
}

fn argon2(cost: PasswordCost) -> Argon2<'static> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).expect("the cost is within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_8_length_is_counted_in_characters() {
        assert_eq!(check("short", MIN_LENGTH, &[]), Err(PasswordProblem::TooShort(12)));
        assert_eq!(check(&"é".repeat(256), MIN_LENGTH, &[]), Ok(()));
        assert_eq!(check(&"é".repeat(257), MIN_LENGTH, &[]), Err(PasswordProblem::TooLong));
        assert_eq!(check("with\0a nul byte in it", MIN_LENGTH, &[]), Err(PasswordProblem::Unprintable));
        assert_eq!(check("🦆🦆🦆🦆🦆🦆🦆🦆🦆🦆🦆🦆", MIN_LENGTH, &[]), Ok(()));
        assert_eq!(check("            ", MIN_LENGTH, &[]), Ok(()), "no rules of composition");
    }

    #[test]
    fn auth_12_common_and_guessable_passwords_are_refused() {
        assert_eq!(check("password1234", MIN_LENGTH, &[]), Err(PasswordProblem::Common));
        assert_eq!(check("Northmoor2026", MIN_LENGTH, &["904 Northmoor"]), Err(PasswordProblem::Guessable));
        assert_eq!(check("Changeover!2026", MIN_LENGTH, &[]), Err(PasswordProblem::Guessable));
        let trust = ["Northmoor Hospitals NHS Foundation Trust", "Priya Raman"];
        assert_eq!(check("Northmoor2026!!", MIN_LENGTH, &trust), Err(PasswordProblem::Guessable));
        assert_eq!(check("Priya.Raman.1985", MIN_LENGTH, &trust), Err(PasswordProblem::Guessable));
        assert_eq!(check("lantern orchard pebble", MIN_LENGTH, &trust), Ok(()));
    }

    #[test]
    fn the_list_of_common_passwords_is_long() {
        assert!(common().len() >= 10_000, "{}", common().len());
    }

    #[actix_web::test]
    async fn auth_1_nobodys_hash_is_computed_like_everybodys() {
        let cost = PasswordCost { memory_kib: 8, passes: 1 };
        let text = decoy(cost);
        let hash = PasswordHash::new(&text).expect("the decoy is a hash that can be verified");
        let stored = argon2(cost).hash_password(b"somebody's").unwrap();
        assert_eq!(hash.params.to_string(), stored.params.to_string(), "the same cost");
        assert_eq!(hash.hash.unwrap().as_bytes().len(), stored.hash.unwrap().as_bytes().len());
    }

    #[actix_web::test]
    async fn auth_5_no_more_hashes_at_once_than_the_machine_bears() {
        use std::sync::atomic::AtomicUsize;
        let passwords = Passwords::new(PasswordCost { memory_kib: 8, passes: 1 });
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tries = (0..80).map(|_| {
            let (passwords, running, most) = (passwords.clone(), running.clone(), most.clone());
            async move {
                let work = move |_: Argon2<'static>| {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                passwords.blocking(work).await
            }
        });
        let results = futures_util::future::join_all(tries).await;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        assert!(most.load(Ordering::SeqCst) <= 2 * cores, "{most:?} at once");
        let busy = results.iter().filter(|result| matches!(result, Err(PageError::Busy))).count();
        assert_eq!(busy, 80 - 64, "64 wait, the others are told to come again");
    }

    #[actix_web::test]
    async fn a_hash_says_its_cost_and_verifies() {
        let passwords = Passwords::new(PasswordCost::default());
        let hash = passwords.hash("lantern orchard pebble".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{hash}");
        assert!(!passwords.outdated(&hash));
        assert!(passwords.verify("lantern orchard pebble".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("lantern orchard pebble ".to_owned(), Some(hash)).await.unwrap(), "exactly as typed");
        assert!(!passwords.verify("nobody has this password".to_owned(), None).await.unwrap());
    }
}
