use sqlx::PgConnection;

use crate::app::App;

/// The right to be the only one, of all workers on this database, at some work: it ends with its connection, however that ends.
pub struct Alone(#[expect(dead_code, reason = "the lock is held until the connection is dropped")] PgConnection);

impl Alone {
    /// Takes the right to the work of this name, unless another has it.
    pub async fn with(app: &App, work: &str) -> sqlx::Result<Option<Self>> {
        let mut connection = app.db.system_connection().await?.detach();
        // A worker on a machine that vanished must not keep the lock for hours.
        sqlx::raw_sql("set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3")
            .execute(&mut connection)
            .await?;
        let taken = sqlx::query_scalar!(r#"select pg_try_advisory_lock(hashtextextended($1, 43)) as "taken!""#, work)
            .fetch_one(&mut connection)
            .await?;
        Ok(taken.then_some(Self(connection)))
    }
}
