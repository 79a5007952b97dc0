//! Users, their rights, the role map, the audit trail, organisations and background work: what administrators do.
//!
//! An administrator (`VPD_ADMIN`) acts in one employing organisation; an operator (`SYS_ADMIN`), who acts for National operations, in
//! any. Nobody gives a right to oneself: the first of each comes from the command line. A right that work waits for and that nobody
//! holds is told to the administrators until somebody does. Owns no table: it acts through `access`, `audit` and `jobs`.
//! Permissions: Streamlined Doctors in Training Interface (roles), and the matrix in `access::permissions`.

pub mod actions;
pub mod cover;
mod index;
mod mail;
mod organisations;
mod place;
mod roles;
mod tokens;
mod trail;
mod users;
mod work;

use actix_web::web;

pub fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/admin", web::get().to(index::show))
        .configure(users::configure)
        .configure(roles::configure)
        .configure(tokens::configure)
        .configure(trail::configure)
        .configure(organisations::configure)
        .configure(mail::configure)
        .configure(work::configure);
}
