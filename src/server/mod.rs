//! The web server: middleware, then each feature's routes.
