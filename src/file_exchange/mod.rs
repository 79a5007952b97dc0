//! Interface files in and out: register, states, envelope, folders.
