//! What the pages about the rotation say.

mod asked;
mod board;
mod grid;

pub use asked::BoardAsked;
pub use board::{BoardPage, person_in_words};
pub use grid::{Choices, GridAsked, GridPage, GridsPage};

use crate::ui::NavItem;

/// The pages that show the same posts in another way.
fn views(current: &str) -> Vec<NavItem> {
    let all = [
        ("/rotation", "Changeover board"),
        ("/rotation/grid?view=changed", "Changed records"),
        ("/rotation/grid", "Full listing"),
        ("/rotation/grids", "Earlier grids"),
    ];
    all.map(|(href, text)| NavItem {
        href: href.to_owned(),
        text: text.to_owned(),
        count: None,
        current: href == current,
    })
    .to_vec()
}

/// What the source says of holders who are left blank.
pub const BLANK_HOLDERS: &str = "A blank current or next holder may or may not mean a vacancy.";
