use crate::access::Right::{self, *};

/// The password of every persona. Demonstrations hold invented data, on a loopback address alone.
pub const PASSWORD: &str = "first wednesday of august";

/// Somebody to try the portal as.
#[derive(Debug)]
pub struct Persona {
    pub username: &'static str,
    pub name: &'static str,
    /// Organisation and rights in it.
    pub rights: &'static [(&'static str, &'static [Right])],
    /// What the table calls the role.
    pub role: &'static str,
    pub try_first: &'static str,
}

impl Persona {
    pub fn email(&self) -> String {
        format!("{}@mail.example", self.username)
    }
}

const MSO: &[Right] = &[MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment];

/// Every persona, in the order of the table.
pub const PERSONAS: &[Persona] = &[
    Persona {
        username: "mso.941",
        name: "Maya Thornbury",
        rights: &[("941", MSO)],
        role: "Medical Staffing Officer, 941",
        try_first: "Open the inbox, find the applicant who failed to load, see why, and put it right",
    },
    Persona {
        username: "mso2.941",
        name: "Idris Fenwick",
        rights: &[("941", &[MedicalStaffingOfficer])],
        role: "Medical Staffing Officer without the recruitment URP, 941",
        try_first: "Claim an item that Maya has, and see what you may not do",
    },
    Persona {
        username: "operator",
        name: "Odette Marsh",
        rights: &[("0", &[SysAdmin])],
        role: "Operator, all employers",
        try_first: "Open Files, and decide the post that is held",
    },
    Persona {
        username: "admin.941",
        name: "Asha Lindqvist",
        rights: &[("941", &[VpdAdmin])],
        role: "Administrator, 941",
        try_first: "Open the role map: which role does nobody hold?",
    },
    Persona {
        username: "recruitment.941",
        name: "Rufus Calloway",
        rights: &[("941", &[RecruitmentAndApplicantEnrolment])],
        role: "Recruitment and Applicant Enrolment, 941",
        try_first: "Record a doctor's employment checks, accept the offer, hire the doctor, and undo it",
    },
    Persona {
        username: "positions.941",
        name: "Petra Wynne",
        rights: &[("941", &[LocalWorkstructuresAdministration])],
        role: "Local Workstructures Administration, 941",
        try_first: "Look through the mass update that waits, compare the deanery's list, split the shared position",
    },
    Persona {
        username: "learning.941",
        name: "Leo Abernathy",
        rights: &[("941", &[StatMandCompetencies, LearningAdministration])],
        role: "Stat & Mand Competencies Ntf, 941",
        try_first: "See your work today (training comes in a later release)",
    },
    Persona {
        username: "iat.941",
        name: "Ines Holloway",
        rights: &[("941", &[IatInitiation]), ("952", &[IatApproval])],
        role: "IAT Initiation, 941, and IAT Approval, 952",
        try_first: "Switch between your two organisations",
    },
    Persona {
        username: "auditor.941",
        name: "Anselm Pryce",
        rights: &[("941", &[IgAuditor])],
        role: "Information governance auditor, 941",
        try_first: "Read the audit trail: who saw whose record?",
    },
    Persona {
        username: "mso.952",
        name: "Nia Brackenbury",
        rights: &[("952", MSO)],
        role: "Medical Staffing Officer, 952",
        try_first: "Open the inbox of the lead employer",
    },
    Persona {
        username: "admin.952",
        name: "Tobias Grange",
        rights: &[("952", &[VpdAdmin])],
        role: "Administrator, 952",
        try_first: "Add a user",
    },
    Persona {
        username: "admin.963",
        name: "Carys Underhill",
        rights: &[("963", &[VpdAdmin])],
        role: "Administrator, 963",
        try_first: "See what waits where nobody is Medical Staffing Officer",
    },
];
