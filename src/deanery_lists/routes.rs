//! URLs of the deanery's list.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use super::actions::{self, QueryError};
use super::model::{self, MOST_ROWS};
use super::store::{self, Listed};
use super::views::{PostPage, ShowPage, StartPage};
use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Form, read_table};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::positions;
use crate::positions::actions::ChangeError;
use crate::positions::model::Draft;
use crate::positions::views::section;
use crate::tenancy::VpdTx;
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

/// Adds the routes to the server.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/positions/deanery-list", web::get().to(start))
        .route("/positions/deanery-list", web::post().to(upload))
        .route("/positions/deanery-list/{list}", web::get().to(show))
        .route("/positions/deanery-list/{list}/posts/{row}", web::get().to(post))
        .route("/positions/deanery-list/{list}/posts/{row}/assign", web::post().to(assign))
        .route("/positions/deanery-list/{list}/posts/{row}/draft", web::post().to(draft))
        .route("/positions/deanery-list/{list}/posts/{row}/query", web::post().to(query));
}

async fn start(app: Data<App>, who: Authorised<ChangePositions>) -> PageResult {
    page(&app, &who, Field::empty("file"), StatusCode::OK).await
}

async fn page(app: &App, who: &Authorised<ChangePositions>, file: Field, status: StatusCode) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let lists = store::lists(&mut tx).await?;
    tx.commit().await?;
    let section = section(who, "/positions/deanery-list");
    Ok(ui::page(status, &StartPage { layout: who.layout(), errors: ErrorSummary::of([&file]), section, file, lists }))
}

async fn upload(app: Data<App>, who: Authorised<ChangePositions>, request: HttpRequest, body: Multipart) -> PageResult {
    let sent = read_table(&request, body, MOST_ROWS).await?;
    let read = sent.and_then(|(name, table)| model::read(&table).map(|read| (name, read)));
    let (name, list) = match read {
        Ok(read) => read,
        Err(problem) => {
            return page(&app, &who, Field::refused("file", "", problem), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let mut tx = who.begin(&app.db).await?;
    let id = actions::load(&mut tx, &who.actor(), &who.name, &name, &list, app.now()).await?;
    tx.commit().await?;
    Ok(ui::see_other(format!("/positions/deanery-list/{id}")))
}

/// The list beside the positions: what neither has, and what to do about it.
async fn show(app: Data<App>, who: Authorised<ChangePositions>, id: Path<Uuid>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let list = store::find(&mut tx, *id).await?.ok_or(PageError::NotFound)?;
    let missing = store::without_position(&mut tx, *id, app.today()).await?;
    let surplus = store::not_on_the_list(&mut tx, *id, app.today()).await?;
    let unnumbered = store::training_without_number(&mut tx, app.today()).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &ShowPage { layout: who.layout(), list, missing, surplus, unnumbered }))
}

#[derive(Clone, Debug, Deserialize, Default)]
#[serde(default)]
struct PostForm {
    position_number: String,
    from: String,
    title: String,
    occupation_code: String,
    area: String,
    job_role: String,
    question: String,
}

async fn find(tx: &mut VpdTx, id: Uuid, row: i32) -> Result<Listed, PageError> {
    store::post(tx, id, row).await?.ok_or(PageError::NotFound)
}

async fn post(app: Data<App>, who: Authorised<ChangePositions>, ids: Path<(Uuid, i32)>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let post = find(&mut tx, ids.0, ids.1).await?;
    let from = post.valid_from.filter(|day| *day > app.today()).unwrap_or_else(|| app.today());
    let form = PostForm {
        from: from.format("%-d/%-m/%Y").to_string(),
        area: post.specialty.clone().unwrap_or_default(),
        occupation_code: post.dpn.split('/').nth(2).unwrap_or_default().trim().to_owned(),
        ..PostForm::default()
    };
    form_page(tx, &app, &who, ids.0, post, form, &[], StatusCode::OK).await
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page")]
async fn form_page(
    mut tx: VpdTx,
    app: &App,
    who: &Authorised<ChangePositions>,
    list: Uuid,
    post: Listed,
    form: PostForm,
    wrong: &[(&str, String)],
    status: StatusCode,
) -> PageResult {
    let unnumbered = store::training_without_number(&mut tx, app.today()).await?;
    let roles = positions::store::values(&mut tx).await?.job_roles;
    tx.rollback().await?;
    let field = |name: &'static str, value: &str| {
        let said: Vec<&str> = wrong.iter().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str()).collect();
        if said.is_empty() { Field::new(name, value) } else { Field::refused(name, value, said.join(". ")) }
    };
    let page = PostPage::new(
        who.layout(),
        list,
        post,
        [
            field("position_number", &form.position_number),
            field("from", &form.from),
            field("title", &form.title),
            field("occupation_code", &form.occupation_code),
            field("area", &form.area),
            field("job_role", &form.job_role),
            field("question", &form.question),
        ],
        unnumbered,
        roles,
    );
    Ok(ui::page(status, &page))
}

