//! Documents for printing and filing, as PDF/UA-1: headings, paragraphs, lists and tables that a screen reader can walk.
//!
//! What is to be said is collected first, laid out over pages of A4, and then drawn, each line under its place in the structure. The
//! letters are those of Liberation Sans, inside the program. Owns no table.

mod draw;
mod layout;

pub use draw::PdfError;

use chrono::{DateTime, Utc};

/// One thing in a document, top to bottom.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading under the title; each is in the outline too.
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    Table(Table),
}

/// A table: its caption, its headings with their share of the width, its rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<(String, f32)>,
    pub rows: Vec<Vec<Cell>>,
}

/// A cell; a bad one is red, and says in words what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub text: String,
    pub bad: bool,
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    pub title: String,
    /// At the foot of each page: whose it is, and how it is to be handled.
    pub footer: String,
    pub made_at: DateTime<Utc>,
    pub blocks: Vec<Block>,
}

impl Document {
    /// Writes the document.
    pub fn write(&self) -> Result<Vec<u8>, PdfError> {
        draw::draw(self, &layout::layout(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_tagged_and_of_any_length() {
        let row = |n: usize| {
            let text = if n == 3 {
                "Zoë\t→ a long text that goes over several lines of its cell".to_owned()
            } else {
                n.to_string()
            };
            vec![Cell { text: text.clone(), bad: n == 3 }, Cell { text, bad: false }, Cell::default()]
        };
        let table = Table {
            caption: "Positions".into(),
            columns: vec![("Number".into(), 1.0), ("Name".into(), 2.0), ("None".into(), 1.0)],
            rows: (0..200).map(row).collect(),
        };
        let document = Document {
            title: "DPN report".into(),
            footer: "904 Northmoor University Hospitals".into(),
            made_at: "2026-05-06T08:00:00Z".parse().unwrap(),
            blocks: vec![
                Block::Heading("Background".into()),
                Block::Paragraph("A paragraph. ".repeat(40)),
                Block::List(vec!["One".into(), "Two".into()]),
                Block::Table(table),
                Block::Table(Table { caption: "Empty".into(), columns: vec![("A".into(), 1.0)], rows: Vec::new() }),
            ],
        };
        let bytes = document.write().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("%PDF-1.7") && text.contains("pdfuaid:part"), "{}", &text[..200]);
        assert!(text.contains("/StructTreeRoot"));
        assert_eq!(bytes, document.write().unwrap(), "the same document gives the same bytes");
    }
}
