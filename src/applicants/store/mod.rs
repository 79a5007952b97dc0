//! The SQL for applications and possible duplicates.

mod applications;
mod duplicates;
mod events;

pub use applications::{Origin, insert_applications, list_by_people, save_applications};
pub use duplicates::{Duplicate, insert_duplicates};
pub use events::{EventRow, insert_events};
