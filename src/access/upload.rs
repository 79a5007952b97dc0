//! Forms with a file: the token stands first, the fields and one file after it, within a bound.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_multipart::{Field as Part, Multipart};
use actix_web::HttpRequest;
use actix_web::web::block;
use futures_util::TryStreamExt;
use tokio::time::timeout;

use super::form::check;
use crate::error::PageError;
use crate::spreadsheets::{self, Table};

/// How long a form with a file may take to come.
const LONGEST: Duration = Duration::from_secs(300);
/// More than this is not even read to its end, whatever the file's own limit.
const HOPELESS: usize = 64 * 1024 * 1024;

/// A form as it was sent with a file.
#[derive(Debug, Default)]
pub struct Upload {
    pub fields: BTreeMap<String, String>,
    /// The name that the sender gave it, and what is in it; one byte more than the limit where it is larger.
    pub file: Option<(String, Vec<u8>)>,
}

impl Upload {
    /// A field's text, empty where it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// Reads a form with a file of at most this size, after its token was checked. Whoever sends a byte a minute is not waited for.
pub async fn read_upload(request: &HttpRequest, body: Multipart, largest: usize) -> Result<Upload, PageError> {
    timeout(LONGEST, read(request, body, largest)).await.map_err(|_| broken())?
}

/// Reads a form with a CSV file or workbook of at most so many rows: its name and what it holds, or what is wrong with it in words.
pub async fn read_table(
    request: &HttpRequest,
    body: Multipart,
    most_rows: usize,
) -> Result<Result<(String, Table), String>, PageError> {
    let upload = read_upload(request, body, spreadsheets::LARGEST).await?;
    let Some((name, bytes)) = upload.file else { return Ok(Err("Select a file".to_owned())) };
    let table = block(move || spreadsheets::read(&bytes, most_rows)).await.map_err(|e| PageError::unexpected(&e))?;
    Ok(table.map(|table| (name, table)).map_err(|error| error.to_string()))
}

async fn read(request: &HttpRequest, mut body: Multipart, largest: usize) -> Result<Upload, PageError> {
    let token = match next(&mut body).await? {
        Some(part) if part.name() == Some("csrf") => text(part).await?,
        _ => String::new(),
    };
    check(request, Some(&token), &[])?;
    let mut upload = Upload::default();
    while let Some(part) = next(&mut body).await? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.content_disposition().and_then(|it| it.get_filename()).map(str::to_owned);
        match file {
            Some(file) if upload.file.is_none() => {
                let bytes = bytes(part, largest).await?;
                if !file.is_empty() {
                    // A path of the sender's machine is nobody's business: the last part is the name.
                    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
                    let file: String = file.chars().filter(|c| !c.is_control()).take(150).collect();
                    upload.file = Some((file, bytes));
                }
            }
            Some(_) => return Err(PageError::BadRequest("Send one file.".to_owned())),
            None if upload.fields.len() < 50 => {
                upload.fields.insert(name, text(part).await?);
            }
            None => return Err(PageError::BadRequest("The form has too many fields.".to_owned())),
        }
    }
    Ok(upload)
}

async fn next(body: &mut Multipart) -> Result<Option<Part>, PageError> {
    body.try_next().await.map_err(|_| broken())
}

fn broken() -> PageError {
    PageError::BadRequest("The upload broke off. Send the file again.".to_owned())
}

async fn text(mut part: Part) -> Result<String, PageError> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.try_next().await.map_err(|_| broken())? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > 20_000 {
            return Err(PageError::BadRequest("The form cannot be read.".to_owned()));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn bytes(mut part: Part, largest: usize) -> Result<Vec<u8>, PageError> {
    let (mut kept, mut seen) = (Vec::new(), 0);
    while let Some(piece) = part.try_next().await.map_err(|_| broken())? {
        seen += piece.len();
        if seen > HOPELESS {
            return Err(PageError::TooLarge("A file may have at most 10 MB here.".to_owned()));
        }
        // Read on past the limit, so that the form's page can say it rather than the connection break.
        let room = (largest + 1).saturating_sub(kept.len());
        kept.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    Ok(kept)
}
