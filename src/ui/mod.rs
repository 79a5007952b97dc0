//! The NHS design system in templates: layout, fields, dates, pagination, static files.
