//! Records changes and viewings: append-only, a hash chain for each VPD, chain `0` for National operations.
//!
//! A row is written in the transaction of what it tells, so neither is there without the other. Tables: `audit`, `audit_heads`,
//! `audit_seals`. Heads are sealed with a key that the database does not hold, so that a tail rebuilt by a superuser shows.

mod model;
mod store;
mod verify;

pub use model::{Actor, Event, Subject};
pub use store::{Entry, Filter, list, record, record_for};
pub use verify::{CHECK_CHAIN, ChainState, Check, Verdict, chain_state, check_chain, seal_heads, verify};
