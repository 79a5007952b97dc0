use uuid::Uuid;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Person {
        user_id: Uuid,
        username: String,
    },
    /// An interface file, by its name.
    File(String),
    /// A supplier's system, by its client name.
    Supplier(String),
    /// A schedule of ours, by its name.
    Schedule(&'static str),
    /// An operator at the command line.
    Command,
    /// A rule of ours, by its name.
    System(&'static str),
}

impl Actor {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::File(_) => "file",
            Self::Supplier(_) => "supplier",
            Self::Schedule(_) => "schedule",
            Self::Command => "command",
            Self::System(_) => "system",
        }
    }

    /// The name under which the act is shown.
    pub fn name(&self) -> &str {
        match self {
            Self::Person { username, .. } => username,
            Self::File(name) | Self::Supplier(name) => name,
            Self::Schedule(name) | Self::System(name) => name,
            Self::Command => "command line",
        }
    }

    pub(super) fn user_id(&self) -> Option<Uuid> {
        match self {
            Self::Person { user_id, .. } => Some(*user_id),
            _ => None,
        }
    }
}

/// About what or whom: a kind and its id, ours or ESR's.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: &'static str,
    pub id: String,
}

impl Subject {
    pub fn new(kind: &'static str, id: impl ToString) -> Self {
        Self { kind, id: id.to_string() }
    }
}

macro_rules! events {
    ($($name:ident = $code:literal, $words:literal;)*) => {
        /// What happened, in the past tense. The code is stored and never changes; the words are for the page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event { $(#[doc = $words] $name,)* }

        impl Event {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }

            /// The words of a stored code; a code of a later release reads as itself.
            pub fn words_of(code: &str) -> &str {
                match code { $($code => $words,)* other => other }
            }
        }
    };
}

