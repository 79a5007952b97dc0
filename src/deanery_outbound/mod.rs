//! Out to the deanery: positions (RMF full, RMC changes; POS and POR), Person Update records (PER, ADD, ASG, PBD), and the reply (RTC).
//!
//! A file is for one managing body and is made employer by employer: what each says now is compared with what was last sent of it, so a
//! run that was cut off is contained in the next. A DPN that changed is a delete for the old key and a change for the new. Nothing goes
//! out for a position with a fault that the DPN report weighs as stopping. Persons go out from the lead employer alone, never from honorary records.
//! No absences (ABS): nothing that comes in tells of any. Tables: `positions_sent`, `persons_sent`. Layouts: TIS's schemas of POS and POR; Person Update layout version 1, ours.

pub mod actions;
pub mod files;
mod foreseen;
mod processor;
mod routes;
mod store;
mod telling;
mod views;

pub use processor::PositionReplies;
pub use routes::configure;
