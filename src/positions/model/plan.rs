use chrono::NaiveDate;

use super::{PositionChange, Set, Stretch};

/// Why a change has no place in a position's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The position begins on this day, later than the change.
    BeforeItBegins(NaiveDate),
    /// It is not active on the day of the change: it ended on this day.
    AfterItEnded(NaiveDate),
    /// There is a gap between two stretches on the day of the change.
    InAGap,
    /// The position would end before this day, on which it begins.
    EndsBeforeItBegins(NaiveDate),
    /// Everything is so already.
    NothingChanges,
}

/// The stretches of a position after a change, oldest first.
///
/// A stretch in which the change takes effect is cut in two. Later stretches that say what this one said before follow it; one that says
/// something else was planned so, and stays. A position that ends earlier keeps its later stretches without a day, so that the same file
/// received again does not bring them back.
pub fn plan(before: &[Stretch], change: &PositionChange) -> Result<Vec<Stretch>, PlanError> {
    let Some(first) = before.first() else { return Err(PlanError::InAGap) };
    let day = change.effective_from;
    let mut after = before.to_vec();
    if changes_values(change) {
        if day < first.effective_from {
            return Err(PlanError::BeforeItBegins(first.effective_from));
        }
        let Some(at) = after.iter().rposition(|stretch| stretch.holds_on(day)) else {
            let ended =
                after.iter().filter(|stretch| !stretch.is_empty()).filter_map(|stretch| stretch.effective_to).max();
            return Err(ended.filter(|ended| *ended < day).map_or(PlanError::InAGap, PlanError::AfterItEnded));
        };
        let base = after[at].clone();
        let changed = apply(&base, change, None);
        if changed != base {
            let mut begins = at;
            if base.effective_from < day {
                after[at].effective_to = day.pred_opt();
                let cut = Stretch {
                    effective_from: day,
                    split_of: Some(base.split_of.unwrap_or(base.effective_from)),
                    ..changed
                };
                after.insert(at + 1, cut);
                begins = at + 1;
            } else {
                after[at] = changed;
            }
            for later in after.iter_mut().skip(begins + 1) {
                *later = apply(later, change, Some(&base));
            }
        }
    }
    if let Set::To(end) = change.end_on {
        end_on(&mut after, end)?;
    }
    if after == before { Err(PlanError::NothingChanges) } else { Ok(after) }
}

fn changes_values(change: &PositionChange) -> bool {
    let nothing = PositionChange {
        end_on: change.end_on.clone(),
        seen: change.seen.clone(),
        confirmed: change.confirmed,
        ..PositionChange::new(change.position_id.clone(), change.effective_from)
    };
    *change != nothing
}

/// The stretch as the change makes it; with `where_as`, only in what it says as that one did.
fn apply(stretch: &Stretch, change: &PositionChange, where_as: Option<&Stretch>) -> Stretch {
    let mut changed = stretch.clone();
    macro_rules! set {
        ($($field:ident),*) => {
            $(if where_as.is_none_or(|base| base.$field == stretch.$field) {
                changed.$field = change.$field.of(&stretch.$field);
            })*
        };
    }
    set!(
        name,
        job_role,
        workplace_code,
        hiring_status,
        position_type,
        budgeted_fte,
        dpn,
        managing_body,
        host_or_lead,
        out_of_hours,
        rota_pattern,
        prospective_cover
    );
    changed
}

