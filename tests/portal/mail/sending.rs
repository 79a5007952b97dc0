use changeover::access::Right;
use changeover::email::{self, Draft};
use sqlx::PgPool;

use super::{choose, draft, fate, part, portal_with, queue, state};
use crate::support::Portal;
use crate::support::smtp::{Point, SmtpSink};

#[sqlx::test]
async fn a_mail_leaves_with_text_and_html_and_is_kept_as_sent(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let id = queue(&portal, draft("mso@trust.example")).await;
    assert_eq!(sink.received().len(), 0, "nothing leaves before the work is done");
    portal.run_jobs().await;
    let [mail] = &sink.received()[..] else { panic!("one mail") };
    assert_eq!(
        (mail.from.as_str(), &mail.to[..]),
        ("changeover@changeover.invalid", &["mso@trust.example".to_owned()][..])
    );
    assert_eq!(mail.header("Subject").unwrap(), "A subject");
    assert!(mail.header("Message-ID").unwrap().contains(&id.to_string()), "fixed, so that a second copy is known");
    assert_eq!(part(mail, "text/plain").trim(), "Hello");
    assert_eq!(part(mail, "text/html").trim(), "<p>Hello</p>");
    assert_eq!(fate(&portal, id).await, ("sent".into(), 1, String::new()));
    assert_eq!(portal.audit("904").await, ["mail_settled"]);
}

#[sqlx::test]
async fn a_mail_is_queued_in_the_transaction_that_causes_it(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    portal.organisation("904", "Trust 904").await;
    let mut tx = portal.begin("904").await;
    email::queue(&mut tx, draft("mso@trust.example"), portal.app.now()).await.unwrap();
    tx.rollback().await.unwrap();
    portal.run_jobs().await;
    assert_eq!(sink.received().len(), 0);
}

#[sqlx::test]
async fn mail_1_a_name_with_line_breaks_carries_no_header(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let named = Draft { to_name: "Sam\r\nBcc: thief@evil.example".into(), ..draft("mso@trust.example") };
    let id = queue(&portal, named).await;
    let next = queue(&portal, draft("next@trust.example")).await;
    portal.run_jobs().await;
    assert_eq!((state(&portal, id).await.as_str(), state(&portal, next).await.as_str()), ("sent", "sent"));
    for mail in sink.received() {
        assert_eq!(mail.header("Bcc"), None);
        assert_eq!(mail.to.len(), 1);
    }
}

#[sqlx::test]
async fn mail_2_a_subject_stays_one_header(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    for subject in ["Two\r\nX-Evil: yes", &"long ".repeat(400), "\u{202e}ti od\u{202c} 🩺"] {
        queue(&portal, Draft { subject: subject.into(), ..draft("mso@trust.example") }).await;
    }
    portal.run_jobs().await;
    assert_eq!(sink.received().len(), 3);
    for mail in sink.received() {
        assert_eq!(mail.header("X-Evil"), None);
        assert_eq!(mail.raw.matches("\r\nSubject: ").count() + usize::from(mail.raw.starts_with("Subject: ")), 1);
    }
}

#[sqlx::test]
async fn mail_3_lines_of_the_protocol_in_a_body_are_text(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let text = "Hello\n.\nMAIL FROM:<evil@evil.example>\n..two dots\n.";
    queue(&portal, Draft { text: text.into(), ..draft("mso@trust.example") }).await;
    portal.run_jobs().await;
    let [mail] = &sink.received()[..] else { panic!("one message, not two") };
    assert_eq!(part(mail, "text/plain").trim_end(), text);
}

#[sqlx::test]
async fn mail_4_an_address_that_is_two_is_refused_and_the_rest_goes(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let two = queue(&portal, draft("one@trust.example, two@trust.example")).await;
    let one = queue(&portal, draft("next@trust.example")).await;
    portal.run_jobs().await;
    assert_eq!(state(&portal, two).await, "dead");
    assert_eq!(state(&portal, one).await, "sent");
    assert_eq!(sink.received().len(), 1);
}

#[sqlx::test]
async fn mail_7_an_address_that_is_refused_is_flagged_and_left_alone(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    choose(&portal, &user, "at_once").await;
    sink.always("user1@trust.example", "550 5.1.1 No such user here");
    portal.item("904", "One").raise().await;
    portal.run_jobs().await;
    let tries = sink.conversations();
    portal.run_jobs_later().await;
    portal.item("904", "Two").raise().await;
    portal.run_jobs().await;
    assert_eq!(sink.conversations(), tries, "no storm of tries");
    assert_eq!(portal.count("select count(*) from emails where state = 'dead'").await, 1);
    assert_eq!(portal.waiting_jobs().await, [""; 0]);

    let mso = portal.sign_in_as(&user).await;
    let page = mso.get("/sign-in").await;
    assert!(page.words().contains("No such user here"), "{}", page.words());
}

