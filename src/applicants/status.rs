//! Where an application stands, what may come next, and what stops it.

use std::str::FromStr;

/// The statuses of an application, in the words of ESR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    PreferredApplicant,
    OfferedPostConditional,
    OfferedPostUnconditional,
    OfferAccepted,
    Hired,
    Withdrawn,
    Terminated,
}

/// What somebody wants an application to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    OfferConditionally,
    /// This, as accepting, needs an override with a reason before every employment check is complete.
    OfferUnconditionally,
    AcceptOffer,
    Withdraw,
    Terminate,
}

/// Why an application cannot take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    #[error("Enter a reason")]
    NeedsReason,
    #[error("The application is already “{}”", .0.label())]
    AlreadyThere(Status),
    #[error("An application that is “{}” cannot become “{}”", .0.label(), .1.label())]
    NotFromHere(Status, Status),
}

impl Status {
    pub const ALL: [Self; 7] = [
        Self::PreferredApplicant,
        Self::OfferedPostConditional,
        Self::OfferedPostUnconditional,
        Self::OfferAccepted,
        Self::Hired,
        Self::Withdrawn,
        Self::Terminated,
    ];

    /// The stable code that is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::PreferredApplicant => "preferred_applicant",
            Self::OfferedPostConditional => "offered_post_conditional",
            Self::OfferedPostUnconditional => "offered_post_unconditional",
            Self::OfferAccepted => "offer_accepted",
            Self::Hired => "hired",
            Self::Withdrawn => "withdrawn",
            Self::Terminated => "terminated",
        }
    }

    /// The words of ESR.
    pub fn label(self) -> &'static str {
        match self {
            Self::PreferredApplicant => "Preferred Applicant",
            Self::OfferedPostConditional => "Offered Post Conditional",
            Self::OfferedPostUnconditional => "Offered Post Unconditional",
            Self::OfferAccepted => "Offer Accepted",
            Self::Hired => "Hired",
            Self::Withdrawn => "Withdrawn",
            Self::Terminated => "Terminated",
        }
    }

    /// The colour of its tag, from the one map of the product.
    pub fn colour(self) -> &'static str {
        match self {
            Self::PreferredApplicant => "blue",
            Self::OfferedPostConditional | Self::OfferedPostUnconditional => "yellow",
            Self::OfferAccepted | Self::Hired => "plain",
            Self::Withdrawn | Self::Terminated => "grey",
        }
    }

    /// True when nothing comes after it.
    pub fn is_final(self) -> bool {
        match self {
            Self::Hired | Self::Withdrawn | Self::Terminated => true,
            Self::PreferredApplicant
            | Self::OfferedPostConditional
            | Self::OfferedPostUnconditional
            | Self::OfferAccepted => false,
        }
    }

    /// True when the same doctor for the same post and day is this application, not another.
    pub fn is_live(self) -> bool {
        match self {
            Self::Withdrawn | Self::Terminated => false,
            Self::PreferredApplicant
            | Self::OfferedPostConditional
            | Self::OfferedPostUnconditional
            | Self::OfferAccepted
            | Self::Hired => true,
        }
    }

    /// The steps that may be taken from here.
    pub fn events(self) -> Vec<Event> {
        Event::ALL.into_iter().filter(|event| self.step(*event, "some reason", false).is_ok()).collect()
    }

    /// What the application becomes; `is_checked`: every employment check is complete.
    pub fn step(self, event: Event, reason: &str, is_checked: bool) -> Result<Self, StepError> {
        let to = event.leads_to();
        if self == to {
            return Err(StepError::AlreadyThere(self));
        }
        let is_allowed = match event {
            Event::OfferConditionally => self == Self::PreferredApplicant,
            Event::OfferUnconditionally => self == Self::OfferedPostConditional,
            Event::AcceptOffer => self == Self::OfferedPostConditional || self == Self::OfferedPostUnconditional,
            Event::Withdraw | Event::Terminate => !self.is_final(),
        };
        if !is_allowed {
            return Err(StepError::NotFromHere(self, to));
        }
        let overrides = event.rests_on_checks() && !is_checked;
        if (event.needs_reason() || overrides) && reason.trim().is_empty() {
            return Err(StepError::NeedsReason);
        }
        Ok(to)
    }
}

/// Not the code of a status: the row was written by a later release, or by hand.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the status of an application")]
pub struct UnknownStatus(String);

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(code: &str) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.code() == code).ok_or_else(|| UnknownStatus(code.to_owned()))
    }
}

