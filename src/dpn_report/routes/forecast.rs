use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::access::Authorised;
use crate::access::permissions::{ChangePositions, SeeDpnReport};
use crate::app::App;
use crate::dpn_report::store;
use crate::dpn_report::views::ForecastPage;
use crate::error::PageResult;
use crate::positions::views::section;
use crate::ui;

/// Which posts would be held for too many applicants, and why.
pub async fn forecast(app: Data<App>, who: Authorised<SeeDpnReport>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let posts = store::forecast(&mut tx, app.today()).await?;
    tx.commit().await?;
    let page = ForecastPage {
        layout: who.layout(),
        section: section(&who, "/positions/forecast"),
        posts,
        may_change: who.may::<ChangePositions>(),
    };
    Ok(ui::page(StatusCode::OK, &page))
}
