//! A mail is queued with the change that causes it, and sent by a job.
