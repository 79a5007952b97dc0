//! Mail as the mail server gets it, and what becomes of it when the server misbehaves.

mod sending;
mod summaries;

use changeover::email::{self, Draft, Purpose};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::smtp::{Received, SmtpSink};
use crate::support::{Portal, User};

pub async fn portal_with(pool: PgPool, sink: &SmtpSink) -> Portal {
    Portal::start_with(pool, &[("CHANGEOVER_SMTP_URL", &sink.url())]).await
}

pub fn draft(to: &str) -> Draft {
    Draft {
        user_id: None,
        to_name: "Sam Example".into(),
        to_address: to.into(),
        purpose: Purpose::Alarm,
        subject: "A subject".into(),
        text: "Hello".into(),
        html: "<p>Hello</p>".into(),
        sealed_link: None,
    }
}

pub async fn queue(portal: &Portal, draft: Draft) -> Uuid {
    portal.organisation("904", "Trust 904").await;
    let mut tx = portal.begin("904").await;
    let id = email::queue(&mut tx, draft, portal.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// State, attempts and the server's words.
pub async fn fate(portal: &Portal, id: Uuid) -> (String, i32, String) {
    sqlx::query_as("select state, attempts, coalesce(last_error, '') from emails where email_id = $1")
        .bind(id)
        .fetch_one(&portal.owner)
        .await
        .unwrap()
}

pub async fn state(portal: &Portal, id: Uuid) -> String {
    fate(portal, id).await.0
}

/// A part of a message, decoded as a mail program would.
pub fn part(mail: &Received, kind: &str) -> String {
    let start = mail.raw.find(&format!("Content-Type: {kind}")).unwrap();
    let part = &mail.raw[start..];
    let (head, body) = part.split_once("\r\n\r\n").unwrap();
    let body = body.split("\r\n--").next().unwrap();
    if !head.contains("quoted-printable") {
        return body.replace("\r\n", "\n");
    }
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes().iter();
    while let Some(byte) = rest.next() {
        if *byte == b'=' {
            let hex = [*rest.next().unwrap(), *rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(*byte);
        }
    }
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

pub async fn choose(portal: &Portal, user: &User, frequency: &str) {
    sqlx::query("update users set mail_frequency = $2 where user_id = $1")
        .bind(user.user_id)
        .bind(frequency)
        .execute(&portal.owner)
        .await
        .unwrap();
}
