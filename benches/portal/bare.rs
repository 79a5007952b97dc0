//! The bare equivalent of a page: actix, one query for the rows that the page shows, the same bytes.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App as WebApp, HttpResponse, HttpServer};
use anyhow::Result;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// What the one query reads, of the employer named.
#[derive(Clone)]
pub enum Query {
    Inbox(String),
    Board(String),
}

pub struct Bare {
    pub address: String,
    pub handle: ServerHandle,
}

/// Serves these bytes at `/`, after the query.
pub async fn start(owner: &PgPool, page: Bytes, query: Query) -> Result<Bare> {
    let options = owner.connect_options().as_ref().clone();
    let pool = PgPoolOptions::new().max_connections(12).test_before_acquire(false).connect_with(options).await?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let server = HttpServer::new(move || {
        WebApp::new()
            .app_data(Data::new(pool.clone()))
            .app_data(Data::new(page.clone()))
            .app_data(Data::new(query.clone()))
            .route("/", web::get().to(answer))
    })
    .tcp_nodelay(true)
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(Bare { address, handle })
}

type InboxRow = (uuid::Uuid, String, Option<String>, Option<String>);
type BoardRow = (String, String, Option<String>, Option<String>, Option<String>);

async fn answer(pool: Data<PgPool>, page: Data<Bytes>, query: Data<Query>) -> HttpResponse {
    let found = match query.get_ref() {
        Query::Inbox(vpd) => sqlx::query_as::<_, InboxRow>(
            "select item_id, title, person_name, dpn from items where vpd = $1 and role = 'medical_staffing_officer' and class = 'action' and state = 'open'
              order by created_at desc, item_id desc limit 25",
        )
        .bind(vpd)
        .fetch_all(pool.get_ref())
        .await
        .map(|rows| rows.len()),
        Query::Board(vpd) => sqlx::query_as::<_, BoardRow>(
            "select position_id, position_number, name, dpn, workplace_code from positions where vpd = $1 and dpn_key is not null order by dpn_key",
        )
        .bind(vpd)
        .fetch_all(pool.get_ref())
        .await
        .map(|rows| rows.len()),
    };
    match found {
        Ok(1..) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.get_ref().clone()),
        _ => HttpResponse::InternalServerError().finish(),
    }
}
