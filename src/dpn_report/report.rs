use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::store::{self, Contact};
use crate::positions;
use crate::positions::quality::{Fault, Line, Quality, Weight};
use crate::tenancy::VpdTx;

/// The report of an employer, as on a day.
#[derive(Clone, Debug)]
pub struct Report {
    pub vpd: String,
    pub vpd_name: String,
    pub day: NaiveDate,
    pub made_at: DateTime<Utc>,
    pub quality: Quality,
    /// Whom to ask about data quality, of the managing bodies that the positions name.
    pub contacts: Vec<Contact>,
}

/// Makes the report.
pub async fn read(tx: &mut VpdTx, day: NaiveDate, now: DateTime<Utc>) -> sqlx::Result<Report> {
    let quality = positions::store::quality(tx, day).await?;
    let mut bodies: Vec<String> = quality.lines.iter().filter_map(|line| line.managing_body.clone()).collect();
    bodies.sort();
    bodies.dedup();
    let contacts = store::contacts(tx, &bodies, day).await?;
    let vpd_name = store::name(tx).await?;
    Ok(Report { vpd: tx.vpd().to_string(), vpd_name, day, made_at: now, quality, contacts })
}

impl Report {
    /// What the front page calls the report's file.
    pub fn file_name(&self) -> String {
        format!("DPN_{}_{}", self.vpd, self.day.format("%Y%m%d"))
    }

    /// Every number that several positions bear, with those positions.
    pub fn duplicates(&self) -> Vec<(String, Vec<&Line>)> {
        let mut groups: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
        for line in self.quality.lines.iter().filter(|line| line.faults.contains(&Fault::Duplicate)) {
            groups.entry(line.key()).or_default().push(line);
        }
        groups.into_iter().collect()
    }

    /// The positions of the report's last part: those with a number, and those with a fault that it counts.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.quality.lines.iter().filter(|line| line.has_dpn() || line.faults.iter().any(|fault| fault.is_counted()))
    }

    /// How many positions have each fault, worst first.
    pub fn faults(&self) -> Vec<(Fault, i64)> {
        let count = |fault: &Fault| self.quality.lines.iter().filter(|line| line.faults.contains(fault)).count();
        let counted = Fault::ALL.iter().map(|fault| (*fault, i64::try_from(count(fault)).unwrap_or_default()));
        let mut found: Vec<(Fault, i64)> = counted.filter(|(_, count)| *count > 0).collect();
        found.sort_by_key(|(fault, count)| (fault.weight(), -count));
        found
    }

    /// How many positions have a fault of this weight at worst.
    pub fn weighing(&self, weight: Weight) -> i64 {
        let lines = self.quality.lines.iter().filter(|line| line.weight() == Some(weight));
        i64::try_from(lines.count()).unwrap_or_default()
    }
}
