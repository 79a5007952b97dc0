//! The frame around the records of every interface file: header first, trailer last, and what each must say.

use sha2::{Digest, Sha256};

use super::lines::{Line, LineSplitter, decode};
use super::name::{FileName, shown};
use super::refusal::{Code, Refusal};

/// The only layout version that this program reads.
pub const VERSION: &str = "01";
/// The greatest file taken, in bytes.
pub const LARGEST_FILE: u64 = 200 * 1024 * 1024;
/// More blank lines than this are a flood, not a slip of the sender's editor.
const MOST_BLANK_LINES: u64 = 1_000;

/// What a file's first line says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Header {
    pub file_name: String,
    pub created: String,
    pub sender: String,
    pub previous_run: String,
    pub run: String,
    pub version: String,
    /// A reply names the file that it answers.
    pub answers: Option<String>,
}

/// A file whose frame is whole: its header and how many records stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub header: Header,
    pub trailer_count: u64,
    pub records: u64,
}

/// Everything that one pass over the bytes can tell, whatever they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    pub size: u64,
    pub sha256: [u8; 32],
    nul_at: Option<u64>,
    utf16: bool,
    lines: u64,
    blank: u64,
    first: Vec<u8>,
    first_record: Option<Vec<u8>>,
    last: Vec<u8>,
    trailer_line: Option<u64>,
    last_line: u64,
    too_long: Option<(u64, u64)>,
}

/// Reads a file's bytes in pieces of any size and keeps only what the checks need.
#[derive(Debug, Default)]
pub struct Scanner {
    splitter: LineSplitter,
    hash: Sha256,
    head: Vec<u8>,
    found: Found,
}

#[derive(Debug, Default)]
struct Found {
    size: u64,
    nul_at: Option<u64>,
    lines: u64,
    blank: u64,
    first: Vec<u8>,
    first_record: Option<Vec<u8>>,
    last: Vec<u8>,
    trailer_line: Option<u64>,
    last_line: u64,
    too_long: Option<(u64, u64)>,
}

impl Found {
    fn line(&mut self, line: Line<'_>) {
        if line.is_blank() {
            self.blank += 1;
            return;
        }
        self.lines += 1;
        self.last_line = line.number;
        if line.length > line.bytes.len() as u64 && self.too_long.is_none() {
            self.too_long = Some((line.number, line.length));
        }
        if self.lines == 1 {
            self.first = head_of(line.bytes);
        } else if self.lines == 2 {
            self.first_record = Some(head_of(line.bytes));
        }
        self.last.clear();
        self.last.extend_from_slice(&line.bytes[..line.bytes.len().min(KEPT)]);
        if is_trailer(line.bytes) {
            self.trailer_line = Some(line.number);
        }
    }
}

/// As much of a header or trailer as any real one has.
const KEPT: usize = 2_000;

fn head_of(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(KEPT)].to_vec()
}

fn is_trailer(bytes: &[u8]) -> bool {
    bytes == b"TRL" || bytes.starts_with(b"TRL~")
}

impl Scanner {
    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Self { splitter, hash, head, found } = self;
        hash.update(bytes);
        if head.len() < 2 {
            head.extend(bytes.iter().take(2 - head.len()));
        }
        if found.nul_at.is_none() {
            found.nul_at = bytes.iter().position(|b| *b == 0).map(|at| found.size + at as u64 + 1);
        }
        found.size += bytes.len() as u64;
        splitter.feed(bytes, |line| found.line(line));
    }

    /// Ends the pass.
    pub fn finish(self) -> Scan {
        let Self { mut splitter, hash, head, mut found } = self;
        splitter.finish(|line| found.line(line));
        Scan {
            size: found.size,
            sha256: hash.finalize().into(),
            nul_at: found.nul_at,
            utf16: matches!(head[..], [0xff, 0xfe] | [0xfe, 0xff]),
            lines: found.lines,
            blank: found.blank,
            first: found.first,
            first_record: found.first_record,
            last: found.last,
            trailer_line: found.trailer_line,
            last_line: found.last_line,
            too_long: found.too_long,
        }
    }
}

impl Scan {
    /// Whether the last line is a trailer: until then a file in the folder may still be on its way.
    pub fn has_trailer(&self) -> bool {
        is_trailer(&self.last)
    }

    /// Decides by what the bytes are: size (F13), no text (F14), header (F01), header's name (F11).
    pub fn header(&self, name: &FileName, largest: u64) -> Result<Header, Refusal> {
        self.check_size(largest)?;
        self.check_encoding()?;
        let header = self.read_header()?;
        if header.file_name != name.text {
            return Err(Refusal::new(
                Code::NameHeaderMismatch,
                format!(
                    "The file is called {} but its header names {}. Ask the sender which file this is, and to send it again with both alike.",
                    name.text,
                    shown(&header.file_name)
                ),
            ));
        }
        Ok(header)
    }

    /// Decides the rest, once the sender is known: version (F12), trailer (F02), count (F03), first record's type (F04).
    pub fn envelope(&self, name: &FileName, header: Header) -> Result<Envelope, Refusal> {
        if header.sender != name.sender {
            return Err(Refusal::new(
                Code::OrgNotFound,
                format!(
                    "The file's name says it is from {}, but its header says {}. Ask the sender to correct the header and send the file again.",
                    name.sender,
                    shown(&header.sender)
                ),
            ));
        }
        if header.version != VERSION {
            return Err(Refusal::new(
                Code::VersionUnsupported,
                format!(
                    "The header gives interface version {}; this portal reads version {VERSION}. Ask the sender for a file of version {VERSION}.",
                    shown(&header.version)
                ),
            ));
        }
        let (trailer_count, records) = self.check_trailer()?;
        self.check_records(name)?;
        Ok(Envelope { header, trailer_count, records })
    }

