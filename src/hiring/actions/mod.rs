//! What can be made to happen: a hire and its end, each as one sentence and each to be taken back while nothing followed.

mod hand_over;
mod hire;
mod leave;
mod take_back;

pub use hand_over::hand_over;
pub use hire::{HireError, Plan, hire, is_ended_by, plan};
pub use leave::{Decided, Decision, LeaveError, UndoLeavingError, decided, leave, undo_leaving};
pub use take_back::{TakeBackError, take_back};
