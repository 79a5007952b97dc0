//! The list's rows, read. No SQL, no HTTP, no clock.

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::positions::dpn;
use crate::spreadsheets::Table;
use crate::ui::dates;

/// The columns of the list; only the first is required.
pub const COLUMNS: [&str; 8] = [
    "deanery_post_number",
    "managing_deanery_body",
    "site_code",
    "specialty",
    "grade",
    "valid_from",
    "valid_to",
    "note",
];
/// The most rows of a list.
pub const MOST_ROWS: usize = 10_000;

/// A post as the list has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub row_no: i32,
    pub dpn: String,
    pub dpn_key: String,
    pub body: Option<String>,
    pub site: Option<String>,
    pub specialty: Option<String>,
    pub grade: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub note: Option<String>,
}

/// Reads a list; what is odd in it is said, and costs no other row.
pub fn read(table: &Table) -> Result<(Vec<Post>, Vec<String>), String> {
    let at = |name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    if at(COLUMNS[0]).is_none() {
        return Err("The selected file must have a heading deanery_post_number".to_owned());
    }
    let (mut posts, mut warnings, mut seen) = (Vec::<Post>::new(), table.warnings.clone(), HashSet::new());
    for row in &table.rows {
        let cell = |name: &str| {
            let text = at(name).and_then(|at| row.cells.get(at)).map(|cell| cell.trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        let Some(number) = cell(COLUMNS[0]) else {
            warnings.push(format!("Row {} has no Deanery Post Number and is left out", row.number));
            continue;
        };
        let key = dpn::key(&number);
        if !seen.insert(key.clone()) {
            warnings.push(format!("Row {}: {number} stands in the list before; it is taken once", row.number));
            continue;
        }
        let mut day = |name: &str| {
            let text = cell(name)?;
            let read = dates::parse_day(&text);
            if read.is_none() {
                warnings.push(format!("Row {}: {name} says {text:?}, which is no date", row.number));
            }
            read
        };
        let (valid_from, valid_to) = (day("valid_from"), day("valid_to"));
        let body = cell("managing_deanery_body").map(|body| body.to_uppercase());
        posts.push(Post {
            row_no: i32::try_from(row.number).unwrap_or(i32::MAX),
            body: body.or_else(|| key.split('/').next().map(str::to_owned)),
            dpn: number,
            dpn_key: key,
            site: cell("site_code"),
            specialty: cell("specialty"),
            grade: cell("grade"),
            valid_from,
            valid_to,
            note: cell("note"),
        });
    }
    match posts.is_empty() {
        true => Err("The selected file has no posts under its headings".to_owned()),
        false => Ok((posts, warnings)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spreadsheets;

    #[test]
    fn a_list_is_read_and_what_is_odd_is_said() {
        let text = "valid_from,Deanery_Post_Number\n1/8/2026,KSS/R9A01/024/STR/1\n,\nx,kss/r9a01/024/str/1 \nsoon,LDN/R9A01/024/STR/2\n";
        let (posts, warnings) = read(&spreadsheets::read(text.as_bytes(), 10).unwrap()).unwrap();
        assert_eq!(posts.iter().map(|post| post.row_no).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(posts[1].body.as_deref(), Some("LDN"));
        assert_eq!(posts[0].valid_from, "2026-08-01".parse().ok());
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(read(&spreadsheets::read(b"a,b\n1,2\n", 10).unwrap()).is_err());
    }
}
