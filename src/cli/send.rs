use clap::{Args, ValueEnum};
use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::audit::Actor;
use crate::config::Config;
use crate::deanery_outbound::actions::{self, Made, Request};
use crate::file_exchange::{self, replies};
use crate::tenancy::{PoolSize, Vpd};

/// What can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Interface {
    /// Positions for a managing body (RMF, RMC): give --body.
    Positions,
    /// Person Update of an employer's doctors: give --vpd.
    PersonUpdate,
}

#[derive(Args)]
pub struct Send {
    /// The interface.
    interface: Interface,
    /// The managing body that the file is for, such as KSS.
    #[arg(long)]
    body: Option<String>,
    /// The employer whose records are sent, such as 904.
    #[arg(long)]
    vpd: Option<Vpd>,
    /// All of it, instead of what changed.
    #[arg(long)]
    full: bool,
}

/// Makes an outbound file now and puts it into the outbound folder; none where nothing changed.
pub async fn run(config: Config, send: Send, as_json: bool) -> Result<(), Failure> {
    let request = match (send.interface, send.body, send.vpd) {
        (Interface::Positions, Some(body), None) => Request::Positions { body: body.to_uppercase(), full: send.full },
        (Interface::PersonUpdate, None, Some(_)) if send.full => {
            return Err(Failure::usage("A Person Update holds what changed: leave out --full."));
        }
        (Interface::PersonUpdate, None, Some(vpd)) => Request::PersonUpdate { vpd },
        (Interface::Positions, ..) => {
            return Err(Failure::usage("positions are sent to a managing body: give --body CODE."));
        }
        (Interface::PersonUpdate, ..) => return Err(Failure::usage("person-update is of an employer: give --vpd N.")),
    };
    let opened = Opened::find(config).await?;
    let done = async {
        let app = opened.app(PoolSize::WORK).await?;
        file_exchange::folders::make(&app);
        if let Some(problem) = actions::unknown(&app, &request).await? {
            return Err(Failure::usage(problem));
        }
        let made = actions::send(&app, &request, &Actor::Command).await?;
        let paths: Vec<_> = made.iter().map(|one| replies::path_of(&app, &one.file)).collect();
        app.db.close().await;
        Ok::<_, Failure>((made, paths))
    }
    .await;
    opened.close().await;
    let (made, paths) = done?;
    if made.is_empty() && !as_json {
        println!("Nothing has changed since what was last sent, so no file was made.");
    }
    for (Made { file, records }, path) in made.iter().zip(paths) {
        if as_json {
            print_json(&json!({ "file": file, "records": records, "path": path }));
        } else {
            println!("{file}: {records} records, {}", path.display());
        }
    }
    Ok(())
}
