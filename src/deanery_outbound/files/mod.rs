//! Records as they leave: positions with their employers, persons with their assignments.

mod person_update;
mod positions;
pub mod rtc;

pub use person_update::{PersonNow, lines_of as person_lines, withdrawn as person_withdrawn};
pub use positions::{
    Employer, Organisation, PositionNow, withdrawn as position_withdrawn, write_lines as write_position,
};
