//! A PostgreSQL of our own under the data folder, when no other is named.
