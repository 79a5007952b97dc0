//! Records changes and viewings, append-only and hash-chained for each VPD.
