//! The doctor in an applicant record.

use chrono::{Datelike, NaiveDate};

use super::{List, Reading};
use crate::applicants::model::{Address, Equality, NextOfKin, PersonDetails, Registration};
use crate::doctors_in_training::files::app::Column;
use crate::doctors_in_training::messages::{Code, Message};
use crate::people::values::{GmcNumber, GmcProblem, NiNumber, is_uk_postcode, mask_ni};

const AGES: std::ops::RangeInclusive<i32> = 17..=80;

/// A professional registration as the record gives it.
struct Professional {
    gmc_number: Option<GmcNumber>,
    gmc_expires_on: Option<NaiveDate>,
    other: Option<Registration>,
}

impl Reading<'_> {
    pub(super) fn person(&mut self, hire_on: Option<NaiveDate>) -> Option<PersonDetails> {
        let born_on = self.birth_date(hire_on);
        let title = self.listed(List::Title, Column::Title);
        let gender = self.gender(Column::Gender);
        let ni_number = self.ni_number();
        let address = self.address();
        let professional = self.professional();
        let next_of_kin = NextOfKin {
            last_name: self.text(Column::ContactLastName),
            first_name: self.text(Column::ContactFirstName),
            title: self.text(Column::ContactTitle),
            gender: self.gender(Column::ContactGender),
            home_phone: self.text(Column::ContactHomePhone),
        };
        let equality = Equality {
            ethnic_origin: self.listed(List::EthnicOrigin, Column::EthnicOrigin),
            disability: self.listed(List::Disability, Column::Disability),
            sexual_orientation: self.text(Column::SexualOrientation),
            religious_belief: self.text(Column::ReligiousBelief),
        };
        Some(PersonDetails {
            last_name: self.text(Column::LastName),
            first_name: self.text(Column::FirstName),
            middle_names: self.text(Column::MiddleNames),
            title,
            previous_last_name: self.text(Column::PreviousLastName),
            born_on: born_on?,
            gender,
            ni_number,
            gmc_number: professional.gmc_number,
            gmc_expires_on: professional.gmc_expires_on,
            other_registration: professional.other,
            national_training_number: self.text(Column::NationalTrainingNumber),
            nationality: self.text(Column::Nationality),
            country_of_birth: self.text(Column::CountryOfBirth),
            marital_status: self.text(Column::MaritalStatus),
            email: self.text(Column::Email),
            home_phone: self.text(Column::HomePhone),
            mobile_phone: self.text(Column::MobilePhone),
            address,
            next_of_kin,
            equality,
        })
    }

    fn birth_date(&mut self, hire_on: Option<NaiveDate>) -> Option<NaiveDate> {
        let column = Column::DateOfBirth;
        let born_on = self.mandatory_date(column)?;
        let value = self.value(column);
        // A hire date that is itself wrong says nothing about the age.
        if born_on > self.around.today {
            self.error(Code::A009, column, format!("DATE_OF_BIRTH {value} is in the future."));
        } else if let Some(age) = hire_on.map(|hire_on| age_on(born_on, hire_on)).filter(|age| !AGES.contains(age)) {
            let text =
                format!("DATE_OF_BIRTH {value} makes the applicant {age} on the hire date; 17 to 80 are accepted.");
            self.error(Code::A009, column, text);
        }
        Some(born_on)
    }

    /// A value of a list, or nothing and a warning.
    fn listed(&mut self, list: List, column: Column) -> String {
        let value = self.value(column);
        if value.is_empty() || self.around.lists.accepts(list, value) {
            return value.to_owned();
        }
        self.ignore(column);
        String::new()
    }

    fn gender(&mut self, column: Column) -> String {
        let value = self.value(column);
        match value {
            "" => String::new(),
            "M" | "m" => "M".to_owned(),
            "F" | "f" => "F".to_owned(),
            _ => {
                self.ignore(column);
                String::new()
            }
        }
    }

    fn ni_number(&mut self) -> Option<NiNumber> {
        let column = Column::NiNumber;
        let value = self.value(column);
        if value.is_empty() {
            let text = "NI_NUMBER is not supplied. A transfer from another employer has to wait for it.";
            self.warn(Code::A007, column, text.to_owned());
            return None;
        }
        match value.parse() {
            Ok(number) => Some(number),
            Err(problem) => {
                let say = |value: &str| format!("NI_NUMBER {value} {problem}; it is ignored.");
                let mut message = Message::warning(Code::A007, column, say(value));
                message.masked = Some(say(&mask_ni(value)));
                self.messages.push(message);
                None
            }
        }
    }

    fn address(&mut self) -> Address {
        let country = self.listed(List::Country, Column::Country);
        let postcode = self.value(Column::Postcode);
        let is_british = self.value(Column::Country).is_empty() || country.eq_ignore_ascii_case("GB");
        if is_british && !postcode.is_empty() && !is_uk_postcode(postcode) {
            let text =
                format!("POSTCODE {postcode} does not have the form of a British postcode; it is kept as it is.");
            self.warn(Code::A006, Column::Postcode, text);
        }
        Address {
            lines: [self.text(Column::Address1), self.text(Column::Address2), self.text(Column::Address3)],
            town: self.text(Column::Town),
            county: self.text(Column::County),
            postcode: self.text(Column::Postcode),
            country,
        }
    }

    fn professional(&mut self) -> Professional {
        let mut found = Professional { gmc_number: None, gmc_expires_on: None, other: None };
        let columns = [
            (Column::ProfBody1, Column::RegNo1, Column::Expiry1),
            (Column::ProfBody2, Column::RegNo2, Column::Expiry2),
        ];
        for (body_column, number_column, expiry_column) in columns {
            let (body, number) = (self.value(body_column), self.value(number_column));
            let expires_on = self.optional_date(expiry_column);
            if !is_gmc(body, number) {
                if (!body.is_empty() || !number.is_empty()) && found.other.is_none() {
                    found.other = Some(Registration { body: body.to_owned(), number: number.to_owned(), expires_on });
                }
                continue;
            }
            match GmcNumber::read(number) {
                Ok(read) => {
                    if found.gmc_number.is_none() {
                        found.gmc_number = read;
                        found.gmc_expires_on = expires_on;
                    }
                }
                Err(problem) => {
                    let code = match problem {
                        GmcProblem::Shape => Code::A008,
                        GmcProblem::VacancyPlaceholder => Code::A017,
                    };
                    self.error(code, number_column, format!("{} {number} {problem}.", number_column.name()));
                }
            }
        }
        found
    }
}

/// A body reads as the GMC, or is left out beside a number of seven digits.
pub(in crate::doctors_in_training) fn is_gmc(body: &str, number: &str) -> bool {
    if body.is_empty() {
        return number.len() == 7 && number.bytes().all(|b| b.is_ascii_digit());
    }
    body.eq_ignore_ascii_case("General Medical Council") || body.eq_ignore_ascii_case("GMC")
}

fn age_on(born_on: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (born_on.month(), born_on.day());
    on.year() - born_on.year() - i32::from(!had_birthday)
}
