//! Every job and every schedule.
