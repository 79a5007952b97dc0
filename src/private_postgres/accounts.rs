use sqlx::{Connection, PgConnection};

/// The database that holds everything.
pub const DATABASE: &str = "changeover";
/// The login of `serve` and the other commands: a member of the two roles below, and owner of nothing.
pub const LOGIN: &str = "changeover_login";

/// The migrations make the two roles as well; whoever comes first does.
const ROLES: &str = "
do $$
declare wanted text;
begin
  foreach wanted in array array['changeover_app', 'changeover_system'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'changeover_login') then
    create role changeover_login login noinherit in role changeover_app, changeover_system;
  end if;
end $$";

/// Makes the database and the login of a new cluster; changes nothing where they are.
pub async fn ensure(superuser_url: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(superuser_url).await?;
    sqlx::raw_sql(ROLES).execute(&mut connection).await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut connection)
        .await?;
    if !there {
        sqlx::raw_sql("create database changeover").execute(&mut connection).await?;
    }
    connection.close().await
}
