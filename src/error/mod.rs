//! What a page or an action can fail with, and the only place that knows status codes.
