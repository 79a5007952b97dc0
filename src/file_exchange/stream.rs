use std::collections::VecDeque;

use uuid::Uuid;

use super::lines::{LineSplitter, decode};
use super::processor::RecordLine;
use crate::tenancy::Database;

/// The data records of a stored file, read piece by piece: no more than a piece and a slice is ever in memory.
pub struct Records {
    db: Database,
    file_id: Uuid,
    next_chunk: i32,
    splitter: LineSplitter,
    header_seen: bool,
    ended: bool,
    next_no: i32,
    records: i32,
    waiting: VecDeque<RecordLine>,
}

impl Records {
    /// `records` is what the check of the envelope counted: the trailer after them is not handed over.
    pub fn new(db: Database, file_id: Uuid, records: i32) -> Self {
        Self {
            db,
            file_id,
            next_chunk: 0,
            splitter: LineSplitter::default(),
            header_seen: false,
            ended: false,
            next_no: 1,
            records,
            waiting: VecDeque::new(),
        }
    }

    /// The next records, at most `limit`; none when the file is through.
    pub async fn next(&mut self, limit: usize) -> sqlx::Result<Vec<RecordLine>> {
        while self.waiting.len() < limit && !self.ended && self.next_no <= self.records {
            self.read_on().await?;
        }
        let count = self.waiting.len().min(limit);
        Ok(self.waiting.drain(..count).collect())
    }

    async fn read_on(&mut self) -> sqlx::Result<()> {
        let mut connection = self.db.system_connection().await?;
        let bytes = sqlx::query_scalar!(
            "select bytes from file_chunks where file_id = $1 and chunk_no = $2",
            self.file_id,
            self.next_chunk
        )
        .fetch_optional(&mut *connection)
        .await?;
        drop(connection);
        self.next_chunk += 1;
        let Self { splitter, header_seen, next_no, records, waiting, .. } = self;
        let mut take = |line: super::lines::Line<'_>| {
            if line.is_blank() || *next_no > *records {
                return;
            }
            if !std::mem::replace(header_seen, true) {
                return;
            }
            let (text, was_windows_1252) = decode(line.bytes);
            waiting.push_back(RecordLine { no: *next_no, text: text.into_owned(), was_windows_1252 });
            *next_no += 1;
        };
        match bytes {
            Some(bytes) => splitter.feed(&bytes, take),
            None => {
                splitter.finish(&mut take);
                self.ended = true;
            }
        }
        Ok(())
    }
}
