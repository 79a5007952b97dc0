//! Training posts that the deanery created: draft the position, link one that exists, dismiss, take back, hand over.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::decide::check_reason;
use super::show::{Asked, holders};
use crate::access::permissions::{MakeNewPosts, Permission, SeeNewPosts};
use crate::access::{Authorised, Form, Right};
use crate::app::App;
use crate::deanery_changes::actions::{self, NewPostError};
use crate::deanery_changes::model::{Change, Kind, State};
use crate::deanery_changes::store;
use crate::deanery_changes::views::{NewPostFields, NewPostPage, NewPostsPage};
use crate::error::{PageError, PageResult};
use crate::organisations::store::site_names;
use crate::positions::actions::{ChangeError as PositionError, fingerprint};
use crate::positions::model::{ChangeField, HostOrLead};
use crate::positions::store as positions;
use crate::positions::views::Confirmation;
use crate::reference::store::whom_to_ask;
use crate::tenancy::VpdTx;
use crate::ui::{self, Field, Flash, dates};

pub async fn list(app: Data<App>, who: Authorised<SeeNewPosts>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let changes = store::list_new_posts(&mut tx).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &NewPostsPage::new(who.layout(), changes)))
}

pub async fn show(app: Data<App>, who: Authorised<SeeNewPosts>, id: Path<Uuid>, asked: Query<Asked>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, *id).await?;
    let fields = NewPostFields::suggested(&change, app.today());
    let page = build(&mut tx, &app, &who, change, fields, asked.then()).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &page))
}

async fn of_post(tx: &mut VpdTx, id: Uuid) -> Result<Change, PageError> {
    store::find(tx, id).await?.filter(|change| change.kind == Kind::NewPost).ok_or(PageError::NotFound)
}