/// What is wrong with a change, at the field of this page that it concerns.
fn wrong(error: ChangeError, at: &'static str) -> Result<Vec<(&'static str, String)>, PageError> {
    match error {
        ChangeError::Refused(refusals) => Ok(refusals.into_iter().map(|refusal| (at, refusal.text)).collect()),
        ChangeError::NothingChanges => Ok(vec![(at, "The position has this number already".to_owned())]),
        ChangeError::Database(error) => Err(error.into()),
        error => Ok(vec![(at, error.to_string())]),
    }
}

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn assign(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    ids: Path<(Uuid, i32)>,
    Form(form): Form<PostForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let post = find(&mut tx, ids.0, ids.1).await?;
    let from = dates::parse_day(&form.from);
    let number = form.position_number.trim();
    let day = from.unwrap_or_else(|| app.today());
    let position = positions::store::id_of_number(&mut tx, number, day).await?;
    let (Some(from), Some(position)) = (from, position) else {
        let problem = match from {
            None => ("from", "Enter the day from which this holds, such as 5/8/2026".to_owned()),
            Some(_) => ("position_number", format!("{number:?} is not the number of an active position of yours")),
        };
        return form_page(tx, &app, &who, ids.0, post, form, &[problem], UNPROCESSABLE).await;
    };
    match actions::assign(&mut tx, who.caller(), (ids.0, &post), &position, from, app.now()).await {
        Ok(change) => {
            tx.commit().await?;
            let flash = Flash::success(format!("{} is on position {number} from {}", post.dpn, dates::day(from)));
            who.flash(&flash.undo("Undo", format!("/positions/changes/{}/undo", change.0)));
            Ok(ui::see_other(format!("/positions/deanery-list/{}", ids.0)))
        }
        Err(error) => {
            let problems = wrong(error, "position_number")?;
            form_page(tx, &app, &who, ids.0, post, form, &problems, UNPROCESSABLE).await
        }
    }
}

async fn draft(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    ids: Path<(Uuid, i32)>,
    Form(form): Form<PostForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let post = find(&mut tx, ids.0, ids.1).await?;
    let mut problems: Vec<(&str, String)> = Vec::new();
    let from = dates::parse_day(&form.from);
    if from.is_none() {
        problems.push(("from", "Enter the day from which this holds, such as 5/8/2026".to_owned()));
    }
    for (name, value, words) in [
        ("title", &form.title, "Enter the title of the position, such as Specialty Registrar"),
        ("area", &form.area, "Enter the area of work, such as Paediatrics"),
        ("job_role", &form.job_role, "Select the job role"),
    ] {
        if value.trim().is_empty() {
            problems.push((name, words.to_owned()));
        }
    }
    let (Some(from), true) = (from, problems.is_empty()) else {
        return form_page(tx, &app, &who, ids.0, post, form, &problems, UNPROCESSABLE).await;
    };
    let wanted = Draft {
        title: form.title.clone(),
        occupation_code: form.occupation_code.clone(),
        area: form.area.clone(),
        job_role: Some(form.job_role.clone()),
        workplace_code: post.site.clone().or_else(|| post.dpn.split('/').nth(1).map(str::to_owned)),
        effective_from: from,
        end_on: post.valid_to.filter(|to| *to >= from),
        dpn: Some(post.dpn.clone()),
        managing_body: post.body.clone(),
        confirmed: true,
        ..Draft::default()
    };
    match actions::draft(&mut tx, who.caller(), ids.0, &wanted, app.now()).await {
        Ok(drafted) => {
            tx.commit().await?;
            let flash = Flash::success(format!("Position {} is drafted for {}", drafted.position_number, post.dpn));
            who.flash(&flash.undo("Undo", format!("/positions/changes/{}/undo", drafted.change.0)));
            Ok(ui::see_other(format!("/positions/deanery-list/{}", ids.0)))
        }
        Err(error) => {
            let problems = wrong(error, "title")?;
            form_page(tx, &app, &who, ids.0, post, form, &problems, UNPROCESSABLE).await
        }
    }
}

async fn query(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    ids: Path<(Uuid, i32)>,
    Form(form): Form<PostForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let post = find(&mut tx, ids.0, ids.1).await?;
    let question = form.question.trim().to_owned();
    if question.is_empty() || question.chars().count() > 2_000 {
        let problem = [("question", "Enter your question, of at most 2,000 characters".to_owned())];
        return form_page(tx, &app, &who, ids.0, post, form, &problem, UNPROCESSABLE).await;
    }
    match actions::query(&mut tx, who.caller(), (ids.0, &post), &question, app.today(), app.now()).await {
        Ok(()) => {
            tx.commit().await?;
            who.flash(&Flash::success(format!("The deanery was asked about {}", post.dpn)));
            Ok(ui::see_other(format!("/positions/deanery-list/{}", ids.0)))
        }
        Err(QueryError::NoContact(body)) => {
            let problem = [("question", QueryError::NoContact(body).to_string())];
            form_page(tx, &app, &who, ids.0, post, form, &problem, UNPROCESSABLE).await
        }
        Err(QueryError::Template(error)) => Err(PageError::unexpected(&error)),
        Err(QueryError::Database(error)) => Err(error.into()),
    }
}
