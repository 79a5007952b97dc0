//! What the front page says, in our own words (Example DPN Report).

pub const BACKGROUND: &[&str] = &[
    "Positions go from here to the deanery's system, and doctors come back for them by their Deanery Post Number. Where one number is on \
     several active positions, the deanery cannot tell which is meant, and one file may bring several applications for one post.",
    "Characters that cannot be seen, such as tabs and line feeds, in a number or in the name of a position can stop the record on its way.",
];

pub const ISSUE: &str = "Numbers on several positions and values that break the rules must be settled before you go live with the interface. \
     The numbers on several positions are in the part \u{201c}Duplicate DPN\u{201d}; values that break a rule are marked red in \u{201c}All DPN Positions\u{201d}.";

pub const CLEAN: &str =
    "Nothing stands in the way of going live: no number is on several positions, and no number or name breaks a rule.";

pub const ADVICE: [&str; 2] = [
    "To settle a number on several positions, end the position that is not used any more, or take the number away from the position that should \
     not have it.",
    "To settle a value that breaks a rule, compare it with the rules below. A number is corrected in the deanery's system first: ask its \
     contact, and then change the position here.",
];

pub const DPN_RULES: [&str; 4] = [
    "a. at least 4 parts with / between them",
    "b. 3 characters in the first part, such as MER",
    "c. only characters that can be read in the other parts: no tabs, line feeds or other control characters; brackets and commas are in order",
    "d. a value in each part: MER//123/123 is not in order",
];

pub const NAME_RULES: [&str; 3] = [
    "a. exactly 4 parts with | between them",
    "b. a number in the first part",
    "c. nothing, or only characters that can be read, in the other parts",
];

/// The statistics as the report has always named them.
pub const STATISTICS: [&str; 4] = [
    "No. of ESR Records with Deanery Records",
    "No. of Deanery Records linked to multiple Positions",
    "No. of data quality issues with DPN",
    "No. of data quality issues with Position Name",
];

/// The columns of the second and third part.
pub const COLUMNS: [&str; 5] = ["VPD", "Position Number", "Position Name", "DPN", "Managing Deanery Body"];
