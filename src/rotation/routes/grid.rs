use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};

use crate::access::Authorised;
use crate::access::permissions::SeeRotation;
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::reference::store::whom_to_ask;
use crate::rotation::store::{self, Telling};
use crate::rotation::views::{Choices, GridAsked, GridPage, GridsPage};
use crate::tenancy::VpdTx;
use crate::ui;

pub async fn grid(app: Data<App>, who: Authorised<SeeRotation>, asked: Query<GridAsked>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let telling = asked_for(&mut tx, &asked).await?;
    let latest = store::telling(&mut tx, None, None).await?.map(|latest| latest.grid_no);
    let rows = match &telling {
        Some(telling) => store::rows(&mut tx, telling.grid_no, &asked.filter()).await?,
        None => Vec::new(),
    };
    let (sites, specialties) = (store::sites(&mut tx).await?, store::specialties(&mut tx).await?);
    let gone = match &telling {
        Some(telling) => store::counts(&mut tx, telling.file_id).await?.map_or(0, |counts| counts.gone),
        None => 0,
    };
    let contact = match &telling {
        Some(telling) => whom_to_ask(&mut tx, &telling.body_code, app.today()).await?,
        None => None,
    };
    tx.commit().await?;
    let choices = Choices { sites, specialties };
    let page = GridPage::new(who.layout(), asked.into_inner(), telling, latest, rows, choices, contact).with_gone(gone);
    Ok(ui::page(if page.is_refused() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
}

/// The telling that an address names; one that is not there is not found, none at all is an empty grid.
pub async fn asked_for(tx: &mut VpdTx, asked: &GridAsked) -> Result<Option<Telling>, PageError> {
    let telling = store::telling(tx, asked.grid_no(), asked.day()).await?;
    match (asked.grid_no(), telling) {
        (Some(_), None) => Err(PageError::NotFound),
        (_, telling) => Ok(telling),
    }
}

pub async fn grids(app: Data<App>, who: Authorised<SeeRotation>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let tellings = store::tellings(&mut tx, 500).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &GridsPage::new(who.layout(), tellings)))
}
