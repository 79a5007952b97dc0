use std::io::Read;

use clap::{Args, Subcommand};
use serde_json::json;

use super::database::Opened;
use super::{Failure, print_json};
use crate::access::passwords::{self, MIN_LENGTH_ADMINISTRATOR};
use crate::access::{Passwords, Right, RightKind, store};
use crate::administration::actions::{self, AdminError, By, NewUser};
use crate::app::App;
use crate::config::Config;
use crate::email::Address;
use crate::tenancy::{PoolSize, SystemTx, Vpd};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Adds a user and prints a link that works once, to set the password.
    Add(Add),
    /// Gives a user a URP or a notification role in an organisation.
    Grant(Grant),
    /// Lists every user with URPs and roles.
    List,
}

#[derive(Args)]
pub struct Add {
    /// Lower-case letters, digits and . _ @ -
    username: String,
    /// The name that others see.
    #[arg(long)]
    name: String,
    /// Where mail goes.
    #[arg(long)]
    email: String,
    /// Reads the password from standard input instead of making a link.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args)]
pub struct Grant {
    username: String,
    /// The organisation's number; SYS_ADMIN needs none.
    #[arg(long)]
    vpd: Option<String>,
    /// A URP by ESR's name, or VPD_ADMIN or SYS_ADMIN.
    #[arg(long, conflicts_with = "role", required_unless_present = "role")]
    urp: Option<String>,
    /// A notification role by ESR's name, such as "Medical Staffing Officer".
    #[arg(long)]
    role: Option<String>,
}

pub async fn run(config: Config, command: UserCommand, as_json: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let done = async {
        let app = opened.app(PoolSize::WORK).await?;
        let done = match command {
            UserCommand::Add(user) => add(&app, user, as_json).await,
            UserCommand::Grant(grant) => self::grant(&app, grant, as_json).await,
            UserCommand::List => list(&app, as_json).await,
        };
        app.db.close().await;
        done
    }
    .await;
    opened.close().await;
    done
}

async fn add(app: &App, user: Add, as_json: bool) -> Result<(), Failure> {
    let (username, name, now) = (user.username.trim().to_lowercase(), user.name.trim().to_owned(), app.now());
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._@-".contains(c);
    if !username.starts_with(|c: char| c.is_ascii_alphanumeric())
        || !username.chars().all(sound)
        || username.len() > 100
    {
        return Err(Failure::usage(format!(
            "{username:?} cannot be a user name: use lower-case letters, digits and . _ @ -"
        )));
    }
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Failure::usage("Give a name of at most 200 characters with --name."));
    }
    let address: Address = user.email.parse().map_err(|error| Failure::usage(format!("{:?}: {error}", user.email)))?;
    let hash = if user.password_stdin { Some(read_password(app, &username, &name).await?) } else { None };

    let mut tx = app.db.system().await?;
    let (by, home) = (By::CommandLine, Vpd::operations());
    let new = NewUser { username: &username, name: &name, email: address.as_str() };
    let user = actions::add_user(&mut tx, by, &home, new, now).await?;
    let link = match hash {
        Some(hash) => {
            store::save_password(&mut tx, user.user_id, &hash, now).await?;
            None
        }
        None => {
            let (_, link) = actions::issue_link(&mut tx, by, &home, &user, "printed at the command line", now).await?;
            Some(app.config.link(&link.path))
        }
    };
    tx.commit().await?;
    match (as_json, link) {
        (true, link) => print_json(&json!({ "username": username, "link": link })),
        (false, Some(link)) => println!("{username} sets a password here, once, within 14 days:\n{link}"),
        (false, None) => println!("{username} can sign in."),
    }
    Ok(())
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Database(error) => error.into(),
            words => Self::new(format!("{words}.")),
        }
    }
}

async fn read_password(app: &App, username: &str, name: &str) -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text)?;
    let password = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    // Whoever is made at the command line may be given any right later.
    passwords::check(password, MIN_LENGTH_ADMINISTRATOR, &[username, name])
        .map_err(|error| Failure::new(error.to_string()))?;
    let hash = Passwords::new(app.config.passwords).hash(password.to_owned()).await;
    hash.map_err(|_| Failure::new("The password could not be kept."))
}

async fn grant(app: &App, grant: Grant, as_json: bool) -> Result<(), Failure> {
    let now = app.now();
    let (text, wants_role) = match (&grant.urp, &grant.role) {
        (Some(urp), _) => (urp, false),
        (None, Some(role)) => (role, true),
        (None, None) => return Err(Failure::usage("Name a URP with --urp or a role with --role.")),
    };
    let right: Right = text.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    if wants_role != (right.kind() == RightKind::Role) {
        let option = if wants_role { "--urp" } else { "--role" };
        return Err(Failure::usage(format!("{} is given with {option}.", right.label())));
    }
    let vpd: Vpd = match (&grant.vpd, right.is_national()) {
        (_, true) => Vpd::operations(),
        (Some(vpd), false) => vpd.parse().map_err(|error| Failure::usage(format!("{error}")))?,
        (None, false) => {
            return Err(Failure::usage(format!("{} is held in an organisation: add --vpd.", right.label())));
        }
    };
    let mut tx = app.db.system().await?;
    let user = find(&mut tx, &grant.username).await?;
    let Some(organisation) = store::organisation_name(&mut tx, &vpd).await? else {
        return Err(Failure::new(format!(
            "No organisation {vpd} is known yet. Its first Generic Outbound full file registers it."
        )));
    };
    let new = actions::grant_right(&mut tx, By::CommandLine, &vpd, &user, right, now).await?;
    tx.commit().await?;
    if as_json {
        print_json(&json!({ "username": user.username, "vpd": vpd, "right": right.code(), "changed": new }));
    } else {
        let has = if new { "now has" } else { "had already" };
        println!("{} {has} {} in {organisation} ({vpd}).", user.username, right.label());
    }
    Ok(())
}

async fn find(tx: &mut SystemTx, username: &str) -> Result<store::User, Failure> {
    let found = store::find_by_username(tx, &username.trim().to_lowercase()).await?;
    found.ok_or_else(|| Failure::new(format!("There is no user {username}.")))
}

async fn list(app: &App, as_json: bool) -> Result<(), Failure> {
    let mut tx = app.db.system().await?;
    for user in store::list(&mut tx).await? {
        let grants = store::grants_of(&mut tx, user.user_id).await?;
        if as_json {
            let rights: Vec<_> = grants.iter().map(|g| json!({ "vpd": g.vpd, "right": g.right.code() })).collect();
            print_json(&json!({ "username": user.username, "name": user.name, "email": user.email, "rights": rights,
                "disabled": user.disabled_at.is_some(), "has_password": user.has_password }));
        } else {
            let state = match (user.disabled_at, user.has_password) {
                (Some(_), _) => " (disabled)",
                (None, false) => " (invited)",
                (None, true) => "",
            };
            println!("{}{state}\t{}\t{}", user.username, user.name, user.email);
            for grant in grants {
                println!("\t{}\t{}", grant.vpd, grant.right.label());
            }
        }
    }
    Ok(())
}
