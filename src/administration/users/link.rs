use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use uuid::Uuid;

use super::{PlaceForm, open, page_of, told};
use crate::access::links::Purpose;
use crate::access::permissions::ManageUsers;
use crate::access::store::User;
use crate::access::{Authorised, Form, emails};
use crate::administration::actions::{self, By};
use crate::administration::place::Place;
use crate::app::App;
use crate::error::PageResult;
use crate::ui::{self, Flash, Layout};

#[derive(Template)]
#[template(path = "admin/users/link.html")]
struct LinkPage {
    layout: Layout,
    back: String,
    name: String,
    username: String,
    link: String,
    lasts: &'static str,
}

/// The page that shows a link for the only time.
pub fn shown_once(
    who: &Authorised<ManageUsers>,
    place: &Place,
    user: &User,
    link: String,
    lasts: &'static str,
) -> HttpResponse {
    let view = LinkPage {
        layout: who.layout(),
        back: page_of(place, user),
        name: user.name.clone(),
        username: user.username.clone(),
        link,
        lasts,
    };
    ui::page(StatusCode::OK, &view)
}

/// Mails a link: an invitation, or a new password for somebody who has one.
pub async fn mail(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<PlaceForm>,
) -> PageResult {
    let (mut tx, place, user) = open(&app, &who, &form.organisation, *user).await?;
    let sent = match app.config.smtp_url.is_some() {
        true => actions::mail_link(&mut tx, &app, By::Person(&who), &place.vpd, &user, app.now()).await,
        false => {
            who.flash(&Flash::problem("There is no mail server, so no link can be sent."));
            return Ok(ui::see_other(page_of(&place, &user)));
        }
    };
    match sent {
        Ok(()) => {
            tx.commit().await?;
            let what = if user.has_password { "A link to set a new password" } else { "An invitation" };
            who.flash(&Flash::success(format!(
                "{what} is on its way to {}. Earlier links no longer work.",
                user.email
            )));
        }
        Err(error) => who.flash(&told(error)?),
    }
    Ok(ui::see_other(page_of(&place, &user)))
}

/// Shows a link to hand over, once, where there is no mail.
pub async fn hand_over(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    Form(form): Form<PlaceForm>,
) -> PageResult {
    let now = app.now();
    let by = By::Person(&who);
    let (mut tx, place, user) = open(&app, &who, &form.organisation, *user).await?;
    let back = page_of(&place, &user);
    if app.config.smtp_url.is_some() {
        who.flash(&Flash::problem("There is a mail server, so links go by mail."));
        return Ok(ui::see_other(back));
    }
    let made = match actions::may_hand_over(&mut tx, by, &place.vpd, &user).await {
        Ok(()) => actions::issue_link(&mut tx, by, &place.vpd, &user, "handed over by the administrator", now).await,
        Err(error) => Err(error),
    };
    match made {
        Ok((purpose, link)) => {
            tx.commit().await?;
            let lasts = if purpose == Purpose::Invitation { "14 days" } else { "30 minutes" };
            Ok(shown_once(&who, &place, &user, emails::address_of(&app, &link), lasts))
        }
        Err(error) => {
            who.flash(&told(error)?);
            Ok(ui::see_other(back))
        }
    }
}
