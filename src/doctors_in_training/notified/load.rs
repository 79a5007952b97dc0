use std::collections::HashMap;

use chrono::NaiveDate;

use super::check::{Said, Tells, check};
use super::{grid, notices, post_key};
use crate::deanery_changes::actions::{Became, Received, receive};
use crate::deanery_changes::model::{Kind, Told};
use crate::deanery_changes::notices::FromFile;
use crate::deanery_changes::store::withdrawal_reasons;
use crate::doctors_in_training::files::dcc::DccRow;
use crate::doctors_in_training::files::dnc::{Column, NotRecord};
use crate::file_exchange::processor::{MessageKind, Outcome, ProcessingError, RecordLine, RecordOutcome, Work};
use crate::rotation::store::{self as grids, Recorded};
use crate::tenancy::{SystemTx, Vpd, VpdTx};
use crate::ui::dates;

/// By what notifications find their employers.
#[derive(Debug, Default)]
pub struct Routes {
    by_post: HashMap<String, Vec<Vpd>>,
    by_site: HashMap<String, Vec<Vpd>>,
}

impl Routes {
    /// Reads what the posts of some notifications need: whether each is a new post, and its key.
    pub async fn read(tx: &mut SystemTx, asked: &[(bool, String)], today: NaiveDate) -> sqlx::Result<Self> {
        let keys: Vec<&str> = asked.iter().filter(|(is_new, _)| !is_new).map(|(_, key)| key.as_str()).collect();
        let sites: Vec<&str> =
            asked.iter().filter(|(is_new, _)| *is_new).filter_map(|(_, key)| key.split('/').nth(1)).collect();
        let mut routes = Self::default();
        let rows = sqlx::query!(
            r#"select distinct d.dpn_key as "key!", d.vpd as "vpd!: Vpd"
                 from position_directory d join vpds v on v.vpd = d.vpd and v.dit_subscribed
                where d.dpn_key = any($1) and d.effective_from <= $2 and coalesce(d.effective_to, $2) >= $2 order by 1, 2"#,
            &keys as &[&str],
            today
        );
        for row in rows.fetch_all(&mut **tx).await? {
            routes.by_post.entry(row.key).or_default().push(row.vpd);
        }
        // A site is that of the employer with a location of that code, or else of the one whose code it begins with.
        let rows = sqlx::query!(
            r#"select s.site as "site!", v.vpd as "vpd!: Vpd"
                 from unnest($1::text[]) as s (site) join vpds v on v.dit_subscribed and v.vpd <> '0'
                where exists (select 1 from site_directory d where d.vpd = v.vpd and d.site_code = s.site)
                union
               select s.site, v.vpd
                 from unnest($1::text[]) as s (site) join vpds v on v.dit_subscribed and length(v.ods_code) >= 3 and starts_with(s.site, upper(v.ods_code))
                where not exists (select 1 from site_directory d join vpds o on o.vpd = d.vpd and o.dit_subscribed where d.site_code = s.site)
                order by 1, 2"#,
            &sites as &[&str]
        );
        for row in rows.fetch_all(&mut **tx).await? {
            let employers = routes.by_site.entry(row.site).or_default();
            if !employers.contains(&row.vpd) {
                employers.push(row.vpd);
            }
        }
        Ok(routes)
    }

    /// Every employer that a notification concerns; national operations when there is none.
    pub fn employers(&self, is_new_post: bool, key: &str) -> Vec<Vpd> {
        let found = match is_new_post {
            true => key.split('/').nth(1).and_then(|site| self.by_site.get(site)),
            false => self.by_post.get(key),
        };
        found.cloned().unwrap_or_else(|| vec![Vpd::operations()])
    }
}

/// One record on its way through.
struct Judged<'a> {
    line: &'a RecordLine,
    record: NotRecord<'a>,
    said: Vec<Said>,
    outcome: Outcome,
    received: Option<Received>,
}

/// Takes in the notifications of one employer: changes first, the grid last, so that it ends current.
pub(super) async fn load(
    work: &Work<'_>,
    tx: &mut VpdTx,
    records: &[(&RecordLine, bool)],
) -> Result<Vec<RecordOutcome>, ProcessingError> {
    let is_nobodys = tx.vpd().is_operations();
    let labels = if is_nobodys { HashMap::new() } else { withdrawal_reasons(tx).await? };
    let (mut judged, mut rows, mut changes) = (Vec::with_capacity(records.len()), Vec::new(), Vec::new());
    for (line, _) in records {
        let record = NotRecord::parse(&line.text);
        let (tells, mut said) = check(line.no, &record, !line.was_windows_1252);
        let mut outcome = if tells.is_some() { Outcome::Loaded } else { Outcome::Failed };
        if is_nobodys && tells.is_some() {
            let text = format!(
                "DEANERY_POST_NUMBER {}: no employer that takes part has an active position or a site of it.",
                &record[Column::DeaneryPostNumber]
            );
            said.push(Said::error("N001", text));
            outcome = Outcome::Failed;
        }
        match tells {
            _ if is_nobodys => {}
            Some(Tells::Row(row)) => rows.push((judged.len(), *row)),
            Some(Tells::Change(change)) => {
                let unknown = change.reason_code.as_ref().filter(|code| !labels.contains_key(*code));
                if let Some(code) = unknown {
                    said.push(Said::warning(
                        "A006",
                        format!("WITHDRAWAL_REASON {code} is not a reason that is known here."),
                    ));
                }
                changes.push((judged.len(), *change));
            }
            None => {}
        }
        judged.push(Judged { line, record, said, outcome, received: None });
    }
    apply_changes(work, tx, &mut judged, changes).await?;
    apply_rows(work, tx, &mut judged, rows).await?;
    if is_nobodys {
        let failed: Vec<(i32, String, &str)> = judged
            .iter()
            .filter(|one| one.said.iter().any(|said| said.code == "N001"))
            .map(|one| (one.line.no, post_key(&one.record), "N001"))
            .collect();
        notices::raise_for_operators(work, tx, &failed).await?;
    } else {
        notices::raise_unreadable(work, tx, judged.iter().map(|one| (one.line.no, &one.record, &one.said[..]))).await?;
    }
    let vpd = tx.vpd().clone();
    Ok(judged.into_iter().map(|one| outcome_of(one, &vpd)).collect())
}

