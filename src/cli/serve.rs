use std::net::TcpListener;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Failure;
use super::database::Opened;
use crate::app::App;
use crate::config::Config;
use crate::tenancy::PoolSize;
use crate::{server, worker};

/// How long a balancer needs to see that `/readyz` says no.
const BALANCER: Duration = Duration::from_secs(5);
/// How long work that has begun may take to end.
const WORK_ENDS: Duration = Duration::from_secs(30);

/// Serves pages until told to stop; with a worker unless others do the work.
pub async fn serve(config: Config, with_worker: bool) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let served = serve_on(&opened, with_worker).await;
    opened.close().await;
    served
}

async fn serve_on(opened: &Opened, with_worker: bool) -> Result<(), Failure> {
    let config = &opened.config;
    let listener = TcpListener::bind(config.listen).map_err(|error| {
        let listen = config.listen;
        Failure::new(format!("{listen} cannot be listened on ({error}). Set CHANGEOVER_LISTEN to another address."))
    })?;
    let app = opened.app(PoolSize::WEB).await?;
    let workers = match with_worker {
        true => Some(Workers::start(opened.app(PoolSize::WORK).await?)),
        false => None,
    };
    let server = server::start(app.clone(), listener)?;
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let private = if opened.is_private() { ", with a database of its own" } else { "" };
    eprintln!("Changeover is at {}{private}. Ctrl-C ends it.", app.config.link("/"));
    tokio::select! {
        ended = &mut serving => {
            return Err(Failure::new(format!("The web server ended by itself: {ended:?}")));
        }
        signal = told_to_stop() => {
            app.stop();
            if signal? == Stop::Terminate {
                tokio::time::sleep(BALANCER).await;
            }
        }
    }
    // Requests that have begun are answered, new ones are not taken.
    tokio::join!(handle.stop(true), async {
        if let Some(workers) = workers {
            workers.stop().await;
        }
    });
    app.db.close().await;
    Ok(())
}

/// Works until told to stop.
pub async fn work(config: Config) -> Result<(), Failure> {
    let opened = Opened::find(config).await?;
    let worked = async {
        let workers = Workers::start(opened.app(PoolSize::WORK).await?);
        eprintln!("Changeover works in the background. Ctrl-C ends it.");
        let _signal = told_to_stop().await?;
        workers.stop().await;
        Ok(())
    }
    .await;
    opened.close().await;
    worked
}

/// The background work of this process.
struct Workers {
    app: App,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Workers {
    fn start(app: App) -> Self {
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(worker::run(app.clone(), stopped));
        Self { app, stop, running }
    }

    /// Lets the work that has begun come to its end; what does not is taken up again when its lease lapses.
    async fn stop(self) {
        let _nobody_listens = self.stop.send(true);
        if tokio::time::timeout(WORK_ENDS, self.running).await.is_err() {
            tracing::warn!("work that had begun did not end in time; it is done again after the next start");
        }
        self.app.db.close().await;
    }
}

#[derive(PartialEq, Eq)]
enum Stop {
    /// Ctrl-C: somebody waits for the prompt.
    Interrupt,
    /// A service manager: there may be a balancer in front.
    Terminate,
}

async fn told_to_stop() -> Result<Stop, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => Stop::Interrupt,
        _ = terminate.recv() => Stop::Terminate,
    })
}
