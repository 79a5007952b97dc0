use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use crate::access::permissions::ManageUsers;
use crate::access::store::Listed;
use crate::access::{Authorised, Right, store};
use crate::administration::place::{self, Place};
use crate::app::App;
use crate::error::PageResult;
use crate::ui::{self, Choice, Field, Layout, Pagination, dates};

const SIZE: u64 = 50;

#[derive(Template)]
#[template(path = "admin/users/list.html")]
struct ListPage {
    layout: Layout,
    place: Place,
    organisation: Field,
    organisations: Vec<Choice>,
    search: Field,
    users: Vec<Row>,
    total: i64,
    page: u64,
    links: Pagination,
}

struct Row {
    user_id: String,
    name: String,
    username: String,
    email: String,
    rights: Vec<String>,
    state: (&'static str, &'static str),
    seen: String,
}

#[derive(Deserialize)]
pub struct Query {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: Option<u64>,
}

pub async fn show(app: Data<App>, who: Authorised<ManageUsers>, query: web::Query<Query>) -> PageResult {
    let mut tx = app.db.system().await?;
    let place = Place::of(&mut tx, &who, &query.organisation).await?;
    let organisations = place::choices(&mut tx, &place, "All organisations").await?;
    // For operators National operations stands for everywhere.
    let everywhere = place.is_operator && place.vpd.is_operations();
    let within = (!everywhere).then_some(&place.vpd);
    let page = query.page.unwrap_or(1).clamp(1, 100_000);
    let (limit, offset) = (SIZE.cast_signed(), ((page - 1) * SIZE).cast_signed());
    let search: String = query.q.chars().take(200).collect();
    let (users, total) = store::search(&mut tx, within, &search, limit, offset).await?;
    tx.rollback().await?;
    let users: Vec<Row> = users.into_iter().map(row).collect();
    let pages = total.unsigned_abs().div_ceil(SIZE);
    let links = Pagination::numbered(page, pages, |number| {
        let text: String = byte_serialize(search.as_bytes()).collect();
        format!("/admin/users?organisation={}&q={text}&page={number}", place.chosen())
    });
    let view = ListPage {
        layout: who.layout(),
        organisation: Field::new("organisation", place.chosen()),
        place,
        organisations,
        search: Field::new("q", search),
        users,
        total,
        page,
        links,
    };
    Ok(ui::page(StatusCode::OK, &view))
}

fn row(user: Listed) -> Row {
    Row {
        user_id: user.user_id.to_string(),
        state: match (user.disabled_at, user.has_password, &user.mail_problem) {
            (Some(_), ..) => ("Disabled", "grey"),
            (None, false, _) => ("Invited", "blue"),
            (None, true, Some(_)) => ("Mail refused", "red"),
            (None, true, None) => ("", "plain"),
        },
        seen: user.last_sign_in_at.map_or_else(String::new, dates::short_at),
        rights: user
            .rights
            .iter()
            .map(|held| match held.split_once(' ') {
                Some((vpd, code)) => {
                    format!("{}{}", if vpd == "0" { String::new() } else { format!("{vpd}: ") }, label(code))
                }
                None => label(held).to_owned(),
            })
            .collect(),
        name: user.name,
        username: user.username,
        email: user.email,
    }
}

impl Row {
    fn state(&self) -> (&'static str, &'static str) {
        self.state
    }
}

fn label(code: &str) -> &str {
    Right::from_code(code).map_or(code, |right| right.label())
}
