use std::io::Write;
use std::path::{Path, PathBuf};

use actix_multipart::{Field as Part, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use futures_util::TryStreamExt;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

use super::super::Processors;
use super::super::envelope::LARGEST_FILE;
use super::super::intake::{self, Received, Source};
use super::super::name::FileName;
use super::super::results;
use super::super::views::{UploadPage, shown};
use crate::access::permissions::UploadFiles;
use crate::access::{Authorised, Right, check_csrf};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::ui::{self, ErrorSummary, Field, Flash};

/// How long a whole upload may take: 200 MB over a slow line.
const BODY_DEADLINE: Duration = Duration::from_secs(15 * 60);
/// How long may pass without a byte of it.
const PIECE_DEADLINE: Duration = Duration::from_secs(30);

/// The page with the form.
pub async fn form(who: Authorised<UploadFiles>) -> PageResult {
    page(&who, StatusCode::OK, Field::empty("file"))
}

fn page(who: &Authorised<UploadFiles>, status: StatusCode, file: Field) -> PageResult {
    let own = (!who.has(Right::SysAdmin)).then(|| who.vpd.to_string());
    shown(status, UploadPage { layout: who.layout(), errors: ErrorSummary::of([&file]), file, own })
}

/// Takes one file in, by the path that every file goes; the page of the file says what became of it.
pub async fn upload(
    app: Data<App>,
    processors: Data<Processors>,
    who: Authorised<UploadFiles>,
    request: HttpRequest,
    mut body: Multipart,
) -> PageResult {
    // The token stands first in the form: nothing is kept of a request that does not bear it.
    let until = Instant::now() + BODY_DEADLINE;
    let token = match in_time(until, body.try_next()).await? {
        Some(part) if part.name() == Some("csrf") => text(part, until).await?,
        _ => String::new(),
    };
    check_csrf(&request, Some(&token), &[])?;
    let Some(part) = in_time(until, body.try_next()).await?.filter(|part| part.name() == Some("file")) else {
        return page(&who, StatusCode::UNPROCESSABLE_ENTITY, Field::refused("file", "", "Select a file"));
    };
    let name = part.content_disposition().and_then(|it| it.get_filename()).unwrap_or_default().to_owned();
    if name.is_empty() {
        return page(&who, StatusCode::UNPROCESSABLE_ENTITY, Field::refused("file", "", "Select a file"));
    }
    if !who.has(Right::SysAdmin) && !is_own(&name, who.vpd.as_str()) {
        let problem = format!(
            "You can upload files that bear your own organisation's number, such as GO_{}_EXP_GOF_20260505_00000001.DAT. Operators take in the others",
            who.vpd
        );
        return page(&who, StatusCode::UNPROCESSABLE_ENTITY, Field::refused("file", "", problem));
    }
    let spool = Spool::write(&app, part, until).await?;
    let by = who.actor();
    let received = intake::register(&app, &processors, &name, &spool.0, Source::Upload, &by).await?;
    drop(spool);
    let Received::Registered { file_id, state } = received else {
        return Err(PageError::unexpected("an uploaded file could not be read again"));
    };
    who.flash(&match state {
        "refused" => Flash::problem("The file was refused: see below why"),
        "duplicate" => Flash::information("This file was here already: nothing was done"),
        "held" | "held_for_order" => Flash::information("The file was taken in and waits: see below why"),
        _ => Flash::success("The file was taken in and is being processed"),
    });
    // The page is theirs from now on: a file that bears their number concerns them whatever becomes of it.
    if !who.has(Right::SysAdmin) {
        let mut tx = who.begin(&app.db).await?;
        results::concern(&mut tx, file_id).await?;
        tx.commit().await?;
    }
    Ok(ui::see_other(format!("/interfaces/files/{file_id}")))
}

fn is_own(name: &str, vpd: &str) -> bool {
    FileName::parse(name).is_ok_and(|name| name.sender_is_vpd() && name.sender == vpd)
}

/// The next part or piece of an upload, if it comes in time: who dawdles keeps neither a connection nor a file on disk.
async fn in_time<T>(until: Instant, next: impl Future<Output = Result<T, MultipartError>>) -> Result<T, PageError> {
    let until = until.min(Instant::now() + PIECE_DEADLINE);
    let came = tokio::time::timeout_at(until, next).await;
    let came = came.map_err(|_| PageError::BadRequest("The upload took too long. Send the file again.".to_owned()))?;
    came.map_err(|_| PageError::BadRequest("The upload broke off. Send the file again.".to_owned()))
}

async fn text(mut part: Part, until: Instant) -> Result<String, PageError> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(until, part.try_next()).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > 1_000 {
            return Err(PageError::BadRequest("The form cannot be read.".to_owned()));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An upload's bytes on disk until they are in the database; gone with this value.
struct Spool(PathBuf);

impl Spool {
    async fn write(app: &App, mut part: Part, until: Instant) -> Result<Self, PageError> {
        let folder = app.config.data_dir.join("uploads");
        let (spool, mut file) = Self::create(&folder).map_err(|error| PageError::unexpected(&error))?;
        let mut size = 0;
        while let Some(piece) = in_time(until, part.try_next()).await? {
            size += piece.len() as u64;
            // A little more than is taken, so that the register says F13 and not the web server something else.
            if size > LARGEST_FILE + 1024 * 1024 {
                return Err(PageError::TooLarge("A file may have at most 200 MB.".to_owned()));
            }
            file.write_all(&piece).map_err(|error| PageError::unexpected(&error))?;
        }
        Ok(spool)
    }

    fn create(folder: &Path) -> std::io::Result<(Self, std::fs::File)> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(Uuid::new_v4().simple().to_string());
        let file = std::fs::File::create(&path)?;
        Ok((Self(path), file))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "an uploaded file could not be removed after it was taken in");
        }
    }
}
