//! Hands one mail to the SMTP server, or keeps it where none is set.
