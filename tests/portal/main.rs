//! The portal as its users and neighbours meet it: a real server, a real database, one binary.

mod private_postgres;
