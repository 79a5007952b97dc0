use std::str::FromStr;

/// What a right is in ESR: a User Responsibility Profile, a notification role, or a role of this product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RightKind {
    Urp,
    Role,
    Product,
}

impl RightKind {
    pub fn code(self) -> &'static str {
        match self {
            Self::Urp => "urp",
            Self::Role => "role",
            Self::Product => "product",
        }
    }
}

macro_rules! rights {
    ($($name:ident $kind:ident $code:literal $label:literal;)*) => {
        /// A right that a user holds in an organisation. Codes are stored and never change; labels are ESR's own words
        /// (Streamlined Doctors in Training Interface, December 2020).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Right { $(#[doc = $label] $name,)* }

        impl Right {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub fn kind(self) -> RightKind {
                match self { $(Self::$name => RightKind::$kind,)* }
            }

            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            /// The right of a stored code; a code of a later release is none of ours.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

rights! {
    RecruitmentAndApplicantEnrolment Urp "recruitment_and_applicant_enrolment" "Recruitment and Applicant Enrolment";
    LocalWorkstructuresAdministration Urp "local_workstructures_administration" "Local Workstructures Administration";
    LearningAdministration Urp "learning_administration" "Learning Administration";
    IatInitiation Urp "iat_initiation" "IAT Initiation";
    IatApproval Urp "iat_approval" "IAT Approval";
    BiAdministration Urp "bi_administration" "BI Administration";
    HrAdministration Urp "hr_administration" "HR Administration";
    HrAdministrationWithRa Urp "hr_administration_with_ra" "HR Administration (With RA)";
    HrManagement Urp "hr_management" "HR Management";
    PayrollAdministration Urp "payroll_administration" "Payroll Administration";
    PayrollSuperAdministration Urp "payroll_super_administration" "Payroll Super Administration";
    MedicalStaffingOfficer Role "medical_staffing_officer" "Medical Staffing Officer";
    StatMandCompetencies Role "stat_mand_ntf" "Stat & Mand Competencies Ntf";
    PdsNotification Role "pds_notification" "PDS Notification";
    MultiEmployerCompUpdate Role "multi_employer_comp_update" "Multi-Employer Comp Update";
    MaternityReturnGeneral Role "maternity_rtn_ntf_general" "Maternity Rtn Ntf - General";
    MaternityReturnMedicalAndDental Role "maternity_rtn_ntf_m_and_d" "Maternity Rtn Ntf - M&D";
    MaternityReturnNursingAndMidwifery Role "maternity_rtn_ntf_n_and_m" "Maternity Rtn Ntf - N&M";
    NhsCrsAddApplicantErr Role "nhs_crs_add_applicant_err" "NHS CRS Add Applicant Err";
    SysAdmin Product "sys_admin" "Operator";
    VpdAdmin Product "vpd_admin" "Administrator";
    OhPractitioner Product "oh_practitioner" "Occupational health practitioner";
    IgAuditor Product "ig_auditor" "Information governance auditor";
}

impl Right {
    /// The rights that work waits for, with what waits when nobody holds them: the role map.
    pub const AWAITED: &'static [(Self, &'static str)] = &[
        (
            Self::MedicalStaffingOfficer,
            "Applicants, failed records and changes from the deanery wait in the inbox. Administrators are told.",
        ),
        (Self::StatMandCompetencies, "Training that comes with people waits for acceptance. Administrators are told."),
        (
            Self::PdsNotification,
            "Requests to authorise a portable data set go to whoever started the transfer. Copies not made at hire wait.",
        ),
        (
            Self::MultiEmployerCompUpdate,
            "Changes to the competencies of people with more than one employer wait. Administrators are told.",
        ),
        (Self::IatInitiation, "Nobody can start an Inter Authority Transfer, so people arrive without their record."),
        (Self::IatApproval, "Requests from other employers for your leavers' records wait. Administrators are told."),
        (
            Self::RecruitmentAndApplicantEnrolment,
            "Nobody can change an application, settle a possible duplicate or enter an applicant by hand.",
        ),
        (
            Self::LocalWorkstructuresAdministration,
            "Nobody can correct a position or its Deanery Post Number, so the deanery's records for it fail.",
        ),
        (Self::LearningAdministration, "Errors in files from the learning system wait. Administrators are told."),
    ];

    /// Whether the right belongs to National operations rather than to an employer.
    pub fn is_national(self) -> bool {
        self == Self::SysAdmin
    }
}

/// No right has this name.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is not a URP or role. Use a name such as {names}",
    names = "\"Medical Staffing Officer\", \"Recruitment and Applicant Enrolment\", VPD_ADMIN or SYS_ADMIN"
)]
pub struct NoSuchRight(pub String);

impl FromStr for Right {
    type Err = NoSuchRight;

    /// Takes ESR's name, our code, the key of a product role (`SYS_ADMIN`), and the spellings found in source documents.
    fn from_str(text: &str) -> Result<Self, NoSuchRight> {
        let wanted = text.trim().to_lowercase();
        let other_names = match wanted.as_str() {
            "mso" => Some(Self::MedicalStaffingOfficer),
            "stat & mand compencies ntf" | "stat and mand ntf" | "stat & mand ntf" => Some(Self::StatMandCompetencies),
            _ => None,
        };
        other_names
            .or_else(|| Self::ALL.iter().copied().find(|r| r.label().to_lowercase() == wanted || r.code() == wanted))
            .ok_or_else(|| NoSuchRight(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_known_by_the_names_of_the_source() {
        for (text, right) in [
            ("Medical Staffing Officer", Right::MedicalStaffingOfficer),
            ("Stat & Mand Compencies Ntf", Right::StatMandCompetencies),
            ("SYS_ADMIN", Right::SysAdmin),
            ("VPD_ADMIN", Right::VpdAdmin),
            ("hr administration (with ra)", Right::HrAdministrationWithRa),
        ] {
            assert_eq!(text.parse::<Right>().unwrap(), right);
        }
        assert!("Medical Officer".parse::<Right>().is_err());
    }

    #[test]
    fn codes_round_trip() {
        for right in Right::ALL {
            assert_eq!(Right::from_code(right.code()), Some(*right));
        }
    }
}
