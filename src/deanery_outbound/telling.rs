//! What a file tells: what differs from what was last sent, and in a full one everything. No SQL, no files, no clock.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::files::{
    Employer, PersonNow, PositionNow, person_lines, person_withdrawn, position_withdrawn, write_position,
};
use super::store::{LastSent, PersonSent, Sent};
use crate::file_exchange::delimited::Writer;
use crate::positions::quality::is_stopped;
use crate::tenancy::Vpd;

/// What an employer's positions say on a day, each by its two lines.
pub(super) struct Says<'a> {
    positions: Vec<Saying<'a>>,
    lines: String,
    records: usize,
    /// Of all of it: the same digest again is nothing new.
    pub digest: Vec<u8>,
}

struct Saying<'a> {
    position: &'a PositionNow,
    /// Where its two lines are; `None` for a position of which nothing goes out.
    lines: Option<Range<usize>>,
}

impl<'a> Says<'a> {
    pub fn of(now: &'a [PositionNow], employer: &Employer, body: &str) -> Self {
        let mut lines = Writer::default();
        let mut positions = Vec::with_capacity(now.len());
        let mut stopped = String::new();
        let mut records = 0;
        for position in now {
            if is_stopped(&position.dpn, &position.name) {
                stopped.push_str(&position.position_id);
                stopped.push('\n');
                positions.push(Saying { position, lines: None });
                continue;
            }
            let from = lines.len();
            write_position(position, employer, body, &mut lines);
            positions.push(Saying { position, lines: Some(from..lines.len()) });
            records += 2;
        }
        let lines = lines.finish();
        // What is held back counts too: once it has ended, its delete goes out.
        let digest = Sha256::new().chain_update(&lines).chain_update(b"\0").chain_update(&stopped).finalize().to_vec();
        Self { positions, lines, records, digest }
    }

    /// What is told where all of it was told before: in a full file everything, else nothing.
    pub fn again(self, full: bool) -> Telling {
        match full {
            true => Telling { news: Vec::new(), lines: self.lines, records: self.records },
            false => Telling::default(),
        }
    }
}

/// What is told of an employer's positions.
#[derive(Default)]
pub(super) struct Telling {
    /// What differs from what was last sent.
    pub news: Vec<Sent>,
    pub lines: String,
    pub records: usize,
}

impl Telling {
    fn say(&mut self, lines: &str) {
        self.lines.push_str(lines);
        self.records += 2;
    }

    fn say_news(&mut self, one: Sent) {
        for line in [&one.pos_line, &one.por_line] {
            self.lines.push_str(line);
            self.lines.push_str("\r\n");
        }
        self.records += 2;
        self.news.push(one);
    }
}

/// What became of a position since the last file.
pub(super) enum Told<'a> {
    /// It says what was said before, by these two lines.
    Again(&'a str),
    Change(Sent),
    /// Under this number it is no more.
    Gone(String),
}

fn digest_of(lines: [&str; 2]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().to_vec()
}

/// What is to be told of positions, in the order of the file: a number that changed goes before it comes, what has ended goes last.
pub(super) fn compare<'a>(says: &'a Says<'_>, mut last: HashMap<String, LastSent>) -> Vec<Told<'a>> {
    let mut told = Vec::with_capacity(says.positions.len());
    for Saying { position, lines } in &says.positions {
        let before = last.remove(&position.position_id).filter(|before| before.action == "C");
        let Some(lines) = lines.clone() else { continue };
        let both = &says.lines[lines];
        let (pos_line, por_line) = both.trim_end_matches("\r\n").split_once("\r\n").unwrap_or_default();
        let digest = digest_of([pos_line, por_line]);
        if let Some(before) = before {
            if before.dpn != position.dpn {
                told.push(Told::Gone(before.position_id));
            } else if before.digest == digest {
                told.push(Told::Again(both));
                continue;
            }
        }
        told.push(Told::Change(Sent {
            position_id: position.position_id.clone(),
            action: "C".to_owned(),
            dpn: position.dpn.clone(),
            pos_line: pos_line.to_owned(),
            por_line: por_line.to_owned(),
            digest,
        }));
    }
    let mut ended: Vec<String> =
        last.into_values().filter(|before| before.action == "C").map(|before| before.position_id).collect();
    ended.sort_unstable();
    told.extend(ended.into_iter().map(Told::Gone));
    told
}

