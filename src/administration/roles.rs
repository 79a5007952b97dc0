//! `/admin/roles`: each right that work waits for and each notification role, who holds it, and what waits where nobody does.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use askama::Template;
use serde::Deserialize;

use super::place::{self, Place};
use crate::access::permissions::{ManageUsers, SeeRoleMap};
use crate::access::{Authorised, Right, RightKind, store};
use crate::app::App;
use crate::error::PageResult;
use crate::notifications;
use crate::ui::{self, Choice, Field, Layout, dates};

pub fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/admin/roles", web::get().to(show));
}

#[derive(Template)]
#[template(path = "admin/roles.html")]
struct RolesPage {
    layout: Layout,
    place: Place,
    organisation: Field,
    organisations: Vec<Choice>,
    may_give: bool,
    gaps: Vec<Gap>,
    roles: Vec<Role>,
}

struct Gap {
    label: &'static str,
    consequence: &'static str,
    waiting: i64,
}

struct Role {
    label: &'static str,
    kind: &'static str,
    is_awaited: bool,
    holders: Vec<Holder>,
    waiting: i64,
}

struct Holder {
    user_id: String,
    name: String,
    seen: String,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    organisation: String,
}

async fn show(app: Data<App>, who: Authorised<SeeRoleMap>, query: web::Query<Query>) -> PageResult {
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &query.organisation).await?;
    let organisations = place::choices(&mut tx, &place, "National operations").await?;
    let holders = store::all_holders(&mut tx, &place.vpd).await?;
    tx.rollback().await?;
    // Only numbers cross to an operator: how much waits, not what.
    let mut tx = app.db.vpd(&place.vpd).await?;
    let waiting = notifications::store::open_items_by_role(&mut tx).await?;
    tx.rollback().await?;
    let waiting_for = |right| waiting.iter().find(|(role, _)| *role == right).map_or(0, |(_, items)| *items);

    let awaited = |right| Right::AWAITED.iter().find(|(of, _)| *of == right).map(|(_, consequence)| *consequence);
    let shown = Right::ALL.iter().copied().filter(|right| match place.vpd.is_operations() {
        true => right.is_national(),
        false => *right == Right::VpdAdmin || right.kind() == RightKind::Role || awaited(*right).is_some(),
    });
    let mut gaps = Vec::new();
    let mut roles = Vec::new();
    for right in shown {
        let holders: Vec<Holder> = holders
            .iter()
            .filter(|holder| holder.right == right)
            .map(|holder| Holder {
                user_id: holder.user_id.to_string(),
                name: format!("{} ({})", holder.name, holder.username),
                seen: holder
                    .last_sign_in_at
                    .map_or_else(|| "never signed in".to_owned(), |at| format!("signed in {}", dates::short_at(at))),
            })
            .collect();
        let consequence = match right {
            Right::VpdAdmin => {
                Some("Nobody in the organisation can give rights or correct them. Operators are told of what waits.")
            }
            other => awaited(other),
        };
        if let Some(consequence) = consequence.filter(|_| holders.is_empty()) {
            gaps.push(Gap { label: right.label(), consequence, waiting: waiting_for(right) });
        }
        let kind = match right.kind() {
            RightKind::Urp => "User Responsibility Profile",
            RightKind::Role => "Notification role",
            RightKind::Product => "Role of this service",
        };
        roles.push(Role {
            label: right.label(),
            kind,
            is_awaited: consequence.is_some(),
            holders,
            waiting: waiting_for(right),
        });
    }
    let view = RolesPage {
        layout: who.layout(),
        organisation: Field::new("organisation", place.chosen()),
        place,
        organisations,
        may_give: who.may::<ManageUsers>(),
        gaps,
        roles,
    };
    Ok(ui::page(StatusCode::OK, &view))
}
