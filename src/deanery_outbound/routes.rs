//! `/interfaces/send`: a file to the deanery on request.

use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig, get, post};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::actions::{Request, SEND};
use super::store;
use crate::access::permissions::SendFiles;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::error::PageResult;
use crate::jobs;
use crate::tenancy::Vpd;
use crate::ui::{self, Choice, ErrorSummary, Field, Flash, Layout};

pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/interfaces/send", get().to(form)).route("/interfaces/send", post().to(send));
}

#[derive(Template)]
#[template(path = "interfaces/send.html")]
struct SendPage {
    layout: Layout,
    errors: ErrorSummary,
    what: Field,
    body: Field,
    vpd: Field,
    /// Of this opening of the form: pressed twice, it makes one file.
    once: Uuid,
    bodies: Vec<Choice>,
    employers: Vec<Choice>,
}

impl SendPage {
    fn choices(&self) -> Vec<Choice> {
        vec![
            Choice::new("changes", "Positions: what changed (RMC)")
                .hint("Since what was last sent to the managing body"),
            Choice::new("full", "Positions: all of them (RMF)"),
            Choice::new("persons", "Person Update")
                .hint("Of the doctors whom an employer pays; never of honorary records"),
        ]
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SendForm {
    what: String,
    body: String,
    vpd: String,
    once: String,
}

async fn form(app: Data<App>, who: Authorised<SendFiles>) -> PageResult {
    page(&app, &who, StatusCode::OK, Field::new("what", "changes"), Field::empty("body"), Field::empty("vpd")).await
}

async fn page(
    app: &Data<App>,
    who: &Authorised<SendFiles>,
    status: StatusCode,
    what: Field,
    body: Field,
    vpd: Field,
) -> PageResult {
    let mut tx = app.db.system().await?;
    let first = || std::iter::once(Choice::new("", "Choose one"));
    let bodies = store::bodies(&mut tx).await?;
    let employers = store::employers(&mut tx).await?;
    tx.commit().await?;
    let errors = ErrorSummary::of([&what, &body, &vpd]);
    let bodies = first().chain(bodies.into_iter().map(|code| Choice::new(code.clone(), code))).collect();
    let employers = first().chain(employers.into_iter().map(|vpd| Choice::new(vpd.as_str(), vpd.as_str()))).collect();
    let once = Uuid::new_v4();
    Ok(ui::page(status, &SendPage { layout: who.layout(), errors, what, body, vpd, once, bodies, employers }))
}

async fn send(app: Data<App>, who: Authorised<SendFiles>, Form(form): Form<SendForm>) -> PageResult {
    let mut tx = app.db.system().await?;
    let is_body = store::bodies(&mut tx).await?.contains(&form.body);
    let vpd = store::employers(&mut tx).await?.into_iter().find(|vpd| vpd.as_str() == form.vpd);
    let what = Field::new("what", &form.what);
    let (mut body, mut employer) = (Field::new("body", &form.body), Field::new("vpd", &form.vpd));
    let request = match (form.what.as_str(), vpd) {
        ("changes" | "full", _) if is_body => Request::Positions { body: form.body.clone(), full: form.what == "full" },
        ("changes" | "full", _) => {
            body.error = Some("Choose the managing body that the file is for".to_owned());
            return page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, what, body, employer).await;
        }
        ("persons", Some(vpd)) => Request::PersonUpdate { vpd },
        ("persons", None) => {
            employer.error = Some("Choose the employer whose doctors are sent".to_owned());
            return page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, what, body, employer).await;
        }
        _ => {
            let what = Field::refused("what", &form.what, "Choose what is sent");
            return page(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, what, body, employer).await;
        }
    };
    let is_first = match form.once.parse::<Uuid>() {
        Ok(once) => jobs::take_slot(&mut tx, "file_on_request", &once.to_string(), app.now()).await?,
        Err(_) => true,
    };
    if !is_first {
        who.flash(&Flash::success(
            "The file was asked for already, and is made once. It stands in this list when it is sent",
        ));
        return Ok(ui::see_other("/interfaces"));
    }
    let dedupe = format!("{}:{}:{}", form.what, form.body, form.vpd);
    jobs::enqueue_system(&mut tx, &Vpd::operations(), SEND, &request, Some(&dedupe)).await?;
    tx.commit().await?;
    who.flash(&Flash::success(
        "The file is being made. It stands in this list when it is sent; where nothing changed, none is made",
    ));
    Ok(ui::see_other("/interfaces"))
}
