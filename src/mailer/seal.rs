use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::app::App;

/// Locks a one-time link so that the database alone does not give it away.
pub fn seal(app: &App, link: &str) -> Vec<u8> {
    lock(&app.key("one-time links in mail"), link)
}

/// The link again, for the mail that is about to leave; `None` when the installation's key is another one.
pub fn open(app: &App, sealed: &[u8]) -> Option<String> {
    unlock(&app.key("one-time links in mail"), sealed)
}

fn lock(key: &[u8; 32], link: &str) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let mut sealed = link.as_bytes().to_vec();
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .expect("a link is far shorter than the cipher's limit");
    [&nonce[..], &sealed].concat()
}

fn unlock(key: &[u8; 32], sealed: &[u8]) -> Option<String> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut rest = rest.to_vec();
    let opened = cipher(key).open_in_place(nonce, Aad::empty(), &mut rest).ok()?;
    String::from_utf8(opened.to_vec()).ok()
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("the key has the cipher's 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_opens_a_link() {
        let (key, link) = ([7; 32], "https://portal.example/password/abc");
        let sealed = lock(&key, link);
        assert!(!sealed.windows(8).any(|part| part == &link.as_bytes()[..8]));
        assert_eq!(unlock(&key, &sealed).as_deref(), Some(link));
        assert_eq!(unlock(&[8; 32], &sealed), None);
        assert_eq!(unlock(&key, &sealed[..5]), None);
    }
}
