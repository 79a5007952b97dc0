//! The notifications inbox: list, message, claim, done, undo.
