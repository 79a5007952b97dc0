//! The pages about doctors in training: one doctor, a failed record, an entry by hand, two who may be one.

mod duplicate;
mod new;
mod record;
mod show;
mod take_back;

use actix_web::web::{ServiceConfig, get, post, resource};

use crate::applicants::matching::Kind;
use crate::applicants::plan::kind_of;
use crate::applicants::store;
use crate::people::applicants as people;
use crate::tenancy::VpdTx;

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .service(resource("/doctors/new").route(get().to(new::form)).route(post().to(new::enter)))
        .route("/doctors/records/{file}/{record}", get().to(record::show))
        .route("/doctors/records/{file}/{record}/try-again", post().to(record::try_again))
        .route("/doctors/records/{file}/{record}/ask-again", post().to(record::ask_again))
        .route("/doctors/records/{file}/{record}/dismiss", post().to(record::dismiss))
        .route("/doctors/duplicates", get().to(duplicate::list))
        .route("/doctors/duplicates/{id}", get().to(duplicate::show))
        .route("/doctors/duplicates/{id}/same", post().to(duplicate::same))
        .route("/doctors/duplicates/{id}/different", post().to(duplicate::different))
        .route("/doctors/merges/{id}/undo", post().to(duplicate::undo))
        .route("/doctors/applications/{id}/status", post().to(show::change_status))
        .route("/doctors/applications/{id}/take-back", post().to(take_back::take_back))
        .route("/doctors/{person}", get().to(show::show))
        .route("/doctors/{person}/ni-number", post().to(show::show_ni_number));
}

/// The page of a person: a doctor's, or that of an employee who applies for nothing.
async fn page_of(tx: &mut VpdTx, person_id: &str) -> sqlx::Result<String> {
    let is_staff =
        people::find(tx, person_id).await?.is_some_and(|known| kind_of(&known.system_type) != Kind::Applicant);
    let is_doctor = !is_staff || !store::list_for_person(tx, person_id).await?.is_empty();
    Ok(if is_doctor { format!("/doctors/{person_id}") } else { format!("/people/{person_id}") })
}

/// Where a form leads when it is done: a path of ours that it named, or else this one.
fn then(asked: &str, otherwise: &str) -> String {
    let asked = if asked.starts_with('/') { asked } else { otherwise };
    asked.to_owned()
}
