//! Interface files in and out: the register, the check of each file, its states, its records and their outcomes, replies, folders.
//!
//! States: received → validating → refused | held_for_order | held | duplicate | queued → processing → processed |
//! processed_with_errors | failed → confirmed. Held for order: an operator releases (queued) or discards (refused) it.
//! One path for all: the inbound folder, the upload page and `changeover receive` end in [`intake`]. What an interface does with its
//! records is a [`processor::Processor`]. Tables: `interface_files`, `file_chunks`, `file_events`, `file_vpds`, `file_records`,
//! `file_replies`, `held_posts`, `outbound_sequences`, `expected_files`. Codes F01 to F14 are modelled on a supplier's.

mod alone;
pub mod delimited;
pub mod engine;
pub mod envelope;
pub mod failed_records;
pub mod folders;
pub mod held;
pub mod intake;
pub mod lines;
pub mod name;
pub mod notices;
pub mod own_files;
pub mod posts;
pub mod expected;
pub mod outbound;
pub mod processor;
pub mod read;
pub mod records;
pub mod refusal;
mod register;
pub mod receive;
pub mod replies;
mod results;
mod routes;
pub mod stream;
mod views;

pub use name::{FileName, Interface, SequencePolicy};
pub use processor::{Processor, Processors};
pub use receive::{FileReport, receive};
pub use refusal::{Code, Refusal};

pub use routes::configure;
