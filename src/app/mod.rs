//! What every handler and job is given: database, settings, clock.
