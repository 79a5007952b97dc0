//! A program and a database of another release, and a portal behind TLS.

use changeover::schema::{self, SchemaError};
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn a_program_refuses_a_database_that_is_older_or_newer_than_it_can_serve(pool: PgPool) {
    let options = pool.connect_options().as_ref().clone();
    schema::check(&options).await.unwrap();
    let newer = "insert into schema_compatibility values (29990101000000, $1)";
    sqlx::query(newer).bind("0.1.0").execute(&pool).await.unwrap();
    // A later migration on which this release still runs: the old program goes on while the new one is rolled out.
    schema::check(&options).await.unwrap();
    sqlx::query("update schema_compatibility set oldest_release = '99.1.0' where version = 29990101000000")
        .execute(&pool)
        .await
        .unwrap();
    let refused = schema::check(&options).await.unwrap_err();
    assert!(matches!(refused, SchemaError::TooNew { .. }), "{refused}");
    assert!(refused.to_string().ends_with("Install a newer release."), "{refused}");
    sqlx::query("delete from schema_compatibility where version >= (select max(version) from schema_compatibility where version < 29990101000000)")
        .execute(&pool)
        .await
        .unwrap();
    let refused = schema::check(&options).await.unwrap_err();
    assert!(matches!(refused, SchemaError::TooOld { .. }), "{refused}");
    assert!(refused.to_string().ends_with("Run `changeover migrate`."), "{refused}");
}

/// SESS-1: behind TLS the cookie is bound to the host and sent by nothing but TLS, and browsers are told to stay with it.
#[sqlx::test]
async fn sess_1_behind_tls_the_cookie_and_the_headers_are_those_of_tls(pool: PgPool) {
    let portal = Portal::start_with(pool, &[("CHANGEOVER_BASE_URL", "https://changeover.example")]).await;
    let page = portal.visitor().get("/sign-in").await;
    let hsts = page.header("strict-transport-security").unwrap_or_default();
    assert!(hsts.starts_with("max-age=63072000"), "{hsts:?}");
    let cookie = page.header("set-cookie").unwrap_or_default();
    assert!(cookie.starts_with("__Host-sid="), "{cookie:?}");
    for part in ["Secure", "HttpOnly", "SameSite=", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie:?}");
    }
    assert!(!cookie.contains("Domain="), "{cookie:?}");
    let portal = Portal::start(portal.owner.clone()).await;
    let page = portal.visitor().get("/sign-in").await;
    assert_eq!(page.header("strict-transport-security"), None, "not where there is no TLS");
}