#[sqlx::test]
async fn f_22_while_the_server_is_down_mail_waits_and_then_goes_in_order(pool: PgPool) {
    let mut sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    sink.down().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(queue(&portal, draft(&format!("mso{n}@trust.example"))).await);
    }
    portal.run_jobs().await;
    for round in 0..12 {
        // Two hours of tries: far more than a mail's ten.
        sqlx::query("update jobs set run_at = now() + (run_at - now()) * 0.0001 where state = 'ready'")
            .execute(&portal.owner)
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        portal.run_jobs().await;
        assert_eq!(fate(&portal, ids[0]).await.1, 0, "round {round}: a server that is away is no failure of the mail");
    }
    assert_eq!(portal.waiting_jobs().await.len(), 5);
    assert_eq!(portal.dead_jobs().await, []);
    sink.up().await;
    // The pause of half a minute is the mailer's; a new one has none.
    let portal = Portal::start_with(portal.owner.clone(), &[("CHANGEOVER_SMTP_URL", &sink.url())]).await;
    sqlx::query("update jobs set run_at = run_at - interval '1 hour'").execute(&portal.owner).await.unwrap();
    portal.run_jobs().await;
    let to: Vec<String> = sink.received().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to, ["mso0", "mso1", "mso2", "mso3", "mso4"].map(|name| format!("{name}@trust.example")));
}

#[sqlx::test]
async fn f_23_a_greylisted_mail_is_tried_again_and_the_others_go(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    sink.once("grey@trust.example", "451 4.7.1 Come back later");
    sink.always("gone@trust.example", "550 5.1.1 No such user");
    let grey = queue(&portal, draft("grey@trust.example")).await;
    let gone = queue(&portal, draft("gone@trust.example")).await;
    let fine = queue(&portal, draft("fine@trust.example")).await;
    portal.run_jobs().await;
    assert_eq!(state(&portal, fine).await, "sent");
    let (gone_state, _, words) = fate(&portal, gone).await;
    assert_eq!(gone_state, "dead");
    assert!(words.contains("550") && words.contains("No such user"), "{words}");
    let (grey_state, attempts, words) = fate(&portal, grey).await;
    assert_eq!((grey_state.as_str(), attempts), ("queued", 1));
    assert!(words.contains("Come back later"), "{words}");
    portal.run_jobs_later().await;
    assert_eq!(state(&portal, grey).await, "sent");
}

#[sqlx::test]
async fn a_mail_that_never_goes_is_dead_after_ten_tries_and_can_be_queued_again(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    for _ in 0..10 {
        sink.once("grey@trust.example", "451 4.7.1 Come back later");
    }
    let id = queue(&portal, draft("grey@trust.example")).await;
    for _ in 0..12 {
        portal.run_jobs_later().await;
    }
    assert_eq!((state(&portal, id).await.as_str(), sink.conversations()), ("dead", 10));
    assert_eq!(portal.waiting_jobs().await, [""; 0]);

    let mut tx = portal.begin("904").await;
    assert!(email::requeue(&mut tx, &changeover::audit::Actor::Command, id, portal.app.now()).await.unwrap());
    tx.commit().await.unwrap();
    portal.run_jobs().await;
    assert_eq!(state(&portal, id).await, "sent");
}

#[sqlx::test]
async fn f_24_a_server_that_hangs_after_the_body_is_given_up_after_30_seconds(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    sink.hang_at(Some(Point::Body));
    let id = queue(&portal, draft("mso@trust.example")).await;
    let begun = std::time::Instant::now();
    portal.run_jobs().await;
    assert!((27..40).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let (now, attempts, words) = fate(&portal, id).await;
    assert_eq!((now.as_str(), attempts), ("queued", 1), "{words}");
    sink.hang_at(None);
    portal.run_jobs_later().await;
    assert_eq!(state(&portal, id).await, "sent");
}

#[sqlx::test]
async fn a_connection_that_is_cut_is_tried_again(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    for point in [Point::Greeting, Point::Mail, Point::Recipient, Point::Data, Point::Body] {
        sink.cut_at(Some(point));
        let id = queue(&portal, draft("mso@trust.example")).await;
        portal.run_jobs().await;
        assert_eq!(state(&portal, id).await, "queued", "{point:?}");
        sink.cut_at(None);
        portal.run_jobs_later().await;
        assert_eq!(state(&portal, id).await, "sent", "{point:?}");
    }
}

#[sqlx::test]
async fn without_a_server_mail_is_kept_and_its_link_forgotten(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let link = portal.app.config.link("/password/chg_link_secret");
    let sealed = Some(changeover::mailer::seal(&portal.app, &link));
    let text = "Set your password: {{link}}".to_owned();
    let id = queue(&portal, Draft { text, sealed_link: sealed, ..draft("mso@trust.example") }).await;
    portal.run_jobs().await;
    assert_eq!(state(&portal, id).await, "kept");
    let row: String = sqlx::query_scalar("select emails::text from emails").fetch_one(&portal.owner).await.unwrap();
    assert!(!row.contains("chg_link_secret") && row.contains("{{link}}"), "{row}");
    assert_eq!(portal.count("select count(*) from emails where sealed_link is not null").await, 0);
}

#[sqlx::test]
async fn a_one_time_link_leaves_in_the_mail_and_nowhere_else(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let link = portal.app.config.link("/password/chg_link_secret");
    let sealed = Some(changeover::mailer::seal(&portal.app, &link));
    let text = "Set your password: {{link}}".to_owned();
    queue(&portal, Draft { text, sealed_link: sealed, ..draft("mso@trust.example") }).await;
    portal.run_jobs().await;
    assert!(part(&sink.received()[0], "text/plain").contains(&link));
    assert_eq!(portal.count("select count(*) from emails where sealed_link is not null").await, 0);
}
