//! A look at a workbook's parts before a library opens them: how many, what they are called, and how large they really are.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::ReadError;

const MOST_PARTS: usize = 200;
const MOST_BYTES: u64 = 100 * 1024 * 1024;
/// The most different texts that a workbook may say that it has: a reader makes room for as many as are said.
const MOST_TEXTS: usize = 1_000_000;
/// A part of more than a megabyte that is packed more densely than this is no workbook of people's.
const DENSEST: u64 = 200;

struct Part<'a> {
    name: &'a str,
    flags: usize,
    method: usize,
    packed: usize,
    at: usize,
}

/// Refuses what no spreadsheet program writes.
pub fn check(bytes: &[u8]) -> Result<(), ReadError> {
    let parts = parts(bytes).ok_or_else(|| ReadError::Broken("it is cut short".to_owned()))?;
    if parts.len() > MOST_PARTS {
        return Err(ReadError::Unsafe);
    }
    let mut names = std::collections::HashSet::new();
    for part in &parts {
        if part.flags & 1 != 0 {
            return Err(ReadError::Password);
        }
        let name = part.name.to_ascii_lowercase();
        if name.contains("vbaproject.bin") || name.contains("macrosheets/") {
            return Err(ReadError::Macros);
        }
        if name.starts_with("xl/externallinks/") {
            return Err(ReadError::ExternalLinks);
        }
        let known = ["xl/", "docprops/", "_rels/", "customxml/", "[content_types].xml"];
        let odd = name.contains("..") || name.contains('\\') || name.starts_with('/') || name.contains('\0');
        if odd || !names.insert(name.clone()) {
            return Err(ReadError::Unsafe);
        }
        if !known.iter().any(|start| name.starts_with(start)) {
            // A zip of something else, such as a document of Word.
            return Err(ReadError::NotATable);
        }
    }
    if !names.contains("xl/workbook.xml") {
        return Err(ReadError::NotATable);
    }
    let mut total = 0;
    for part in &parts {
        let unpacked = measure(bytes, part, MOST_BYTES - total)?;
        if unpacked > 1024 * 1024 && unpacked / DENSEST > part.packed as u64 {
            return Err(ReadError::TooManyRows { most: "20,000".to_owned() });
        }
        total += unpacked;
    }
    Ok(())
}

/// Counts what a part unpacks to, whatever it says of itself, and looks for what only an attack has in it.
fn measure(bytes: &[u8], part: &Part<'_>, most: u64) -> Result<u64, ReadError> {
    let broken = || ReadError::Broken("a part of it is damaged".to_owned());
    let head = bytes.get(part.at..part.at + 30).filter(|head| head.starts_with(b"PK\x03\x04")).ok_or_else(broken)?;
    let start = part.at + 30 + word(head, 26) + word(head, 28);
    let packed = bytes.get(start..start + part.packed).ok_or_else(broken)?;
    let mut reader: Box<dyn Read> = match part.method {
        0 => Box::new(packed),
        8 => Box::new(DeflateDecoder::new(packed)),
        _ => return Err(ReadError::Unsafe),
    };
    let (mut buffer, mut size) = (vec![0; 64 * 1024], 0);
    let mut first = true;
    let mut texts = SaidCount::default();
    loop {
        let read = reader.read(&mut buffer).map_err(|_| broken())?;
        if read == 0 {
            return if texts.most > MOST_TEXTS { Err(ReadError::Unsafe) } else { Ok(size) };
        }
        texts.look(&buffer[..read]);
        if std::mem::take(&mut first) {
            let name = part.name.to_ascii_lowercase();
            let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
            let start = &buffer[..read.min(4_096)];
            // A document type brings entities; and no Excel writes anything but UTF-8 and UTF-16.
            let text = String::from_utf8_lossy(start).replace('\0', "").to_ascii_lowercase();
            if is_xml && (text.contains("<!doctype") || text.contains("<!entity") || text.contains("utf-7")) {
                return Err(ReadError::Unsafe);
            }
        }
        size += read as u64;
        if size > most {
            return Err(ReadError::TooManyRows { most: "20,000".to_owned() });
        }
    }
}

/// The greatest number that a part gives as its `uniqueCount`, wherever it stands and however the part is cut into pieces.
#[derive(Default)]
struct SaidCount {
    matched: usize,
    digits: Option<usize>,
    most: usize,
}

impl SaidCount {
    fn look(&mut self, piece: &[u8]) {
        const NAME: &[u8] = b"uniquecount";
        // UTF-16 is the same letters with zeros between.
        for byte in piece.iter().copied().filter(|byte| *byte != 0) {
            match (self.digits, byte) {
                (Some(number), b'0'..=b'9') => {
                    let number = number.saturating_mul(10).saturating_add(usize::from(byte - b'0'));
                    self.digits = Some(number);
                    self.most = self.most.max(number);
                }
                // Between the name and its number: spaces, the sign, a quotation mark, a sign and zeros in another writing.
                (Some(0), b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'+') => {}
                // A number written as entities is nobody's workbook.
                (Some(0), b'&') => self.most = usize::MAX,
                (Some(_), _) => self.digits = None,
                (None, _) => {}
            }
            self.matched = match byte.to_ascii_lowercase() {
                lower if lower == NAME[self.matched] => self.matched + 1,
                lower if lower == NAME[0] => 1,
                _ => 0,
            };
            if self.matched == NAME.len() {
                (self.matched, self.digits) = (0, Some(0));
            }
        }
    }
}

fn word(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..at + 2).map_or(0, |b| usize::from(u16::from_le_bytes([b[0], b[1]])))
}

fn long(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)
}

/// The parts that the directory at the end of the file lists; `None` where there is no such directory.
fn parts(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let from = bytes.len().saturating_sub(66_000);
    let end = from + bytes[from..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let count = word(bytes, end + 10);
    let (length, mut at) = (long(bytes, end + 12), long(bytes, end + 16));
    // A second directory, one of ZIP64, a gap or something behind: another reader could find other parts than these.
    let locator = end.checked_sub(20).and_then(|at| bytes.get(at..at + 4)) == Some(b"PK\x06\x07");
    let plain = word(bytes, end + 8) == count && word(bytes, end + 4) == 0 && word(bytes, end + 6) == 0;
    let whole = at.checked_add(length) == Some(end) && end + 22 + word(bytes, end + 20) == bytes.len();
    if locator || !plain || !whole || count == 0xFFFF {
        return None;
    }
    let mut parts = Vec::new();
    for _ in 0..count {
        let entry = bytes.get(at..at + 46).filter(|entry| entry.starts_with(b"PK\x01\x02"))?;
        let (name, extra, comment) = (word(entry, 28), word(entry, 30), word(entry, 32));
        parts.push(Part {
            name: std::str::from_utf8(bytes.get(at + 46..at + 46 + name)?).ok()?,
            flags: word(entry, 8),
            method: word(entry, 10),
            packed: long(entry, 20),
            at: long(entry, 42),
        });
        if parts.len() > MOST_PARTS {
            break;
        }
        at += 46 + name + extra + comment;
    }
    (parts.len() > MOST_PARTS || at == end).then_some(parts)
}
