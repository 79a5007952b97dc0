use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::access;
use crate::app::App;
use crate::error::ApiError;
use crate::tenancy::VpdTx;

/// How long an answer is kept for the request that comes again.
const KEPT: TimeDelta = TimeDelta::hours(24);
const LONGEST: usize = 200;

/// The key of a request, which every change must bear.
pub fn key(request: &HttpRequest) -> Result<String, ApiError> {
    let sent = request.headers().get("Idempotency-Key").map(|value| value.to_str().unwrap_or_default().trim());
    match sent {
        Some(key) if !key.is_empty() && key.len() <= LONGEST => Ok(key.to_owned()),
        Some(_) => {
            let detail = "Idempotency-Key must be 1 to 200 printable characters, such as a UUID.";
            Err(ApiError::new(StatusCode::BAD_REQUEST, "Idempotency-Key cannot be read", detail))
        }
        None => {
            let detail = "Send Idempotency-Key, one for each change, such as a UUID. Send it again with the same key if no answer comes.";
            Err(ApiError::new(StatusCode::PRECONDITION_REQUIRED, "Idempotency-Key is needed", detail))
        }
    }
}

/// What makes two requests the same.
pub fn digest(application: &str, standard: &str, seen: i32, body: &[u8]) -> Vec<u8> {
    let head = format!("{application}\n{standard}\n{seen}\n");
    Sha256::new().chain_update(head).chain_update(body).finalize().to_vec()
}

/// Takes a key for this request, or gives the answer that it had before. Of two that come at once the second waits for the first.
pub async fn claim(
    tx: &mut VpdTx,
    token_id: Uuid,
    key: &str,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<HttpResponse>, ApiError> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!("delete from api_answers where vpd = $1 and at < $2", vpd, now - KEPT).execute(&mut **tx).await?;
    let taken = sqlx::query!(
        "insert into api_answers (vpd, token_id, idempotency_key, request_digest, status, etag, body, at)
         values ($1, $2, $3, $4, 200, '', '', $5) on conflict do nothing",
        vpd,
        token_id,
        key,
        digest,
        now
    )
    .execute(&mut **tx)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(None);
    }
    let row = sqlx::query!(
        "select request_digest, status, etag, body from api_answers where vpd = $1 and token_id = $2 and idempotency_key = $3",
        vpd,
        token_id,
        key
    )
    .fetch_one(&mut **tx)
    .await?;
    if row.request_digest != digest {
        let detail =
            "This Idempotency-Key was used for another request within 24 hours. Use a new key for a new change.";
        return Err(ApiError::new(StatusCode::CONFLICT, "The Idempotency-Key was used before", detail));
    }
    let status = u16::try_from(row.status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default();
    Ok(Some(
        HttpResponse::build(status)
            .insert_header((header::ETAG, row.etag))
            .content_type(header::ContentType::json())
            .body(row.body),
    ))
}

/// Keeps the answer with its key, in the transaction of what it answers; gives its text.
pub async fn keep(
    tx: &mut VpdTx,
    token_id: Uuid,
    key: &str,
    etag: &str,
    body: &impl Serialize,
) -> Result<String, ApiError> {
    let vpd = tx.vpd().as_str().to_owned();
    let body = serde_json::to_string(body).map_err(|error| ApiError::unexpected(&error))?;
    sqlx::query!(
        "update api_answers set etag = $4, body = $5 where vpd = $1 and token_id = $2 and idempotency_key = $3",
        vpd,
        token_id,
        key,
        etag,
        body
    )
    .execute(&mut **tx)
    .await?;
    Ok(body)
}

/// Forgets every employer's answers that are older than they are kept, whether or not its supplier calls again.
pub async fn forget_the_old(app: &App) -> sqlx::Result<()> {
    let employers = {
        let mut tx = app.db.system().await?;
        let employers = access::store::employers(&mut tx).await?;
        tx.commit().await?;
        employers
    };
    for employer in employers {
        let mut tx = app.db.vpd(&employer.vpd).await?;
        let vpd = employer.vpd.as_str();
        sqlx::query!("delete from api_answers where vpd = $1 and at < $2", vpd, app.now() - KEPT)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}