events! {
    SignedIn = "signed_in", "Signed in";
    SignInRefused = "sign_in_refused", "Sign-in refused";
    SignedOut = "signed_out", "Signed out";
    SessionsEnded = "sessions_ended", "Sessions ended";
    OrganisationSwitched = "organisation_switched", "Switched organisation";
    PasswordChanged = "password_changed", "Password changed";
    PasswordLinkSent = "password_link_sent", "Password link sent";
    UserAdded = "user_added", "User added";
    UserChanged = "user_changed", "User changed";
    UserDisabled = "user_disabled", "User disabled";
    UserEnabled = "user_enabled", "User enabled";
    RightGranted = "right_granted", "Right granted";
    RightEnded = "right_ended", "Right ended";
    PreferencesChanged = "preferences_changed", "Preferences changed";
    OrganisationRegistered = "organisation_registered", "Employing organisation registered";
    OrganisationChanged = "organisation_changed", "Employing organisation changed";
    FileReceived = "file_received", "File received";
    FileRefused = "file_refused", "File refused";
    FileHeld = "file_held", "File held";
    FileReleased = "file_released", "File released";
    FileDiscarded = "file_discarded", "File discarded";
    FileProcessed = "file_processed", "File processed";
    FileConfirmed = "file_confirmed", "Reply file written";
    FileDownloaded = "file_downloaded", "Reply file downloaded";
    RecordViewed = "record_viewed", "Content of a file record viewed";
    PostHeld = "post_held", "Post held";
    PostReleased = "post_released", "Held post released";
    PostDiscarded = "post_discarded", "Held post discarded";
    ExpectedFileChanged = "expected_file_changed", "Hour of an expected file changed";
    CodeListChanged = "code_list_changed", "Code list changed";
    ContactChanged = "contact_changed", "Contact of a managing body changed";
    PersonViewed = "person_viewed", "Person's record viewed";
    NiNumberShown = "ni_number_shown", "National Insurance number shown";
    PersonAdded = "person_added", "Person added";
    PersonChanged = "person_changed", "Person changed";
    PositionChanged = "position_changed", "Position changed";
    PositionsChanged = "positions_changed", "Positions changed";
    PositionDrafted = "position_drafted", "Position drafted";
    MassUpdateChecked = "mass_update_checked", "Mass update checked";
    MassUpdateQueued = "mass_update_queued", "Mass update queued for the night";
    MassUpdateApplied = "mass_update_applied", "Mass update done";
    MassUpdateCancelled = "mass_update_cancelled", "Mass update cancelled";
    MassUpdateUndone = "mass_update_undone", "Mass update undone";
    ReadinessChanged = "readiness_changed", "Readiness step kept";
    RequestSent = "request_sent", "Request to go live sent";
    RequestAnswered = "request_answered", "Request answered";
    AttachmentDownloaded = "attachment_downloaded", "What is attached to a request downloaded";
    DeaneryListLoaded = "deanery_list_loaded", "Deanery's list of posts loaded";
    DeaneryQueried = "deanery_queried", "Deanery asked about a post";
    PositionSplit = "position_split", "Shared position split";
    PositionSplitUndone = "position_split_undone", "Split of a position undone";
    PositionChangeUndone = "position_change_undone", "Change of a position undone";
    PersonsMerged = "persons_merged", "Two records merged into one";
    MergeUndone = "merge_undone", "Merge undone";
    DuplicateDismissed = "duplicate_dismissed", "Two records found not to be one person";
    ApplicationReceived = "application_received", "Application received";
    ApplicationChanged = "application_changed", "Application changed";
    ApplicationStatusChanged = "application_status_changed", "Application status changed";
    EmploymentCheckChanged = "employment_check_changed", "Employment check changed";
    DoctorHired = "doctor_hired", "Doctor hired";
    HireCorrected = "hire_corrected", "Hire corrected";
    HireTakenBack = "hire_taken_back", "Hire taken back";
    HireHandedOver = "hire_handed_over", "Hire handed over to a colleague";
    LeavingDecided = "leaving_decided", "Leaving, extension or stay decided";
    LeavingUndone = "leaving_undone", "Leaving decision taken back";
    SendingHourSet = "sending_hour_set", "Hour of the files to the deanery set";
    EmployerContactSaved = "employer_contact_saved", "Contact for shared posts saved";
    FileMade = "file_made", "File to the deanery made";
    ApiTokenMade = "api_token_made", "Supplier's token made";
    ApiTokenRevoked = "api_token_revoked", "Supplier's token revoked";
    RecordTriedAgain = "record_tried_again", "Failed record tried again";
    RecordAskedAgain = "record_asked_again", "Deanery asked to send a record again";
    RecordEnteredByHand = "record_entered_by_hand", "Failed record entered by hand";
    RecordDismissed = "record_dismissed", "Failed record dismissed";
    DeaneryChangeApplied = "deanery_change_applied", "Change from the deanery acted upon";
    DeaneryChangeDismissed = "deanery_change_dismissed", "Change from the deanery dismissed";
    DeaneryChangeUndone = "deanery_change_undone", "Decision about a change from the deanery taken back";
    DeaneryChangeExpired = "deanery_change_expired", "No applicant came for new dates";
    ApplicationDatesChanged = "application_dates_changed", "Dates of an application changed";
    RotationExported = "rotation_exported", "Rotation grid downloaded";
    ItemClaimed = "item_claimed", "Item claimed";
    ItemReleased = "item_released", "Item released";
    ItemReassigned = "item_reassigned", "Item reassigned";
    ItemNoted = "item_noted", "Note added to an item";
    ItemDone = "item_done", "Item done";
    ItemUndone = "item_undone", "Item opened again";
    ItemExpired = "item_expired", "Items for information expired";
    ItemClosed = "item_closed", "Item closed by the system";
    ListExported = "list_exported", "List exported";
    MailRequeued = "mail_requeued", "Mail queued again";
    MailQueued = "mail_queued", "Mail queued";
    MailSettled = "mail_settled", "Mail sent or given up";
    JobRequeued = "job_requeued", "Background work queued again";
    DemonstrationLoaded = "demonstration_loaded", "Demonstration loaded";
    DailyWorkRun = "daily_work_run", "Day's scheduled work run";
}
