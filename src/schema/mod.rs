//! Migrations, and which program fits which schema.
//!
//! Each migration writes into `schema_compatibility` the oldest release that runs on it. `serve` refuses a schema older than its own, and
//! one so new that its migrations exclude this program.

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, Row};

/// Every migration of this release, inside the program.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Why the schema cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("The database has no Changeover tables yet. Run `changeover migrate`.")]
    Empty,
    #[error("The database is at version {found}, this program needs {needed}. Run `changeover migrate`.")]
    TooOld { found: i64, needed: i64 },
    #[error(
        "The database was brought to version {found}, which needs release {oldest} or later; this is {this}. Install a newer release."
    )]
    TooNew { found: i64, oldest: String, this: &'static str },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("The migrations stopped: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("{0}")]
    Login(String),
}

/// The release of this program.
pub const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Brings the database to this release, as the owner's login; `logins` are then made members of the two roles that serve.
pub async fn migrate(owner: &PgConnectOptions, logins: &[String]) -> Result<(), SchemaError> {
    let mut connection = owner.connect().await?;
    MIGRATOR.run(&mut connection).await?;
    for login in logins {
        let known: bool = sqlx::query_scalar("select exists (select 1 from pg_roles where rolname = $1)")
            .bind(login)
            .fetch_one(&mut connection)
            .await?;
        if !known {
            return Err(SchemaError::Login(format!(
                "DATABASE_URL names the login {login:?}, which the database does not know: create it first"
            )));
        }
        for role in ["changeover_app", "changeover_system"] {
            let member: bool = sqlx::query_scalar("select pg_has_role($1, $2, 'member')")
                .bind(login)
                .bind(role)
                .fetch_one(&mut connection)
                .await?;
            if !member {
                let grant = format!("grant {role} to \"{}\"", login.replace('"', "\"\""));
                sqlx::query(AssertSqlSafe(grant)).execute(&mut connection).await?;
            }
        }
    }
    Ok(())
}

/// Whether this program may serve on this database; asked before anything else, as the login alone.
pub async fn check(options: &PgConnectOptions) -> Result<(), SchemaError> {
    let mut connection = options.connect().await?;
    check_on(&mut connection).await
}

async fn check_on(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let exists: bool = sqlx::query_scalar("select to_regclass('public.schema_compatibility') is not null")
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Err(SchemaError::Empty);
    }
    let can: bool = sqlx::query_scalar("select pg_has_role(current_user, 'changeover_app', 'member') and pg_has_role(current_user, 'changeover_system', 'member')")
        .fetch_one(&mut *connection)
        .await?;
    if !can {
        return Err(SchemaError::Login(
            "The login of DATABASE_URL is no member of changeover_app and changeover_system. Run `changeover migrate` with CHANGEOVER_OWNER_URL set.".to_owned(),
        ));
    }
    sqlx::query("set role changeover_system").execute(&mut *connection).await?;
    let row = sqlx::query("select max(version) as newest, (array_agg(oldest_release order by version desc))[1] as oldest from schema_compatibility")
        .fetch_one(&mut *connection)
        .await?;
    let found: i64 = row.try_get::<Option<i64>, _>("newest")?.unwrap_or(0);
    let oldest: String = row.try_get::<Option<String>, _>("oldest")?.unwrap_or_default();
    let needed = MIGRATOR.iter().map(|m| m.version).max().unwrap_or(0);
    if found < needed {
        return Err(SchemaError::TooOld { found, needed });
    }
    if release(&oldest) > release(RELEASE) {
        return Err(SchemaError::TooNew { found, oldest, this: RELEASE });
    }
    Ok(())
}

fn release(text: &str) -> Vec<u64> {
    text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// What a login may do that it should not: own tables, be superuser or pass by row-level security.
pub async fn faults_of_login(options: &PgConnectOptions) -> sqlx::Result<Vec<String>> {
    let mut connection = options.connect().await?;
    let row = sqlx::query(
        "select current_user::text as login, r.rolsuper, r.rolbypassrls,
                exists (select 1 from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace = 'public'::regnamespace) as owns
           from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await?;
    let login: String = row.try_get("login")?;
    let mut faults = Vec::new();
    if row.try_get("rolsuper")? {
        faults.push(format!("the login {login} is superuser"));
    }
    if row.try_get("rolbypassrls")? {
        faults.push(format!("the login {login} passes by row-level security"));
    }
    if row.try_get("owns")? {
        faults.push(format!("the login {login} owns tables"));
    }
    Ok(faults)
}