async fn apply_changes(
    work: &Work<'_>,
    tx: &mut VpdTx,
    judged: &mut [Judged<'_>],
    changes: Vec<(usize, Told)>,
) -> sqlx::Result<()> {
    let (places, told): (Vec<usize>, Vec<Told>) = changes.into_iter().unzip();
    let file = FromFile {
        file_id: work.file.file_id,
        file_name: work.file.name.text.clone(),
        body_code: work.file.name.sender.clone(),
        today: work.today,
    };
    let received = receive(tx, &file, &told, work.now).await?;
    for ((place, told), received) in places.into_iter().zip(&told).zip(received) {
        let one = &mut judged[place];
        one.said.extend(say(told, &received));
        if received.became == Became::Repeated {
            one.outcome = Outcome::Unchanged;
        }
        one.received = Some(received);
    }
    Ok(())
}

fn say(told: &Told, received: &Received) -> Vec<Said> {
    let mut said = Vec::new();
    match received.became {
        Became::Repeated => said.push(Said::info("N004", "Nothing changed: this was known already.")),
        Became::Waits(until) => said.push(Said::info(
            "N003",
            format!("Nobody of that GMC number or name applies for or holds the post; the dates wait for the applicant until {}.", dates::day(until)),
        )),
        Became::Raised if told.kind == Kind::Withdrawal && received.is_employed => said.push(Said::warning(
            "N005",
            "The doctor has been hired: the employer was told, and ends the employment if that is right.",
        )),
        // A replacement is not expected to be known here yet.
        Became::Raised if received.is_unknown && told.kind != Kind::Replacement => said.push(Said::info(
            "N003",
            "Nobody of that GMC number or name applies for or holds the post; the employer was told.",
        )),
        Became::Raised => {}
    }
    said
}

async fn apply_rows(
    work: &Work<'_>,
    tx: &mut VpdTx,
    judged: &mut [Judged<'_>],
    rows: Vec<(usize, crate::rotation::model::Told)>,
) -> sqlx::Result<()> {
    let (places, told): (Vec<usize>, Vec<crate::rotation::model::Told>) = rows.into_iter().unzip();
    let recorded = grids::record(tx, &grid(work), &told).await?;
    for (place, recorded) in places.into_iter().zip(recorded) {
        let one = &mut judged[place];
        match recorded {
            Recorded::New | Recorded::Changed | Recorded::Deleted => {}
            Recorded::Unchanged => {
                one.outcome = Outcome::Unchanged;
                one.said.push(Said::info("N004", "Nothing changed: the grid said so already."));
            }
            Recorded::Outdated => {
                one.outcome = Outcome::Unchanged;
                one.said.push(Said::info("N004", "Nothing changed: a later file has told of this post already."));
            }
        }
    }
    Ok(())
}

/// `Davies, Yusuf`: whom the record is about first of all.
fn summary(record: &NotRecord<'_>) -> Option<String> {
    let names = [
        (Column::WithdrawnLastName, Column::WithdrawnFirstName),
        (Column::ReplacementLastName, Column::ReplacementFirstName),
        (Column::NextLastName, Column::NextFirstName),
        (Column::CurrentLastName, Column::CurrentFirstName),
    ];
    names.into_iter().find_map(|(last, first)| {
        let last = record.given(last)?;
        Some(match record.given(first) {
            Some(first) => format!("{last}, {first}"),
            None => last,
        })
    })
}

fn outcome_of(judged: Judged<'_>, vpd: &Vpd) -> RecordOutcome {
    let mut outcome = RecordOutcome::new(judged.outcome);
    outcome.summary = summary(&judged.record);
    outcome.dpn = Some(post_key(&judged.record)).filter(|key| !key.is_empty());
    if let Some(received) = &judged.received {
        outcome.person_id = received.person_id.clone();
        outcome.position_id = received.position_id.clone();
        outcome.application_id = received.application_id;
    }
    let is_success = judged.outcome != Outcome::Failed;
    // One row for each employer: what matters most is said.
    let first = |kind: MessageKind| judged.said.iter().find(|said| said.kind == kind);
    let most = first(MessageKind::Error).or_else(|| first(MessageKind::Warning)).or_else(|| first(MessageKind::Info));
    let row = DccRow {
        record_no: judged.line.no,
        title_code: &judged.record[Column::NotificationTitleCode],
        dpn: &judged.record[Column::DeaneryPostNumber],
        vpd: if vpd.is_operations() { "" } else { vpd.as_str() },
        is_success,
        kind: most.map_or(MessageKind::Info, |said| said.kind),
        code: most.map_or("", |said| said.code),
        text: most.map_or("Notification taken in.", |said| said.text.as_str()),
    };
    outcome.replies = vec![row.to_line()];
    for said in judged.said {
        outcome = outcome.say(said.kind, said.code, said.text);
    }
    outcome
}
