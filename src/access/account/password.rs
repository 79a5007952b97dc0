use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;

use super::{Refused, back, page};
use crate::access::caller::SignedInUser;
use crate::access::form::Form;
use crate::access::{Passwords, new_password, sign_in, store, throttle};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::ui::{Field, Flash};

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

/// Changes one's own password: the current one is asked for, and tries at it are slowed as at sign-in.
pub async fn change(
    app: Data<App>,
    passwords: Data<Passwords>,
    request: HttpRequest,
    user: SignedInUser,
    Form(form): Form<PasswordForm>,
) -> PageResult {
    let now = app.now();
    let address = sign_in::address(&app, &request);
    let mut tx = app.db.system().await?;
    if let Some(seconds) = throttle::admit(&mut tx, &user.username, &address, now).await? {
        return Err(PageError::TooMany { seconds });
    }
    let account = store::find(&mut tx, user.user_id).await?.ok_or(PageError::NotFound)?;
    let stored = store::credentials(&mut tx, &user.username).await?.and_then(|known| known.password_hash);
    let problem = new_password::problem(&mut tx, &account, &form.new_password).await?;
    tx.commit().await?;

    let known = passwords.verify(form.current_password, stored).await?;
    let same = known && problem.is_none() && {
        let mut tx = app.db.system().await?;
        let stored = store::credentials(&mut tx, &user.username).await?.and_then(|known| known.password_hash);
        tx.rollback().await?;
        passwords.verify(form.new_password.clone(), stored).await?
    };
    if !known || problem.is_some() || same {
        let mut tx = app.db.system().await?;
        let mut refused = Refused::default();
        if !known {
            throttle::failed(&mut tx, &address, now).await?;
            refused.current = Some(Field::refused("current_password", "", "Enter your current password correctly"));
        } else {
            throttle::forgive(&mut tx, &user.username).await?;
        }
        if let Some(problem) = problem {
            refused.new = Some(Field::refused("new_password", "", problem));
        } else if same {
            refused.new = Some(Field::refused("new_password", "", "Enter a password that is not the one you have"));
        }
        let response = page(&mut tx, &user, StatusCode::UNPROCESSABLE_ENTITY, refused).await;
        tx.commit().await?;
        return response;
    }
    let hash = passwords.hash(form.new_password).await?;
    let mut tx = app.db.system().await?;
    if !store::session_lives(&mut tx, user.session_id).await? {
        user.session().purge();
        return Err(PageError::SignIn { next: "/".to_owned() });
    }
    new_password::save(&mut tx, &account, &hash, &user.actor(), "by its owner", Some(user.session_id), now).await?;
    tx.commit().await?;
    user.session().renew();
    user.flash(&Flash::success("Your password is changed. Every other session of yours was signed out."));
    Ok(back())
}
