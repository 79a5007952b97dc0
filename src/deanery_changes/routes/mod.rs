//! The pages about changes: their list, one of them, several at once, new posts.

mod bulk;
mod decide;
mod list;
mod new_posts;
mod show;

use actix_web::web::{ServiceConfig, get, post, resource};

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/doctors/changes", get().to(list::list))
        .service(resource("/doctors/changes/bulk").route(get().to(bulk::form)).route(post().to(bulk::decide)))
        .route("/doctors/changes/undo", post().to(bulk::undo))
        .route("/doctors/changes/{change}", get().to(show::show))
        .route("/doctors/changes/{change}/withdraw", post().to(decide::withdraw))
        .route("/doctors/changes/{change}/apply", post().to(decide::apply))
        .route("/doctors/changes/{change}/dismiss", post().to(decide::dismiss))
        .route("/doctors/changes/{change}/undo", post().to(decide::undo))
        .route("/doctors/changes/{change}/hand-over", post().to(decide::hand_over))
        .route("/positions/new-posts", get().to(new_posts::list))
        .route("/positions/new-posts/{change}", get().to(new_posts::show))
        .route("/positions/new-posts/{change}/draft", post().to(new_posts::draft))
        .route("/positions/new-posts/{change}/link", post().to(new_posts::link))
        .route("/positions/new-posts/{change}/dismiss", post().to(new_posts::dismiss))
        .route("/positions/new-posts/{change}/undo", post().to(new_posts::undo))
        .route("/positions/new-posts/{change}/hand-over", post().to(new_posts::hand_over));
}
