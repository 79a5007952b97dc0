//! The pages about doctors in training: the list, one doctor, a failed record, an entry by hand, two who may be one.

mod duplicate;
mod list;
mod new;
mod record;
mod show;

use actix_web::web::{ServiceConfig, get, post, resource};

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/doctors", get().to(list::list))
        .service(resource("/doctors/new").route(get().to(new::form)).route(post().to(new::enter)))
        .route("/doctors/records/{file}/{record}", get().to(record::show))
        .route("/doctors/records/{file}/{record}/try-again", post().to(record::try_again))
        .route("/doctors/records/{file}/{record}/ask-again", post().to(record::ask_again))
        .route("/doctors/records/{file}/{record}/dismiss", post().to(record::dismiss))
        .route("/doctors/duplicates/{id}", get().to(duplicate::show))
        .route("/doctors/duplicates/{id}/same", post().to(duplicate::same))
        .route("/doctors/duplicates/{id}/different", post().to(duplicate::different))
        .route("/doctors/merges/{id}/undo", post().to(duplicate::undo))
        .route("/doctors/applications/{id}/status", post().to(show::change_status))
        .route("/doctors/{person}", get().to(show::show))
        .route("/doctors/{person}/ni-number", post().to(show::show_ni_number));
}

/// Where a form leads when it is done: a path of ours that it named, or else this one.
fn then(asked: &str, otherwise: &str) -> String {
    let asked = if asked.starts_with('/') { asked } else { otherwise };
    asked.to_owned()
}
