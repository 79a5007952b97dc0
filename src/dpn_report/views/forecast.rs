use askama::Template;

use crate::dpn_report::store::Post;
use crate::positions::views::visible;
use crate::ui::{self, Layout, NavItem};

/// More applicants than this for one post in one file, and the post is held.
const MOST: i64 = 40;

#[derive(Template)]
#[template(path = "dpn_report/forecast.html")]
pub struct ForecastPage {
    pub layout: Layout,
    pub section: Vec<NavItem>,
    pub posts: Vec<Post>,
    pub may_change: bool,
}

impl ForecastPage {
    /// Posts that are held, that would be held, those that come near, and shared ones: heading, words, posts.
    fn groups(&self) -> Vec<(&'static str, &'static str, Vec<&Post>)> {
        let now = |post: &&Post| post.held > 0;
        let held = |post: &&Post| post.held == 0 && post.records() > MOST;
        let near = |post: &&Post| post.held == 0 && post.records() > MOST / 2 && post.records() <= MOST;
        let rest = |post: &&Post| post.held == 0 && post.records() <= MOST / 2;
        let of =
            |fits: &dyn Fn(&&Post) -> bool| self.posts.iter().filter(|post| fits(post)).take(200).collect::<Vec<_>>();
        let all = [
            (
                "Held now",
                "Nothing of these posts is loaded until national operations release them. Tell them whether the post is shared, and put it right here before the next file.",
                of(&now),
            ),
            (
                "Would be held",
                "More than 40 applicants for one post in one file: the post is held and nobody of it is loaded until an operator releases it.",
                of(&held),
            ),
            (
                "Near the limit",
                "More than 20. A few more doctors, or one more position with the number, and the post is held.",
                of(&near),
            ),
            (
                "Shared",
                "Several doctors or several positions of one number. Each post should have a position of its own.",
                of(&rest),
            ),
        ];
        all.into_iter().filter(|(_, _, posts)| !posts.is_empty()).collect()
    }

    fn dpn(&self, post: &Post) -> String {
        visible(&post.dpn)
    }

    /// Why there are so many, in sentences.
    fn why(&self, post: &Post) -> Vec<String> {
        let mut why = Vec::new();
        if post.held > 0 {
            let records = ui::count(post.held, "record waits", "records wait");
            why.push(format!("{records} in {}", post.held_in.join(", ")));
        }
        if post.doctors() > 1 {
            let on = match (post.holders, post.coming) {
                (holders, 0) => format!("{} on it", ui::count(holders, "doctor is", "doctors are")),
                (0, coming) => format!("{} on the way", ui::count(coming, "doctor is", "doctors are")),
                (holders, coming) => format!(
                    "{} on it and {} on the way",
                    ui::count(holders, "doctor is", "doctors are"),
                    ui::number(coming)
                ),
            };
            why.push(format!("Shared post: {on}"));
        }
        let positions = i64::try_from(post.position_ids.len()).unwrap_or_default();
        if positions > 1 {
            why.push(format!(
                "{} of yours bear the number: each doctor comes once for each",
                ui::count(positions, "position", "positions")
            ));
        }
        if post.elsewhere > 0 {
            why.push(format!(
                "Lead and host: {} the number too",
                ui::count(post.elsewhere, "position of another employer bears", "positions of other employers bear")
            ));
        }
        if post.stale > 0 && positions > 1 {
            why.push(format!(
                "{} for a year and nobody is coming",
                ui::count(post.stale, "of them has had nobody", "of them have had nobody")
            ));
        }
        why
    }

    /// How many records it makes, or has made already.
    fn records(&self, post: &Post) -> String {
        ui::number(post.records().max(post.held))
    }

    fn settle(&self, post: &Post) -> Option<String> {
        if post.position_ids.len() < 2 {
            return None;
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("dpn", &post.dpn_key);
        Some(format!("/positions/dpn-report/settle?{}", query.finish()))
    }

    fn positions<'a>(&self, post: &'a Post) -> Vec<(&'a str, &'a str)> {
        let pairs = post.position_ids.iter().zip(&post.position_numbers);
        pairs.take(8).map(|(id, number)| (id.as_str(), number.as_str())).collect()
    }
}
