//! How counts, codes and secrets are written.

use std::fmt::Display;

/// A whole number as people write it: `12,345`. Takes any integer or a reference to one, as templates pass them.
pub fn number(n: impl Display) -> String {
    let text = n.to_string();
    let digits = text.trim_start_matches('-');
    let mut out = String::with_capacity(text.len() + digits.len() / 3);
    if text.len() > digits.len() {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 doctor`, `14 doctors`, `0 people`.
pub fn count(n: impl Display, one: &str, many: &str) -> String {
    let n = number(n);
    let noun = if n == "1" { one } else { many };
    format!("{n} {noun}")
}

/// What the fold of a list's filters says: `Filters`, `Filters (2 applied)`.
pub fn filters(label: &str, applied: usize) -> String {
    if applied == 0 { label.to_owned() } else { format!("{label} ({} applied)", number(applied)) }
}

/// A text in the pieces between which a line may break: in a long word, as codes and addresses are, after each `/`, `|`, `_` and `@`.
pub fn breakable(text: &str) -> Vec<&str> {
    // A shorter word, such as a date, fits every line.
    const LONG: usize = 12;
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    for word in text.split_inclusive(char::is_whitespace) {
        if word.trim_end().len() > LONG {
            for (place, _) in word.match_indices(['/', '|', '_', '@']) {
                let end = at + place + 1;
                pieces.push(&text[start..end]);
                start = end;
            }
        }
        at += word.len();
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// A National Insurance number with its middle hidden: `QQ ** ** 34 C`.
pub fn masked_ni(ni: &str) -> String {
    let compact: Vec<char> = ni.chars().filter(|c| !c.is_whitespace()).collect();
    match compact[..] {
        [a, b, _, _, _, _, e, f, suffix] => format!("{a}{b} ** ** {e}{f} {suffix}"),
        // Not shaped as a number should be: show nothing of it.
        [] => String::new(),
        _ => "** ** ** **".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_nouns_agree() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (-12_345_678, "-12,345,678")] {
            assert_eq!(number(n), text);
        }
        assert_eq!(count(1, "person", "people"), "1 person");
        assert_eq!(count(0, "person", "people"), "0 people");
        assert_eq!(count(1_400, "doctor", "doctors"), "1,400 doctors");
    }

    #[test]
    fn a_fold_says_how_many_filters_are_applied() {
        assert_eq!(filters("Filters", 0), "Filters");
        assert_eq!(filters("Search and filters", 2), "Search and filters (2 applied)");
    }

    #[test]
    fn codes_break_after_their_separators_and_lose_nothing() {
        assert_eq!(breakable("WAL/1D9PL/527"), ["WAL/", "1D9PL/", "527"]);
        assert_eq!(breakable("DE_KSS_APP_2026.DAT"), ["DE_", "KSS_", "APP_", "2026.DAT"]);
        assert_eq!(breakable("Post KSS/R9A01/024/STR/004 ends"), ["Post KSS/", "R9A01/", "024/", "STR/", "004 ends"]);
        assert_eq!(breakable("é|é|é|é|é|é|é|").concat(), "é|é|é|é|é|é|é|");
        for whole in ["On 5/8/2026 and/or later", "a/b", "Foundation Year 1"] {
            assert_eq!(breakable(whole), [whole]);
        }
        assert!(breakable("").is_empty());
    }

    #[test]
    fn a_national_insurance_number_keeps_its_secret() {
        assert_eq!(masked_ni("QQ123434C"), "QQ ** ** 34 C");
        assert_eq!(masked_ni("QQ 12 34 34 C"), "QQ ** ** 34 C");
        assert_eq!(masked_ni("QQ1234"), "** ** ** **");
        assert_eq!(masked_ni(""), "");
    }
}
