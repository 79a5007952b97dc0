use actix_web::http::StatusCode;
use actix_web::web::Data;

use super::reader;
use crate::access::permissions::{
    ManageUsers, ReadAudit, ReadInbox, SeeDoctors, SeeInterfaces, SeePositions, SeeRoleMap, SeeRotation,
    SettleDuplicates, SignedIn,
};
use crate::access::{Authorised, Right};
use crate::app::App;
use crate::applicants;
use crate::error::PageResult;
use crate::inbox::store;
use crate::inbox::views::{HomePage, UnallocatedPage};
use crate::ui;

pub async fn show(app: Data<App>, who: Authorised<SignedIn>) -> PageResult {
    let reader = reader(&who, &app);
    let mut tx = who.begin(&app.db).await?;
    let counts = store::kind_counts(&mut tx, &reader).await?;
    let mine = store::mine(&mut tx, &reader).await?;
    let recent = store::recent_deeds(&mut tx, &reader).await?;
    let gaps = if who.may::<SeeRoleMap>() { store::gaps(&mut tx).await? } else { Vec::new() };
    // Medical Staffing Officers have an item for each pair.
    let settles = who.may::<SettleDuplicates>() && !who.has(Right::MedicalStaffingOfficer);
    let duplicates = if settles { applicants::store::count_open_pairs(&mut tx).await? } else { 0 };
    let last_file_at = store::last_file_at(&mut tx).await?;
    tx.commit().await?;
    let layout = who.layout();
    let page = HomePage {
        organisation: layout.user.as_ref().map(|user| user.organisation()).unwrap_or_default(),
        layout,
        today: reader.today,
        now: reader.now,
        counts,
        mine,
        recent,
        gaps,
        last_file_at,
        duplicates,
        reads_inbox: who.may::<ReadInbox>(),
        sees_files: who.may::<SeeInterfaces>(),
        manages_users: who.may::<ManageUsers>(),
        sees_doctors: who.may::<SeeDoctors>(),
        sees_positions: who.may::<SeePositions>(),
        sees_rotation: who.may::<SeeRotation>(),
        reads_audit: who.may::<ReadAudit>(),
    };
    Ok(ui::page(StatusCode::OK, &page))
}

/// What waits for roles that nobody holds.
pub async fn unallocated(app: Data<App>, who: Authorised<SeeRoleMap>) -> PageResult {
    let mut tx = who.begin(&app.db).await?;
    let gaps = store::gaps(&mut tx).await?;
    tx.commit().await?;
    Ok(ui::page(StatusCode::OK, &UnallocatedPage { layout: who.layout(), gaps }))
}
