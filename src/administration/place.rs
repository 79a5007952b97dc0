use crate::access::{Caller, Right, store};
use crate::error::PageError;
use crate::tenancy::{SystemTx, Vpd};

/// The organisation that an administrator's page is about: one's own, or for an operator the one chosen in the address.
#[derive(Clone, Debug)]
pub struct Place {
    pub vpd: Vpd,
    pub name: String,
    /// Operators choose; what an administrator of one organisation sends as a choice is not looked at.
    pub is_operator: bool,
}

impl Place {
    pub async fn of(tx: &mut SystemTx, caller: &Caller, wanted: &str) -> Result<Self, PageError> {
        let own = Self { vpd: caller.vpd.clone(), name: caller.vpd_name.clone(), is_operator: false };
        if !caller.has(Right::SysAdmin) {
            if !wanted.is_empty() && wanted != own.vpd.as_str() {
                tracing::warn!(user.id = %caller.user_id, "an organisation in the address was ignored");
            }
            return Ok(own);
        }
        if wanted.is_empty() {
            return Ok(Self { is_operator: true, ..own });
        }
        let vpd: Vpd = wanted.parse().map_err(|_| PageError::NotFound)?;
        let name = store::organisation_name(tx, &vpd).await?.ok_or(PageError::NotFound)?;
        Ok(Self { vpd, name, is_operator: true })
    }

    /// What the pages' own links and forms carry on: the number where an operator chose one, else nothing.
    pub fn chosen(&self) -> &str {
        if self.is_operator && !self.vpd.is_operations() { self.vpd.as_str() } else { "" }
    }

    /// The same as the end of an address.
    pub fn query(&self) -> String {
        match self.chosen() {
            "" => String::new(),
            vpd => format!("?organisation={vpd}"),
        }
    }

    pub fn label(&self) -> String {
        if self.vpd.is_operations() { self.name.clone() } else { format!("{} {}", self.vpd, self.name) }
    }
}

/// The choice among organisations, for operators.
pub async fn choices(tx: &mut SystemTx, place: &Place, everywhere: &str) -> sqlx::Result<Vec<crate::ui::Choice>> {
    if !place.is_operator {
        return Ok(Vec::new());
    }
    let all = store::organisations(tx).await?;
    Ok(all
        .into_iter()
        .map(|(vpd, name)| match vpd.is_operations() {
            true => crate::ui::Choice::new("", everywhere),
            false => crate::ui::Choice::new(vpd.as_str(), format!("{vpd} {name}")),
        })
        .collect())
}
