//! Work that leaves by a row written in the transaction that causes it.
