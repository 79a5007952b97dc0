//! Messages and the items in them: raised, claimed, closed.
