//! Every job and every schedule, in one place.

use std::time::Duration;

use tokio::sync::watch;

use crate::access;
use crate::administration;
use crate::app::App;
use crate::audit;
use crate::doctors_in_training;
use crate::file_exchange::{Interface, Processors};
use crate::jobs::{self, Registry};
use crate::notifications;

/// What does the work of each kind of job.
pub fn registry(_app: &App) -> Registry {
    Registry::default()
        .on(access::SEND_PASSWORD_LINKS, access::send_password_links)
        .on(notifications::RELEASE_CLAIMS, notifications::release_claims)
        .on(notifications::CHECK_COVER, administration::cover::check)
}

/// What is done with the files of each interface.
pub fn processors() -> Processors {
    Processors::default().on(Interface::Applicants, doctors_in_training::processor::Applicants)
}

/// Works until told to stop: jobs as they come, schedules as they fall due.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let registry = registry(&app);
    let mut sealed = tokio::time::interval(Duration::from_secs(3600));
    let mut listener = None;
    while !*stop.borrow() {
        if listener.is_none() {
            listener = match app.db.listener().await {
                Ok(mut listener) => listener.listen("changeover_jobs").await.ok().map(|()| listener),
                Err(_) => None,
            };
        }
        match jobs::run_due(&app, &registry, 10).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::error!(%error, "the queue cannot be read"),
        }
        let wake = async {
            match listener.as_mut() {
                Some(l) => l.recv().await.map(|_| ()).is_ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = stop.changed() => {}
            alive = wake => if !alive { listener = None },
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            _ = sealed.tick() => {
                if let Err(error) = audit::seal_heads(&app.db, &app.key("audit seal"), app.now()).await {
                    tracing::error!(%error, "the audit chains could not be sealed");
                }
            }
        }
    }
}
