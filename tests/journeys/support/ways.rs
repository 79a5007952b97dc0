use super::{Account, Walk, Way};
use crate::portal::Portal;

/// Walks a journey in each way on one portal, signed in as its user. A journey takes back what it did, so that the next finds things as
/// the one before did: what is undone is whole.
pub async fn in_every_way<'a>(portal: &Portal, user: impl Into<Account<'a>>, journey: impl AsyncFn(&mut Walk)) {
    let user = user.into();
    let mut walk = Walk::start(portal, Way::Mouse).await;
    for way in Way::ALL {
        if walk.way != way {
            walk = walk.then(portal, way).await;
        }
        walk.sign_in(user).await;
        journey(&mut walk).await;
        walk.sign_out().await;
    }
    walk.finish().await;
}