    fn check_size(&self, largest: u64) -> Result<(), Refusal> {
        if self.size <= largest {
            return Ok(());
        }
        let reason = format!(
            "The file has more bytes than the {largest} that are taken at most. Ask the sender to send it in parts, each with a name of its own."
        );
        Err(Refusal::new(Code::TooLarge, reason))
    }

    fn check_encoding(&self) -> Result<(), Refusal> {
        let what = match (self.utf16, self.nul_at) {
            (true, _) => "The file is UTF-16 text".to_owned(),
            (false, Some(at)) => format!("The file holds a NUL byte (byte {at}), so it is not text"),
            (false, None) => return Ok(()),
        };
        let reason =
            format!("{what}. Files are UTF-8 text, or Windows-1252. Ask the sender to send it again as UTF-8.");
        Err(Refusal::new(Code::Encoding, reason))
    }

    fn read_header(&self) -> Result<Header, Refusal> {
        let refuse = |what: String| Err(Refusal::new(Code::NoHeader, what));
        if self.lines == 0 {
            return refuse("The file is empty: it has no header. Ask the sender to send it again.".to_owned());
        }
        let (first, _) = decode(&self.first);
        let fields: Vec<&str> = first.split('~').collect();
        match fields[..] {
            ["HDR", file_name, created, sender, previous_run, run, version, ref rest @ ..] if rest.len() <= 1 => {
                Ok(Header {
                    file_name: file_name.to_owned(),
                    created: created.to_owned(),
                    sender: sender.to_owned(),
                    previous_run: previous_run.to_owned(),
                    run: run.to_owned(),
                    version: version.to_owned(),
                    answers: rest.first().map(|text| (*text).to_owned()),
                })
            }
            ["HDR", ..] => refuse(format!(
                "The header has {} columns; 7 are expected (8 in a reply). Ask the sender to correct the header and send the file again.",
                fields.len()
            )),
            _ => refuse(format!(
                "The first line is no header: it begins {}, and HDR is expected. Ask the sender to send the whole file again.",
                shown(fields[0])
            )),
        }
    }

    fn check_trailer(&self) -> Result<(u64, u64), Refusal> {
        if !self.has_trailer() {
            return Err(match self.trailer_line {
                Some(line) => Refusal::new(
                    Code::WrongFormat,
                    format!(
                        "The trailer stands on line {line}, but the file goes on to line {}. Ask the sender to send the file again with the trailer last.",
                        self.last_line
                    ),
                ),
                None => Refusal::new(
                    Code::NoTrailer,
                    format!(
                        "The file ends on line {} without a trailer (TRL), so its transfer was cut. Nothing of it was taken. Ask the sender to send it again.",
                        self.last_line
                    ),
                ),
            });
        }
        let records = self.lines.saturating_sub(2);
        let (last, _) = decode(&self.last);
        let fields: Vec<&str> = last.split('~').collect();
        let counted = match fields[..] {
            ["TRL", count] if !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) => {
                count.parse::<u64>().ok()
            }
            _ => None,
        };
        match counted {
            // Whether the sender counts header and trailer is nowhere said: both are right.
            Some(count) if count == records || Some(count) == records.checked_add(2) => Ok((count, records)),
            Some(count) => Err(Refusal::new(
                Code::RecordCountMismatch,
                format!(
                    "The trailer counts {count} records; the file holds {records}. Nothing of it was taken. Ask the sender to send it again."
                ),
            )),
            None => Err(Refusal::new(
                Code::RecordCountMismatch,
                format!(
                    "The trailer reads {}, which is no count of records; the file holds {records}. Ask the sender to correct it and send the file again.",
                    shown(&last)
                ),
            )),
        }
    }

    fn check_records(&self, name: &FileName) -> Result<(), Refusal> {
        if let Some((line, length)) = self.too_long {
            let reason = format!(
                "Line {line} is {length} bytes long, which no record can be. Line breaks may have been lost: ask the sender to send the file again."
            );
            return Err(Refusal::new(Code::WrongFormat, reason));
        }
        if self.blank > MOST_BLANK_LINES {
            let reason =
                format!("The file holds {} blank lines. Ask the sender to send it again without them.", self.blank);
            return Err(Refusal::new(Code::WrongFormat, reason));
        }
        let first = match &self.first_record {
            Some(bytes) if self.lines > 2 => decode(bytes).0,
            _ => return Ok(()),
        };
        let kind = first.split('~').next().unwrap_or_default();
        if name.record_types().contains(&kind) {
            return Ok(());
        }
        let reason = format!(
            "The first record is of type {}, which no {} file holds. Ask the sender to check which file this is and to send it again.",
            shown(kind),
            name.file_type
        );
        Err(Refusal::new(Code::WrongFormat, reason))
    }
}

/// The header line of a file that we send.
pub fn header_fields(
    name: &str,
    created: &str,
    sender: &str,
    previous_run: &str,
    run: &str,
    answers: Option<&str>,
) -> Vec<String> {
    let mut fields = vec!["HDR", name, created, sender, previous_run, run, VERSION];
    fields.extend(answers);
    fields.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