/// The lines of what is told; `full` tells all, else what is new. What has gone is told as it was last said.
pub(super) fn tell(told: Vec<Told<'_>>, said: Vec<Sent>, full: bool) -> Telling {
    let mut said: HashMap<String, Sent> = said.into_iter().map(|one| (one.position_id.clone(), one)).collect();
    let mut telling = Telling::default();
    for one in told {
        match one {
            Told::Again(both) if full => telling.say(both),
            Told::Again(_) => {}
            Told::Change(new) => telling.say_news(new),
            Told::Gone(position_id) => {
                if let Some(old) = said.remove(&position_id) {
                    let (pos_line, por_line) = (position_withdrawn(&old.pos_line), position_withdrawn(&old.por_line));
                    let digest = digest_of([&pos_line, &por_line]);
                    telling.say_news(Sent { action: "D".to_owned(), pos_line, por_line, digest, ..old });
                }
            }
        }
    }
    telling
}

/// The lines of a doctor's posts, and the digest of what they say: when the record last changed is no part of that.
fn said_of(posts: &[&PersonNow], vpd: &Vpd) -> (Vec<String>, Vec<u8>) {
    let lines = |posts: &mut dyn Iterator<Item = PersonNow>| -> Vec<String> {
        posts.flat_map(|post| person_lines(&post, vpd.as_str())).collect()
    };
    let undated = lines(&mut posts.iter().map(|post| PersonNow { updated_at: None, ..(*post).clone() }));
    let digest = Sha256::digest(undated.join("\n").as_bytes()).to_vec();
    (lines(&mut posts.iter().map(|post| (*post).clone())), digest)
}

/// The posts of each doctor, but for posts of which nothing goes out.
fn by_person(all: &[PersonNow]) -> BTreeMap<&str, Vec<&PersonNow>> {
    let mut by: BTreeMap<&str, Vec<&PersonNow>> = BTreeMap::new();
    for person in all.iter().filter(|person| !is_stopped(&person.dpn, &person.position_name)) {
        by.entry(&person.person_id).or_default().push(person);
    }
    by
}

/// Who was told of and is not among those of today: left, or no longer of a post.
pub(super) fn no_longer(now: &[PersonNow], last: &HashMap<String, PersonSent>) -> Vec<String> {
    let here: HashSet<&str> = now.iter().map(|person| person.person_id.as_str()).collect();
    last.values()
        .filter(|before| before.action == "C" && !here.contains(before.person_id.as_str()))
        .map(|before| before.person_id.clone())
        .collect()
}

