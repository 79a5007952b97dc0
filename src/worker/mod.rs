//! Every job and every schedule, in one place.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::access;
use crate::administration;
use crate::app::App;
use crate::audit;
use crate::deanery_changes;
use crate::deanery_outbound;
use crate::doctors_in_training;
use crate::dpn_report;
use crate::email;
use crate::employment_checks;
use crate::file_exchange::{self, Interface, Processors};
use crate::generic_outbound::{self, GenericOutbound};
use crate::hiring;
use crate::jobs::{self, Failure, Lane, Registry, Work};
use crate::mailer::Mailer;
use crate::mass_updates;
use crate::notifications::{self, summaries};
use crate::people;
use crate::positions;
use crate::readiness;
use crate::tenancy;

/// What does the work of each kind of job.
pub fn registry(app: &App) -> Registry {
    let mailer = Mailer::from_config(&app.config);
    Registry::default()
        .on(access::SEND_PASSWORD_LINKS, access::send_password_links)
        .on(email::SEND, move |work| send_mail(work, mailer.clone()))
        .on(deanery_outbound::actions::SEND, deanery_outbound::actions::run_job)
        .on(notifications::TELL, summaries::tell_at_once)
        .on(summaries::SUMMARISE, summaries::run)
        .on(file_exchange::expected::ARRIVED, file_exchange::expected::close)
        .on(file_exchange::notices::TELL_OPERATORS, file_exchange::notices::raise)
        .on(file_exchange::own_files::TELL_EMPLOYER, file_exchange::own_files::raise)
        .on(generic_outbound::notices::TELL_OF_REGISTRATION, generic_outbound::notices::raise_registration)
        .on(generic_outbound::notices::TELL_OF_CLAIMS, generic_outbound::notices::raise_claims)
        .on(positions::TELL_OF_CLAIMS, positions::tell_of_claims)
        .on(dpn_report::COUNT, dpn_report::count)
        .on(readiness::TELL_REQUEST, readiness::tell_request)
        .on(readiness::TELL_ANSWER, readiness::tell_answer)
        .on(mass_updates::RUN, mass_updates::run)
        .on(notifications::EXPIRE, notifications::expire)
        .on(notifications::RELEASE_CLAIMS, notifications::release_claims)
        .on(deanery_changes::EXPIRE_PENDING, deanery_changes::expire_pending)
        .on(audit::CHECK_CHAIN, check_chain)
        .on(notifications::CHECK_COVER, administration::cover::check)
}

/// What is done with the files of each interface.
pub fn processors() -> Processors {
    Processors::default()
        .on(Interface::GenericOutbound, GenericOutbound)
        .on(Interface::PositionConfirmation, deanery_outbound::PositionReplies)
        .on(Interface::Applicants, doctors_in_training::processor::Applicants)
        .on(Interface::Notifications, doctors_in_training::notified::Notifications)
}

/// Sends a mail, and flags the account whose address will never take one.
async fn send_mail(work: Work, mailer: Mailer) -> Result<(), jobs::Failure> {
    if let Some(refused) = email::send(&work, &mailer).await? {
        let mut tx = work.app.db.system().await?;
        access::mail::save_problem(&mut tx, refused.user_id, &refused.words).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Works until told to stop: jobs as they come, schedules as they fall due.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    let registry = registry(&app);
    tokio::join!(
        lane(&app, &registry, Lane::Work, stop.clone()),
        lane(&app, &registry, Lane::Mail, stop.clone()),
        schedules(&app, stop.clone()),
        file_exchange::folders::run(app.clone(), processors(), stop),
    );
}

async fn lane(app: &App, registry: &Registry, lane: Lane, mut stop: watch::Receiver<bool>) {
    let mut listener = None;
    while !*stop.borrow() {
        if listener.is_none() {
            listener = match app.db.listener().await {
                Ok(mut listener) => listener.listen("changeover_jobs").await.ok().map(|()| listener),
                Err(_) => None,
            };
        }
        match jobs::run_due(app, registry, lane, 10).await {
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
        }
    }
}

/// What the clock starts. Several workers may run: whatever must happen once takes its slot in the database.
async fn schedules(app: &App, mut stop: watch::Receiver<bool>) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    let mut hour = tokio::time::interval(Duration::from_secs(3600));
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    hour.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() {
        tokio::select! {
            _ = stop.changed() => {}
            _ = minute.tick() => {
                report(summaries::run_schedule(app).await, "the summaries could not be queued");
                report(deanery_outbound::actions::run_schedule(app).await, "the files to the deanery could not be queued");
                report(file_exchange::expected::check(app).await, "expected files could not be looked for");
            }
            _ = hour.tick() => {
                report(people::store::roll_all_forward(app).await, "people could not be brought to today");
                report(deanery_changes::queue_expiry(app).await, "changes that wait could not be looked at");
                report(notifications::queue_expiry(app).await, "old items for information could not be let go");
                report(dpn_report::queue(app, app.today()).await.map(|_| ()), "the night's DPN reports could not be queued");
                report(hiring::reminders::run_once(app).await, "starters could not be reminded of");
                let sealed = audit::seal_heads(&app.db, &app.key("audit seal"), app.now()).await;
                report(sealed, "the audit chains could not be sealed");
                report(access::store::forget_the_old(&app.db).await, "old sessions could not be removed");
                report(file_exchange::replies::remove_unfinished(app).map_err(Into::into), "half-written files could not be removed");
                report(tenancy::forget_old_changes(&app.db).await, "old notes of changes could not be removed");
                report(employment_checks::forget_old_answers(app).await, "old answers of the API could not be removed");
            }
        }
    }
}

fn report<T>(result: sqlx::Result<T>, words: &'static str) {
    if let Err(error) = result {
        tracing::error!(%error, "{words}");
    }
}

async fn check_chain(work: Work) -> Result<(), Failure> {
    let (app, key) = (&work.app, work.app.key("audit seal"));
    audit::check_chain(&app.db, &work.vpd, &key, app.now()).await.map_err(Failure::from)
}
