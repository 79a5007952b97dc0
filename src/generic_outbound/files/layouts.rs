//! The columns of each record type, layout version 1, in the order of the files.

/// What a column holds, and so how strictly it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Text, as it comes.
    Text,
    /// Text that is looked up by, and so of a limited length.
    Key(usize),
    /// A number of ESR's, kept as text: mandatory.
    Id,
    /// A date that must be there and be right.
    Date,
    /// A date that is left empty, with a warning, when it cannot be read.
    OptionalDate,
}

use Column::{Date, Id, Key, OptionalDate, Text};

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Organisation,
    Location,
    Position,
    Person,
    Assignment,
    Phone,
    Address,
    Costing,
    Vehicle,
}

impl Kind {
    /// Every kind with its record type and that of its delete record.
    pub const ALL: [(Self, &'static str, &'static str); 9] = [
        (Self::Organisation, "ORA", "ORD"),
        (Self::Location, "LCA", "LCD"),
        (Self::Position, "POA", "POD"),
        (Self::Person, "PRA", "PRD"),
        (Self::Assignment, "ASA", "ASD"),
        (Self::Phone, "PHA", "PHD"),
        (Self::Address, "ADA", "ADD"),
        (Self::Costing, "COA", "COD"),
        (Self::Vehicle, "VHA", "VHD"),
    ];

    /// The record type of the kind's records: `PRA`.
    pub fn record_type(self) -> &'static str {
        Self::ALL.iter().find(|entry| entry.0 == self).expect("ALL lists every kind").1
    }

    /// The columns after the record type; vehicles are counted only, so nothing is asked of theirs.
    pub fn columns(self) -> &'static [(&'static str, Column)] {
        match self {
            Self::Organisation => ORA,
            Self::Location => LCA,
            Self::Position => POA,
            Self::Person => PRA,
            Self::Assignment => ASA,
            Self::Phone => PHA,
            Self::Address => ADA,
            Self::Costing => COA,
            Self::Vehicle => &[],
        }
    }

    /// The place of the column that names the record: some begin with the person's.
    pub fn id_column(self) -> usize {
        match self {
            Self::Organisation | Self::Location | Self::Position | Self::Person => 1,
            Self::Assignment | Self::Phone | Self::Address => 2,
            Self::Costing => 3,
            Self::Vehicle => 1,
        }
    }
}

const ORA: &[(&str, Column)] = &[
    ("OrganisationId", Id),
    ("Name", Text),
    ("Type", Text),
    ("EffectiveFrom", Date),
    ("EffectiveTo", OptionalDate),
    ("HierarchyVersionId", Text),
    ("HierarchyFrom", OptionalDate),
    ("HierarchyTo", OptionalDate),
    ("DefaultCostCentre", Text),
    ("ParentOrgId", Text),
    ("NacsCode", Text),
    ("LocationId", Text),
    ("LastUpdateDate", OptionalDate),
    ("CostCentreDescription", Text),
];

const LCA: &[(&str, Column)] = &[
    ("LocationId", Id),
    ("Code", Text),
    ("Description", Text),
    ("InactiveDate", OptionalDate),
    ("AddressLine1", Text),
    ("AddressLine2", Text),
    ("AddressLine3", Text),
    ("Town", Text),
    ("County", Text),
    ("Postcode", Text),
    ("Country", Text),
    ("Telephone", Text),
    ("Fax", Text),
    ("PayslipDeliveryPoint", Text),
    ("SiteCode", Key(60)),
    ("WelshTranslation", Text),
    ("WelshAddressLine1", Text),
    ("WelshAddressLine2", Text),
    ("WelshAddressLine3", Text),
    ("WelshTown", Text),
    ("LastUpdateDate", OptionalDate),
];

const POA: &[(&str, Column)] = &[
    ("PositionId", Id),
    ("EffectiveFrom", Date),
    ("EffectiveTo", OptionalDate),
    ("PositionNumber", Key(60)),
    ("PositionName", Text),
    ("BudgetedFte", Text),
    ("SubjectiveCode", Text),
    ("JobStaffGroup", Text),
    ("JobRole", Text),
    ("OccupationCode", Text),
    ("Payscale", Text),
    ("GradeStep", Text),
    ("IsaRegulatedPost", Text),
    ("OrganisationId", Text),
    ("HiringStatus", Text),
    ("PositionType", Text),
    ("EligibleForOhProcessing", Text),
    ("EppFlag", Text),
    ("DeaneryPostNumber", Key(200)),
    ("ManagingDeaneryBody", Text),
    ("WorkplaceOrgCode", Text),
    ("LastUpdateDate", OptionalDate),
    ("SubjectiveCodeDescription", Text),
];

