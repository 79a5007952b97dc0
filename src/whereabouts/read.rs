//! What the list and the exception view show, read and put together. What the database can tell is asked of it and counted there, however
//! much there is; what only the rules can tell (what blocks a doctor, what a record that did not load says) is told of so many at most, and
//! the page says so when there are more.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::exceptions::{self, Exception, Names};
use super::lines::{of_application, others, together};
use super::model::{Line, Stage};
use super::store::{self, PlacementFilter, WantedRecords};
use super::views::{ExceptionsAsked, Found, ListAsked, Seen};
use crate::employment_checks;
use crate::lead_and_host::store as lead_and_host;
use crate::organisations;
use crate::positions::dpn;
use crate::tenancy::VpdTx;
use crate::ui;

/// So many days after the first day a doctor is still on the list.
const AFTER: u64 = 31;

/// How many of each kind are looked at one by one at most: many times what an employer has in a year.
const MOST: usize = 20_000;

/// Takes what is too much away, and says of what and how to see the rest.
fn cut<T>(mut all: Vec<T>, what: &str, rest: &str, left_out: &mut Vec<String>) -> Vec<T> {
    if all.len() > MOST {
        all.truncate(MOST);
        left_out.push(format!(
            "There are more than {MOST} {what} here, so only {MOST} of them were looked at: {rest}",
            MOST = ui::number(MOST)
        ));
    }
    all
}

const RECORDS: &str = "records that did not load";
const EXPECTED: &str = "next holders in the deanery's grid";

/// One more than is looked at: it tells that there are more.
const LIMIT: i64 = MOST as i64 + 1;

/// The doctors of a page of the list, and how many there are.
pub async fn list(tx: &mut VpdTx, asked: &ListAsked, today: NaiveDate) -> sqlx::Result<Found> {
    let mut left_out = Vec::new();
    let others = without_application(tx, asked, today, &mut left_out).await?;
    let wanted = asked.wanted(today - Days::new(AFTER));
    let mut stages: BTreeMap<Stage, usize> = BTreeMap::new();
    if asked.asks_what_blocks() {
        // What blocks a doctor is known of whole lines alone.
        let keys = store::keys(tx, &wanted, LIMIT).await?;
        let rest = "those who start first. Give a stage, or the days between which they start, to see the others.";
        let keys = cut(keys, "doctors of whom to ask what blocks them", rest, &mut left_out);
        let mut lines = together(keys, others);
        fill(tx, &mut lines, today).await?;
        lines.retain(|line| asked.keeps_blocked(line));
        for line in &lines {
            *stages.entry(line.stage).or_default() += 1;
        }
        let shown = asked.shown(lines.len());
        let lines = lines.drain(shown).collect();
        return Ok(Found { lines, stages, left_out });
    }
    for line in &others {
        *stages.entry(line.stage).or_default() += 1;
    }
    for (status, count) in store::counts(tx, &wanted).await? {
        *stages.entry(Stage::of(&status)).or_default() += usize::try_from(count).unwrap_or_default();
    }
    // Among the first so many of all are none but the first so many of the applications.
    let shown = asked.shown(stages.values().sum());
    let keys = store::keys(tx, &wanted, i64::try_from(shown.end).unwrap_or(i64::MAX)).await?;
    let mut lines: Vec<Line> = together(keys, others).into_iter().take(shown.end).skip(shown.start).collect();
    fill(tx, &mut lines, today).await?;
    Ok(Found { lines, stages, left_out })
}

