use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::json;

use super::{Refused, back, page};
use crate::access::caller::SignedInUser;
use crate::access::form::Form;
use crate::access::store::{self, Preferences};
use crate::app::App;
use crate::audit::{self, Event, Subject};
use crate::error::PageResult;
use crate::tenancy::Vpd;
use crate::ui::{Field, Flash};

pub const FREQUENCIES: &[(&str, &str)] = &[
    ("at_once", "At once, when something arrives"),
    ("hourly", "At most once an hour"),
    ("daily", "Once a day"),
    ("never", "Never"),
];
pub const AFTER_DECISION: &[(&str, &str)] = &[("next", "Go to the next item"), ("list", "Go back to the list")];

#[derive(Deserialize)]
pub struct PreferencesForm {
    #[serde(default)]
    mail_frequency: String,
    #[serde(default)]
    mail_hour: String,
    #[serde(default)]
    after_decision: String,
}

pub async fn save(app: Data<App>, user: SignedInUser, Form(form): Form<PreferencesForm>) -> PageResult {
    let now = app.now();
    let one_of = |table: &[(&str, &str)], value: &str| table.iter().any(|(code, _)| *code == value);
    let field = |name: &'static str, value: &str, right: bool, problem: &str| match right {
        true => Field::new(name, value),
        false => Field::refused(name, value, problem),
    };
    let hour = form.mail_hour.parse::<i16>().ok().filter(|hour| (0..24).contains(hour));
    let frequency = one_of(FREQUENCIES, &form.mail_frequency);
    let after = one_of(AFTER_DECISION, &form.after_decision);
    let mut tx = app.db.system().await?;
    let Some(mail_hour) = hour.filter(|_| frequency && after) else {
        let fields = [
            field("mail_frequency", &form.mail_frequency, frequency, "Select how often mail comes"),
            field("mail_hour", &form.mail_hour, hour.is_some(), "Select the hour of the daily mail"),
            field("after_decision", &form.after_decision, after, "Select what happens after a decision"),
        ];
        let refused = Refused { preferences: Some(fields), ..Refused::default() };
        return page(&mut tx, &user, StatusCode::UNPROCESSABLE_ENTITY, refused).await;
    };
    let preferences =
        Preferences { mail_frequency: form.mail_frequency, mail_hour, after_decision: form.after_decision };
    store::save_preferences(&mut tx, user.user_id, &preferences).await?;
    let detail =
        json!({ "mail": preferences.mail_frequency, "hour": mail_hour, "after_decision": preferences.after_decision });
    let about = Subject::new("user", &user.username);
    audit::record_for(&mut tx, &Vpd::operations(), &user.actor(), Event::PreferencesChanged, about, detail, now)
        .await?;
    tx.commit().await?;
    user.flash(&Flash::success("Your preferences are saved."));
    Ok(back())
}