fn end_on(after: &mut [Stretch], end: Option<NaiveDate>) -> Result<(), PlanError> {
    let first = after.first().map(|stretch| stretch.effective_from).unwrap_or_default();
    if end.is_some_and(|end| end < first) {
        return Err(PlanError::EndsBeforeItBegins(first));
    }
    let open = after.iter().any(|stretch| stretch.effective_to.is_none());
    let ended = after.iter().filter(|stretch| !stretch.is_empty()).filter_map(|stretch| stretch.effective_to).max();
    let ended = if open { None } else { ended };
    for at in 0..after.len() {
        let next = after.get(at + 1).and_then(|next| next.effective_from.pred_opt());
        let stretch = &mut after[at];
        // Where the position ended so far, and what that emptied, runs on to the next stretch; a gap that a file left stays.
        if stretch.is_empty() || stretch.effective_to == ended {
            stretch.effective_to = next;
        }
        if let Some(end) = end
            && stretch.effective_to.is_none_or(|to| to > end)
        {
            stretch.effective_to = Some(end).max(stretch.effective_from.pred_opt());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn stretch(from: &str, to: &str, dpn: &str) -> Stretch {
        Stretch {
            effective_from: day(from),
            effective_to: to.parse().ok(),
            position_number: "1".into(),
            name: "1|Registrar|024|Paediatrics".into(),
            job_role: None,
            workplace_code: None,
            hiring_status: None,
            position_type: None,
            budgeted_fte: None,
            dpn: Some(dpn.to_owned()).filter(|dpn| !dpn.is_empty()),
            managing_body: None,
            host_or_lead: None,
            out_of_hours: None,
            rota_pattern: None,
            prospective_cover: None,
            split_of: None,
        }
    }

    fn cut(of: &str, stretch: Stretch) -> Stretch {
        Stretch { split_of: Some(day(of)), ..stretch }
    }

    fn dpn_from(from: &str, dpn: &str) -> PositionChange {
        PositionChange {
            dpn: Set::To(Some(dpn.to_owned()).filter(|dpn| !dpn.is_empty())),
            ..PositionChange::new("7", day(from))
        }
    }

    fn ends(end: &str) -> PositionChange {
        PositionChange { end_on: Set::To(end.parse().ok()), ..PositionChange::new("7", day("2026-05-06")) }
    }

    #[test]
    fn a_change_takes_effect_from_its_day_on() {
        let long = stretch("2019-08-07", "", "A");
        let two = [stretch("2019-08-07", "2026-08-04", "A"), stretch("2026-08-05", "", "A")];
        let planned = [stretch("2019-08-07", "2026-08-04", "A"), stretch("2026-08-05", "", "C")];
        for (before, change, after) in [
            (
                vec![long.clone()],
                dpn_from("2026-06-01", "B"),
                Ok(vec![stretch("2019-08-07", "2026-05-31", "A"), cut("2019-08-07", stretch("2026-06-01", "", "B"))]),
            ),
            (vec![long.clone()], dpn_from("2019-08-07", "B"), Ok(vec![stretch("2019-08-07", "", "B")])),
            (vec![long.clone()], dpn_from("2019-08-06", "B"), Err(PlanError::BeforeItBegins(day("2019-08-07")))),
            (vec![long.clone()], dpn_from("2026-06-01", "A"), Err(PlanError::NothingChanges)),
            (
                vec![stretch("2019-08-07", "2020-01-01", "A")],
                dpn_from("2026-06-01", "B"),
                Err(PlanError::AfterItEnded(day("2020-01-01"))),
            ),
            (
                two.to_vec(),
                dpn_from("2026-06-01", "B"),
                Ok(vec![
                    stretch("2019-08-07", "2026-05-31", "A"),
                    cut("2019-08-07", stretch("2026-06-01", "2026-08-04", "B")),
                    stretch("2026-08-05", "", "B"),
                ]),
            ),
            (
                planned.to_vec(),
                dpn_from("2026-06-01", ""),
                Ok(vec![
                    stretch("2019-08-07", "2026-05-31", "A"),
                    cut("2019-08-07", stretch("2026-06-01", "2026-08-04", "")),
                    stretch("2026-08-05", "", "C"),
                ]),
            ),
        ] {
            assert_eq!(plan(&before, &change), after, "{before:?} {change:?}");
        }
    }

    #[test]
    fn a_position_ends_and_is_opened_again() {
        let two = [stretch("2019-08-07", "2026-08-04", "A"), stretch("2026-08-05", "", "A")];
        let ended = plan(&two, &ends("2026-05-31")).unwrap();
        assert_eq!(ended, [stretch("2019-08-07", "2026-05-31", "A"), stretch("2026-08-05", "2026-08-04", "A")]);
        assert!(ended[1].is_empty());
        assert_eq!(plan(&two, &ends("2019-08-06")), Err(PlanError::EndsBeforeItBegins(day("2019-08-07"))));
        assert_eq!(plan(&two, &ends("2026-12-31")).unwrap()[1].effective_to, Some(day("2026-12-31")));
        let one = [stretch("2019-08-07", "2020-01-01", "A")];
        assert_eq!(plan(&one, &ends("")).unwrap(), [stretch("2019-08-07", "", "A")]);
        assert_eq!(plan(&one, &ends("2021-01-01")).unwrap(), [stretch("2019-08-07", "2021-01-01", "A")]);
        assert_eq!(plan(&one, &ends("2020-01-01")), Err(PlanError::NothingChanges));
    }
}
