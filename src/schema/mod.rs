//! Migrations, and which program fits which schema.