const PRA: &[(&str, Column)] = &[
    ("PersonId", Id),
    ("EffectiveStartDate", Date),
    ("EffectiveEndDate", OptionalDate),
    ("EmployeeNumber", Key(60)),
    ("Title", Text),
    ("LastName", Key(300)),
    ("FirstName", Key(300)),
    ("MiddleNames", Text),
    ("MaidenName", Text),
    ("PreferredName", Text),
    ("PreviousLastName", Key(300)),
    ("Gender", Text),
    ("DateOfBirth", Date),
    ("NiNumber", Key(60)),
    ("NhsUniqueId", Text),
    ("HireDate", OptionalDate),
    ("ActualTerminationDate", OptionalDate),
    ("TerminationReason", Text),
    ("EmployeeStatusFlag", Text),
    ("WtrOptOut", Text),
    ("WtrOptOutDate", OptionalDate),
    ("EthnicOrigin", Text),
    ("MaritalStatus", Text),
    ("CountryOfBirth", Text),
    ("PreviousEmployer", Text),
    ("PreviousEmployerType", Text),
    ("Csd3Months", OptionalDate),
    ("Csd12Months", OptionalDate),
    ("NhsCrsUuid", Text),
    ("Spare30", Text),
    ("Spare31", Text),
    ("Spare32", Text),
    ("SystemPersonType", Text),
    ("UserPersonType", Text),
    ("OfficeEmailAddress", Text),
    ("NhsStartDate", OptionalDate),
    ("Spare37", Text),
    ("LastUpdateDate", OptionalDate),
    ("DisabilityFlag", Text),
    ("LegacyPayrollNumber", Text),
    ("Nationality", Text),
    ("Spare42", Text),
    ("Spare43", Text),
];

const ASA: &[(&str, Column)] = &[
    ("PersonId", Id),
    ("AssignmentId", Id),
    ("EffectiveStart", Date),
    ("EffectiveEnd", OptionalDate),
    ("EarliestAssignmentDate", OptionalDate),
    ("AssignmentType", Text),
    ("AssignmentNumber", Text),
    ("SystemAssignmentStatus", Text),
    ("UserAssignmentStatus", Text),
    ("EmployeeStatusFlag", Text),
    ("PayrollName", Text),
    ("PayrollPeriodType", Text),
    ("LocationId", Text),
    ("SupervisorFlag", Text),
    ("SupervisorPersonId", Text),
    ("SupervisorAssignmentId", Text),
    ("SupervisorAssignmentNumber", Text),
    ("DepartmentManagerPersonId", Text),
    ("EmployeeCategory", Text),
    ("AssignmentCategory", Text),
    ("PrimaryAssignment", Text),
    ("NormalHours", Text),
    ("Frequency", Text),
    ("GradeContractHours", Text),
    ("Fte", Text),
    ("FlexibleWorkingPattern", Text),
    ("OrganisationId", Text),
    ("PositionId", Key(60)),
    ("PositionName", Text),
    ("Grade", Text),
    ("GradeStep", Text),
    ("StartDateInGrade", OptionalDate),
    ("AnnualSalaryValue", Text),
    ("JobName", Text),
    ("PeopleGroup", Text),
    ("TandAFlag", Text),
    ("NightWorkerOptOut", Text),
    ("ProjectedHireDate", OptionalDate),
    ("VacancyId", Text),
    ("ContractEndDate", OptionalDate),
    ("IncrementDate", OptionalDate),
    ("MaximumPartTimeFlag", Text),
    ("AfcFlag", Text),
    ("LastUpdateDate", OptionalDate),
    ("LastWorkingDay", OptionalDate),
    ("EksfSpinalPoint", Text),
    ("ManagerFlag", Text),
    ("AssignmentEndDate", OptionalDate),
    ("Spare49", Text),
];

const PHA: &[(&str, Column)] = &[
    ("PersonId", Id),
    ("PhoneId", Id),
    ("PhoneType", Text),
    ("Number", Text),
    ("EffectiveStart", Date),
    ("EffectiveEnd", OptionalDate),
    ("LastUpdateDate", OptionalDate),
];

const ADA: &[(&str, Column)] = &[
    ("PersonId", Id),
    ("AddressId", Id),
    ("Type", Text),
    ("Style", Text),
    ("PrimaryFlag", Text),
    ("AddressLine1", Text),
    ("AddressLine2", Text),
    ("AddressLine3", Text),
    ("Town", Text),
    ("County", Text),
    ("Postcode", Text),
    ("Country", Text),
    ("EffectiveStart", Date),
    ("EffectiveEnd", OptionalDate),
    ("LastUpdateDate", OptionalDate),
];

const COA: &[(&str, Column)] = &[
    ("PersonId", Id),
    ("AssignmentId", Id),
    ("CostingAllocationId", Id),
    ("EffectiveStart", Date),
    ("EffectiveEnd", OptionalDate),
    ("EntityCode", Text),
    ("CharitableIndicator", Text),
    ("CostCentre", Text),
    ("Subjective", Text),
    ("Analysis1", Text),
    ("Analysis2", Text),
    ("ElementNumber", Text),
    ("Spare", Text),
    ("PercentageSplit", Text),
    ("LastUpdateDate", OptionalDate),
];

/// Columns of `PRA` that are kept apart and shown nowhere: ethnic origin, marital status, country of birth, disability.
pub const SPECIAL_CATEGORIES: &[usize] = &[22, 23, 24, 39];
