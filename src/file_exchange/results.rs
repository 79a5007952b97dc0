//! The SQL for what became of records: their rows, the counts of each employer, the rows of the reply.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::delimited;
use super::processor::{Counts, InterfaceFile, Outcome, Pass, RecordLine, RecordOutcome};
use crate::audit::{self, Actor, Event, Subject};
use crate::tenancy::{SystemTx, Vpd, VpdTx};

/// A record with what became of it, and whether it is counted for this employer first of all.
pub(super) type Settled<'a> = (&'a RecordLine, bool, RecordOutcome);

/// Keeps another worker from applying the same employer's records of the same file meanwhile.
pub(super) async fn lock(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<()> {
    let key = format!("{file_id}/{}", tx.vpd());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 42))", key).execute(&mut **tx).await?;
    Ok(())
}

/// Which of these records still wait for this pass: on the first, those without an outcome; later, those held.
pub(super) async fn waiting(
    tx: &mut VpdTx,
    file_id: Uuid,
    pass: &Pass,
    from: i32,
    to: i32,
) -> sqlx::Result<Box<dyn Fn(i32) -> bool + Send>> {
    let vpd = tx.vpd().as_str().to_owned();
    let only_held = *pass != Pass::First;
    let found = sqlx::query_scalar!(
        "select record_no from file_records
          where vpd = $1 and file_id = $2 and record_no between $3 and $4 and (not $5 or outcome = 'held')",
        vpd,
        file_id,
        from,
        to,
        only_held
    )
    .fetch_all(&mut **tx)
    .await?;
    let found: std::collections::HashSet<i32> = found.into_iter().collect();
    Ok(Box::new(move |no| found.contains(&no) == only_held))
}

