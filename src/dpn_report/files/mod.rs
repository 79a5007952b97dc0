//! The report as files: a workbook of three tabs, CSV, PDF.

mod csv;
mod document;
pub mod words;
mod workbook;

pub use csv::csv;
pub use document::pdf;
pub use workbook::xlsx;
