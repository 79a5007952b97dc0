use std::borrow::Cow;

/// A line longer than this cannot be a record of any layout; the rest of it is not kept.
pub const LONGEST_LINE: usize = 64 * 1024;

/// One line of a file, without its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1, blank lines too.
    pub number: u64,
    /// The bytes, cut at [`LONGEST_LINE`].
    pub bytes: &'a [u8],
    /// How long it was before the cut.
    pub length: u64,
}

impl Line<'_> {
    /// Whether nothing but spaces stands in it.
    pub fn is_blank(&self) -> bool {
        self.length == self.bytes.len() as u64 && self.bytes.iter().all(|b| matches!(b, b' ' | b'\t'))
    }
}

/// Cuts a stream of bytes into lines, however the bytes are cut, keeping one line at most in memory.
#[derive(Debug, Default)]
pub struct LineSplitter {
    started: bool,
    carry: Vec<u8>,
    carried: u64,
    number: u64,
}

impl LineSplitter {
    /// Takes the next bytes and hands over each line that they complete.
    pub fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(Line<'_>)) {
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            if self.carried == 0 {
                self.emit(&bytes[..end], end as u64, &mut each);
            } else {
                self.keep(&bytes[..end]);
                self.emit_carried(&mut each);
            }
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes);
    }

    /// Hands over a last line that had no line end.
    pub fn finish(&mut self, mut each: impl FnMut(Line<'_>)) {
        if self.carried > 0 {
            self.emit_carried(&mut each);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.carried += bytes.len() as u64;
        let room = (LONGEST_LINE + 2).saturating_sub(self.carry.len());
        self.carry.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn emit_carried(&mut self, each: &mut impl FnMut(Line<'_>)) {
        let carry = std::mem::take(&mut self.carry);
        let length = std::mem::take(&mut self.carried);
        self.emit(&carry, length, each);
        self.carry = carry;
        self.carry.clear();
    }

    fn emit(&mut self, bytes: &[u8], length: u64, each: &mut impl FnMut(Line<'_>)) {
        let mut bytes = bytes;
        let mut length = length;
        if !std::mem::replace(&mut self.started, true) && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes = &bytes[3..]; // a byte order mark belongs to no field
            length -= 3;
        }
        if length == bytes.len() as u64 && bytes.ends_with(b"\r") {
            bytes = &bytes[..bytes.len() - 1];
            length -= 1;
        }
        self.number += 1;
        let bytes = &bytes[..bytes.len().min(LONGEST_LINE)];
        each(Line { number: self.number, bytes, length });
    }
}

/// A line's text, and whether it had to be read as Windows-1252 because it is not UTF-8.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::default();
        let mut out = Vec::new();
        for chunk in chunks {
            splitter.feed(chunk, |line| out.push(decode(line.bytes).0.into_owned()));
        }
        splitter.finish(|line| out.push(decode(line.bytes).0.into_owned()));
        out
    }

    #[test]
    fn line_ends_and_marks_of_every_kind() {
        assert_eq!(lines(&[b"\xef\xbb\xbfHDR~a\r\nAPP~b\nTRL~1"]), ["HDR~a", "APP~b", "TRL~1"]);
        assert_eq!(lines(&[b"HDR\r", b"\n", b"\r\nTRL\r\n"]), ["HDR", "", "TRL"]);
        assert_eq!(lines(&[b"von M\xfcnchhausen"]), ["von Münchhausen"]);
        assert_eq!(decode("von Münchhausen".as_bytes()), (Cow::Borrowed("von Münchhausen"), false));
        assert!(decode(b"\x80\x81\xfc").1);
        assert!(lines(&[]).is_empty());
    }

    #[test]
    fn a_line_without_end_is_cut_and_counted() {
        let mut splitter = LineSplitter::default();
        let block = vec![b'x'; 100_000];
        for _ in 0..100 {
            splitter.feed(&block, |_| panic!("no line ended"));
        }
        assert!(splitter.carry.capacity() < 4 * LONGEST_LINE, "kept {}", splitter.carry.capacity());
        splitter.feed(b"\n", |line| {
            assert_eq!((line.bytes.len(), line.length, line.number), (LONGEST_LINE, 10_000_000, 1));
        });
    }

    proptest! {
        #[test]
        fn cuts_of_the_stream_do_not_matter(bytes in prop::collection::vec(prop::sample::select(b"a~\r\n\xef\xbb\xbf".to_vec()), 0..60), at in 0usize..60) {
            let at = at.min(bytes.len());
            prop_assert_eq!(lines(&[&bytes]), lines(&[&bytes[..at], &bytes[at..]]));
        }
    }
}
