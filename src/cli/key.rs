use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::SecretString;

use super::Failure;
use crate::config::Config;

/// The key of this installation: the one that is set, the one in the data folder, or one made now and kept there.
pub fn find_or_make(config: &Config) -> Result<SecretString, Failure> {
    if let Some(key) = &config.secret_key {
        return Ok(key.clone());
    }
    let path = config.data_dir.join("secret.key");
    let problem =
        |error: std::io::Error| Failure::new(format!("The key in {} cannot be used: {error}", path.display()));
    fs::create_dir_all(&config.data_dir).map_err(problem)?;
    if !path.exists() {
        // Written whole under another name and linked, so that two commands at once have one key.
        let draft = config.data_dir.join(format!("secret.key.{}", uuid::Uuid::new_v4()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(problem)?;
        file.write_all(STANDARD_NO_PAD.encode(rand::random::<[u8; 48]>()).as_bytes()).map_err(problem)?;
        file.sync_all().map_err(problem)?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft).map_err(problem)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(problem(error)),
            _ => {}
        }
    }
    let key = fs::read_to_string(&path).map_err(problem)?;
    if key.trim().len() < 32 {
        return Err(Failure::new(format!("The key in {} is too short: put the right one back", path.display())));
    }
    Ok(SecretString::from(key.trim()))
}
