//! `/admin/mail`: every mail of the organisation and what became of it. A one-time link is never shown.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;
use uuid::Uuid;

use crate::access::permissions::ReadMail;
use crate::access::{Authorised, Empty, Form};
use crate::app::App;
use crate::email::{self, Filter, LINK, Mail, Purpose, Row, State};
use crate::error::{PageError, PageResult};
use crate::ui::{self, Choice, Field, Flash, Layout, Pagination, dates};

const ON_A_PAGE: u64 = 50;

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/admin/mail", web::get().to(list))
        .route("/admin/mail/{mail}", web::get().to(show))
        .route("/admin/mail/{mail}/requeue", web::post().to(requeue));
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    q: String,
    /// The mails of one user.
    user: Option<Uuid>,
    page: Option<u64>,
}

#[derive(Template)]
#[template(path = "admin/mail/list.html")]
struct ListPage {
    layout: Layout,
    rows: Vec<Row>,
    total: i64,
    first: u64,
    pages: Pagination,
    state: Field,
    states: Vec<Choice>,
    q: Field,
    user: Option<Uuid>,
    filtered: bool,
    has_server: bool,
    stuck_since: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/mail/show.html")]
struct ShowPage {
    layout: Layout,
    mail: Mail,
}

async fn list(app: Data<App>, who: Authorised<ReadMail>, Query(asked): Query<Asked>) -> PageResult {
    let words = asked.q.trim();
    let filter = Filter {
        state: State::from_code(&asked.state),
        user_id: asked.user,
        words: (!words.is_empty()).then(|| words.chars().take(100).collect()),
    };
    let page = asked.page.unwrap_or(1).clamp(1, 10_000);
    let first = (page - 1) * ON_A_PAGE;
    let mut tx = who.begin(&app.db).await?;
    let (rows, total) = email::list(&mut tx, &filter, ON_A_PAGE as i64, first as i64).await?;
    let stuck_since = email::stuck_since(&mut tx, app.now()).await?;
    tx.commit().await?;

    let href = |page: u64| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", asked.state.as_str()), ("q", words)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(user) = asked.user {
            query.append_pair("user", &user.to_string());
        }
        query.append_pair("page", &page.to_string());
        format!("/admin/mail?{}", query.finish())
    };
    let pages = total.unsigned_abs().div_ceil(ON_A_PAGE);
    let states = std::iter::once(Choice::new("", "Any"))
        .chain(State::ALL.iter().map(|state| Choice::new(state.code(), state.label())))
        .collect();
    Ok(ui::page(
        StatusCode::OK,
        &ListPage {
            layout: who.layout(),
            rows,
            total,
            first,
            pages: Pagination::numbered(page, pages, href),
            filtered: filter.state.is_some() || filter.user_id.is_some() || filter.words.is_some(),
            state: Field::new("state", filter.state.map(State::code).unwrap_or_default()),
            states,
            q: Field::new("q", words),
            user: asked.user,
            has_server: app.config.smtp_url.is_some(),
            stuck_since: stuck_since.map(dates::at),
        },
    ))
}

async fn show(app: Data<App>, who: Authorised<ReadMail>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let mail = email::find(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &ShowPage { layout: who.layout(), mail }))
}

async fn requeue(app: Data<App>, who: Authorised<ReadMail>, id: Path<Uuid>, Form(Empty {}): Form<Empty>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    email::find(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let queued = email::requeue(&mut tx, &who.actor(), *id, app.now()).await?;
    tx.commit().await?;
    who.flash(&if queued {
        Flash::success("Queued again. It is tried at once.")
    } else {
        Flash::problem("This mail is not waiting to be sent again: somebody else may have been first.")
    });
    Ok(ui::see_other(format!("/admin/mail/{id}")))
}

impl ListPage {
    fn caption(&self) -> String {
        let last = self.first + self.rows.len() as u64;
        format!("Mail, newest first: {} to {} of {}", self.first + 1, ui::number(last), ui::number(self.total))
    }
}

impl ShowPage {
    fn written(&self) -> String {
        dates::at(self.mail.created_at)
    }

    fn settled(&self) -> Option<String> {
        self.mail.settled_at.map(dates::at)
    }

    fn requeue_path(&self) -> String {
        format!("/admin/mail/{}/requeue", self.mail.email_id)
    }

    fn text(&self) -> String {
        self.mail.body_text.replace(LINK, "[a link that works once: never shown here]")
    }

    fn can_requeue(&self) -> bool {
        self.mail.state == State::Dead.code() && !self.mail.body_text.contains(LINK)
    }

    fn link_is_gone(&self) -> bool {
        self.mail.state == State::Dead.code() && self.mail.body_text.contains(LINK)
    }
}

/// A state's words and colour.
fn tag(state: &str) -> (&'static str, &'static str) {
    match State::from_code(state) {
        Some(state @ State::Queued) => (state.label(), "blue"),
        Some(state @ State::Sent) => (state.label(), "green"),
        Some(state @ State::Dead) => (state.label(), "red"),
        Some(state @ (State::Kept | State::Dropped)) => (state.label(), "grey"),
        None => ("Not known", "grey"),
    }
}

/// Why a mail was sent, for people.
fn purpose(code: &str) -> &'static str {
    Purpose::from_code(code).map_or("Mail", Purpose::label)
}
