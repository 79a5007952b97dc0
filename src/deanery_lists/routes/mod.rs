//! URLs of the deanery's list.

mod position;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Form, read_table};
use crate::app::App;
use crate::deanery_lists::actions::{self, QueryError};
use crate::deanery_lists::model::{self, MOST_ROWS};
use crate::deanery_lists::store::{self, Listed};
use crate::deanery_lists::views::{PostPage, ShowPage, StartPage};
use crate::error::{PageError, PageResult};
use crate::organisations::store::site_names;
use crate::positions;
use crate::positions::actions::{ChangeError, fingerprint};
use crate::positions::model::{ChangeId, Draft};
use crate::positions::views::{Confirmation, section};
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
        .route("/positions/deanery-list/{list}/posts/{row}/query", web::post().to(query))
        .route("/positions/deanery-list/{list}/positions/{position}", web::get().to(position::show))
        .route("/positions/deanery-list/{list}/positions/{position}/assign", web::post().to(position::assign))
        .route("/positions/deanery-list/{list}/positions/{position}/query", web::post().to(position::query));
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
    let asked = store::positions_asked(&mut tx).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &ShowPage { layout: who.layout(), list, missing, surplus, unnumbered, asked }))
}

#[derive(Clone, Debug, Deserialize, Default)]
#[serde(default)]
struct PostForm {
    position_number: String,
    from: String,
    /// The day on which a drafted position begins; its form has a day of its own.
    draft_from: String,
    title: String,
    occupation_code: String,
    area: String,
    job_role: String,
    question: String,
    /// The box under what would be lost: ticked, it holds the position as it was shown.
    confirmed: String,
    again: String,
}

async fn find(tx: &mut VpdTx, id: Uuid, row: i32) -> Result<Listed, PageError> {
    store::post(tx, id, row).await?.ok_or(PageError::NotFound)
}

async fn post(app: Data<App>, who: Authorised<ChangePositions>, ids: Path<(Uuid, i32)>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let post = find(&mut tx, ids.0, ids.1).await?;
    let form = PostForm {
        area: post.specialty.clone().unwrap_or_default(),
        occupation_code: post.dpn.split('/').nth(2).unwrap_or_default().trim().to_owned(),
        ..PostForm::default()
    };
    Opened { app, who, list: ids.0, post, form, asked: None }.page(tx, &[], StatusCode::OK).await
}

/// A post of a list, with what stands in its forms.
struct Opened {
    app: Data<App>,
    who: Authorised<ChangePositions>,
    list: Uuid,
    post: Listed,
    form: PostForm,
    asked: Option<Confirmation>,
}

type Request = (Data<App>, Authorised<ChangePositions>, Path<(Uuid, i32)>, Form<PostForm>);

async fn open((app, who, ids, Form(form)): Request) -> Result<(VpdTx, Opened), PageError> {
    let mut tx = who.begin(&app.db).await?;
    let post = find(&mut tx, ids.0, ids.1).await?;
    Ok((tx, Opened { app, who, list: ids.0, post, form, asked: None }))
}

impl Opened {
    async fn page(self, mut tx: VpdTx, wrong: &[(&str, String)], status: StatusCode) -> PageResult {
        let Self { app, who, list, post, form, asked } = self;
        let unnumbered = store::training_without_number(&mut tx, app.today()).await?;
        let roles = positions::store::values(&mut tx).await?.job_roles;
        tx.rollback().await?;
        // A form of this page that was not sent proposes the day on which the post begins.
        let begins = post.valid_from.filter(|day| *day > app.today()).unwrap_or_else(|| app.today());
        let begins = begins.format("%-d/%-m/%Y").to_string();
        let day = |name: &str, typed: &str| match typed.is_empty() && !wrong.iter().any(|(field, _)| *field == name) {
            true => begins.clone(),
            false => typed.to_owned(),
        };
        let field = |name: &'static str, value: &str| {
            let said: Vec<&str> =
                wrong.iter().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str()).collect();
            if said.is_empty() { Field::new(name, value) } else { Field::refused(name, value, said.join(". ")) }
        };
        let page = PostPage::new(
            who.layout(),
            list,
            post,
            [
                field("position_number", &form.position_number),
                field("from", &day("from", &form.from)),
                field("draft_from", &day("draft_from", &form.draft_from)),
                field("title", &form.title),
                field("occupation_code", &form.occupation_code),
                field("area", &form.area),
                field("job_role", &form.job_role),
                field("question", &form.question),
                field("again", &form.again),
            ],
            unnumbered,
            roles,
            asked,
        );
        Ok(ui::page(status, &page))
    }

    /// The forms again, with what is wrong in them.
    async fn refused(self, tx: VpdTx, wrong: &[(&str, String)]) -> PageResult {
        self.page(tx, wrong, StatusCode::UNPROCESSABLE_ENTITY).await
    }

    /// What was made of the post, with the way back; where nothing was, the forms again with the reason at a field.
    async fn made(self, tx: VpdTx, made: Result<(ChangeId, String), ChangeError>, field: &'static str) -> PageResult {
        match made {
            Ok((change, words)) => {
                tx.commit().await?;
                self.who.flash(&Flash::success(words).undo("Undo", format!("/positions/changes/{}/undo", change.0)));
                Ok(ui::see_other(format!("/positions/deanery-list/{}", self.list)))
            }
            Err(error) => self.refused(tx, &wrong(error, field)?).await,
        }
    }
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

