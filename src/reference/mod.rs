//! Managing bodies and their contacts, code lists.