/// Writes outcomes, counts and reply rows: with the effects, in their transaction.
pub(super) async fn write(tx: &mut VpdTx, file_id: Uuid, pass: &Pass, settled: &[Settled<'_>]) -> sqlx::Result<()> {
    if settled.is_empty() {
        return Ok(());
    }
    match pass {
        Pass::First => insert(tx, file_id, settled).await?,
        Pass::Released { .. } | Pass::Discarded { .. } => update(tx, file_id, settled).await?,
    }
    count(tx, file_id, pass, settled).await?;
    let round = match pass {
        Pass::First => 0,
        Pass::Released { round, .. } | Pass::Discarded { round, .. } => *round,
    };
    reply_rows(tx, file_id, round, settled).await
}

struct Columns {
    numbers: Vec<i32>,
    outcomes: Vec<&'static str>,
    codes: Vec<String>,
    messages: Vec<String>,
    summaries: Vec<Option<String>>,
    persons: Vec<Option<String>>,
    positions: Vec<Option<String>>,
    applications: Vec<Option<Uuid>>,
    dpns: Vec<Option<String>>,
}

fn columns(settled: &[Settled<'_>]) -> Columns {
    let of =
        |get: fn(&RecordOutcome) -> &Option<String>| settled.iter().map(|(.., o)| get(o).clone()).collect::<Vec<_>>();
    Columns {
        numbers: settled.iter().map(|(line, ..)| line.no).collect(),
        outcomes: settled.iter().map(|(.., o)| o.outcome.code()).collect(),
        codes: settled
            .iter()
            .map(|(.., o)| o.messages.iter().map(|message| message.code.as_str()).collect::<Vec<_>>().join(","))
            .collect(),
        messages: settled.iter().map(|(.., o)| json!(o.messages).to_string()).collect(),
        summaries: of(|o| &o.summary),
        persons: of(|o| &o.person_id),
        positions: of(|o| &o.position_id),
        applications: settled.iter().map(|(.., o)| o.application_id).collect(),
        dpns: of(|o| &o.dpn),
    }
}

async fn insert(tx: &mut VpdTx, file_id: Uuid, settled: &[Settled<'_>]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let c = columns(settled);
    let types: Vec<String> =
        settled.iter().map(|(line, ..)| delimited::record_type(&line.text).chars().take(20).collect()).collect();
    let raw: Vec<&str> = settled.iter().map(|(line, ..)| line.text.as_str()).collect();
    sqlx::query!(
        "insert into file_records (vpd, file_id, record_no, record_type, outcome, codes, messages, raw, summary, person_id, position_id,
                                   application_id, dpn)
         select $1, $2, r.no, r.type, r.outcome, string_to_array(r.codes, ','), r.messages::jsonb, r.raw, r.summary, r.person_id, r.position_id,
                r.application_id, r.dpn
           from unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::uuid[], $13::text[])
             as r (no, type, outcome, codes, messages, raw, summary, person_id, position_id, application_id, dpn)",
        vpd,
        file_id,
        &c.numbers,
        &types,
        &c.outcomes as &[&str],
        &c.codes,
        &c.messages,
        &raw as &[&str],
        &c.summaries as &[Option<String>],
        &c.persons as &[Option<String>],
        &c.positions as &[Option<String>],
        &c.applications as &[Option<Uuid>],
        &c.dpns as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn update(tx: &mut VpdTx, file_id: Uuid, settled: &[Settled<'_>]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let c = columns(settled);
    sqlx::query!(
        "update file_records f
            set outcome = r.outcome, codes = string_to_array(r.codes, ','), messages = r.messages::jsonb, summary = coalesce(r.summary, f.summary),
                person_id = r.person_id, position_id = r.position_id, application_id = r.application_id, dpn = coalesce(r.dpn, f.dpn)
           from unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[], $11::text[])
             as r (no, outcome, codes, messages, summary, person_id, position_id, application_id, dpn)
          where f.vpd = $1 and f.file_id = $2 and f.record_no = r.no and f.outcome = 'held'",
        vpd,
        file_id,
        &c.numbers,
        &c.outcomes as &[&str],
        &c.codes,
        &c.messages,
        &c.summaries as &[Option<String>],
        &c.persons as &[Option<String>],
        &c.positions as &[Option<String>],
        &c.applications as &[Option<Uuid>],
        &c.dpns as &[Option<String>],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn tally<'a>(outcomes: impl Iterator<Item = &'a RecordOutcome>) -> Counts {
    let mut counts = Counts::default();
    for outcome in outcomes {
        counts.records += 1;
        match outcome.outcome {
            Outcome::Loaded | Outcome::Skipped => counts.success += 1,
            Outcome::Unchanged => {
                counts.success += 1;
                counts.unchanged += 1;
            }
            Outcome::Failed => counts.fail += 1,
            Outcome::Held => counts.held += 1,
        }
        counts.warned += i32::from(outcome.is_warned());
    }
    counts
}

async fn count(tx: &mut VpdTx, file_id: Uuid, pass: &Pass, settled: &[Settled<'_>]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let mut all = tally(settled.iter().map(|(.., o)| o));
    let mut also = tally(settled.iter().filter(|(_, counts_here, _)| !counts_here).map(|(.., o)| o));
    if *pass != Pass::First {
        // They were counted as held before.
        for counts in [&mut all, &mut also] {
            counts.held -= counts.records;
            counts.records = 0;
        }
    }
    sqlx::query!(
        "insert into file_vpds as f (vpd, file_id, records, success, unchanged, fail, held, warned, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, jsonb_build_object('also_records', $9::integer, 'also_fail', $10::integer,
                 'also_held', $11::integer, 'also_warned', $12::integer, 'also_success', $13::integer, 'also_unchanged', $14::integer))
         on conflict (vpd, file_id) do update
            set records = f.records + excluded.records, success = f.success + excluded.success, unchanged = f.unchanged + excluded.unchanged,
                fail = f.fail + excluded.fail, held = f.held + excluded.held, warned = f.warned + excluded.warned,
                detail = f.detail || jsonb_build_object(
                    'also_records', coalesce((f.detail->>'also_records')::integer, 0) + $9, 'also_fail', coalesce((f.detail->>'also_fail')::integer, 0) + $10,
                    'also_held', coalesce((f.detail->>'also_held')::integer, 0) + $11, 'also_warned', coalesce((f.detail->>'also_warned')::integer, 0) + $12,
                    'also_success', coalesce((f.detail->>'also_success')::integer, 0) + $13,
                    'also_unchanged', coalesce((f.detail->>'also_unchanged')::integer, 0) + $14)",
        vpd,
        file_id,
        all.records,
        all.success,
        all.unchanged,
        all.fail,
        all.held,
        all.warned,
        also.records,
        also.fail,
        also.held,
        also.warned,
        also.success,
        also.unchanged,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn reply_rows(tx: &mut VpdTx, file_id: Uuid, round: i32, settled: &[Settled<'_>]) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let (mut numbers, mut rows, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    // Of a record that concerns several employers each says what it has to say; most interfaces answer for the first alone.
    for (line, _, outcome) in settled {
        for (at, reply) in (1..).zip(&outcome.replies) {
            numbers.push(line.no);
            rows.push(at);
            lines.push(reply.as_str());
        }
    }
    if numbers.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into file_replies (file_id, round, record_no, row_no, vpd, line)
         select $1, $2, r.record_no, r.row_no, $3, r.line from unnest($4::integer[], $5::integer[], $6::text[]) as r (record_no, row_no, line)",
        file_id,
        round,
        vpd,
        &numbers,
        &rows as &[i32],
        &lines as &[&str],
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The employers that a file concerns, each with its counts, where the given round was not finished yet.
pub(super) async fn unfinished(tx: &mut SystemTx, file_id: Uuid, round: i32) -> sqlx::Result<Vec<Vpd>> {
    sqlx::query_scalar!(
        r#"select vpd as "vpd: Vpd" from file_vpds
            where file_id = $1 and coalesce((detail->>'finished_round')::integer, -1) < $2 order by vpd"#,
        file_id,
        round
    )
    .fetch_all(&mut **tx)
    .await
}

/// Makes sure that an employer sees a file that is from it, even one without records.
pub(super) async fn concern(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query!("insert into file_vpds (vpd, file_id) values ($1, $2) on conflict do nothing", vpd, file_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The counts of this transaction's employer, locked; `None` when the round was finished already.
pub(super) async fn lock_counts(tx: &mut VpdTx, file_id: Uuid, round: i32) -> sqlx::Result<Option<Counts>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Counts,
        "select records, success, unchanged, fail, held, warned from file_vpds
          where vpd = $1 and file_id = $2 and coalesce((detail->>'finished_round')::integer, -1) < $3 for update",
        vpd,
        file_id,
        round
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Marks a round as finished for this employer, with one row in its audit trail: counts, and a digest of the outcomes.
pub(super) async fn mark_finished(
    tx: &mut VpdTx,
    file: &InterfaceFile,
    round: i32,
    counts: &Counts,
    detail: Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let vpd = tx.vpd().as_str().to_owned();
    let mut kept = detail;
    kept["finished_round"] = json!(round);
    sqlx::query!("update file_vpds set detail = detail || $3 where vpd = $1 and file_id = $2", vpd, file.file_id, kept)
        .execute(&mut **tx)
        .await?;
    let digest = sqlx::query_scalar!(
        "select encode(sha256(convert_to(coalesce(string_agg(record_no || ':' || outcome || ':' || array_to_string(codes, ','), ';'
                                                              order by record_no), ''), 'UTF8')), 'hex')
           from file_records where vpd = $1 and file_id = $2",
        vpd,
        file.file_id
    )
    .fetch_one(&mut **tx)
    .await?;
    let told = json!({ "file": file.name.text, "records": counts.records, "success": counts.success, "unchanged": counts.unchanged,
                       "fail": counts.fail, "held": counts.held, "outcomes": digest });
    let by = Actor::File(file.name.text.clone());
    audit::record(tx, &by, Event::FileProcessed, Subject::new("file", file.file_id), told, now).await
}

/// How far the processing of a file has got: a number that grows with each record that is settled and each employer that is finished.
pub(super) async fn progress(tx: &mut SystemTx, file_id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(records::bigint + success + fail + coalesce((detail->>'finished_round')::bigint, -1) + 1), 0)::bigint as "progress!"
             from file_vpds where file_id = $1"#,
        file_id
    )
    .fetch_one(&mut **tx)
    .await
}

/// The counts of a whole file: records, not rows.
pub(super) async fn totals(tx: &mut SystemTx, file_id: Uuid) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select coalesce(sum(records - coalesce((detail->>'also_records')::integer, 0)), 0)::integer as "records!",
                  coalesce(sum(success - coalesce((detail->>'also_success')::integer, 0)), 0)::integer as "success!",
                  coalesce(sum(unchanged - coalesce((detail->>'also_unchanged')::integer, 0)), 0)::integer as "unchanged!",
                  coalesce(sum(fail - coalesce((detail->>'also_fail')::integer, 0)), 0)::integer as "fail!",
                  coalesce(sum(held - coalesce((detail->>'also_held')::integer, 0)), 0)::integer as "held!",
                  coalesce(sum(warned - coalesce((detail->>'also_warned')::integer, 0)), 0)::integer as "warned!"
             from file_vpds where file_id = $1"#,
        file_id
    )
    .fetch_one(&mut **tx)
    .await
}
