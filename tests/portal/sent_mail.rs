//! Sent mail: what administrators see of every mail and its fate.

use changeover::access::Right;
use changeover::email::{self, Draft, Purpose};
use sqlx::PgPool;

use crate::support::Portal;
use crate::support::smtp::SmtpSink;

fn draft(subject: &str, text: &str) -> Draft {
    Draft {
        user_id: None,
        to_name: "Sam Example".into(),
        to_address: "sam@trust.example".into(),
        purpose: Purpose::Invitation,
        subject: subject.into(),
        text: text.into(),
        html: text.into(),
        sealed_link: None,
    }
}

async fn queue(portal: &Portal, vpd: &str, draft: Draft) {
    portal.organisation(vpd, &format!("Trust {vpd}")).await;
    let mut tx = portal.begin(vpd).await;
    email::queue(&mut tx, draft, portal.app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[sqlx::test]
async fn administrators_read_the_mail_of_their_organisation_alone(pool: PgPool) {
    let portal = Portal::start(pool).await;
    queue(&portal, "904", draft("Ours", "Hello")).await;
    queue(&portal, "917", draft("Theirs", "Hello")).await;
    portal.run_jobs().await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let list = admin.get("/admin/mail").await;
    list.assert_ok();
    assert!(list.words().contains("No mail server is set"), "{}", list.words());
    assert_eq!(list.texts("tbody th a"), ["Ours"]);
    assert_eq!(list.texts("tbody .nhsuk-tag"), ["Kept here"]);
    let mail = admin.get(list.attr("tbody th a", "href")).await;
    assert_eq!(mail.text("h1"), "Ours");
    assert_eq!(mail.text("pre"), "Hello");

    let theirs = portal.count("select count(*) from emails where vpd = '917'").await;
    assert_eq!(theirs, 1);
    let id: uuid::Uuid =
        sqlx::query_scalar("select email_id from emails where vpd = '917'").fetch_one(&portal.owner).await.unwrap();
    assert_eq!(admin.get(format!("/admin/mail/{id}")).await.status, 404);
    let mso = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert_eq!(mso.get("/admin/mail").await.status, 403);
}

#[sqlx::test]
async fn a_one_time_link_is_blotted_out(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let sealed = changeover::mailer::seal(&portal.app, "http://127.0.0.1/password/chg_link_secret");
    let invitation = Draft { sealed_link: Some(sealed), ..draft("Invitation", "Set your password: {{link}}") };
    queue(&portal, "904", invitation).await;
    portal.run_jobs().await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let list = admin.get("/admin/mail").await;
    let mail = admin.get(list.attr("tbody th a", "href")).await;
    assert!(mail.text("pre").contains("never shown here"), "{}", mail.text("pre"));
    assert!(!mail.body.replace("<wbr>", "").contains("chg_link_secret"));
}

#[sqlx::test]
async fn a_mail_that_was_given_up_is_sent_again_by_an_administrator(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = Portal::start_with(pool, &[("CHANGEOVER_SMTP_URL", &sink.url())]).await;
    sink.once("sam@trust.example", "554 5.6.0 We do not like this");
    queue(&portal, "904", draft("Ours", "Hello")).await;
    portal.run_jobs().await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let list = admin.get("/admin/mail?state=dead&q=sam%40trust").await;
    assert!(list.text("tbody").contains("We do not like this"));
    let path = list.attr("tbody th a", "href");
    assert_eq!(admin.press(format!("{path}/requeue")).await.assert_redirect(), path);
    portal.run_jobs().await;
    let mail = admin.get(&path).await;
    assert_eq!(mail.text("dl .nhsuk-tag"), "Sent");
    assert_eq!(sink.received().len(), 1);
    admin.press(format!("{path}/requeue")).await.assert_redirect();
    assert!(admin.get(&path).await.words().contains("somebody else may have been first"));
}