/// What is told of doctors: the lines, and what is kept of them. Whoever left is told of once more, with the day, before the delete.
pub(super) fn tell_persons(
    now: &[PersonNow],
    left: &[PersonNow],
    mut last: HashMap<String, PersonSent>,
    vpd: &Vpd,
) -> (Vec<String>, Vec<PersonSent>) {
    let (mut lines, mut told) = (Vec::new(), Vec::new());
    let mut people = by_person(now);
    let mut leavers = by_person(left);
    // Whose leaving was told already is taken away now.
    leavers.retain(|person_id, posts| {
        let digest = said_of(posts, vpd).1;
        last.get(*person_id).is_some_and(|before| before.action == "C" && before.digest != digest)
    });
    people.extend(leavers);
    for (person_id, posts) in people {
        let before = last.remove(person_id).filter(|before| before.action == "C");
        let (says, digest) = said_of(&posts, vpd);
        if before.as_ref().is_some_and(|before| before.digest == digest) {
            continue;
        }
        let Some(first) = posts.first() else { continue };
        // The person under a post that is no longer theirs is taken away before the new one is told.
        if let Some(before) = before.filter(|before| before.position_id != first.position_id || before.dpn != first.dpn)
        {
            lines.push(person_withdrawn(person_id, &before.position_id, &before.dpn));
        }
        lines.extend(says);
        told.push(PersonSent {
            person_id: person_id.to_owned(),
            action: "C".to_owned(),
            position_id: first.position_id.clone(),
            dpn: first.dpn.clone(),
            digest,
        });
    }
    let stopped: HashSet<&str> = now
        .iter()
        .filter(|person| is_stopped(&person.dpn, &person.position_name))
        .map(|person| person.person_id.as_str())
        .collect();
    let ended: BTreeMap<String, PersonSent> =
        last.into_iter().filter(|(id, before)| before.action == "C" && !stopped.contains(id.as_str())).collect();
    for before in ended.into_values() {
        lines.push(person_withdrawn(&before.person_id, &before.position_id, &before.dpn));
        told.push(PersonSent { action: "D".to_owned(), digest: Vec::new(), ..before });
    }
    (lines, told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(id: &str, dpn: &str) -> PositionNow {
        PositionNow {
            position_id: id.to_owned(),
            effective_from: "2019-08-07".parse().unwrap(),
            position_number: format!("2{id}"),
            name: format!("2{id}|Registrar|024|Paediatrics"),
            occupation_code: None,
            pay_scale: None,
            workplace_code: None,
            dpn: dpn.to_owned(),
            host_or_lead: None,
            organisation_id: None,
        }
    }

    fn employer() -> Employer {
        Employer { vpd: "904".parse().unwrap(), ods_code: None, organisations: HashMap::new() }
    }

    fn actions(told: &[Sent]) -> Vec<(String, String)> {
        told.iter().map(|one| (one.action.clone(), one.dpn.clone())).collect()
    }

    /// What is told after the file before, of which `last` is what was sent.
    fn told(now: &[PositionNow], last: &[Sent], full: bool) -> Telling {
        let digests = last.iter().cloned().map(|Sent { position_id, action, dpn, digest, .. }| {
            (position_id.clone(), LastSent { position_id, action, dpn, digest })
        });
        tell(compare(&Says::of(now, &employer(), "KSS"), digests.collect()), last.to_vec(), full)
    }

    #[test]
    fn what_is_told_is_what_differs_from_what_was_told() {
        let (one, two) = (position("1", "KSS/R9A01/024/STR/001"), position("2", "KSS/R9A01/024/STR/002"));
        let both = [one.clone(), two.clone()];
        let first = told(&both, &[], false).news;
        assert_eq!(first.len(), 2);
        assert_eq!(told(&both, &first, false).records, 0, "the same again");
        let full = told(&both, &first, true);
        assert_eq!((full.records, full.news.len()), (4, 0), "a full one tells all, and none of it is news");
        assert_eq!(full.lines.lines().count(), 4);
        // A new number: a delete for the old key, a change for the new. A position that is gone: a delete.
        let renumbered = position("1", "KSS/R9A01/024/STR/009");
        let news = told(std::slice::from_ref(&renumbered), &first, false).news;
        let said = |action: &str, dpn: &str| (action.to_owned(), format!("KSS/R9A01/024/STR/{dpn}"));
        assert_eq!(actions(&news), [said("D", "001"), said("C", "009"), said("D", "002")]);
        assert!(news[0].pos_line.contains("~D~") && news[0].por_line.contains("~D~"));
        // What was deleted is not deleted again, and comes back as a change.
        let deleted = [news[2].clone()];
        assert_eq!(told(&[], &deleted, false).records, 0);
        assert_eq!(actions(&told(std::slice::from_ref(&two), &deleted, false).news), [said("C", "002")]);
        // A fault that stops: nothing goes out, not even the delete of what was right before.
        let faulty = position("1", "KSS/R9A01//001");
        assert_eq!(told(&[faulty, two.clone()], &first, false).records, 0);
        // The report weighs a name that cannot be read as stopping too.
        let name = "21|Regis\ttrar|024|Paediatrics".to_owned();
        let unreadable = PositionNow { name, ..position("1", "KSS/R9A01/024/STR/001") };
        assert_eq!(told(&[unreadable, two], &first, true).records, 2, "only the other");
    }

    #[test]
    fn the_digest_is_of_all_that_is_said_and_of_what_is_held_back() {
        let digest = |now: &[PositionNow]| Says::of(now, &employer(), "KSS").digest;
        let (one, two) = (position("1", "KSS/R9A01/024/STR/001"), position("2", "KSS/R9A01/024/STR/002"));
        let both = [one.clone(), two.clone()];
        assert_eq!(digest(&both), digest(&both));
        assert_ne!(digest(&both), digest(&both[..1]));
        assert_ne!(digest(&both), digest(&[one.clone(), position("2", "KSS/R9A01/024/STR/003")]));
        // Held back, its lines are not there; ended it is to be told of.
        assert_ne!(digest(&[one.clone(), position("2", "KSS/R9A01//002")]), digest(std::slice::from_ref(&one)));
        let again = |full| Says::of(&both, &employer(), "KSS").again(full);
        assert_eq!((again(true).records, again(true).lines.lines().count()), (4, 4));
        assert_eq!((again(false).records, again(false).lines.len()), (0, 0));
    }

    #[test]
    fn whoever_leaves_is_told_of_with_the_day_before_the_delete() {
        let vpd: Vpd = "904".parse().unwrap();
        let here = PersonNow {
            person_id: "1".to_owned(),
            position_id: "9041003".to_owned(),
            dpn: "KSS/R9A01/024/STR/004".to_owned(),
            position_name: "29041003|Registrar|024|Paediatrics".to_owned(),
            employee_number: "7".to_owned(),
            ..PersonNow::default()
        };
        let leaves = PersonNow { left_on: "20260804".to_owned(), ..here.clone() };
        let kept = |told: Vec<PersonSent>| told.into_iter().map(|one| (one.person_id.clone(), one)).collect();
        let heads = |lines: &[String]| -> Vec<(String, String)> {
            let per = lines.iter().filter(|line| line.starts_with("PER~"));
            per.map(|line| line.split('~').collect::<Vec<_>>()).map(|f| (f[2].to_owned(), f[27].to_owned())).collect()
        };
        let said = |action: &str, day: &str| (action.to_owned(), day.to_owned());
        let tell = |now: &[PersonNow], left: &[PersonNow], last: &HashMap<String, PersonSent>| {
            let (lines, told) = tell_persons(now, left, last.clone(), &vpd);
            (heads(&lines), kept(told))
        };
        let (_, hired): (_, HashMap<_, _>) = tell(std::slice::from_ref(&here), &[], &HashMap::new());
        // A day to come: told at once, and the delete follows it.
        let (lines, told) = tell(std::slice::from_ref(&leaves), &[], &hired);
        assert_eq!(lines, [said("C", "20260804")]);
        assert_eq!(no_longer(&[], &told), ["1"]);
        assert_eq!(tell(&[], std::slice::from_ref(&leaves), &told).0, [said("D", "")]);
        // A day that is past: the same, in the file of the day and in the next.
        let (lines, told) = tell(&[], std::slice::from_ref(&leaves), &hired);
        assert_eq!(lines, [said("C", "20260804")]);
        let (lines, told) = tell(&[], std::slice::from_ref(&leaves), &told);
        assert_eq!(lines, [said("D", "")]);
        assert!(tell(&[], std::slice::from_ref(&leaves), &told).0.is_empty(), "told once");
        // When the record last changed is sent, and is no news.
        let later = PersonNow { updated_at: "2026-07-01T00:00:00Z".parse().ok(), ..here };
        assert!(tell(&[later], &[], &hired).0.is_empty());
    }
}
