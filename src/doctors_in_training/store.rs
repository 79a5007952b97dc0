//! What the checks need from the tables of others: positions, code lists, which posts are held.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::checks::{CodeLists, List, Position};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// A position as it stands over one stretch of time.
#[derive(Clone, Debug)]
pub struct PositionVersion {
    pub position_id: String,
    pub effective_from: NaiveDate,
    pub effective_to: Option<NaiveDate>,
    pub position_number: String,
    pub name: String,
    pub dpn: Option<String>,
    pub is_deleted: bool,
}

/// The positions of this employer that records name, with everything that was and will be true of them.
#[derive(Debug, Default)]
pub struct Positions {
    versions: HashMap<String, Vec<PositionVersion>>,
    takes_applicants: bool,
}

impl Positions {
    /// The position as it stands on a day, or as it stood last before it, or will stand first after it.
    pub fn on(&self, position_id: &str, day: Option<NaiveDate>) -> Option<Position> {
        let versions = self.versions.get(position_id)?;
        let covers = |v: &&PositionVersion| {
            day.is_some_and(|day| v.effective_from <= day && v.effective_to.is_none_or(|to| to >= day))
        };
        let before = |v: &&PositionVersion| day.is_none_or(|day| v.effective_from <= day);
        let version =
            versions.iter().find(covers).or_else(|| versions.iter().rfind(before)).or_else(|| versions.first())?;
        Some(Position {
            number: version.position_number.clone(),
            deanery_number: version.dpn.clone().filter(|dpn| !dpn.trim().is_empty()),
            active_from: version.effective_from,
            active_to: version.effective_to,
            is_deleted: version.is_deleted,
            takes_applicants: self.takes_applicants,
        })
    }

    /// The position's name for lists: its title, without number and codes.
    pub fn title(&self, position_id: &str) -> Option<String> {
        let name = &self.versions.get(position_id)?.last()?.name;
        Some(name.split('|').nth(1).unwrap_or(name).trim().to_owned())
    }
}

/// Reads the positions that records name.
pub async fn positions(tx: &mut VpdTx, position_ids: &[String]) -> sqlx::Result<Positions> {
    let vpd = tx.vpd().as_str().to_owned();
    let takes_applicants = sqlx::query_scalar!("select dit_subscribed from vpds where vpd = $1", vpd)
        .fetch_optional(&mut **tx)
        .await?
        .unwrap_or(true);
    let rows = sqlx::query_as!(
        PositionVersion,
        r#"select position_id, effective_from, effective_to, position_number, name, dpn, deleted_at is not null as "is_deleted!" from positions
          where vpd = $1 and position_id = any($2) order by position_id, effective_from"#,
        vpd,
        position_ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut versions: HashMap<String, Vec<PositionVersion>> = HashMap::new();
    for row in rows {
        versions.entry(row.position_id.clone()).or_default().push(row);
    }
    Ok(Positions { versions, takes_applicants })
}

/// The lists that values have to be in, as operators keep them.
pub async fn code_lists(tx: &mut VpdTx) -> sqlx::Result<CodeLists> {
    let rows = sqlx::query!(
        "select list, code, label from code_values where active and list in ('title', 'ethnic_origin', 'disability', 'country')"
    )
    .fetch_all(&mut **tx)
    .await?;
    let values = |list: &str| rows.iter().filter(move |row| row.list == list).collect::<Vec<_>>();
    let codes = |list: &str| values(list).into_iter().map(|row| row.code.as_str()).collect::<Vec<_>>();
    // A title stands in the file as people write it: the label.
    let titles = values("title").into_iter().flat_map(|row| [row.code.as_str(), row.label.as_str()]);
    Ok(CodeLists::default()
        .with(List::Title, titles)
        .with(List::EthnicOrigin, codes("ethnic_origin"))
        .with(List::Disability, codes("disability"))
        .with(List::Country, codes("country")))
}

/// The posts of a file that wait for an operator.
pub async fn held_posts(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<HashSet<String>> {
    let keys = sqlx::query_scalar!("select dpn_key from held_posts where file_id = $1 and state = 'held'", file_id)
        .fetch_all(&mut **tx);
    Ok(keys.await?.into_iter().collect())
}

/// By what records find their employers.
#[derive(Debug, Default)]
pub struct Directory {
    by_id: HashMap<String, Vec<Vpd>>,
    by_number: HashMap<String, Vec<Vpd>>,
    by_dpn: HashMap<String, Vec<Vpd>>,
}

impl Directory {
    /// The position's id decides; if it is not known, its number; then every employer with an active position of that DPN.
    pub fn employers(&self, position_id: &str, position_number: &str, dpn_key: &str) -> Vec<Vpd> {
        let known = [(&self.by_id, position_id), (&self.by_number, position_number), (&self.by_dpn, dpn_key)];
        let found = known.into_iter().enumerate().find_map(|(place, (map, key))| Some((place, map.get(key)?)));
        match found {
            // A number that two employers bear says nothing about whose record it is.
            Some((1, employers)) if employers.len() > 1 => vec![Vpd::operations()],
            Some((_, employers)) => employers.clone(),
            None => vec![Vpd::operations()],
        }
    }
}

/// Reads the position directory, which is shared and holds no personal data, for what records name.
pub async fn directory(
    tx: &mut SystemTx,
    ids: &[String],
    numbers: &[String],
    dpn_keys: &[String],
    today: NaiveDate,
) -> sqlx::Result<Directory> {
    let rows = sqlx::query!(
        r#"select 1 as "kind!", position_id as "key!", vpd as "vpd!: Vpd" from position_directory where position_id = any($1)
           union
           select 2, position_number, vpd from position_directory where position_number = any($2)
           union
           select 3, dpn_key, vpd from position_directory
            where dpn_key = any($3) and effective_from <= $4 and coalesce(effective_to, $4) >= $4
           order by 1, 2, 3"#,
        ids,
        numbers,
        dpn_keys,
        today
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut directory = Directory::default();
    for row in rows {
        let map = match row.kind {
            1 => &mut directory.by_id,
            2 => &mut directory.by_number,
            _ => &mut directory.by_dpn,
        };
        let employers = map.entry(row.key).or_default();
        if !employers.contains(&row.vpd) {
            employers.push(row.vpd);
        }
    }
    Ok(directory)
}

/// Id and DPN of the position of this employer that bears a number: the one of today, or else the latest.
pub async fn position_of_number(
    tx: &mut VpdTx,
    number: &str,
    today: NaiveDate,
) -> sqlx::Result<Option<(String, Option<String>)>> {
    let vpd = tx.vpd().as_str().to_owned();
    let row = sqlx::query!(
        "select position_id, dpn from positions where vpd = $1 and position_number = $2
          order by (effective_from <= $3 and coalesce(effective_to, $3) >= $3) desc, effective_from desc limit 1",
        vpd,
        number,
        today
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.position_id, row.dpn)))
}

/// The titles that are accepted, as people write them.
pub async fn titles(tx: &mut VpdTx) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select label from code_values where list = 'title' and active order by label")
        .fetch_all(&mut **tx)
        .await
}
