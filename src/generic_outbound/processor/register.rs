use serde_json::json;

use super::super::files::{Kind, Record, parse};
use super::super::notices;
use super::employer;
use crate::audit::Actor;
use crate::file_exchange::processor::{ProcessingError, Work};
use crate::file_exchange::stream::Records;
use crate::organisations::store;

/// Makes the employer of a full file known, named by its organisation record without a parent, and tells operators.
pub async fn unless_known(work: &Work<'_>, records: &mut Records) -> Result<(), ProcessingError> {
    let vpd = employer(work)?;
    let mut tx = work.app.db.system().await?;
    let known = store::is_known(&mut tx, &vpd).await?;
    tx.rollback().await?;
    if known {
        return Ok(());
    }
    let (name, ods_code) = topmost(vpd.as_str(), records).await?;
    let by = Actor::File(work.file.name.text.clone());
    let mut tx = work.app.db.system().await?;
    if store::register(&mut tx, &vpd, &name, ods_code.as_deref(), &by, work.now).await? {
        let payload = json!({ "vpd": vpd.as_str(), "name": name, "file_id": work.file.file_id, "file_name": work.file.name.text });
        notices::tell_of_registration(&mut tx, &payload, &vpd).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The name and ODS code of the first organisation without a parent.
async fn topmost(vpd: &str, records: &mut Records) -> Result<(String, Option<String>), ProcessingError> {
    loop {
        let slice = records.next(1_000).await?;
        if slice.is_empty() {
            return Ok((format!("Employing organisation {vpd}"), None));
        }
        for line in slice.iter().filter(|line| line.text.starts_with("ORA~")) {
            let Ok(Record::Stored(organisation)) = parse(&line.text) else { continue };
            debug_assert_eq!(organisation.kind, Kind::Organisation);
            if organisation.get(10).is_empty() && !organisation.get(2).trim().is_empty() {
                // ESR begins each name with the number, and pages show the number anyhow.
                let name = organisation.get(2).trim();
                let name = name.strip_prefix(vpd).map_or(name, str::trim_start);
                return Ok((name.to_owned(), organisation.non_empty(11).map(str::to_owned)));
            }
        }
    }
}
