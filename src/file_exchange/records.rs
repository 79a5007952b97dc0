//! The SQL for the records of a file, and what of them a page may show.

use serde_json::Value;
use uuid::Uuid;

use super::processor::Processors;
use crate::tenancy::VpdTx;
use crate::ui;

/// A record with what became of it.
#[derive(Clone, Debug)]
pub struct Record {
    pub record_no: i32,
    pub record_type: String,
    pub outcome: String,
    pub codes: Vec<String>,
    pub messages: Value,
    pub raw: String,
    pub summary: Option<String>,
    pub person_id: Option<String>,
    pub position_id: Option<String>,
    pub application_id: Option<Uuid>,
    pub dpn: Option<String>,
    pub settled_by: Option<String>,
}

impl Record {
    /// What is said of it: kind, code, text, without National Insurance numbers.
    pub fn said(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let messages = self.messages.as_array().into_iter().flatten();
        messages.map(|m| (text(&m["type"]), text(&m["code"]), mask_text(&text(&m["text"])))).collect()
    }

    /// The line as its sender wrote it, without what no page shows.
    pub fn masked(&self, processors: &Processors, interface: &str) -> String {
        let processor = super::Interface::from_code(interface).and_then(|interface| processors.get(interface));
        let hidden = processor.map_or(&[][..], |processor| processor.hidden_columns(&self.record_type));
        let fields = self.raw.split('~').enumerate().map(|(at, field)| match field {
            "" => String::new(),
            _ if hidden.contains(&at) => "[hidden]".to_owned(),
            field => mask_text(field),
        });
        fields.collect::<Vec<_>>().join("~")
    }
}

/// Hides every National Insurance number in a text.
pub fn mask_text(text: &str) -> String {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if is_ni(&compact) {
        return ui::masked_ni(&compact);
    }
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        if is_ni(&word) {
            out.push_str(&ui::masked_ni(&word))
        } else {
            out.push_str(&word)
        }
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

/// Two letters and six digits, with or without a last letter.
fn is_ni(word: &str) -> bool {
    let b = word.as_bytes();
    matches!(b.len(), 8 | 9)
        && b[..2].iter().all(u8::is_ascii_alphabetic)
        && b[2..8].iter().all(u8::is_ascii_digit)
        && b.get(8).is_none_or(u8::is_ascii_alphabetic)
}

/// Which records a page shows.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    pub outcome: Option<String>,
    pub code: Option<String>,
    /// As records name it: trimmed, in capitals.
    pub post: Option<String>,
    pub offset: i64,
    pub limit: i64,
}

/// The records of this employer in a file that match, in their order, and how many there are.
pub async fn list(tx: &mut VpdTx, file_id: Uuid, filter: &RecordFilter) -> sqlx::Result<(Vec<Record>, i64)> {
    let vpd = tx.vpd().as_str().to_owned();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!" from file_records
            where vpd = $1 and file_id = $2 and ($3::text is null or outcome = $3) and ($4::text is null or $4 = any(codes))
              and ($5::text is null or dpn = $5)"#,
        vpd,
        file_id,
        filter.outcome,
        filter.code,
        filter.post
    )
    .fetch_one(&mut **tx)
    .await?;
    let records = sqlx::query_as!(
        Record,
        "select record_no, record_type, outcome, codes, messages, raw, summary, person_id, position_id, application_id, dpn, settled_by
           from file_records
          where vpd = $1 and file_id = $2 and ($3::text is null or outcome = $3) and ($4::text is null or $4 = any(codes))
            and ($5::text is null or dpn = $5)
          order by record_no offset $6 limit $7",
        vpd,
        file_id,
        filter.outcome,
        filter.code,
        filter.post,
        filter.offset,
        filter.limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok((records, total))
}

/// One record of this employer.
pub async fn find(tx: &mut VpdTx, file_id: Uuid, record_no: i32) -> sqlx::Result<Option<Record>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Record,
        "select record_no, record_type, outcome, codes, messages, raw, summary, person_id, position_id, application_id, dpn, settled_by
           from file_records where vpd = $1 and file_id = $2 and record_no = $3",
        vpd,
        file_id,
        record_no
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A code that records of a file have, how many, and the first of them.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: String,
    pub count: i64,
    pub first: i32,
    pub example: Option<String>,
}

/// The codes of the records that failed or were warned about, most frequent first.
pub async fn problems(tx: &mut VpdTx, file_id: Uuid) -> sqlx::Result<Vec<Problem>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Problem,
        r#"select m->>'code' as "code!", count(distinct record_no) as "count!", min(record_no) as "first!",
                  (array_agg(m->>'text' order by record_no))[1] as example
             from file_records, jsonb_array_elements(messages) m
            where vpd = $1 and file_id = $2 and messages <> '[]' and m->>'type' in ('ERROR', 'WARNING')
            group by 1 order by 2 desc, 1 limit 50"#,
        vpd,
        file_id
    )
    .fetch_all(&mut **tx)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ni_numbers_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            ("TX958941B", "TX ** ** 41 B"),
            ("tx 95 89 41 b", "tx ** ** 41 b"),
            ("NI_NUMBER “TN123456A” is not valid.", "NI_NUMBER “TN ** ** 56 A” is not valid."),
            ("9041003", "9041003"),
            ("Davies", "Davies"),
            ("KSS/R9A01/024/STR/004", "KSS/R9A01/024/STR/004"),
        ] {
            assert_eq!(mask_text(text), shown);
        }
        assert!(!mask_text("TX958941").contains("958941"));
    }
}