async fn build<P: Permission>(
    tx: &mut VpdTx,
    app: &App,
    who: &Authorised<P>,
    change: Change,
    fields: NewPostFields,
    then: &str,
) -> Result<NewPostPage, PageError> {
    let contact = whom_to_ask(tx, &change.body_code, app.today()).await?;
    let may_make = who.may::<MakeNewPosts>();
    let colleagues = if may_make { Vec::new() } else { holders(tx, Kind::NewPost).await? };
    let then = if then.starts_with('/') { then.to_owned() } else { String::new() };
    let sites = site_names(tx).await?;
    Ok(NewPostPage::new(who.layout(), change, contact, may_make, colleagues, (fields, sites), then))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PostForm {
    title: String,
    occupation_code: String,
    area: String,
    site: String,
    budgeted_fte: String,
    host_or_lead: String,
    #[serde(rename = "effective-day")]
    day: String,
    #[serde(rename = "effective-month")]
    month: String,
    #[serde(rename = "effective-year")]
    year: String,
    position_number: String,
    confirmed: String,
    reason: String,
    then: String,
    to: Option<Uuid>,
}

impl PostForm {
    fn fields(&self) -> NewPostFields {
        NewPostFields {
            title: Field::new("title", self.title.clone()),
            occupation_code: Field::new("occupation_code", self.occupation_code.clone()),
            area: Field::new("area", self.area.clone()),
            site: Field::new("site", self.site.clone()),
            budgeted_fte: Field::new("budgeted_fte", self.budgeted_fte.clone()),
            host_or_lead: Field::new("host_or_lead", self.host_or_lead.clone()),
            effective: Field::new("effective", format!("{}/{}/{}", self.day, self.month, self.year)),
            position_number: Field::new("position_number", self.position_number.clone()),
            reason: Field::new("reason", self.reason.clone()),
            warnings: Vec::new(),
            general: Vec::new(),
            linking: None,
        }
    }
}

type Request<P> = (Data<App>, Authorised<P>, Path<Uuid>, Form<PostForm>);

/// The page again with what is wrong, or with what is to be confirmed.
async fn refused<P: Permission>(
    app: &App,
    who: &Authorised<P>,
    id: Uuid,
    fields: NewPostFields,
    then: &str,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, id).await?;
    let page = build(&mut tx, app, who, change, fields, then).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// What the rules of positions say, at the fields that they are about.
fn explain(mut fields: NewPostFields, error: PositionError) -> Result<NewPostFields, PageError> {
    match error {
        PositionError::NotFound => return Err(PageError::NotFound),
        PositionError::Database(error) => return Err(error.into()),
        PositionError::ChangedMeanwhile => {
            return Err(PageError::Conflict("The position changed meanwhile.".to_owned()));
        }
        PositionError::NothingChanges => {
            fields.position_number.error =
                Some("That position bears this number already. Dismiss this with that reason".to_owned());
        }
        PositionError::Unconfirmed(warnings) => fields.warnings = warnings.into_iter().map(|one| one.text).collect(),
        PositionError::Refused(refusals) => {
            for one in refusals {
                let at = match one.field {
                    ChangeField::EffectiveFrom | ChangeField::EndOn => &mut fields.effective,
                    ChangeField::BudgetedFte => &mut fields.budgeted_fte,
                    ChangeField::HostOrLead => &mut fields.host_or_lead,
                    ChangeField::Name => &mut fields.title,
                    ChangeField::PositionNumber => &mut fields.position_number,
                    _ => {
                        fields.general.push(one.text);
                        continue;
                    }
                };
                at.error.get_or_insert(one.text);
            }
        }
    }
    Ok(fields)
}

pub async fn draft((app, who, id, Form(form)): Request<MakeNewPosts>) -> PageResult {
    let mut fields = form.fields();
    for (field, words) in [
        (&mut fields.title, "Enter the title of the position"),
        (&mut fields.occupation_code, "Enter the occupation code"),
        (&mut fields.area, "Enter the area of work"),
    ] {
        if field.value.trim().is_empty() {
            field.error = Some(words.to_owned());
        }
    }
    let from = dates::parse_day(&fields.effective.value);
    if from.is_none() {
        fields.effective.error = Some("Enter the day from which the position is there, such as 5 8 2026".to_owned());
    }
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, *id).await?;
    let sites = site_names(&mut tx).await?;
    let site = form.site.trim().to_uppercase();
    if !site.is_empty() && !sites.is_empty() && !sites.contains_key(&site) {
        fields.site.error =
            Some(format!("{} is not the code of a site of yours. Select one of yours", form.site.trim()));
    }
    let (Some(from), false) = (from, fields.has_errors()) else {
        tx.rollback().await?;
        return refused(&app, &who, *id, fields, &form.then).await;
    };
    let mut draft = actions::suggest(&change, from);
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    draft.title = form.title.trim().to_owned();
    draft.occupation_code = form.occupation_code.trim().to_owned();
    draft.area = form.area.trim().to_owned();
    draft.workplace_code = given(if sites.contains_key(&site) { &site } else { &form.site });
    draft.budgeted_fte = given(&form.budgeted_fte);
    draft.host_or_lead = HostOrLead::parse(&form.host_or_lead);
    draft.confirmed = form.confirmed == "yes";
    match actions::draft_post(&mut tx, &who, *id, &draft, app.now()).await {
        Ok(position) => {
            tx.commit().await?;
            let words = format!("A position is drafted for {}", change.dpn);
            who.flash(&Flash::success(words).undo("Undo", format!("{}/undo", change.path())));
            let to = if form.then.starts_with('/') { form.then } else { format!("/positions/{position}") };
            Ok(ui::see_other(to))
        }
        Err(NewPostError::Change(error)) => Err(error.into()),
        Err(NewPostError::Position(error)) => {
            tx.rollback().await?;
            refused(&app, &who, *id, explain(fields, error)?, &form.then).await
        }
    }
}

