//! The deanery's files: applicants in, confirmations out.
