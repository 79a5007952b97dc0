use clap::Args;
use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::config::Config;
use crate::demo::{self, DemoError, PASSWORD, PERSONAS, Seeded, Size};
use crate::tenancy::PoolSize;
use crate::worker;

/// Loads the demonstration and prints whom to be.
pub async fn run(config: Config, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let loaded = async {
        let app = opened.app(PoolSize::WORK).await?;
        let loaded = demo::load(&app, &worker::processors()).await;
        app.db.close().await;
        loaded.map(|_| app.config.link("/")).map_err(Failure::from)
    }
    .await;
    opened.close().await;
    let address = loaded?;
    if as_json {
        for persona in PERSONAS {
            print_json(&json!({ "username": persona.username, "password": PASSWORD, "name": persona.name,
                "role": persona.role, "try_first": persona.try_first }));
        }
        return Ok(());
    }
    let widest =
        |of: fn(&demo::Persona) -> &str| PERSONAS.iter().map(|p| of(p).chars().count()).max().unwrap_or_default();
    let (user, role) = (widest(|p| p.username), widest(|p| p.role));
    println!("The demonstration is loaded. Sign in at {address} as one of these; every password is: {PASSWORD}\n");
    println!("{:user$}  {:password$}  {:role$}  Try first", "User name", "Password", "Role", password = PASSWORD.len());
    for persona in PERSONAS {
        println!("{:user$}  {PASSWORD}  {:role$}  {}", persona.username, persona.role, persona.try_first);
    }
    println!();
    Ok(())
}

#[derive(Args)]
pub struct Seed {
    /// small: one employer, 500 staff. trust: ten, 40,000. national: two hundred, 1.9 million.
    #[arg(long)]
    size: Size,
}

/// Fills an empty database with generated data, for load tests.
pub async fn seed(config: Config, seed: Seed, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let seeded = async {
        let app = opened.app(PoolSize::WORK).await?;
        let seeded = demo::seed(&app, &worker::processors(), seed.size).await;
        app.db.close().await;
        seeded.map_err(Failure::from)
    }
    .await;
    opened.close().await;
    let Seeded { employers, staff, doctors } = seeded?;
    if as_json {
        print_json(&json!({ "size": seed.size.name(), "employers": employers, "staff": staff, "doctors": doctors }));
    } else {
        println!("Seeded: {employers} employers, {staff} staff, {doctors} doctors in training on their way.");
    }
    Ok(())
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Database(error) => error.into(),
            error => Self::new(error.to_string()),
        }
    }
}
