//! What tests use to stand where the portal's users and neighbours stand.

pub mod smtp;
