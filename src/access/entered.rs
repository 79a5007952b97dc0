//! What was entered on a form and is looked at once more before it is done. It waits in the session, so that the page that asks has an
//! address: whoever comes back to it with the browser's buttons is not asked to send a form again, and nothing typed stands in an address.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::caller::Authorised;
use super::permissions::Permission;
use crate::tenancy::Vpd;

/// What waits in a session, the latest alone.
const ENTERED: &str = "entered";
/// The most of it, in bytes: a session is read with every page.
const MOST: usize = 32 * 1024;

#[derive(Serialize, Deserialize)]
struct Entered<T> {
    key: Uuid,
    vpd: Vpd,
    path: String,
    form: T,
}

/// What of an address says which form is looked at, or changed before it is done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Looked {
    check: Option<Uuid>,
    change: Option<Uuid>,
}

impl Looked {
    /// Whether what was entered is shown on its form again.
    pub fn is_to_change(&self) -> bool {
        self.check.is_none() && self.change.is_some()
    }
}

impl<P: Permission> Authorised<P> {
    /// Keeps what was entered on the form at a path, and gives the address of the page that shows it; none where it is too much to keep.
    pub fn keep_entered<T: Serialize>(&self, path: &str, form: &T) -> Option<String> {
        let key = Uuid::now_v7();
        let entered = Entered { key, vpd: self.vpd.clone(), path: path.to_owned(), form };
        let size = serde_json::to_string(&entered).map_or(usize::MAX, |json| json.len());
        if size > MOST {
            return None;
        }
        match self.session().insert(ENTERED, &entered) {
            Ok(()) => Some(format!("{path}?check={key}")),
            Err(error) => {
                tracing::warn!(%error, "a form could not be kept");
                None
            }
        }
    }

    /// Lets go of what was entered, once it is done.
    pub fn forget_entered(&self) {
        if self.session().contains_key(ENTERED) {
            self.session().remove(ENTERED);
        }
    }

    /// What was entered on the form at a path, where an address asks for it and it still waits.
    pub fn entered<T: DeserializeOwned>(&self, path: &str, looked: &Looked) -> Option<T> {
        let key = looked.check.or(looked.change)?;
        let entered: Entered<T> = self.session().get(ENTERED).ok().flatten()?;
        (entered.key == key && entered.vpd == self.vpd && entered.path == path).then_some(entered.form)
    }
}
