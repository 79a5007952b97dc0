//! Where an item stands, and what may happen to it. No SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// A claim says who has an item; after this long without a decision it is nobody's again.
pub const CLAIM_LASTS: TimeDelta = TimeDelta::hours(24);

/// Kinds that end by a decision of their own, such as trying a record again, and never by "done".
const DECIDED_ELSEWHERE: &[&str] =
    &["dit_app_failed", "dit_app_duplicate", "dit_wdraw", "dit_leaver", "dit_dates", "dit_newpost"];

/// A person, as the others know him or her.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub user_id: Uuid,
    pub name: String,
}

/// Where an item stands; each state holds what only it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Claimed { by: Who, at: DateTime<Utc> },
    Done { by: Who, at: DateTime<Utc> },
    ClosedBySystem { reason: String, at: DateTime<Utc> },
    Expired,
}

/// What somebody wants to do to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Claim,
    /// Claim what another has, as the page showed it (its version).
    TakeOver {
        seen: i32,
    },
    Release,
    /// Give to another holder; what a third has claimed only if the page showed that.
    Reassign {
        to: Who,
        seen: Option<i32>,
    },
    Done,
}

/// Whether it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Happens,
    /// It is so already, by the same person: the second press of a button.
    Already,
    /// Why not, and who was first.
    Refused(Refusal),
}

/// Why a deed does not happen; the sentence is for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Taken { by: String, at: DateTime<Utc> },
    Decided { by: String, at: DateTime<Utc> },
    Closed { reason: String },
    NotYours { by: String },
    DecidedElsewhere,
    Expired,
    NotAHolder { name: String },
}

impl State {
    /// The state as it is at `now`: a claim that has lapsed is none.
    pub fn at(&self, now: DateTime<Utc>) -> &Self {
        match self {
            Self::Claimed { at, .. } if now - *at >= CLAIM_LASTS => &Self::Open,
            other => other,
        }
    }

    /// What becomes of a deed of `me`.
    pub fn verdict(&self, deed: &Deed, me: Uuid, kind: &str, version: i32, now: DateTime<Utc>) -> Verdict {
        let taken = |by: &Who, at: &DateTime<Utc>| Verdict::Refused(Refusal::Taken { by: by.name.clone(), at: *at });
        match (self.at(now), deed) {
            (Self::Done { by, .. }, Deed::Done) if by.user_id == me => Verdict::Already,
            (Self::Done { by, at }, _) => Verdict::Refused(Refusal::Decided { by: by.name.clone(), at: *at }),
            (Self::ClosedBySystem { reason, .. }, _) => Verdict::Refused(Refusal::Closed { reason: reason.clone() }),
            (Self::Expired, _) => Verdict::Refused(Refusal::Expired),

            (_, Deed::Done) if DECIDED_ELSEWHERE.contains(&kind) => Verdict::Refused(Refusal::DecidedElsewhere),
            // A claim blocks nobody: who decides first has decided.
            (Self::Open | Self::Claimed { .. }, Deed::Done) => Verdict::Happens,

            (Self::Open, Deed::Claim | Deed::TakeOver { .. } | Deed::Reassign { .. }) => Verdict::Happens,
            (Self::Open, Deed::Release) => Verdict::Already,

            (Self::Claimed { by, .. }, Deed::Claim | Deed::TakeOver { .. }) if by.user_id == me => Verdict::Already,
            (Self::Claimed { by, at }, Deed::Claim) => taken(by, at),
            (Self::Claimed { by, at }, Deed::TakeOver { seen }) => {
                if *seen == version {
                    Verdict::Happens
                } else {
                    taken(by, at)
                }
            }
            (Self::Claimed { by, .. }, Deed::Release) if by.user_id == me => Verdict::Happens,
            (Self::Claimed { by, .. }, Deed::Release) => Verdict::Refused(Refusal::NotYours { by: by.name.clone() }),
            (Self::Claimed { by, .. }, Deed::Reassign { to, .. }) if by.user_id == to.user_id => Verdict::Already,
            (Self::Claimed { by, at }, Deed::Reassign { seen, .. }) => {
                if by.user_id == me || *seen == Some(version) {
                    Verdict::Happens
                } else {
                    taken(by, at)
                }
            }
        }
    }

