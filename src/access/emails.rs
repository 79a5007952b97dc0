//! The mails about one's account. None bears more than its reader's own name and user name, and none its one-time link as text.

use askama::Template;
use chrono::{DateTime, Utc};

use super::links::{Link, Purpose};
use super::store::User;
use crate::app::App;
use crate::email;
use crate::mailer;
use crate::ui::dates;

/// Where the mailer puts the link when the mail leaves.
const PLACE: &str = "{{link}}";

struct Words {
    name: String,
    username: String,
    paragraphs: Vec<String>,
    /// The words of the link, and what follows it; none: no link.
    link: Option<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "access/emails/account.txt")]
struct Text<'a> {
    words: &'a Words,
    place: &'static str,
}

#[derive(Template)]
#[template(path = "access/emails/account.html")]
struct Html<'a> {
    words: &'a Words,
    subject: &'a str,
    place: &'static str,
}

fn draft(user: &User, purpose: email::Purpose, subject: String, words: &Words) -> Result<email::Draft, askama::Error> {
    Ok(email::Draft {
        user_id: Some(user.user_id),
        to_name: user.name.clone(),
        to_address: user.email.clone(),
        purpose,
        text: Text { words, place: PLACE }.render()?,
        html: Html { words, subject: &subject, place: PLACE }.render()?,
        subject,
        sealed_link: None,
    })
}

/// The address that a link is opened at.
pub fn address_of(app: &App, link: &Link) -> String {
    format!("{}{}", app.config.base_url.as_str().trim_end_matches('/'), link.path)
}

/// Asks a new user to set a password, or an old one to set another.
pub fn one_time_link(
    app: &App,
    user: &User,
    purpose: Purpose,
    organisation: &str,
    link: &Link,
) -> Result<email::Draft, askama::Error> {
    let (purpose, subject, first, ends) = match purpose {
        Purpose::Invitation => (
            email::Purpose::Invitation,
            "You are invited to Changeover".to_owned(),
            format!("You have been given an account on Changeover by {organisation}. Set a password to begin."),
            "The link works once, within 14 days. If you did not expect this, you need do nothing.",
        ),
        Purpose::Password => (
            email::Purpose::Password,
            "Set a new password for Changeover".to_owned(),
            "A new password was asked for on your account. Nothing has changed yet.".to_owned(),
            "The link works once, within 30 minutes. If you did not ask for it, ignore this: your password stays as it is.",
        ),
    };
    let words = Words {
        name: user.name.clone(),
        username: user.username.clone(),
        paragraphs: vec![first],
        link: Some(("Set your password", ends.to_owned())),
    };
    let sealed = mailer::seal(app, &address_of(app, link));
    Ok(email::Draft { sealed_link: Some(sealed), ..draft(user, purpose, subject, &words)? })
}

/// Tells that the password was changed, so that somebody else's change does not go unnoticed.
pub fn address_changed(user: &User, now: DateTime<Utc>) -> Result<email::Draft, askama::Error> {
    let words = Words {
        name: user.name.clone(),
        username: user.username.clone(),
        paragraphs: vec![
            format!("An administrator gave your account on Changeover another address on {}.", dates::at(now)),
            "You were signed out, and a new password is needed. If you did not expect this, tell your organisation at once."
                .to_owned(),
        ],
        link: None,
    };
    draft(
        user,
        email::Purpose::PasswordChanged,
        "The address of your Changeover account was changed".to_owned(),
        &words,
    )
}

/// Tells a user that the password was changed.
pub fn password_changed(user: &User, now: DateTime<Utc>) -> Result<email::Draft, askama::Error> {
    let words = Words {
        name: user.name.clone(),
        username: user.username.clone(),
        paragraphs: vec![
            format!("The password of your account on Changeover was changed on {}.", dates::at(now)),
            "If that was you, you need do nothing. If not, tell an administrator of your organisation at once."
                .to_owned(),
        ],
        link: None,
    };
    draft(user, email::Purpose::PasswordChanged, "Your Changeover password was changed".to_owned(), &words)
}
