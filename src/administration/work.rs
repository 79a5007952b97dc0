//! `/admin/work`: background work that was given up, and another try at it.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use askama::Template;
use serde_json::json;
use uuid::Uuid;

use crate::access::permissions::SeeBackgroundWork;
use crate::access::{Authorised, Empty, Form, Right};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::jobs::{self, DeadJob};
use crate::tenancy::Vpd;
use crate::ui::{self, Flash, Layout};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/admin/work", web::get().to(show)).route("/admin/work/{job}/requeue", web::post().to(requeue));
}

#[derive(Template)]
#[template(path = "admin/work.html")]
struct WorkPage {
    layout: Layout,
    dead: Vec<DeadJob>,
    everywhere: bool,
}

/// Operators see all of it, administrators their organisation's.
fn own(who: &Authorised<SeeBackgroundWork>) -> Option<Vpd> {
    (!who.has(Right::SysAdmin)).then(|| who.vpd.clone())
}

async fn show(app: Data<App>, who: Authorised<SeeBackgroundWork>) -> PageResult {
    let mut tx = app.db.system().await?;
    let own = own(&who);
    let dead = jobs::dead(&mut tx, own.as_ref()).await?;
    Ok(ui::page(StatusCode::OK, &WorkPage { layout: who.layout(), dead, everywhere: own.is_none() }))
}

async fn requeue(
    app: Data<App>,
    who: Authorised<SeeBackgroundWork>,
    job: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let own = own(&who);
    let known = jobs::dead(&mut tx, own.as_ref()).await?.into_iter().find(|dead| dead.job_id == *job);
    let Some(known) = known else { return Err(PageError::NotFound) };
    if !jobs::requeue(&mut tx, own.as_ref(), *job).await? {
        return Err(PageError::Conflict("Somebody else queued it again.".to_owned()));
    }
    let about = Subject::new("job", *job);
    let detail = json!({ "kind": known.kind });
    audit::record_for(&mut tx, &known.vpd, &who.actor(), Event::JobRequeued, about, detail, now).await?;
    tx.commit().await?;
    who.flash(&Flash::success("Queued again. It is tried at once, and comes back here if it is given up again."));
    Ok(ui::see_other("/admin/work"))
}
