//! Invented people: names, numbers of valid shape, addresses of nowhere. The same seed gives the same person.

use chrono::{Days, NaiveDate};

const FIRST: &[&str] = &[
    "Aisha",
    "Amelia",
    "Bronwen",
    "Caleb",
    "Chidi",
    "Chloe",
    "Dean",
    "Eilidh",
    "Emeka",
    "Fatima",
    "Gethin",
    "Harpreet",
    "Ibrahim",
    "Imogen",
    "Jia",
    "José",
    "Katarzyna",
    "Kofi",
    "Leila",
    "Lowri",
    "Marek",
    "Meera",
    "Nadia",
    "Niamh",
    "Oluwaseun",
    "Owain",
    "Priya",
    "Quentin",
    "Róisín",
    "Samuel",
    "Siân",
    "Tariq",
    "Tomasz",
    "Uma",
    "Victoria",
    "Wei",
    "Xanthe",
    "Yusuf",
    "Zoë",
    "Zainab",
];
const LAST: &[&str] = &[
    "Abara",
    "Adeyemi",
    "Ashdown",
    "Bailey",
    "Blackwood",
    "Campbell",
    "Chaudhry",
    "D'Souza",
    "Davies",
    "Edwards",
    "Fairclough",
    "Farouk",
    "Gallagher",
    "Greenhalgh",
    "Hughes",
    "Iqbal",
    "Jones",
    "Kaminski",
    "Kowalczyk",
    "Lewis",
    "MacDonald",
    "Mehta",
    "Münch",
    "Ndlovu",
    "Novak",
    "O'Brien",
    "Okafor",
    "Patel",
    "Pritchard",
    "Quinn",
    "Rahman",
    "Ramsbottom",
    "Smith-Jones",
    "Thwaite",
    "Umarova",
    "Vaughan",
    "Williams",
    "Xu",
    "Young",
    "Zhang",
];
const TITLES: &[&str] = &["Dr.", "Mr.", "Mrs.", "Miss", "Ms."];

/// A stream of numbers that depends on its seed alone: demonstrations and benches are the same every time.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    /// A number below `bound` (SplitMix64).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap_or(0)]
    }
}

/// Somebody who does not exist.
#[derive(Clone, Debug)]
pub struct Invented {
    pub title: &'static str,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub gender: &'static str,
    pub born_on: NaiveDate,
    pub ni_number: String,
    /// 9000000 to 9999977: the range set aside for invented doctors.
    pub gmc_number: String,
    pub email: String,
    /// 07700 900000 to 900999: numbers that nobody has.
    pub mobile: String,
    pub address: String,
}

/// The person of this number.
pub fn person(number: u64) -> Invented {
    let mut chance = Chance::new(number);
    let gmc_number = (9_000_000 + (number * 7_919 + 13) % 999_978).to_string();
    let first_letters = b"ABCEGHJKLMPRSTWXYZ";
    let second_letters = b"ABCEGHJKLMPRSTWXYZ";
    let forbidden = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "CR", "MW", "PP"];
    let prefix = loop {
        let one = first_letters[usize::try_from(chance.below(18)).unwrap_or(0)] as char;
        let two = second_letters[usize::try_from(chance.below(18)).unwrap_or(0)] as char;
        let prefix = format!("{one}{two}");
        if !forbidden.contains(&prefix.as_str()) {
            break prefix;
        }
    };
    let suffix = ["A", "B", "C", "D"][usize::try_from(chance.below(4)).unwrap_or(0)];
    let born_on = NaiveDate::from_ymd_opt(1985, 1, 1)
        .and_then(|d| d.checked_add_days(Days::new(chance.below(5_800))))
        .unwrap_or_default();
    Invented {
        title: chance.of(TITLES),
        first_name: chance.of(FIRST),
        last_name: chance.of(LAST),
        gender: if chance.below(2) == 0 { "F" } else { "M" },
        born_on,
        ni_number: format!("{prefix}{:06}{suffix}", chance.below(1_000_000)),
        email: format!("dr{gmc_number}@mail.example"),
        mobile: format!("07700 900{:03}", chance.below(1_000)),
        address: format!("{} Example Street", 1 + chance.below(200)),
        gmc_number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::values::NiNumber;

    #[test]
    fn invented_people_have_numbers_of_valid_shape() {
        for number in 0..2_000 {
            let person = person(number);
            assert!(person.ni_number.parse::<NiNumber>().is_ok(), "{}", person.ni_number);
            let gmc: u32 = person.gmc_number.parse().unwrap();
            assert!((9_000_000..=9_999_977).contains(&gmc));
        }
    }
}