impl Event {
    pub const ALL: [Self; 5] =
        [Self::OfferConditionally, Self::OfferUnconditionally, Self::AcceptOffer, Self::Withdraw, Self::Terminate];

    pub fn leads_to(self) -> Status {
        match self {
            Self::OfferConditionally => Status::OfferedPostConditional,
            Self::OfferUnconditionally => Status::OfferedPostUnconditional,
            Self::AcceptOffer => Status::OfferAccepted,
            Self::Withdraw => Status::Withdrawn,
            Self::Terminate => Status::Terminated,
        }
    }

    /// Whether it says that every employment check is complete: where one is not, it needs a reason.
    pub fn rests_on_checks(self) -> bool {
        match self {
            Self::OfferUnconditionally | Self::AcceptOffer => true,
            Self::OfferConditionally | Self::Withdraw | Self::Terminate => false,
        }
    }

    /// The ends of an application are explained; so is what rests on employment checks over those that are not complete.
    pub fn needs_reason(self) -> bool {
        match self {
            Self::Withdraw | Self::Terminate => true,
            Self::OfferConditionally | Self::OfferUnconditionally | Self::AcceptOffer => false,
        }
    }

    /// The words of the choice on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::OfferConditionally => "Offer the post, with conditions",
            Self::OfferUnconditionally => "Offer the post, without conditions",
            Self::AcceptOffer => "Record that the offer is accepted",
            Self::Withdraw => "Withdraw the application",
            Self::Terminate => "End the application",
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Self::OfferConditionally => "Employment checks are still to be made",
            Self::OfferUnconditionally => "Every employment check is complete; while one is not, this needs a reason",
            Self::AcceptOffer => "Every employment check is complete; while one is not, this needs a reason",
            Self::Withdraw => "The doctor or the deanery has withdrawn. Give the reason",
            Self::Terminate => "Unsuccessful, or no longer wanted. Give the reason",
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::OfferConditionally => "offer_conditionally",
            Self::OfferUnconditionally => "offer_unconditionally",
            Self::AcceptOffer => "accept_offer",
            Self::Withdraw => "withdraw",
            Self::Terminate => "terminate",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_from_every_status() {
        use Event::*;
        use Status::*;
        for (from, allowed) in [
            (PreferredApplicant, vec![OfferConditionally, Withdraw, Terminate]),
            (OfferedPostConditional, vec![OfferUnconditionally, AcceptOffer, Withdraw, Terminate]),
            (OfferedPostUnconditional, vec![AcceptOffer, Withdraw, Terminate]),
            (OfferAccepted, vec![Withdraw, Terminate]),
            (Hired, vec![]),
            (Withdrawn, vec![]),
            (Terminated, vec![]),
        ] {
            assert_eq!(from.events(), allowed, "{from:?}");
        }
    }

    #[test]
    fn what_needs_a_reason_does_not_happen_without() {
        use Status::*;
        assert_eq!(OfferedPostConditional.step(Event::AcceptOffer, " ", false), Err(StepError::NeedsReason));
        assert_eq!(OfferedPostConditional.step(Event::AcceptOffer, "Checks seen on paper", false), Ok(OfferAccepted));
        assert_eq!(OfferedPostConditional.step(Event::AcceptOffer, "", true), Ok(OfferAccepted));
        let unconditionally =
            |reason, is_checked| OfferedPostConditional.step(Event::OfferUnconditionally, reason, is_checked);
        assert_eq!(unconditionally("", false), Err(StepError::NeedsReason));
        assert_eq!(unconditionally("Checks seen on paper", false), Ok(OfferedPostUnconditional));
        assert_eq!(unconditionally("", true), Ok(OfferedPostUnconditional));
        assert_eq!(PreferredApplicant.step(Event::OfferConditionally, "", false), Ok(OfferedPostConditional));
        assert_eq!(PreferredApplicant.step(Event::Withdraw, "", true), Err(StepError::NeedsReason));
        let error = Withdrawn.step(Event::OfferConditionally, "", false).unwrap_err();
        assert_eq!(error.to_string(), "An application that is “Withdrawn” cannot become “Offered Post Conditional”");
        assert_eq!(Withdrawn.step(Event::Withdraw, "x", true), Err(StepError::AlreadyThere(Withdrawn)));
    }

    #[test]
    fn codes_read_back() {
        for status in Status::ALL {
            assert_eq!(status.code().parse::<Status>().unwrap(), status);
        }
        for event in Event::ALL {
            assert_eq!(Event::from_code(event.code()), Some(event));
        }
        assert!("preferred".parse::<Status>().is_err());
    }
}
