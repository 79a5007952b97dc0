use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::access::Right;
use crate::inbox::filter::{Class, Filter, Standing};
use crate::inbox::kinds;
use crate::inbox::store::{Gap, KindCount, RecentDeed};
use crate::notifications::item::Deed;
use crate::ui::{self, Choice, Field, Layout, dates};

/// What needs the reader today; each number leads to exactly those rows.
#[derive(Template)]
#[template(path = "home/show.html")]
pub struct HomePage {
    pub layout: Layout,
    pub organisation: String,
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
    pub counts: Vec<KindCount>,
    pub mine: i64,
    pub recent: Vec<RecentDeed>,
    pub gaps: Vec<Gap>,
    pub last_file_at: Option<DateTime<Utc>>,
    /// Pairs to be settled, for whom no item in the inbox says it.
    pub duplicates: i64,
    pub reads_inbox: bool,
    pub sees_files: bool,
    pub manages_users: bool,
    pub sees_doctors: bool,
    pub sees_positions: bool,
    pub sees_rotation: bool,
    pub reads_audit: bool,
}

/// A number with its noun, the page of its rows, and a line below.
pub struct Card {
    pub href: String,
    pub number: String,
    pub noun: String,
    pub below: String,
}

impl HomePage {
    pub fn date(&self) -> String {
        dates::day(self.today)
    }

    fn age(&self, oldest: DateTime<Utc>) -> String {
        match (dates::london_day(self.now) - dates::london_day(oldest)).num_days() {
            0 => "all came today".to_owned(),
            1 => "oldest 1 day".to_owned(),
            days => format!("oldest {} days", ui::number(days)),
        }
    }

    pub fn cards(&self) -> Vec<Card> {
        let mut cards = Vec::new();
        let action = self.counts.iter().filter(|count| count.class == "action");
        let total: i64 = action.clone().map(|count| count.waiting).sum();
        let unclaimed: i64 = action.clone().map(|count| count.unclaimed).sum();
        if let Some(oldest) = action.clone().map(|count| count.oldest).min() {
            cards.push(Card {
                href: Filter::default().href("/inbox"),
                number: ui::number(total),
                noun: if total == 1 { "needs action" } else { "need action" }.to_owned(),
                below: self.age(oldest),
            });
            if unclaimed > 0 {
                let filter = Filter { unclaimed: true, ..Filter::default() };
                cards.push(Card {
                    href: filter.href("/inbox"),
                    number: ui::number(unclaimed),
                    noun: "claimed by nobody".to_owned(),
                    below: "of those that need action".to_owned(),
                });
            }
        }
        if self.mine > 0 {
            let filter = Filter { class: Class::Any, standing: Standing::Claimed, mine: true, ..Filter::default() };
            cards.push(Card {
                href: filter.href("/inbox"),
                number: ui::number(self.mine),
                noun: "claimed by you".to_owned(),
                below: String::new(),
            });
        }
        let mut kinds: Vec<&KindCount> = action.collect();
        kinds.sort_by_key(|count| std::cmp::Reverse(count.waiting));
        for count in kinds {
            let filter = Filter { types: vec![count.kind.clone()], ..Filter::default() };
            cards.push(Card {
                href: filter.href("/inbox"),
                number: ui::number(count.waiting),
                noun: kinds::kind(&count.kind).counted[usize::from(count.waiting != 1)].to_owned(),
                below: self.age(count.oldest),
            });
        }
        if self.duplicates > 0 {
            cards.push(Card {
                href: "/doctors/duplicates".to_owned(),
                number: ui::number(self.duplicates),
                noun: if self.duplicates == 1 { "possible duplicate" } else { "possible duplicates" }.to_owned(),
                below: "is it the same person?".to_owned(),
            });
        }
        let information: i64 =
            self.counts.iter().filter(|count| count.class == "information").map(|count| count.waiting).sum();
        if information > 0 {
            let filter = Filter { class: Class::Information, ..Filter::default() };
            cards.push(Card {
                href: filter.href("/inbox"),
                number: ui::number(information),
                noun: "for information".to_owned(),
                below: "nothing to decide".to_owned(),
            });
        }
        cards
    }

    /// When nothing waits: when the last file came.
    pub fn nothing(&self) -> String {
        match self.last_file_at {
            Some(at) => format!("No work waiting. What the last file brought arrived on {}.", dates::at(at)),
            None => "No work waiting. Notifications appear after the first interface file.".to_owned(),
        }
    }

    pub fn gap_words(&self) -> Vec<String> {
        self.gaps.iter().map(gap_words).collect()
    }

    /// Pages that the reader's rights open, with what each is for.
    pub fn pages(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let all = [
            (self.reads_inbox, "/inbox", "Inbox", "what came, what failed and why, and what to do about it"),
            (self.sees_doctors, "/doctors", "Doctors", "where each doctor in training is on the way to the start"),
            (
                self.sees_doctors,
                "/doctors/day-one",
                "First days",
                "who starts on a day, what is still open, and the list to print",
            ),
            (
                self.sees_rotation,
                "/rotation",
                "Rotation",
                "who leaves, stays and comes at the next changeover, post by post",
            ),
            (self.sees_positions, "/positions", "Positions", "posts with their Deanery Post Numbers"),
            (self.sees_files, "/interfaces", "Files", "every interface file and what became of each record"),
            (self.manages_users, "/admin/users", "Users", "who may do what here"),
            (self.manages_users, "/admin/roles", "Role map", "who holds each role, and which nobody holds"),
            (self.reads_audit, "/admin/audit", "Audit trail", "what was done and seen, by whom"),
        ];
        all.into_iter().filter(|(shown, ..)| *shown).map(|(_, href, text, what)| (href, text, what)).collect()
    }