pub async fn link((app, who, id, Form(form)): Request<MakeNewPosts>) -> PageResult {
    let mut fields = form.fields();
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, *id).await?;
    let number = form.position_number.trim();
    let problem = match number {
        "" => Some("Enter the number of the position".to_owned()),
        _ => None,
    };
    let found = positions::id_of_number(&mut tx, number, app.today()).await?;
    let problem =
        problem.or_else(|| found.is_none().then(|| format!("No position here has the number {number} today")));
    let (Some(position), None) = (found, &problem) else {
        tx.rollback().await?;
        let suggested = NewPostFields::suggested(&change, app.today());
        fields.position_number.error = problem;
        let fields = NewPostFields { position_number: fields.position_number, ..suggested };
        return refused(&app, &who, *id, fields, &form.then).await;
    };
    let (mut all, _) = positions::stretches(&mut tx, &[&position]).await?;
    let before = all.remove(&position).unwrap_or_default();
    let when = (app.today(), form.confirmed == fingerprint(&before));
    match actions::link_post(&mut tx, &who, *id, &position, when, app.now()).await {
        Ok(position) => {
            tx.commit().await?;
            let words = format!("{} is the number of position {number} from today", change.dpn);
            who.flash(&Flash::success(words).undo("Undo", format!("{}/undo", change.path())));
            let to = if form.then.starts_with('/') { form.then } else { format!("/positions/{position}") };
            Ok(ui::see_other(to))
        }
        Err(NewPostError::Change(error)) => Err(error.into()),
        Err(NewPostError::Position(error)) => {
            tx.rollback().await?;
            let suggested = NewPostFields::suggested(&change, app.today());
            let mut fields = NewPostFields { position_number: fields.position_number, ..suggested };
            match error {
                PositionError::Unconfirmed(warnings) => {
                    fields.linking = Some(Confirmation::of(&warnings, &before, app.today(), &change.dpn));
                }
                PositionError::Refused(refusals) => {
                    let said: Vec<String> = refusals.into_iter().map(|one| one.text).collect();
                    fields.position_number.error = Some(said.join(". "));
                }
                error => fields = explain(fields, error)?,
            }
            refused(&app, &who, *id, fields, &form.then).await
        }
    }
}

pub async fn dismiss((app, who, id, Form(form)): Request<SeeNewPosts>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, *id).await?;
    if let Some(problem) = check_reason(&form.reason, change.kind) {
        tx.rollback().await?;
        let reason = Field::refused("reason", form.reason, problem);
        let fields = NewPostFields { reason, ..NewPostFields::suggested(&change, app.today()) };
        return refused(&app, &who, *id, fields, &form.then).await;
    }
    let change = actions::dismiss(&mut tx, &who, *id, form.reason.trim(), app.now()).await?;
    tx.commit().await?;
    let words = format!("Nothing is done about {}: the reason is kept", change.dpn);
    who.flash(&Flash::success(words).undo("Undo", format!("{}/undo", change.path())));
    Ok(ui::see_other(if form.then.starts_with('/') { form.then } else { change.path() }))
}

pub async fn undo((app, who, id, Form(_)): Request<SeeNewPosts>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, *id).await?;
    if change.state == State::Applied && !who.may::<MakeNewPosts>() {
        return Err(PageError::Forbidden { needed: vec![Right::LocalWorkstructuresAdministration.label()] });
    }
    actions::undo(&mut tx, &who, *id, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success("Taken back: this waits for a decision again"));
    Ok(ui::see_other(change.path()))
}

pub async fn hand_over((app, who, id, Form(form)): Request<SeeNewPosts>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let change = of_post(&mut tx, *id).await?;
    let to = form.to.ok_or_else(|| PageError::BadRequest("Choose a colleague to hand this to.".to_owned()))?;
    let (_, name) = actions::hand_over(&mut tx, &who, change.change_id, to, app.now()).await?;
    tx.commit().await?;
    who.flash(&Flash::success(format!("Handed to {name}, in whose inbox it is now")));
    Ok(ui::see_other(if form.then.starts_with('/') { form.then } else { change.path() }))
}
