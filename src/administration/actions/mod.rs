//! What administrators do, on the pages and at the command line. The caller opens and commits the transaction.

mod rights;
mod users;

pub use rights::{end_right, grant_right};
pub use users::{
    NewUser, add_user, change_details, disable, enable, find_user, issue_link, mail_link, may_hand_over, owns,
    set_password,
};

use uuid::Uuid;

use crate::access::{Caller, Right};
use crate::audit::Actor;
use crate::email::BadAddress;
use crate::tenancy::Vpd;

/// Who administers.
#[derive(Clone, Copy)]
pub enum By<'a> {
    Person(&'a Caller),
    /// Whoever may run programs on the portal's machine.
    CommandLine,
}

impl By<'_> {
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(caller) => caller.actor(),
            Self::CommandLine => Actor::Command,
        }
    }

    /// Operators act in every organisation.
    pub fn is_operator(&self) -> bool {
        match self {
            Self::Person(caller) => caller.has(Right::SysAdmin),
            Self::CommandLine => true,
        }
    }

    /// Whether this administrator may change what users may do in an organisation.
    fn administers(&self, vpd: &Vpd) -> Result<(), AdminError> {
        match self {
            Self::Person(caller) if caller.has(Right::VpdAdmin) && caller.vpd == *vpd => Ok(()),
            _ if self.is_operator() => Ok(()),
            Self::Person(_) => Err(AdminError::NotYours),
            Self::CommandLine => Ok(()),
        }
    }

    fn is_not(&self, user_id: Uuid) -> Result<(), AdminError> {
        match self {
            Self::Person(caller) if caller.user_id == user_id => Err(AdminError::Oneself),
            _ => Ok(()),
        }
    }
}

/// Why nothing was changed. Each reads as the sentence that the administrator sees.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("There is a user called {0} already. Nothing was changed")]
    NameTaken(String),
    #[error(
        "User name must be letters from a to z, digits and . _ @ - only, begin with a letter or digit, and be 100 characters or fewer"
    )]
    BadUsername,
    #[error("Enter a name of 200 characters or fewer")]
    BadName,
    #[error(transparent)]
    BadAddress(#[from] BadAddress),
    #[error("There is no user called {0}")]
    NoSuchUser(String),
    #[error("There is no employing organisation {0}")]
    NoSuchOrganisation(Vpd),
    #[error("{0} is a right in National operations, not in an employing organisation")]
    National(&'static str),
    #[error("{0} is a right in an employing organisation: say which")]
    OfAnEmployer(&'static str),
    #[error("Nobody changes their own rights or account here. Ask another administrator")]
    Oneself,
    #[error("Only an operator can do that: this user also acts for another organisation, or it is not yours")]
    NotYours,
    #[error("This user has a password, so a new link goes by mail. Only an operator can make one to hand over")]
    HasPassword,
    #[error("{0} is disabled")]
    Disabled(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("a mail could not be written: {0}")]
    Mail(#[from] askama::Error),
}
