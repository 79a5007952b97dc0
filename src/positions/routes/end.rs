use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use super::edit::{saved, stretches};
use crate::access::permissions::ChangePositions;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::positions::actions::{self, ChangeError, fingerprint};
use crate::positions::model::{PositionChange, Set, Source, Stretch};
use crate::positions::store;
use crate::positions::views::EndPage;
use crate::tenancy::VpdTx;
use crate::ui::{self, ErrorSummary, Field, Flash, dates};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EndForm {
    end_on: String,
    seen: String,
    confirmed: String,
    reopen: String,
}

pub async fn form(app: Data<App>, who: Authorised<ChangePositions>, id: Path<String>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let stretches = stretches(&mut tx, &id).await?;
    let end_on = Field::new("end_on", app.today().format("%-d/%-m/%Y").to_string());
    page(tx, &who, &id, &stretches, end_on, None, StatusCode::OK).await
}

async fn page(
    tx: VpdTx,
    who: &Authorised<ChangePositions>,
    id: &str,
    stretches: &[Stretch],
    end_on: Field,
    after: Option<(i64, i64)>,
    status: StatusCode,
) -> PageResult {
    tx.commit().await?;
    let open = stretches.iter().any(|stretch| !stretch.is_empty() && stretch.effective_to.is_none());
    let ended = stretches.iter().filter(|stretch| !stretch.is_empty()).filter_map(|stretch| stretch.effective_to).max();
    let page = EndPage {
        layout: who.layout(),
        errors: ErrorSummary::of([&end_on]),
        id: id.to_owned(),
        position: stretches.iter().rev().find(|stretch| !stretch.is_empty()).unwrap_or(&stretches[0]).clone(),
        ended: ended.filter(|_| !open),
        seen: fingerprint(stretches),
        end_on,
        after,
    };
    Ok(ui::page(status, &page))
}

/// Ends a position after a day, or opens it again; asks first where somebody is on it later.
pub async fn save(
    app: Data<App>,
    who: Authorised<ChangePositions>,
    id: Path<String>,
    Form(form): Form<EndForm>,
) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let before = stretches(&mut tx, &id).await?;
    let end = if form.reopen == "yes" { None } else { dates::parse_day(&form.end_on) };
    if form.reopen != "yes" && end.is_none() {
        let field = Field::refused("end_on", form.end_on, "Enter the position's last day, such as 4/8/2026");
        return page(tx, &who, &id, &before, field, None, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if let Some(end) = end.filter(|_| form.confirmed != "yes") {
        let after = store::after_day(&mut tx, &id, end).await?;
        if after != (0, 0) {
            let field = Field::new("end_on", form.end_on);
            return page(tx, &who, &id, &before, field, Some(after), StatusCode::OK).await;
        }
    }
    let change = PositionChange {
        end_on: Set::To(end),
        seen: Some(form.seen.clone()).filter(|seen| !seen.is_empty()),
        confirmed: true,
        ..PositionChange::new(id.as_str(), app.today())
    };
    match actions::change(&mut tx, &who.actor(), &change, Source::Page, app.now()).await {
        Ok(made) => {
            let after = stretches(&mut tx, &id).await?;
            tx.commit().await?;
            who.flash(&saved(&id, made, app.today(), &before, &after));
            Ok(ui::see_other(format!("/positions/{id}")))
        }
        Err(ChangeError::NothingChanges) => {
            tx.rollback().await?;
            who.flash(&Flash::information("Nothing was changed: the position ends on that day already"));
            Ok(ui::see_other(format!("/positions/{id}")))
        }
        Err(ChangeError::Refused(refusals)) => {
            let text = refusals.iter().map(|refusal| refusal.text.clone()).collect::<Vec<_>>().join(". ");
            let field = Field::refused("end_on", form.end_on, text);
            page(tx, &who, &id, &before, field, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(ChangeError::ChangedMeanwhile) => Err(PageError::Conflict(
            "The position was changed after you opened this page. Look at it again before you end it.".to_owned(),
        )),
        Err(ChangeError::Unconfirmed(_) | ChangeError::NotFound) => Err(PageError::NotFound),
        Err(ChangeError::Database(error)) => Err(error.into()),
    }
}
