//! Which of several positions should keep a number, as far as can be told from what they are. No SQL, no HTTP, no clock.

use crate::positions::dpn;

/// A position that bears the number.
#[derive(Clone, Copy, Debug)]
pub struct Bears<'a> {
    pub position_id: &'a str,
    pub title: &'a str,
    /// As it is written there.
    pub dpn: &'a str,
    /// Who holds it, or is on the way.
    pub people: i64,
}

/// The position to propose: its title fits the number's grade, the number is written there exactly, most people are on it, in this
/// order; none where two are alike.
pub fn proposed<'a>(bearers: &[Bears<'a>]) -> Option<&'a str> {
    let weighed = |one: &Bears<'_>| {
        let key = dpn::key(one.dpn);
        (fits(key.split('/').nth(3).unwrap_or_default(), one.title), one.dpn == key, one.people)
    };
    let best = bearers.iter().max_by_key(|one| weighed(one))?;
    let is_alone = bearers.iter().filter(|one| weighed(one) == weighed(best)).count() == 1;
    is_alone.then_some(best.position_id)
}

/// Whether a title is one of a number's grade part.
fn fits(grade: &str, title: &str) -> bool {
    let (grade, title) = (grade.trim().to_uppercase(), title.to_lowercase());
    let has = |names: &[&str]| names.iter().any(|name| title.contains(name));
    let is_of_grade = match grade.as_str() {
        "" => return false,
        // `Foundation Doctor - Year 2`, `Foundation Year 2`, `FY2 Doctor`.
        "FY1" | "F1" | "F01" => (has(&["foundation"]) && has(&["1"])) || has(&["fy1", "f1"]),
        "FY2" | "F2" | "F02" => (has(&["foundation"]) && has(&["2"])) || has(&["fy2", "f2"]),
        grade if grade.starts_with("ST") || grade == "SPR" || grade == "SR" => {
            has(&["registrar", "specialty training"])
        }
        grade if grade.starts_with("CT") || grade == "CMT" || grade == "CST" => has(&["core"]),
        grade if grade.starts_with("GP") => has(&["general pract", "gp "]),
        _ => false,
    };
    is_of_grade || title.contains(&grade.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fits_the_number_keeps_it_and_of_two_alike_nobody_is_proposed() {
        let bears = |position_id, title, dpn, people| Bears { position_id, title, dpn, people };
        let number = "KSS/R9A01/001/FY2/008";
        let low = "kss/r9a01/001/fy2/008";
        for (all, wanted) in [
            (vec![bears("1", "Specialty Registrar", low, 3), bears("2", "Foundation Year 2", number, 0)], Some("2")),
            (vec![bears("1", "Foundation Year 2", low, 3), bears("2", "Foundation Year 2", number, 0)], Some("2")),
            (vec![bears("1", "Foundation Year 2", number, 1), bears("2", "Foundation Year 2", number, 0)], Some("1")),
            (vec![bears("1", "Foundation Year 2", number, 1), bears("2", "Foundation Year 2", number, 1)], None),
            (vec![bears("1", "Specialty Registrar", number, 0), bears("2", "FY2 Doctor", low, 0)], Some("2")),
            (
                vec![bears("1", "Specialty Registrar", low, 2), bears("2", "Foundation Doctor - Year 2", number, 0)],
                Some("2"),
            ),
            (Vec::new(), None),
        ] {
            assert_eq!(proposed(&all), wanted, "{all:?}");
        }
    }
}
