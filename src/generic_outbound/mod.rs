//! The Generic Outbound files by which a trust loads itself.
