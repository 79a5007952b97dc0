//! `/healthz`: the process answers. `/readyz`: the database answers and its schema fits. `/metrics`: figures, for named addresses only.

use std::sync::OnceLock;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::jobs;

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .route("/metrics", web::get().to(figures));
}

/// Collects figures from now on; asked for once or many times.
pub fn recorder() -> &'static Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n")
}

async fn readyz(app: Data<App>) -> HttpResponse {
    if app.is_stopping() {
        return HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body("stopping\n");
    }
    let ask = async {
        let mut connection = app.db.system_connection().await?;
        sqlx::query_scalar!(r#"select max(version) as "version!" from schema_compatibility"#)
            .fetch_one(&mut *connection)
            .await
    };
    match tokio::time::timeout(std::time::Duration::from_secs(1), ask).await {
        Ok(Ok(version)) => {
            HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("ready, schema {version}\n"))
        }
        _ => HttpResponse::ServiceUnavailable()
            .content_type("text/plain; charset=utf-8")
            .body("the database does not answer\n"),
    }
}

async fn figures(app: Data<App>, request: HttpRequest) -> PageResult {
    // The connection's own address: what a header claims does not count here.
    let peer = request.peer_addr().map(|address| address.ip());
    let may = |ip: std::net::IpAddr| {
        ip.is_loopback() && app.config.metrics_from.is_empty() || app.config.metrics_from.contains(&ip)
    };
    // A proxy on this machine calls from loopback too, for whoever called it.
    let forwarded = ["X-Forwarded-For", "Forwarded"].iter().any(|name| request.headers().contains_key(*name));
    if forwarded || !peer.is_some_and(may) {
        return Err(PageError::NotFound);
    }
    let (used, size) = app.db.pool_figures();
    metrics::gauge!("database_connections_used").set(f64::from(used));
    metrics::gauge!("database_connections").set(f64::from(size));
    let mut connection = app.db.system_connection().await?;
    for kind in jobs::backlog(&mut connection).await? {
        let of = |name| metrics::gauge!(name, "kind" => kind.kind.clone());
        of("jobs_waiting").set(kind.waiting as f64);
        of("jobs_dead").set(kind.dead as f64);
        of("jobs_oldest_seconds").set(kind.oldest_seconds);
    }
    drop(connection);
    let text = recorder().as_ref().map(PrometheusHandle::render).unwrap_or_default();
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
