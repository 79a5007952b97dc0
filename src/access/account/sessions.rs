use actix_web::web::{Data, Path};
use serde_json::json;
use uuid::Uuid;

use super::back;
use crate::access::caller::SignedInUser;
use crate::access::form::{Empty, Form};
use crate::access::store;
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::{PageError, PageResult};
use crate::tenancy::Vpd;
use crate::ui::{self, Flash};

/// Signs out everywhere, here too.
pub async fn end_all(app: Data<App>, user: SignedInUser, Form(Empty {}): Form<Empty>) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    let ended = store::end_sessions(&mut tx, user.user_id, None).await?;
    let about = Subject::new("user", &user.username);
    let detail = json!({ "sessions": ended, "by": "their owner, everywhere" });
    audit::record_for(&mut tx, &Vpd::operations(), &user.actor(), Event::SessionsEnded, about, detail, now).await?;
    tx.commit().await?;
    user.session().purge();
    Ok(ui::see_other("/sign-in"))
}

/// Ends one other session.
pub async fn end_one(
    app: Data<App>,
    user: SignedInUser,
    session: Path<Uuid>,
    Form(Empty {}): Form<Empty>,
) -> PageResult {
    let now = app.now();
    let mut tx = app.db.system().await?;
    if !store::end_session(&mut tx, user.user_id, *session).await? {
        return Err(PageError::NotFound);
    }
    let about = Subject::new("user", &user.username);
    let detail = json!({ "sessions": 1, "by": "their owner" });
    audit::record_for(&mut tx, &Vpd::operations(), &user.actor(), Event::SessionsEnded, about, detail, now).await?;
    tx.commit().await?;
    if *session == user.session_id {
        user.session().purge();
        return Ok(ui::see_other("/sign-in"));
    }
    user.flash(&Flash::success("The session is ended."));
    Ok(back())
}
