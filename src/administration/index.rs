use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use super::cover;
use crate::access::permissions::{
    MaintainBodies, MaintainCodes, MaintainOrganisations, ManageApiTokens, ManageUsers, OpenAdministration, ReadAudit,
    ReadMail, SeeBackgroundWork, SeeRoleMap,
};
use crate::access::{Authorised, Right};
use crate::app::App;
use crate::error::PageResult;
use crate::jobs;
use crate::ui::{self, Layout};

#[derive(Template)]
#[template(path = "admin/index.html")]
struct IndexPage {
    layout: Layout,
    organisation: String,
    /// Address, title, what it is for.
    links: Vec<(&'static str, &'static str, String)>,
    gaps: Vec<&'static str>,
}

pub async fn show(app: Data<App>, who: Authorised<OpenAdministration>) -> PageResult {
    let mut tx = app.db.system().await?;
    let own = (!who.has(Right::SysAdmin)).then_some(&who.vpd);
    let dead = jobs::dead(&mut tx, own).await?.len();
    tx.rollback().await?;
    let mut tx = who.begin(&app.db).await?;
    let gaps = if who.may::<SeeRoleMap>() && own.is_some() { cover::uncovered(&mut tx).await? } else { Vec::new() };
    tx.rollback().await?;
    let work = match dead {
        0 => "Nothing was given up.".to_owned(),
        n => {
            format!("{} given up: look why, and queue again.", ui::count(n, "piece of work was", "pieces of work were"))
        }
    };
    let all = [
        (
            "/admin/users",
            "Users",
            "Add people, give and take away their rights, send a link for a new password.".to_owned(),
            who.may::<ManageUsers>(),
        ),
        (
            "/admin/roles",
            "Role map",
            "Who holds each role, and which nobody holds.".to_owned(),
            who.may::<SeeRoleMap>(),
        ),
        ("/admin/audit", "Audit trail", "Who did what, about whom and when.".to_owned(), who.may::<ReadAudit>()),
        ("/admin/mail", "Sent mail", "Every mail and what became of it.".to_owned(), who.may::<ReadMail>()),
        (
            "/admin/tokens",
            "Suppliers' tokens",
            "Let a recruitment system read applicants and record their employment checks, and stop it.".to_owned(),
            who.may::<ManageApiTokens>(),
        ),
        (
            "/admin/organisations",
            "Organisations",
            "Every employing organisation, and whether it takes the deanery's files.".to_owned(),
            who.may::<MaintainOrganisations>(),
        ),
        (
            "/interfaces/bodies",
            "Managing deanery bodies",
            "How to reach each deanery, and which has no contact.".to_owned(),
            who.may::<MaintainBodies>(),
        ),
        (
            "/interfaces/codes",
            "Code lists",
            "Which job roles make a training post, and what files and forms accept.".to_owned(),
            who.may::<MaintainCodes>(),
        ),
        ("/admin/work", "Background work", work, who.may::<SeeBackgroundWork>()),
    ];
    let links = all.into_iter().filter(|(.., shown)| *shown).map(|(href, title, text, _)| (href, title, text));
    let organisation =
        if who.vpd.is_operations() { who.vpd_name.clone() } else { format!("{} {}", who.vpd, who.vpd_name) };
    let view = IndexPage {
        layout: who.layout(),
        organisation,
        links: links.collect(),
        gaps: gaps.iter().map(|right| right.label()).collect(),
    };
    Ok(ui::page(StatusCode::OK, &view))
}
