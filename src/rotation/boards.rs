//! The board of a changeover as one employer has it, read whole and kept until something of it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::changeover::{self, Line, Parts, Trouble, WithoutPost};
use super::store;
use crate::organisations;
use crate::tenancy::{Kept, VpdTx};

/// The tables that a board is read from.
const TABLES: &[&str] = &[
    "positions",
    "assignments",
    "people",
    "applications",
    "rotation_rows",
    "rotation_grids",
    "locations",
    "file_records",
];
/// What all kept boards may weigh together, in posts and people: some hundred bytes each.
const MOST: u64 = 200_000;
/// What a board weighs that has neither.
const EMPTY: usize = 100;

/// A changeover as one employer has it, before any filter.
pub struct Board {
    pub on: NaiveDate,
    pub lines: Vec<Line>,
    pub without_post: Vec<WithoutPost>,
    pub sums: Sums,
    /// Occupation code and area of work of the posts.
    pub specialties: Vec<(String, String)>,
    /// Code and name of the posts' sites.
    pub sites: Vec<(String, String)>,
    /// The managing body that tells of the posts.
    pub body: Option<String>,
}

/// The numbers of all posts of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    pub leaving: usize,
    pub staying: usize,
    pub arriving: usize,
    pub gaps: usize,
    pub overlaps: usize,
}

impl Sums {
    fn of(lines: &[Line]) -> Self {
        let people = |of: fn(&Line) -> usize| lines.iter().map(of).sum();
        let with = |trouble| lines.iter().filter(|line| line.troubles.iter().any(|(one, _)| *one == trouble)).count();
        Self {
            leaving: people(|line| line.leaving.len()),
            staying: people(|line| line.staying.len()),
            arriving: people(|line| line.arriving.len()),
            gaps: with(Trouble::Gap),
            overlaps: with(Trouble::Overlap),
        }
    }
}

fn specialties(lines: &[Line]) -> Vec<(String, String)> {
    let mut known = BTreeMap::new();
    for line in lines {
        let (_, code, area) = line.post.parts();
        if !code.is_empty() {
            known.entry(code).or_insert(area);
        }
    }
    known.into_iter().map(|(code, area)| (code.to_owned(), area.to_owned())).collect()
}

impl Board {
    /// Reads the board of a changeover, or of the one that a board opens with on a day.
    async fn read(tx: &mut VpdTx, chosen: Option<NaiveDate>, today: NaiveDate) -> sqlx::Result<Self> {
        let on = match chosen {
            Some(day) => day,
            None => changeover::default(today, &store::first_days(tx, today).await?),
        };
        let posts = store::posts(tx, on).await?;
        let holders = store::holders(tx, on).await?;
        let applicants = store::applicants(tx, on).await?;
        let said = store::said(tx).await?;
        let names = organisations::store::site_names(tx).await?;
        let codes: BTreeSet<&String> = posts.iter().filter_map(|post| post.workplace_code.as_ref()).collect();
        let named = |code: &String| (code.clone(), names.get(&code.trim().to_uppercase()).unwrap_or(code).clone());
        let sites = codes.into_iter().map(named).collect();
        let body = said.first().map(|(row, _)| row.body_code.clone());
        let held = store::held(tx, on).await?;
        let (lines, without_post) = changeover::board(on, today, Parts { posts, holders, applicants, said, held });
        Ok(Self { on, sums: Sums::of(&lines), specialties: specialties(&lines), sites, body, lines, without_post })
    }

    fn weight(&self) -> u32 {
        let people = self.sums.leaving + self.sums.staying + self.sums.arriving + self.without_post.len();
        u32::try_from(EMPTY + self.lines.len() + people).unwrap_or(u32::MAX)
    }
}

/// The boards that were asked for lately.
pub struct Boards(Kept<(Option<NaiveDate>, NaiveDate), Board>);

impl Default for Boards {
    fn default() -> Self {
        Self(Kept::new(TABLES, MOST, Board::weight))
    }
}

impl Boards {
    /// The board of a changeover, as the employer's tables have it now; with none chosen, the one that a board opens with on a day.
    pub async fn get(&self, tx: &mut VpdTx, chosen: Option<NaiveDate>, today: NaiveDate) -> sqlx::Result<Arc<Board>> {
        self.0.get(tx, (chosen, today), async |tx| Board::read(tx, chosen, today).await).await
    }
}