/// Records that did not load and next holders of the grid, as far as they are asked for.
async fn without_application(
    tx: &mut VpdTx,
    asked: &ListAsked,
    today: NaiveDate,
    left_out: &mut Vec<String>,
) -> sqlx::Result<Vec<Line>> {
    if !asked.status.is_empty() {
        return Ok(Vec::new());
    }
    let starts = asked.starts();
    let (held, failed) = (asked.asks_stage(Stage::Held), asked.asks_stage(Stage::Failed));
    let mut unloaded = Vec::new();
    if held || failed {
        let wanted = WantedRecords { held, failed, from: starts.first, to: starts.last };
        let rest = "the newest. Give the days between which the doctor starts to see the others.";
        unloaded = cut(store::unloaded(tx, &wanted, LIMIT).await?, RECORDS, rest, left_out);
    }
    let mut expected = Vec::new();
    if asked.asks_stage(Stage::NotReleased) {
        let from = today - Days::new(AFTER);
        let found = store::expected(tx, from, starts.first, starts.last, LIMIT).await?;
        let rest = "those who start first. Give the days between which the doctor starts to see the others.";
        expected = cut(found, EXPECTED, rest, left_out);
    }
    let mut lines = others(&unloaded, &expected, today);
    lines.retain(|line| asked.keeps(line));
    Ok(lines)
}

/// Says of lines with an application everything else: what blocks it, who has it, what mends it.
async fn fill(tx: &mut VpdTx, lines: &mut [Line], today: NaiveDate) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = lines.iter().filter_map(|line| line.application_id).collect();
    let applications = store::applications(tx, &ids).await?;
    let checks: HashMap<Uuid, _> = employment_checks::store::list(tx, &ids).await?;
    let mut keys: Vec<String> = applications.iter().map(|one| dpn::key(&one.dpn)).collect();
    keys.sort_unstable();
    keys.dedup();
    let others = lead_and_host::others(tx, &keys, today).await?;
    let mut whole: HashMap<Uuid, Line> = applications
        .iter()
        .map(|one| (one.application_id, of_application(one, checks.get(&one.application_id), &others)))
        .collect();
    for line in lines {
        if let Some(found) = line.application_id.and_then(|id| whole.remove(&id)) {
            *line = found;
        }
    }
    Ok(())
}

/// The placements of the exception view, and what it can be filtered by.
pub async fn exceptions(
    tx: &mut VpdTx,
    asked: &ExceptionsAsked,
    employer: String,
    today: NaiveDate,
) -> sqlx::Result<Seen> {
    let from = today - Days::new(AFTER);
    let mut left_out = Vec::new();
    let facets = store::facets(tx, from).await?;
    let mut keys: Vec<String> = facets.iter().filter_map(|facet| facet.host_dpn.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let names = Names {
        employer,
        others: lead_and_host::others(tx, &keys, today).await?,
        sites: organisations::store::site_names(tx).await?,
    };
    let starts = asked.starts();
    let one_of = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let filter = PlacementFilter {
        from: starts.first.map_or(from, |first| first.max(from)),
        to: starts.last,
        specialty: one_of(&asked.specialty),
        grade: one_of(&asked.grade),
        position_matches: asked.position_matches(),
    };
    let rest = "those without a position first. Filter by specialty, grade or start date to see the others.";
    let placements = cut(store::placements(tx, &filter, LIMIT).await?, "placements", rest, &mut left_out);
    let wanted = WantedRecords { held: true, failed: true, from: None, to: None };
    let rest = "the list of doctors shows all, by the days between which they start.";
    let unloaded = cut(store::unloaded(tx, &wanted, LIMIT).await?, RECORDS, rest, &mut left_out);
    let expected = cut(store::expected(tx, from, None, None, LIMIT).await?, EXPECTED, rest, &mut left_out);

    let count: i64 = facets.iter().map(|facet| facet.count).sum();
    let mut values: Vec<Exception> = unloaded.into_iter().map(|one| names.unloaded(one)).collect();
    values.extend(expected.into_iter().map(|one| names.expected(one)));
    let all = values.len() + usize::try_from(count).unwrap_or_default();
    let placements = placements.into_iter().map(|one| names.placement(one));
    let mut kept: Vec<Exception> = placements.chain(values.iter().cloned()).filter(|row| asked.keeps(row)).collect();
    exceptions::sort(&mut kept);
    values.extend(facets.into_iter().map(|one| names.facet(one)));
    Ok(Seen { values, all, kept, left_out })
}
