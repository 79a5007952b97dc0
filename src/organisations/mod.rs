//! Organisations and locations of an employer, as its files describe them.
