//! The board of a changeover, the deanery's grid, earlier grids, and the grid as a spreadsheet.

mod board;
mod export;
mod grid;

use actix_web::web::{ServiceConfig, get};

pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/rotation", get().to(board::board))
        .route("/rotation/grid", get().to(grid::grid))
        .route("/rotation/grids", get().to(grid::grids))
        .route("/rotation/board.csv", get().to(export::board_csv))
        .route("/rotation/board.xlsx", get().to(export::board_xlsx))
        .route("/rotation/export.csv", get().to(export::csv))
        .route("/rotation/export.xlsx", get().to(export::xlsx));
}
