//! Where each line goes.

use super::{Block, Document, Table};

/// A4, in points.
pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 50.0;
const BOTTOM: f32 = HEIGHT - 60.0;
const PADDING: f32 = 3.0;

/// What is drawn on a page.
pub enum Mark {
    Text {
        x: f32,
        y: f32,
        size: f32,
        bold: bool,
        text: String,
    },
    /// A red ground behind a bad cell.
    Ground {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
    },
    /// The line under a row.
    Rule {
        y: f32,
    },
}

/// The place of lines in the structure: a group, or a line by its number.
pub enum Place {
    Title(Vec<Place>),
    Heading(String, Vec<Place>),
    Paragraph(Vec<Place>),
    List(Vec<Vec<Place>>),
    Table { caption: Vec<Place>, rows: Vec<Row> },
    Line(usize),
}

/// A row of a table's structure; the first is that of its headings.
pub struct Row {
    pub is_head: bool,
    pub cells: Vec<Vec<Place>>,
}

/// A document laid out.
#[derive(Default)]
pub struct Layout {
    pub pages: Vec<Vec<Mark>>,
    pub places: Vec<Place>,
    /// Headings with the page and the height at which they stand.
    pub outline: Vec<(String, usize, f32)>,
    lines: usize,
    y: f32,
}

/// Lays a document out.
pub fn layout(document: &Document) -> Layout {
    let mut layout = Layout { pages: vec![Vec::new()], y: MARGIN, ..Layout::default() };
    let title = layout.text(&document.title, 20.0, true, MARGIN, WIDTH - 2.0 * MARGIN);
    layout.outline.push((document.title.clone(), 0, MARGIN));
    layout.places.push(Place::Title(title));
    layout.y += 8.0;
    for block in &document.blocks {
        match block {
            Block::Heading(text) => {
                layout.room(60.0);
                layout.y += 8.0;
                layout.outline.push((text.clone(), layout.pages.len() - 1, layout.y));
                let lines = layout.text(text, 14.0, true, MARGIN, WIDTH - 2.0 * MARGIN);
                layout.places.push(Place::Heading(text.clone(), lines));
                layout.y += 4.0;
            }
            Block::Paragraph(text) => {
                let lines = layout.text(text, 10.5, false, MARGIN, WIDTH - 2.0 * MARGIN);
                layout.places.push(Place::Paragraph(lines));
                layout.y += 6.0;
            }
            Block::List(items) => {
                let all = items.iter().map(|item| {
                    let text = format!("- {item}");
                    let lines = layout.text(&text, 10.5, false, MARGIN + 10.0, WIDTH - 2.0 * MARGIN - 10.0);
                    layout.y += 2.0;
                    lines
                });
                let all = all.collect();
                layout.places.push(Place::List(all));
                layout.y += 6.0;
            }
            Block::Table(table) => layout.table(table),
        }
    }
    layout
}

