//! Work that leaves by a row written in the transaction that causes it; run at least once, safe to repeat.
//!
//! A worker leases a row (two minutes), runs it, and removes it; a lease that lapses is taken up by another worker, and the token keeps a
//! worker that slept through its lease from settling it. Failures come back at 10 s x 4^n with jitter, at most 6 h apart; after 10 tries
//! a job is dead, and administrators see it. Table: `jobs`.

mod runner;
mod store;

pub use runner::{Failure, Handler, Lane, Registry, TRIES, Work, run_due};
pub use store::{Backlog, DeadJob, backlog, dead, enqueue, enqueue_at, enqueue_system, last_slot, requeue, take_slot};
