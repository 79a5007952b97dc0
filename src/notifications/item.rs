//! Where an item stands, and what may happen to it. No SQL, no HTTP, no clock.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// A claim says who has an item; after this long without a decision it is nobody's again.
pub const CLAIM_LASTS: TimeDelta = TimeDelta::hours(24);

/// How an item of a kind ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Only with the fact that it is about, and when that is: the sentence goes on after "when". While the fact stands, "done" would hide work.
    WithItsFact(&'static str),
    /// When somebody says that it is done, and why nothing else can say so.
    ByHand(&'static str),
    /// It asks for nothing: whoever has read it may put it away.
    Read,
}

use Ending::{ByHand, Read, WithItsFact};

/// How the items of each kind end.
const ENDINGS: &[(&str, Ending)] = &[
    ("dit_app_failed", WithItsFact("the record loads, is entered by hand or is dismissed")),
    ("dit_app_duplicate", WithItsFact("somebody says whether the two are one person")),
    ("dit_wdraw", WithItsFact("the application is withdrawn, or the change is dismissed")),
    ("dit_leaver", WithItsFact("the employment is ended, extended or kept")),
    ("dit_dates", WithItsFact("the dates are applied, or the current ones are kept")),
    ("dit_newpost", WithItsFact("the position is drafted or linked, or the post is dismissed")),
    ("dit_starter", WithItsFact("every doctor who starts on the day is hired, or starts no more")),
    ("hire_request", WithItsFact("the doctor is hired, or the application ends")),
    ("held_post", WithItsFact("national operations release or discard the records")),
    ("held_file", WithItsFact("the file goes on, is processed again or is discarded")),
    ("organisation", WithItsFact("the employer has an administrator")),
    ("role_gap", WithItsFact("somebody holds the role")),
    ("request", WithItsFact("the request is answered")),
    ("dit_replace", ByHand("done says of the change itself that it is dealt with")),
    ("dit_medrot", ByHand("that the grid was looked at is known to its reader alone; the next telling closes it too")),
    ("file", ByHand("a refused file may never be sent again")),
    ("own_file", ByHand("a refused file may never be sent again")),
    ("file_missing", ByHand("a day's file that never comes leaves nothing that could close it")),
    ("data_quality", ByHand("the answer is put right in ESR, which says nothing of it here")),
    ("dit_app_loaded", Read),
    ("post_discarded", Read),
    ("dpn_quality", Read),
    ("mass_update", Read),
    ("request_answered", Read),
];

/// How items of this kind end; a kind of a later release ends by hand.
pub fn ending(kind: &str) -> Ending {
    let found = ENDINGS.iter().find(|(code, _)| *code == kind);
    found.map_or(ByHand("nothing is known of it here"), |(_, ending)| *ending)
}

/// Whether it is said of this kind how its items end.
pub fn has_ending(kind: &str) -> bool {
    ENDINGS.iter().any(|(code, _)| *code == kind)
}

/// When an item of this kind closes, where only its fact closes it.
pub fn closes_when(kind: &str) -> Option<&'static str> {
    match ending(kind) {
        WithItsFact(when) => Some(when),
        ByHand(_) | Read => None,
    }
}

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
    Taken {
        by: String,
        at: DateTime<Utc>,
    },
    Decided {
        by: String,
        at: DateTime<Utc>,
    },
    Closed {
        reason: String,
    },
    NotYours {
        by: String,
    },
    /// Only its fact closes it, and when that is.
    DecidedElsewhere {
        when: &'static str,
    },
    Expired,
    NotAHolder {
        name: String,
    },
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

            // A claim blocks nobody: who decides first has decided.
            (Self::Open | Self::Claimed { .. }, Deed::Done) => match closes_when(kind) {
                Some(when) => Verdict::Refused(Refusal::DecidedElsewhere { when }),
                None => Verdict::Happens,
            },

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
    closes_when(kind).is_some()
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
            assert_eq!(state.verdict(&deed, me.user_id, "data_quality", 3, at(10)), verdict, "{state:?} {deed:?}");
        }
    }

    #[test]
    fn a_claim_lapses_after_a_day() {
        let claimed = State::Claimed { by: who(2, "Pat Lee"), at: at(9) };
        let next_day = at(9) + CLAIM_LASTS;
        assert_eq!(claimed.verdict(&Deed::Claim, Uuid::nil(), "data_quality", 1, next_day), Verdict::Happens);
        assert_eq!(claimed.at(next_day - TimeDelta::seconds(1)).code(), "claimed");
    }

    #[test]
    fn what_only_its_fact_closes_is_never_simply_done() {
        for kind in ["dit_app_failed", "held_post", "held_file", "dit_starter", "hire_request", "role_gap", "request"] {
            let verdict = State::Open.verdict(&Deed::Done, Uuid::nil(), kind, 1, at(9));
            assert!(matches!(verdict, Verdict::Refused(Refusal::DecidedElsewhere { .. })), "{kind}");
        }
        assert_eq!(State::Open.verdict(&Deed::Done, Uuid::nil(), "dit_app_loaded", 1, at(9)), Verdict::Happens);
    }
}
