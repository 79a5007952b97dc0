use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{choices, find};
use crate::access::permissions::{ManageUsers, ReadMail};
use crate::access::store::{self, User};
use crate::access::{Authorised, Right, RightKind};
use crate::administration::place::{self, Place};
use crate::app::App;
use crate::error::PageResult;
use crate::ui::{self, Choice, ErrorSummary, Field, Layout, dates};

#[derive(Template)]
#[template(path = "admin/users/show.html")]
struct ShowPage {
    layout: Layout,
    errors: ErrorSummary,
    place: Place,
    organisation: Field,
    organisations: Vec<Choice>,
    id: Uuid,
    name: String,
    username: String,
    email: String,
    state: (&'static str, &'static str),
    mail_problem: Option<String>,
    last_sign_in: String,
    sessions: usize,
    is_disabled: bool,
    has_password: bool,
    is_self: bool,
    /// The account is this administrator's to change: it acts for no other organisation.
    is_ours: bool,
    has_mail: bool,
    may_hand_over: bool,
    may_read_mail: bool,
    name_field: Field,
    email_field: Field,
    held: Vec<Held>,
    elsewhere: Vec<(String, String, Vec<&'static str>)>,
    urps: Vec<Choice>,
    roles: Vec<Choice>,
    products: Vec<Choice>,
}

impl ShowPage {
    fn path(&self) -> String {
        format!("/admin/users/{}", self.id)
    }

    fn state(&self) -> (&'static str, &'static str) {
        self.state
    }
}

struct Held {
    code: &'static str,
    label: &'static str,
    kind: &'static str,
    granted: String,
}

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    organisation: String,
}

pub async fn show(
    app: Data<App>,
    who: Authorised<ManageUsers>,
    user: Path<Uuid>,
    query: web::Query<Query>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &query.organisation).await?;
    let user = find(&mut tx, &who, &place, *user).await?;
    tx.rollback().await?;
    page(&app, &who, place, user, StatusCode::OK, None).await
}

pub async fn page(
    app: &App,
    who: &Authorised<ManageUsers>,
    place: Place,
    user: User,
    status: StatusCode,
    refused: Option<(Field, Field)>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    let organisations = place::choices(&mut tx, &place, "National operations").await?;
    let grants = store::grants_of(&mut tx, user.user_id).await?;
    let names = store::organisations_of(&mut tx, user.user_id).await?;
    let sessions = store::sessions_of(&mut tx, user.user_id).await?.len();
    tx.rollback().await?;
    let here: Vec<Right> = grants.iter().filter(|g| g.vpd == place.vpd).map(|g| g.right).collect();
    let held = grants.iter().filter(|grant| grant.vpd == place.vpd).map(|grant| Held {
        code: grant.right.code(),
        label: grant.right.label(),
        kind: match grant.right.kind() {
            RightKind::Urp => "User Responsibility Profile",
            RightKind::Role => "Notification role",
            RightKind::Product => "In this service",
        },
        granted: format!("{} by {}", dates::short_day(dates::london_day(grant.granted_at)), grant.granted_by),
    });
    let elsewhere = names.iter().filter(|(vpd, _)| *vpd != place.vpd);
    let acts_elsewhere = elsewhere.clone().next().is_some();
    let elsewhere = elsewhere.filter(|_| place.is_operator).map(|(vpd, name)| {
        let rights = grants.iter().filter(|g| g.vpd == *vpd).map(|grant| grant.right.label()).collect();
        let query = if vpd.is_operations() { String::new() } else { format!("?organisation={vpd}") };
        (format!("/admin/users/{}{query}", user.user_id), format!("{vpd} {name}"), rights)
    });
    let is_self = user.user_id == who.user_id;
    let is_ours = !is_self && (place.is_operator || !acts_elsewhere);
    let has_mail = app.config.smtp_url.is_some();
    let (name_field, email_field) =
        refused.unwrap_or_else(|| (Field::new("name", user.name.clone()), Field::new("email", user.email.clone())));
    let chosen = |kind| choices(&place, kind, &[], &here);
    let view = ShowPage {
        layout: who.layout(),
        errors: ErrorSummary::of([&name_field, &email_field]),
        organisation: Field::new("organisation", place.chosen()),
        organisations,
        id: user.user_id,
        state: match (user.disabled_at, user.has_password) {
            (Some(_), _) => ("Disabled", "grey"),
            (None, false) => ("Invited", "blue"),
            (None, true) => ("Active", "plain"),
        },
        last_sign_in: user.last_sign_in_at.map_or_else(|| "Never".to_owned(), dates::at),
        sessions,
        is_disabled: user.disabled_at.is_some(),
        has_password: user.has_password,
        is_self,
        is_ours,
        has_mail,
        may_hand_over: !has_mail && is_ours && (place.is_operator || !user.has_password),
        may_read_mail: who.may::<ReadMail>(),
        name_field,
        email_field,
        held: held.collect(),
        elsewhere: elsewhere.collect(),
        urps: chosen(RightKind::Urp),
        roles: chosen(RightKind::Role),
        products: chosen(RightKind::Product),
        mail_problem: user.mail_problem,
        name: user.name,
        username: user.username,
        email: user.email,
        place,
    };
    Ok(ui::page(status, &view))
}