const NO_DAY: &str = "Enter the day from which this holds, such as 5/8/2026";

async fn assign(request: Request) -> PageResult {
    let (mut tx, mut opened) = open(request).await?;
    let from = dates::parse_day(&opened.form.from);
    let number = opened.form.position_number.trim().to_owned();
    let day = from.unwrap_or_else(|| opened.app.today());
    let position = positions::store::id_of_number(&mut tx, &number, day).await?;
    let (Some(from), Some(position)) = (from, position) else {
        let problem = match from {
            None => ("from", NO_DAY.to_owned()),
            Some(_) if number.is_empty() => ("position_number", "Enter the number of the position".to_owned()),
            Some(_) => ("position_number", format!("{number:?} is not the number of an active position of yours")),
        };
        return opened.refused(tx, &[problem]).await;
    };
    let (mut all, _) = positions::store::stretches(&mut tx, &[&position]).await?;
    let before = all.remove(&position).unwrap_or_default();
    let when = (from, opened.form.confirmed == fingerprint(&before));
    let post = (opened.list, &opened.post);
    let made = actions::assign(&mut tx, opened.who.caller(), post, &position, when, opened.app.now()).await;
    if let Err(ChangeError::Unconfirmed(warnings)) = &made {
        opened.asked = Some(Confirmation::of(warnings, &before, from, &opened.post.dpn));
        return opened.refused(tx, &[]).await;
    }
    let words = format!("{} is on position {number} from {}", opened.post.dpn, dates::day(from));
    opened.made(tx, made.map(|change| (change, words)), "position_number").await
}

async fn draft(request: Request) -> PageResult {
    let (mut tx, opened) = open(request).await?;
    let Opened { form, post, .. } = &opened;
    let mut problems: Vec<(&str, String)> = Vec::new();
    let from = dates::parse_day(&form.draft_from);
    if from.is_none() {
        problems.push(("draft_from", NO_DAY.to_owned()));
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
        return opened.refused(tx, &problems).await;
    };
    let sites = site_names(&mut tx).await?;
    let named = post.site.clone().or_else(|| post.dpn.split('/').nth(1).map(|site| site.trim().to_owned()));
    let known = |site: &String| sites.is_empty() || sites.contains_key(&site.to_uppercase());
    let wanted = Draft {
        title: form.title.clone(),
        occupation_code: form.occupation_code.clone(),
        area: form.area.clone(),
        job_role: Some(form.job_role.clone()),
        workplace_code: named.clone().filter(known),
        effective_from: from,
        end_on: post.valid_to.filter(|to| *to >= from),
        dpn: Some(post.dpn.clone()),
        managing_body: post.body.clone(),
        confirmed: true,
        ..Draft::default()
    };
    let made = actions::draft(&mut tx, opened.who.caller(), opened.list, &wanted, opened.app.now()).await;
    let no_site =
        named.filter(|site| !known(site)).map(|site| format!(". {site} is not a site of yours, so it has no site yet"));
    let no_site = no_site.unwrap_or_default();
    let words = |number: &str| format!("Position {number} is drafted for {}{no_site}", opened.post.dpn);
    let made = made.map(|drafted| (drafted.change, words(&drafted.position_number)));
    opened.made(tx, made, "title").await
}

async fn query(request: Request) -> PageResult {
    let (mut tx, opened) = open(request).await?;
    let question = opened.form.question.trim();
    if question.is_empty() || question.chars().count() > 2_000 {
        let problem = ("question", "Enter your question, of at most 2,000 characters".to_owned());
        return opened.refused(tx, &[problem]).await;
    }
    let (post, app) = ((opened.list, &opened.post), &opened.app);
    let question = (question, opened.form.again == "yes");
    match actions::query(&mut tx, opened.who.caller(), post, question, app.today(), app.now()).await {
        Ok(()) => {
            tx.commit().await?;
            opened.who.flash(&Flash::success(format!("The deanery was asked about {}", opened.post.dpn)));
            Ok(ui::see_other(format!("/positions/deanery-list/{}", opened.list)))
        }
        Err(QueryError::AskedAlready) => {
            // As it is now: another may have asked since this page was opened.
            let mut opened = opened;
            opened.post = find(&mut tx, opened.list, opened.post.row_no).await?;
            let said = opened.post.asked().unwrap_or_default();
            opened.refused(tx, &[("again", format!("{said}. Tick the box to ask a second time"))]).await
        }
        Err(error @ QueryError::NoContact(_)) => opened.refused(tx, &[("question", error.to_string())]).await,
        Err(QueryError::Template(error)) => Err(PageError::unexpected(&error)),
        Err(QueryError::Database(error)) => Err(error.into()),
    }
}