    pub fn recent_rows(&self) -> Vec<(String, String, String, String)> {
        let rows = self.recent.iter();
        rows.map(|deed| {
            let name = deed.person_name.as_ref().unwrap_or(&deed.title).clone();
            (format!("/inbox/{}?item={}", deed.message_id, deed.item_id), name, deed.by.clone(), dates::at(deed.at))
        })
        .collect()
    }
}

fn gap_words(gap: &Gap) -> String {
    let role = Right::from_code(&gap.role).map_or(gap.role.as_str(), |right| right.label());
    format!(
        "Nobody holds {role}. {} for it, the oldest since {}.",
        ui::count(gap.waiting, "item waits", "items wait"),
        dates::day(dates::london_day(gap.oldest))
    )
}

/// Roles that nobody holds, with what waits for them: no names, since administrators need none.
#[derive(Template)]
#[template(path = "inbox/unallocated.html")]
pub struct UnallocatedPage {
    pub layout: Layout,
    pub gaps: Vec<Gap>,
}

impl UnallocatedPage {
    pub fn rows(&self) -> Vec<(String, String, String, &'static str)> {
        let rows = self.gaps.iter();
        rows.map(|gap| {
            let right = Right::from_code(&gap.role);
            let consequence =
                Right::AWAITED.iter().find(|(awaited, _)| Some(*awaited) == right).map_or("", |(_, words)| words);
            let role = right.map_or(gap.role.clone(), |right| right.label().to_owned());
            (role, ui::number(gap.waiting), dates::day(dates::london_day(gap.oldest)), consequence)
        })
        .collect()
    }
}

/// What is asked before many items are changed.
pub enum Question {
    Sure(Deed),
    /// Who is to have them: those who hold the role of all of them.
    ToWhom(Vec<Choice>),
}

/// Asks once more before everything that matches is changed, or to whom many items should go.
#[derive(Template)]
#[template(path = "inbox/bulk.html")]
pub struct BulkPage {
    pub layout: Layout,
    pub filter: Filter,
    pub action: String,
    pub question: Question,
    /// What was selected one by one, where it is not everything.
    pub items: Vec<Uuid>,
    pub everything: bool,
    pub matching: i64,
    pub limit: i64,
}

impl BulkPage {
    /// How many will be asked for: what matches, and no more than one press may change.
    pub fn number(&self) -> i64 {
        self.matching.min(self.limit)
    }

    pub fn heading(&self) -> String {
        let items = ui::count(self.number(), "item", "items");
        match &self.question {
            Question::ToWhom(_) | Question::Sure(Deed::Reassign { .. }) => format!("Reassign {items}"),
            Question::Sure(Deed::Claim | Deed::TakeOver { .. }) => format!("Claim {items}?"),
            Question::Sure(Deed::Release) => format!("Put back {items}?"),
            Question::Sure(Deed::Done) => format!("Mark {items} as done?"),
        }
    }

    pub fn words(&self) -> &'static str {
        match &self.question {
            Question::Sure(Deed::Claim | Deed::TakeOver { .. }) => {
                "Those that a colleague has stay with the colleague, and you will be told which."
            }
            Question::Sure(Deed::Release) => "Only those that you have are put back.",
            Question::ToWhom(_) | Question::Sure(Deed::Reassign { .. }) => {
                "Those that another colleague has stay there, and you will be told which."
            }
            Question::Sure(Deed::Done) => {
                "Those that need a decision of their own, such as a failed record, are left as they are, and you will be told which."
            }
        }
    }

    /// Whom the items can go to, where that is asked.
    pub fn colleagues(&self) -> Option<&[Choice]> {
        match &self.question {
            Question::ToWhom(colleagues) => Some(colleagues),
            Question::Sure(_) => None,
        }
    }

    /// Whether there is nobody whom all of them can go to.
    pub fn nobody(&self) -> bool {
        self.colleagues().is_some_and(<[Choice]>::is_empty)
    }

    pub fn to(&self) -> Field {
        Field::empty("to")
    }

    pub fn is_cut(&self) -> bool {
        self.matching > self.limit
    }

    pub fn query(&self) -> String {
        self.filter.query()
    }

    pub fn back(&self) -> String {
        self.filter.href("/inbox")
    }

    pub fn chips(&self) -> Vec<String> {
        self.filter.chips().into_iter().map(|(text, _)| text).collect()
    }
}

/// A page of help, whose text is its template.
#[derive(Template)]
#[template(path = "help/help.html")]
pub struct HelpPage {
    pub layout: Layout,
}

/// Who can help.
#[derive(Template)]
#[template(path = "help/contact.html")]
pub struct ContactPage {
    pub layout: Layout,
}

/// What is kept about whom.
#[derive(Template)]
#[template(path = "help/privacy.html")]
pub struct PrivacyPage {
    pub layout: Layout,
}

/// What was tested, and what was not.
#[derive(Template)]
#[template(path = "help/accessibility.html")]
pub struct AccessibilityPage {
    pub layout: Layout,
}