impl Layout {
    /// Goes to the next page where there is less room than this.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn line(&mut self, text: String, size: f32, bold: bool, x: f32, y: f32) -> Place {
        self.mark(Mark::Text { x, y, size, bold, text });
        self.lines += 1;
        Place::Line(self.lines - 1)
    }

    fn text(&mut self, text: &str, size: f32, bold: bool, x: f32, width: f32) -> Vec<Place> {
        let mut lines = Vec::new();
        for line in wrap(&readable(text), size, bold, width) {
            self.room(size * 1.4);
            self.y += size * 1.3;
            lines.push(self.line(line, size, bold, x, self.y));
        }
        lines
    }

    fn table(&mut self, table: &Table) {
        self.room(70.0);
        self.y += 6.0;
        let caption = self.text(&table.caption, 11.5, true, MARGIN, WIDTH - 2.0 * MARGIN);
        self.y += 4.0;
        let shares: f32 = table.columns.iter().map(|(_, share)| share).sum();
        let widths: Vec<f32> = table.columns.iter().map(|(_, share)| share / shares * (WIDTH - 2.0 * MARGIN)).collect();
        let head: Vec<(&str, bool)> = table.columns.iter().map(|(title, _)| (title.as_str(), false)).collect();
        let mut rows = vec![Row { is_head: true, cells: self.row(&head, &widths, true) }];
        for row in &table.rows {
            let cells: Vec<(&str, bool)> = row.iter().map(|cell| (cell.text.as_str(), cell.bad)).collect();
            rows.push(Row { is_head: false, cells: self.row(&cells, &widths, false) });
        }
        self.places.push(Place::Table { caption, rows });
        self.y += 10.0;
    }

    fn row(&mut self, cells: &[(&str, bool)], widths: &[f32], bold: bool) -> Vec<Vec<Place>> {
        const SIZE: f32 = 8.5;
        let wrapped: Vec<Vec<String>> = cells
            .iter()
            .zip(widths)
            .map(|((text, bad), width)| {
                // Red alone would tell some readers nothing.
                let text = if *bad { format!("Fault: {}", readable(text)) } else { readable(text) };
                let text = if text.is_empty() { "-".to_owned() } else { text };
                let mut lines = wrap(&text, SIZE, bold, width - 2.0 * PADDING);
                // A cell that fills pages is cut: the workbook has it whole.
                lines.truncate(40);
                lines
            })
            .collect();
        let deepest = wrapped.iter().map(Vec::len).max().unwrap_or(1);
        let height = deepest as f32 * SIZE * 1.25 + 2.0 * PADDING;
        self.room(height);
        let top = self.y;
        let mut x = MARGIN;
        let mut places = Vec::new();
        for ((lines, width), (_, bad)) in wrapped.into_iter().zip(widths).zip(cells) {
            if *bad {
                self.mark(Mark::Ground { x, y: top, width: *width, height });
            }
            let cell = lines.into_iter().enumerate().map(|(at, line)| {
                self.line(line, SIZE, bold, x + PADDING, top + PADDING + SIZE + at as f32 * SIZE * 1.25)
            });
            places.push(cell.collect());
            x += width;
        }
        self.y = top + height;
        self.mark(Mark::Rule { y: self.y });
        places
    }
}

/// A text in letters that the font has; what cannot be seen is named.
fn readable(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\t' => out.push_str("[tab]"),
            '\n' => out.push_str("[line feed]"),
            '\r' => out.push_str("[carriage return]"),
            c if c.is_control() => out.push_str(&format!("[{:02X}]", u32::from(c))),
            '\u{a0}' => out.push(' '),
            ' '..='~' | '\u{a1}'..='\u{17f}' | '–' | '—' | '‘' | '’' | '“' | '”' | '•' | '…' | '€' => {
                out.push(c)
            }
            _ => out.push('?'),
        }
    }
    out
}

/// Thousandths of the size that Arial, and so Liberation Sans, gives each letter from the space to the tilde.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

fn width_of(text: &str, size: f32, bold: bool) -> f32 {
    let thousandths: f32 = text
        .chars()
        .map(|c| {
            let at = (c as usize).checked_sub(32).and_then(|at| WIDTHS.get(at));
            f32::from(at.copied().unwrap_or(700))
        })
        .sum();
    thousandths * size / 1000.0 * if bold { 1.08 } else { 1.0 }
}

/// Breaks a text at spaces and after / and |; a word too long for a line is cut.
fn wrap(text: &str, size: f32, bold: bool, width: f32) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for piece in text.split_inclusive([' ', '/', '|']) {
        if !line.is_empty() && width_of(&format!("{line}{}", piece.trim_end()), size, bold) > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for c in piece.chars() {
            if !line.is_empty() && c != ' ' && width_of(&format!("{line}{c}"), size, bold) > width {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            line.push(c);
        }
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    // A line without a letter has nothing to be drawn.
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}
