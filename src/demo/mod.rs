//! The demonstration: three employers before the August changeover.
