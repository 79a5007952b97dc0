//! URLs: whom the other employers of shared posts are told to ask.

use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig, get, post};
use serde::Deserialize;

use super::actions;
use super::model::Contact;
use super::store;
use super::views::ContactPage;
use crate::access::permissions::KeepEmployerContact;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::error::PageResult;
use crate::ui::{self, Field, Flash};

pub fn configure(routes: &mut ServiceConfig) {
    routes.route("/shared-posts/contact", get().to(form)).route("/shared-posts/contact", post().to(save));
}

async fn form(app: Data<App>, who: Authorised<KeepEmployerContact>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let held = store::contact(&mut tx).await?;
    tx.commit().await?;
    let of = |get: fn(&Contact) -> String| held.as_ref().map(get).unwrap_or_default();
    let fields = [
        Field::new("name", of(|contact| contact.name.clone())),
        Field::new("address", of(|contact| contact.address.clone())),
        Field::new("telephone", of(|contact| contact.telephone.clone().unwrap_or_default())),
    ];
    Ok(ui::page(StatusCode::OK, &ContactPage::new(who.layout(), fields)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Entered {
    name: String,
    address: String,
    telephone: String,
}

fn is_address(text: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    text.split_once('@').is_some_and(|(user, host)| plain(user) && plain(host) && host.contains('.'))
}

async fn save(app: Data<App>, who: Authorised<KeepEmployerContact>, Form(form): Form<Entered>) -> PageResult {
    let [name, address, telephone] = [&form.name, &form.address, &form.telephone].map(|text| text.trim().to_owned());
    let too_long = |text: &str, most| text.chars().count() > most || text.chars().any(char::is_control);
    let name_error = match () {
        () if name.is_empty() => Some("Enter the name of the office, such as Medical Staffing"),
        () if too_long(&name, 200) => Some("The name must be 200 characters or fewer"),
        () => None,
    };
    let address_error = match () {
        () if address.is_empty() => Some("Enter an email address, best one that several people read"),
        () if !is_address(&address) || too_long(&address, 254) => {
            Some("Enter an email address in the form name@example.com")
        }
        () => None,
    };
    let telephone_error = too_long(&telephone, 40).then_some("The telephone number must be 40 characters or fewer");
    let field = |name: &'static str, value: &str, error: Option<&str>| Field {
        name: name.into(),
        value: value.to_owned(),
        error: error.map(str::to_owned),
    };
    let fields = [
        field("name", &name, name_error),
        field("address", &address, address_error),
        field("telephone", &telephone, telephone_error),
    ];
    if fields.iter().any(|field| field.error.is_some()) {
        return Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &ContactPage::new(who.layout(), fields)));
    }
    let contact = Contact { name, address, telephone: Some(telephone).filter(|text| !text.is_empty()) };
    let mut tx = who.begin(&app.db).await?;
    actions::save_contact(&mut tx, who.caller(), &contact, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success("Saved: the other employers of your shared posts see this"));
    Ok(ui::see_other("/shared-posts/contact"))
}