    pub fn code(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed { .. } => "claimed",
            Self::Done { .. } => "done",
            Self::ClosedBySystem { .. } => "closed_by_system",
            Self::Expired => "expired",
        }
    }

    /// Whether anything is left to do.
    pub fn is_waiting(&self) -> bool {
        match self {
            Self::Open | Self::Claimed { .. } => true,
            Self::Done { .. } | Self::ClosedBySystem { .. } | Self::Expired => false,
        }
    }
}

/// Whether an item of this kind ends by a decision of its own rather than by "done".
pub fn is_decided_elsewhere(kind: &str) -> bool {
    DECIDED_ELSEWHERE.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-05-06T{hour:02}:00:00Z").parse().unwrap()
    }

    fn who(n: u128, name: &str) -> Who {
        Who { user_id: Uuid::from_u128(n), name: name.to_owned() }
    }

    #[test]
    fn two_people_at_once_and_who_was_first() {
        let (me, pat) = (who(1, "Sam"), who(2, "Pat Lee"));
        let claimed = State::Claimed { by: pat.clone(), at: at(9) };
        let mine = State::Claimed { by: me.clone(), at: at(9) };
        let done = State::Done { by: pat.clone(), at: at(9) };
        let taken = Verdict::Refused(Refusal::Taken { by: "Pat Lee".into(), at: at(9) });
        let decided = Verdict::Refused(Refusal::Decided { by: "Pat Lee".into(), at: at(9) });
        let to = |to: &Who, seen| Deed::Reassign { to: to.clone(), seen };
        let not_yours = Verdict::Refused(Refusal::NotYours { by: "Pat Lee".into() });
        for (state, deed, verdict) in [
            (&State::Open, Deed::Claim, Verdict::Happens),
            (&mine, Deed::Claim, Verdict::Already),
            (&claimed, Deed::Claim, taken.clone()),
            (&claimed, Deed::TakeOver { seen: 3 }, Verdict::Happens),
            (&claimed, Deed::TakeOver { seen: 2 }, taken.clone()),
            (&claimed, Deed::Release, not_yours),
            (&mine, Deed::Release, Verdict::Happens),
            (&State::Open, Deed::Release, Verdict::Already),
            (&claimed, to(&me, None), taken.clone()),
            (&claimed, to(&me, Some(3)), Verdict::Happens),
            (&claimed, to(&pat, None), Verdict::Already),
            (&mine, to(&pat, None), Verdict::Happens),
            (&claimed, Deed::Done, Verdict::Happens),
            (&done, Deed::Done, decided.clone()),
            (&done, Deed::Claim, decided),
            (&State::Done { by: me.clone(), at: at(9) }, Deed::Done, Verdict::Already),
            (&State::Expired, Deed::Claim, Verdict::Refused(Refusal::Expired)),
        ] {
            assert_eq!(state.verdict(&deed, me.user_id, "held_post", 3, at(10)), verdict, "{state:?} {deed:?}");
        }
    }

    #[test]
    fn a_claim_lapses_after_a_day() {
        let claimed = State::Claimed { by: who(2, "Pat Lee"), at: at(9) };
        let next_day = at(9) + CLAIM_LASTS;
        assert_eq!(claimed.verdict(&Deed::Claim, Uuid::nil(), "held_post", 1, next_day), Verdict::Happens);
        assert_eq!(claimed.at(next_day - TimeDelta::seconds(1)).code(), "claimed");
    }

    #[test]
    fn a_failed_record_is_never_simply_done() {
        let refused = Verdict::Refused(Refusal::DecidedElsewhere);
        assert_eq!(State::Open.verdict(&Deed::Done, Uuid::nil(), "dit_app_failed", 1, at(9)), refused);
    }
}
