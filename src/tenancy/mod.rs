//! The database, and the transactions that keep each employer's data apart.
