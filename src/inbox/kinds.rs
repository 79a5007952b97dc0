//! The kinds of item: what a page calls each, and what it says about a group of them.

use crate::access::Right;
use crate::notifications::MessageType;

/// A kind of item, with the words of its section in a message.
#[derive(Debug)]
pub struct Kind {
    pub code: &'static str,
    /// As a filter and a tag name it.
    pub label: &'static str,
    /// What the home page counts: one, and several.
    pub counted: [&'static str; 2],
    /// The heading over several of them in a message.
    pub section: &'static str,
    /// What the reader is to do about them.
    pub words: &'static str,
}

/// In the order in which a message shows them.
pub const KINDS: &[Kind] = &[
    Kind {
        code: "dit_app_failed",
        label: "Failed to load",
        counted: ["failed to load", "failed to load"],
        section: "Failed to load",
        words: "You need to act. These applications were not loaded, for the reason beside each. Ask the deanery to send the data again, \
                or put the reason right here and try again, or enter the application by hand.",
    },
    Kind {
        code: "held_post",
        label: "Held post",
        counted: ["held post", "held posts"],
        section: "Posts held",
        words: "The deanery sent more than 40 applicants for one post. Those applicants wait until an operator releases or discards them.",
    },
    Kind {
        code: "post_discarded",
        label: "Discarded post",
        counted: ["discarded post", "discarded posts"],
        section: "Posts discarded",
        words: "National operations discarded the applications for these posts, for the reason beside each. Nothing of them was loaded.",
    },
    Kind {
        code: "dit_app_duplicate",
        label: "Possible duplicate",
        counted: ["possible duplicate", "possible duplicates"],
        section: "Possible duplicates",
        words: "These doctors may be people whom you know already. Compare each side by side and say whether it is the same person.",
    },
    Kind {
        code: "dit_wdraw",
        label: "Withdrawn",
        counted: ["doctor withdrawn", "doctors withdrawn"],
        section: "Withdrawn by the deanery",
        words: "You need to act. The deanery withdrew these doctors from their placements: take the steps to withdraw the applicant record.",
    },
    Kind {
        code: "dit_dates",
        label: "Dates changed",
        counted: ["change of dates", "changes of dates"],
        section: "Dates changed by the deanery",
        words: "You need to act. The deanery changed the projected hire or end date of these doctors: apply the new dates to the application, \
                or keep the current ones and say why.",
    },
    Kind {
        code: "dit_newpost",
        label: "New training post",
        counted: ["new training post", "new training posts"],
        section: "Training posts created by the deanery",
        words: "You need to act. The deanery created these posts, with effect from a date that it often leaves blank. Contact it for the details, \
                then draft the position or link one that exists.",
    },
    Kind {
        code: "dit_replace",
        label: "Replacement",
        counted: ["replacement applicant", "replacement applicants"],
        section: "Replacement applicants",
        words: "The deanery placed these doctors in the posts named, in place of others. Their applications come in an applicant file.",
    },
    Kind {
        code: "dit_leaver",
        label: "End the employment",
        counted: ["employment to end", "employments to end"],
        section: "Withdrawn after they were hired",
        words: "You need to act. The deanery withdrew these doctors, and they are employed here. Nothing ends by itself: end the employment or the \
                honorary record, or find out from the deanery that the doctor stays.",
    },
    Kind {
        code: "dit_medrot",
        label: "Medical rotation",
        counted: ["rotation grid", "rotation grids"],
        section: "Medical rotation",
        words: "Trainees here are due to rotate. Check the latest grid, then appoint into the new position or end the employee record.",
    },
    Kind {
        code: "dit_app_loaded",
        label: "Created",
        counted: ["created", "created"],
        section: "Created",
        words: "These applications were created. Check what is said beside each; nothing else is needed from you here.",
    },
    Kind {
        code: "dit_starter",
        label: "Doctors starting",
        counted: ["day on which doctors start", "days on which doctors start"],
        section: "Doctors starting",
        words: "These doctors start within the next 5 days. See that each is hired into the new position on the day; whoever holds a post \
                here already needs that assignment dealt with, and a host hires as honorary.",
    },
    Kind {
        code: "hire_request",
        label: "Doctor to be hired",
        counted: ["doctor to be hired", "doctors to be hired"],
        section: "Doctors to be hired",
        words: "A colleague who cannot hire hands these doctors to you. Each closes itself when the doctor is hired.",
    },
    Kind {
        code: "file",
        label: "Interface file",
        counted: ["interface file", "interface files"],
        section: "Files",
        words: "A file of an interface needs somebody: it was refused, has not come, or many of its records failed.",
    },
    Kind {
        code: "held_file",
        label: "Held file",
        counted: ["held file", "held files"],
        section: "Files held",
        words: "A file waits: nothing of it is loaded until an operator lets it go on, processes it again or discards it.",
    },
    Kind {
        code: "own_file",
        label: "Your file",
        counted: ["file of yours to look at", "files of yours to look at"],
        section: "Your files",
        words: "A file that your organisation sends needs somebody here, or waits. Each says what was wrong and what to do, and closes by itself \
                when a later file mends it.",
    },
    Kind {
        code: "file_missing",
        label: "File that has not come",
        counted: ["file that has not come", "files that have not come"],
        section: "Files that have not come",
        words: "A file was expected by now. Ask the managing body's contact whether it was sent; this closes by itself when it comes.",
    },
    Kind {
        code: "organisation",
        label: "Employer registered",
        counted: ["employer registered", "employers registered"],
        section: "Employers registered by their first file",
        words: "These employers have no users yet. Add an administrator of each, who invites the others and gives out roles.",
    },
    Kind {
        code: "data_quality",
        label: "Data quality",
        counted: ["question about data", "questions about data"],
        section: "Data to look at",
        words: "What a file brought does not agree with what is known here.",
    },
    Kind {
        code: "role_gap",
        label: "Role without a holder",
        counted: ["role without a holder", "roles without a holder"],
        section: "Roles that nobody holds",
        words: "Work for these roles waits, and nobody sees it, until somebody holds the role.",
    },
    Kind {
        code: "dpn_quality",
        label: "DPN report",
        counted: ["DPN report", "DPN reports"],
        section: "DPN report",
        words: "The night's count found numbers on several positions, or numbers and names that break the rules. The report says which, and mends them.",
    },
    Kind {
        code: "mass_update",
        label: "Mass update",
        counted: ["mass update finished", "mass updates finished"],
        section: "Mass updates",
        words: "A mass update of positions is finished. Its page says what became of each row, and takes it back while nothing followed.",
    },
    Kind {
        code: "request",
        label: "Request",
        counted: ["request", "requests"],
        section: "Requests",
        words: "An employer asks for something to be switched on or put right. Answer on the request's page: the answer goes back to those who asked.",
    },
    Kind {
        code: "request_answered",
        label: "Answer to a request",
        counted: ["answered request", "answered requests"],
        section: "Answers to requests",
        words: "Support answered. Read the answer on the request's page, and reply there if something is open.",
    },
];

/// A kind that a later release raised still has a name.
const OTHER: Kind =
    Kind { code: "", label: "Notification", counted: ["notification", "notifications"], section: "Other", words: "" };

/// The kind of a stored code.
pub fn kind(code: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.code == code).unwrap_or(&OTHER)
}

