//! The drawing of what was laid out, each line under its place in the structure.

use std::num::NonZeroU16;

use chrono::{Datelike, Timelike};
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, TextDirection};

use super::Document;
use super::layout::{HEIGHT, Layout, Mark, Place, Row, WIDTH};

const REGULAR: &[u8] = include_bytes!("../../fonts/liberation-2.1.5/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/liberation-2.1.5/LiberationSans-Bold.ttf");

/// Why a document could not be written: our fault.
#[derive(Debug, thiserror::Error)]
#[error("a PDF could not be written: {0}")]
pub struct PdfError(String);

/// Draws a document.
pub fn draw(document: &Document, layout: &Layout) -> Result<Vec<u8>, PdfError> {
    let fail = |what: &str| PdfError(what.to_owned());
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| PdfError(format!("{error:?}")))?;
    let mut pdf = krilla::Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let regular = Font::new(REGULAR.to_vec().into(), 0).ok_or_else(|| fail("the regular font"))?;
    let bold = Font::new(BOLD.to_vec().into(), 0).ok_or_else(|| fail("the bold font"))?;
    let mut lines: Vec<Identifier> = Vec::new();
    for (number, marks) in layout.pages.iter().enumerate() {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| fail("the size of a page"))?;
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            match mark {
                Mark::Ground { x, y, width, height } => fill(&mut surface, (244, 204, 204), [*x, *y, *width, *height]),
                Mark::Rule { y } => fill(&mut surface, (174, 183, 189), [50.0, *y, WIDTH - 100.0, 0.5]),
                Mark::Text { x, y, size, bold: is_bold, text } => {
                    surface.set_fill(Some(ink((33, 43, 50))));
                    let font = if *is_bold { bold.clone() } else { regular.clone() };
                    lines.push(surface.start_tagged(ContentTag::Other));
                    surface.draw_text(Point::from_xy(*x, *y), font, *size, text, false, TextDirection::LeftToRight);
                    surface.end_tagged();
                }
            }
        }
        let artifact = Artifact::with_kind(ArtifactType::Footer);
        surface.start_tagged(ContentTag::Artifact(artifact));
        surface.set_fill(Some(ink((76, 98, 114))));
        let foot = format!("{}  -  page {} of {}", document.footer, number + 1, layout.pages.len());
        let foot: String = foot.chars().filter(|c| (' '..='\u{17f}').contains(c)).take(130).collect();
        surface.draw_text(
            Point::from_xy(50.0, HEIGHT - 30.0),
            regular.clone(),
            8.0,
            &foot,
            false,
            TextDirection::LeftToRight,
        );
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some("en-GB".to_owned()));
    for place in &layout.places {
        tree.push(group(place, &document.title, &lines).ok_or_else(|| fail("the structure"))?);
    }
    pdf.set_tag_tree(tree);
    let mut outline = Outline::new();
    for (text, page, y) in &layout.outline {
        let to = krilla::destination::XyzDestination::new(*page, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(text.clone(), to));
    }
    pdf.set_outline(outline);
    let at = document.made_at;
    let made_at = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let metadata = Metadata::new().title(document.title.clone()).language("en-GB".to_owned());
    pdf.set_metadata(metadata.creator("Changeover".to_owned()).creation_date(made_at));
    pdf.finish().map_err(|error| PdfError(format!("{error:?}")))
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

fn ink((red, green, blue): (u8, u8, u8)) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: Default::default() }
}

fn fill(surface: &mut Surface<'_>, colour: (u8, u8, u8), [x, y, width, height]: [f32; 4]) {
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    let Some(path) = path.finish() else { return };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    surface.set_fill(Some(ink(colour)));
    surface.draw_path(&path);
    surface.end_tagged();
}

fn group(place: &Place, title: &str, lines: &[Identifier]) -> Option<TagGroup> {
    let level = NonZeroU16::MIN;
    match place {
        Place::Title(inside) => filled(TagGroup::new(Tag::Hn(level, Some(title.to_owned()))), inside, lines),
        Place::Heading(text, inside) => {
            let two = NonZeroU16::new(2)?;
            filled(TagGroup::new(Tag::Hn(two, Some(text.clone()))), inside, lines)
        }
        Place::Paragraph(inside) => filled(TagGroup::new(Tag::P), inside, lines),
        Place::List(items) => {
            let mut list = TagGroup::new(Tag::L(ListNumbering::None));
            for item in items {
                let mut entry = TagGroup::new(Tag::LI);
                entry.push(filled(TagGroup::new(Tag::LBody), item, lines)?);
                list.push(entry);
            }
            Some(list)
        }
        Place::Table { caption, rows } => {
            let mut table = TagGroup::new(Tag::Table);
            table.push(filled(TagGroup::new(Tag::Caption), caption, lines)?);
            let (mut head, mut body) = (TagGroup::new(Tag::THead), TagGroup::new(Tag::TBody));
            let mut has_body = false;
            for row in rows {
                let tagged = row_group(row, lines)?;
                if row.is_head {
                    head.push(tagged);
                } else {
                    has_body = true;
                    body.push(tagged);
                }
            }
            table.push(head);
            if has_body {
                table.push(body);
            }
            Some(table)
        }
        Place::Line(_) => None,
    }
}

fn row_group(row: &Row, lines: &[Identifier]) -> Option<TagGroup> {
    let mut tagged = TagGroup::new(Tag::TR);
    for cell in &row.cells {
        let cell_group = match row.is_head {
            true => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
            false => TagGroup::new(Tag::TD),
        };
        tagged.push(filled(cell_group, cell, lines)?);
    }
    Some(tagged)
}

fn filled(mut group: TagGroup, inside: &[Place], lines: &[Identifier]) -> Option<TagGroup> {
    for place in inside {
        match place {
            Place::Line(number) => group.push(*lines.get(*number)?),
            other => group.push(self::group(other, "", lines)?),
        }
    }
    Some(group)
}
