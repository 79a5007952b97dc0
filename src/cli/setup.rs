use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::config::Config;
use crate::schema::{self, MIGRATOR, RELEASE};

/// Brings the database to this release.
pub async fn migrate(config: Config, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let migrated = migrate_on(&opened).await;
    opened.close().await;
    let version = migrated?;
    if as_json {
        print_json(&json!({ "release": RELEASE, "version": version }));
    } else {
        println!("The database is at version {version}, for release {RELEASE}.");
    }
    Ok(())
}

async fn migrate_on(opened: &Opened) -> Result<i64, Failure> {
    let login = opened.login.get_username().to_owned();
    let logins = if login == opened.owner.get_username() { Vec::new() } else { vec![login] };
    schema::migrate(&opened.owner, &logins).await?;
    Ok(MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default())
}