/// Whether holders of one of these rights are sent such items, by the code of a kind of item or a type of message.
pub fn comes_to(code: &str, rights: &[Right]) -> bool {
    let any = |some: &[Right]| rights.iter().any(|right| some.contains(right));
    let staffing = [
        Right::MedicalStaffingOfficer,
        Right::RecruitmentAndApplicantEnrolment,
        Right::LocalWorkstructuresAdministration,
    ];
    match code {
        "file" | "held_file" | "organisation" | "request" | "REQUEST" => any(&[Right::SysAdmin]),
        "own_file" => any(&[Right::VpdAdmin]),
        "role_gap" | "ROLE-GAP" => any(&[Right::SysAdmin, Right::VpdAdmin]),
        "file_missing" | "held_post" => any(&[Right::SysAdmin, Right::MedicalStaffingOfficer]),
        "DIT-FILE" => any(&[Right::SysAdmin, Right::VpdAdmin, Right::MedicalStaffingOfficer]),
        "dpn_quality" | "DPN-DQ" | "mass_update" | "MU-DONE" => any(&[Right::LocalWorkstructuresAdministration]),
        "request_answered" | "REQ-ANSWER" => any(&staffing) || any(&[Right::VpdAdmin]),
        "hire_request" | "post_discarded" => any(&staffing),
        code if code.starts_with("dit_") || code.starts_with("DIT-") => any(&staffing),
        // Data, and what a later release brings, may be anybody's.
        _ => true,
    }
}

/// Whether a filter may name it: a kind of item or a type of message.
pub fn is_known(code: &str) -> bool {
    KINDS.iter().any(|kind| kind.code == code) || MessageType::from_code(code).is_some()
}

/// What a page calls a kind of item or a type of message.
pub fn label(code: &str) -> &'static str {
    MessageType::from_code(code).map_or_else(|| kind(code).label, MessageType::label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::item;

    #[test]
    fn of_every_kind_it_is_said_how_its_items_end() {
        for kind in KINDS {
            assert!(item::has_ending(kind.code), "{}", kind.code);
        }
    }
}
