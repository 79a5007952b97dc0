//! Lines of `~`-separated fields: how one is cut, how one is written, how dates stand in them.

use chrono::{Datelike, NaiveDate};

/// The date that means "no end" in an effective-to field.
pub const NO_END: &str = "47121231";

/// Cuts a line into its fields; the record type is the first.
pub fn split(line: &str) -> Vec<&str> {
    line.split('~').collect()
}

/// The record type of a line: what stands before its first `~`.
pub fn record_type(line: &str) -> &str {
    line.split_once('~').map_or(line, |(kind, _)| kind)
}

/// A date written exactly as `YYYYMMDD`, and one that the calendar has.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)?;
    (date.year() > 0).then_some(date)
}

/// An effective-to date: `None` inside is "no end", written `47121231` or left empty.
pub fn parse_end(text: &str) -> Option<Option<NaiveDate>> {
    if text.is_empty() || text == NO_END { Some(None) } else { parse_date(text).map(Some) }
}

/// Writes a date as files bear it.
pub fn format_date(date: NaiveDate) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// Writes records as lines of `~`-separated fields, ended by CR LF.
///
/// A `~` or a line break inside a value cannot be written: it is left out, and the field is named in `stripped`.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    lines: u64,
    /// Line and field, both counted from 1, of every value that lost characters.
    pub stripped: Vec<(u64, usize)>,
}

impl Writer {
    /// Adds one record.
    pub fn line<I, S>(&mut self, fields: I)
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        self.lines += 1;
        for (at, field) in fields.into_iter().enumerate() {
            if at > 0 {
                self.text.push('~');
            }
            let field = field.as_ref();
            if field.bytes().any(|b| matches!(b, b'~' | b'\r' | b'\n' | b'\0')) {
                self.text.extend(field.chars().filter(|c| !matches!(c, '~' | '\r' | '\n' | '\0')));
                self.stripped.push((self.lines, at + 1));
            } else {
                self.text.push_str(field);
            }
        }
        self.text.push_str("\r\n");
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The lines written so far.
    pub fn finish(self) -> String {
        self.text
    }
}

/// One record as a line without its line end; true when a value lost characters.
pub fn join(fields: &[&str]) -> (String, bool) {
    let mut writer = Writer::default();
    writer.line(fields);
    let stripped = !writer.stripped.is_empty();
    let mut text = writer.finish();
    text.truncate(text.len() - 2);
    (text, stripped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_exact_or_not_at_all() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        let cases = [
            ("20260506", day(2026, 5, 6)),
            ("20240229", day(2024, 2, 29)),
            ("99991231", day(9999, 12, 31)),
            ("20260230", None),
            ("00000000", None),
            ("00000101", None),
            ("260506", None),
            ("2026-05-06", None),
            ("20260506 ", None),
            ("+2026050", None),
            ("２０２６", None),
            ("", None),
        ];
        for (text, date) in cases {
            assert_eq!(parse_date(text), date, "{text}");
        }
        assert_eq!(parse_end("47121231"), Some(None));
        assert_eq!(parse_end(""), Some(None));
        assert_eq!(parse_end("20260506"), Some(day(2026, 5, 6)));
        assert_eq!(parse_end("20260230"), None);
    }

    #[test]
    fn what_a_line_cannot_hold_is_left_out_and_named() {
        let mut writer = Writer::default();
        writer.line(["APC", "a~b", "c\r\nd", "é"]);
        assert_eq!(writer.stripped, [(1, 2), (1, 3)]);
        assert_eq!(writer.finish(), "APC~ab~cd~é\r\n");
        assert_eq!(join(&["A", "b"]), ("A~b".to_owned(), false));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(fields in prop::collection::vec("[^~\r\n\0]{0,12}", 1..20)) {
            let mut writer = Writer::default();
            writer.line(&fields);
            prop_assert!(writer.stripped.is_empty());
            let text = writer.finish();
            prop_assert_eq!(split(text.trim_end_matches(['\r', '\n'])), fields);
        }

        #[test]
        fn no_text_panics_the_date_reader(text in "\\PC{0,10}") {
            let _ = (parse_date(&text), parse_end(&text));
        }
    }
}
