//! A position that the list does not have, or a training post without a number: assigned a post of the list, or asked about.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use uuid::Uuid;

use super::{NO_DAY, wrong};
use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::deanery_lists::actions::{self, QueryError};
use crate::deanery_lists::store;
use crate::deanery_lists::views::PositionPage;
use crate::error::{PageError, PageResult};
use crate::positions;
use crate::positions::actions::{ChangeError, fingerprint};
use crate::positions::store::Position;
use crate::positions::views::Confirmation;
use crate::tenancy::VpdTx;
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

#[derive(Clone, Debug, Deserialize, Default)]
#[serde(default)]
pub struct PositionForm {
    row: String,
    from: String,
    /// The box under what would be lost: ticked, it holds the position as it was shown.
    confirmed: String,
    body: String,
    question: String,
    again: String,
}

/// A position beside a list, with what stands in its forms.
struct Opened {
    app: Data<App>,
    who: Authorised<ChangePositions>,
    list: Uuid,
    position: Position,
    form: PositionForm,
    asked: Option<Confirmation>,
}

type Ids = Path<(Uuid, String)>;
type Request = (Data<App>, Authorised<ChangePositions>, Ids, Form<PositionForm>);

async fn open(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    ids: Ids,
    form: PositionForm,
) -> Result<(VpdTx, Opened), PageError> {
    let (list, id) = ids.into_inner();
    let mut tx = who.begin(&app.db).await?;
    store::find(&mut tx, list).await?.ok_or(PageError::NotFound)?;
    let position = positions::store::find(&mut tx, &id, app.today()).await?.ok_or(PageError::NotFound)?;
    Ok((tx, Opened { app, who, list, position, form, asked: None }))
}

impl Opened {
    async fn page(self, mut tx: VpdTx, wrong: &[(&str, String)], status: StatusCode) -> PageResult {
        let Self { app, who, list, position, form, asked } = self;
        let free = store::without_position(&mut tx, list, app.today()).await?;
        let bodies = store::bodies(&mut tx, list).await?;
        let about = store::positions_asked(&mut tx).await?.remove(&position.position_id);
        tx.done_reading();
        let field = |name: &'static str, value: String| {
            let error = wrong.iter().find(|(field, _)| *field == name).map(|(_, text)| text.clone());
            Field { error, ..Field::new(name, value) }
        };
        let today = app.today().format("%-d/%-m/%Y").to_string();
        let is_new = form.from.is_empty() && !wrong.iter().any(|(field, _)| *field == "from");
        // Proposed: the body that the position names, or the list's only one.
        let own = position.managing_body.clone().filter(|body| bodies.contains(body));
        let only = bodies.first().filter(|_| bodies.len() == 1).cloned();
        let body = if form.body.is_empty() { own.or(only).unwrap_or_default() } else { form.body };
        let (row, from) = (field("row", form.row), field("from", if is_new { today } else { form.from }));
        let (body, question, again) =
            (field("body", body), field("question", form.question), field("again", form.again));
        let errors = [&row, &from].into_iter().chain(asked.as_ref().map(|asked| &asked.field));
        let errors = ErrorSummary::of(errors.chain([&again, &body, &question]));
        let confirmation = asked;
        let layout = who.layout();
        let page = PositionPage {
            layout,
            errors,
            list,
            position,
            free,
            row,
            from,
            body,
            bodies,
            question,
            again,
            asked: about,
            confirmation,
        };
        Ok(ui::page(status, &page))
    }

    async fn refused(self, tx: VpdTx, wrong: &[(&str, String)]) -> PageResult {
        self.page(tx, wrong, StatusCode::UNPROCESSABLE_ENTITY).await
    }

    fn back(&self) -> String {
        format!("/positions/deanery-list/{}", self.list)
    }
}

pub async fn show(app: Data<App>, who: Authorised<ChangePositions>, ids: Ids) -> PageResult {
    let (tx, opened) = open(app, who, ids, PositionForm::default()).await?;
    opened.page(tx, &[], StatusCode::OK).await
}

/// Gives one of the list's free posts to the position.
pub async fn assign((app, who, ids, Form(form)): Request) -> PageResult {
    let (mut tx, mut opened) = open(app, who, ids, form).await?;
    let free = store::without_position(&mut tx, opened.list, opened.app.today()).await?;
    let post = free.into_iter().find(|post| post.row_no.to_string() == opened.form.row);
    let (post, from) = match (post, dates::parse_day(&opened.form.from)) {
        (Some(post), Some(from)) => (post, from),
        (None, _) => return opened.refused(tx, &[("row", "Select a post that no position carries".to_owned())]).await,
        (_, None) => return opened.refused(tx, &[("from", NO_DAY.to_owned())]).await,
    };
    let id = opened.position.position_id.clone();
    let (mut all, _) = positions::store::stretches(&mut tx, &[&id]).await?;
    let before = all.remove(&id).unwrap_or_default();
    let when = (from, opened.form.confirmed == fingerprint(&before));
    match actions::assign(&mut tx, opened.who.caller(), (opened.list, &post), &id, when, opened.app.now()).await {
        Ok(change) => {
            tx.commit().await?;
            let number = &opened.position.position_number;
            let words = format!("{} is on position {number} from {}", post.dpn, dates::day(from));
            opened.who.flash(&Flash::success(words).undo("Undo", format!("/positions/changes/{}/undo", change.0)));
            Ok(ui::see_other(opened.back()))
        }
        Err(ChangeError::Unconfirmed(warnings)) => {
            opened.asked = Some(Confirmation::of(&warnings, &before, from, &post.dpn));
            opened.refused(tx, &[]).await
        }
        Err(error) => opened.refused(tx, &wrong(error, "row")?).await,
    }
}

/// Asks a managing body of the list about the position.
pub async fn query((app, who, ids, Form(form)): Request) -> PageResult {
    let (mut tx, opened) = open(app, who, ids, form).await?;
    let question = opened.form.question.trim();
    if question.is_empty() || question.chars().count() > 2_000 {
        let problem = "Enter your question, of at most 2,000 characters".to_owned();
        return opened.refused(tx, &[("question", problem)]).await;
    }
    let body = opened.form.body.clone();
    if !store::bodies(&mut tx, opened.list).await?.contains(&body) {
        return opened.refused(tx, &[("body", "Select the managing body to ask".to_owned())]).await;
    }
    let (about, times) = ((opened.list, body.as_str()), (opened.app.today(), opened.app.now()));
    let asked = (question, opened.form.again == "yes");
    match actions::query_position(&mut tx, opened.who.caller(), about, &opened.position, asked, times).await {
        Ok(()) => {
            tx.commit().await?;
            let words = format!("The deanery was asked about position {}", opened.position.position_number);
            opened.who.flash(&Flash::success(words));
            Ok(ui::see_other(opened.back()))
        }
        Err(QueryError::AskedAlready) => {
            let problem = "The deanery was asked already. Tick the box to ask a second time".to_owned();
            opened.refused(tx, &[("again", problem)]).await
        }
        Err(error @ QueryError::NoContact(_)) => opened.refused(tx, &[("question", error.to_string())]).await,
        Err(QueryError::Template(error)) => Err(PageError::unexpected(&error)),
        Err(QueryError::Database(error)) => Err(error.into()),
    }
}
