//! The whole policy, a line for each permission: who holds one of these rights in the organisation where they act may do it.

use super::rights::Right::{self, *};

/// What a page or an action asks of its caller.
pub trait Permission: 'static {
    const NAME: &'static str;
    /// One of these is enough; empty: being signed in is.
    const RIGHTS: &'static [Right];
}

macro_rules! permissions {
    ($($name:ident: $($right:ident)|*;)*) => {
        $(#[doc = concat!("Permission: ", stringify!($name), ".")]
        pub struct $name;
        impl Permission for $name {
            const NAME: &'static str = stringify!($name);
            const RIGHTS: &'static [Right] = &[$($right),*];
        })*

        /// Every permission with its rights, for the matrix in the tests and on the help page.
        pub const ALL: &[(&str, &[Right])] = &[$((stringify!($name), &[$($right),*]),)*];
    };
}

/// Signed in, whatever the rights.
pub struct SignedIn;
impl Permission for SignedIn {
    const NAME: &'static str = "SignedIn";
    const RIGHTS: &'static [Right] = &[];
}

permissions! {
    ReadInbox: MedicalStaffingOfficer | LocalWorkstructuresAdministration | RecruitmentAndApplicantEnrolment | StatMandCompetencies | PdsNotification
        | MultiEmployerCompUpdate | LearningAdministration | IatInitiation | IatApproval | HrAdministration | SysAdmin | VpdAdmin;
    DecideItems: MedicalStaffingOfficer | LocalWorkstructuresAdministration | RecruitmentAndApplicantEnrolment | StatMandCompetencies | PdsNotification
        | MultiEmployerCompUpdate | LearningAdministration | IatInitiation | IatApproval | SysAdmin | VpdAdmin;
    SeeDoctors: MedicalStaffingOfficer | RecruitmentAndApplicantEnrolment;
    ShowNiNumbers: MedicalStaffingOfficer | RecruitmentAndApplicantEnrolment;
    PutRecordsRight: MedicalStaffingOfficer;
    ChangeApplications: RecruitmentAndApplicantEnrolment;
    SeeChanges: MedicalStaffingOfficer | RecruitmentAndApplicantEnrolment;
    DismissChanges: MedicalStaffingOfficer | RecruitmentAndApplicantEnrolment;
    SeeNewPosts: MedicalStaffingOfficer | LocalWorkstructuresAdministration;
    MakeNewPosts: LocalWorkstructuresAdministration;
    SeeRotation: MedicalStaffingOfficer;
    SettleDuplicates: RecruitmentAndApplicantEnrolment;
    EnterApplicants: RecruitmentAndApplicantEnrolment;
    SeePeople: MedicalStaffingOfficer | RecruitmentAndApplicantEnrolment | LocalWorkstructuresAdministration;
    SeePositions: LocalWorkstructuresAdministration | MedicalStaffingOfficer | RecruitmentAndApplicantEnrolment | BiAdministration;
    ChangePositions: LocalWorkstructuresAdministration;
    KeepEmployerContact: LocalWorkstructuresAdministration | MedicalStaffingOfficer;
    SeeDpnReport: LocalWorkstructuresAdministration | MedicalStaffingOfficer | BiAdministration;
    SeeReadiness: LocalWorkstructuresAdministration | MedicalStaffingOfficer | VpdAdmin;
    AnswerRequests: SysAdmin;
    SeeInterfaces: SysAdmin | VpdAdmin | MedicalStaffingOfficer | LocalWorkstructuresAdministration | LearningAdministration;
    UploadFiles: SysAdmin | VpdAdmin;
    DecideHeldFiles: SysAdmin;
    SendFiles: SysAdmin;
    SetExpectedFiles: SysAdmin;
    MaintainBodies: SysAdmin;
    MaintainCodes: SysAdmin;
    MaintainOrganisations: SysAdmin;
    OpenAdministration: VpdAdmin | SysAdmin | IgAuditor;
    ManageUsers: VpdAdmin | SysAdmin;
    SeeRoleMap: VpdAdmin | SysAdmin;
    ReadAudit: VpdAdmin | IgAuditor | SysAdmin;
    ReadMail: VpdAdmin | SysAdmin;
    ManageApiTokens: VpdAdmin;
    SeeBackgroundWork: VpdAdmin | SysAdmin;
}
