use changeover::access::Right;
use changeover::notifications::summaries::{queue_daily, run_schedule};
use chrono::NaiveDate;
use sqlx::PgPool;
use uuid::Uuid;

use super::{choose, part, portal_with};
use crate::support::Portal;
use crate::support::smtp::SmtpSink;

/// What must never leave in a mail.
const CANARIES: &[&str] = &["Canaryname", "9000042", "QQ123456C", "WAL/1D9PL/527/TYU/987"];

/// The hourly and daily summaries of now.
async fn summaries(portal: &Portal, hour: i16) {
    sqlx::query("update users set mail_hour = $1").bind(hour).execute(&portal.owner).await.unwrap();
    sqlx::query("delete from scheduled_runs").execute(&portal.owner).await.unwrap();
    run_schedule(&portal.app).await.unwrap();
    portal.run_jobs().await;
}

fn london_hour(portal: &Portal) -> i16 {
    use chrono::Timelike;
    i16::try_from(portal.app.now().with_timezone(&chrono_tz::Europe::London).hour()).unwrap()
}

fn on(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, day).unwrap()
}

#[sqlx::test]
async fn mail_5_a_summary_names_nobody_and_links_to_each_message(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    choose(&portal, &user, "at_once").await;
    let mut item = portal.item("904", "Canaryname, GMC 9000042").about("Canaryname").starting_on(on(20));
    item.item.gmc_number = Some("9000042".into());
    item.item.dpn = Some("WAL/1D9PL/527/TYU/987".into());
    item.raise().await;
    portal.run_jobs().await;
    let [mail] = &sink.received()[..] else { panic!("one summary: {:?}", sink.received()) };
    let (text, html) = (part(mail, "text/plain"), part(mail, "text/html"));
    for canary in CANARIES {
        assert!(!format!("{}{text}{html}", mail.raw).contains(canary), "{canary} left in {text}");
    }
    assert_eq!(mail.header("Subject").unwrap(), "Changeover: 1 new thing to do, 1 due");
    let message: Uuid = sqlx::query_scalar("select message_id from messages").fetch_one(&portal.owner).await.unwrap();
    let link = portal.app.config.link(&format!("/inbox/{message}"));
    assert!(text.contains(&link) && html.contains(&link), "{text}");
    assert!(text.contains("1 thing to do, starts 20 May 2026"), "{text}");
    portal.run_jobs_later().await;
    assert_eq!(sink.received().len(), 1, "told once");
}

#[sqlx::test]
async fn mail_6_a_summary_says_how_much_and_is_not_sent_for_nothing(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let hour = london_hour(&portal);
    let nothing = portal.user_named("nothing", "905", Right::MedicalStaffingOfficer).await;
    let one = portal.user_named("one", "904", Right::MedicalStaffingOfficer).await;
    let no_role = portal.user_named("norole", "904", Right::BiAdministration).await;
    let never = portal.user_named("never", "904", Right::MedicalStaffingOfficer).await;
    let closed = portal.user_named("closed", "904", Right::MedicalStaffingOfficer).await;
    for user in [&nothing, &one, &no_role, &closed] {
        choose(&portal, user, "daily").await;
    }
    choose(&portal, &never, "never").await;
    sqlx::query("update users set disabled_at = now() where user_id = $1")
        .bind(closed.user_id)
        .execute(&portal.owner)
        .await
        .unwrap();
    portal.item("904", "One").raise().await;
    summaries(&portal, hour).await;
    let to: Vec<String> = sink.received().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to, ["one@trust.example"]);
    assert_eq!(sink.received()[0].header("Subject").unwrap(), "Changeover: 1 new thing to do");

    summaries(&portal, hour).await;
    assert_eq!(sink.received().len(), 1, "the day's summary comes once");
}

#[sqlx::test]
async fn mail_6_five_thousand_items_are_cut_with_a_link(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    choose(&portal, &user, "at_once").await;
    let now = portal.app.now();
    let mut tx = portal.begin("904").await;
    for message in 0..50 {
        let draft = portal.item("904", "many").of_message(&format!("m{message}"), "Deanery Applicant Notification");
        let items: Vec<_> = (0..100)
            .map(|n| {
                let mut item = draft.item.clone();
                item.subject_key = format!("{message}:{n}");
                item
            })
            .collect();
        changeover::notifications::raise(&mut tx, &draft.message, &items, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    portal.run_jobs().await;
    let [mail] = &sink.received()[..] else { panic!("one mail for all of it") };
    let text = part(mail, "text/plain");
    assert_eq!(mail.header("Subject").unwrap(), "Changeover: 5,000 new things to do");
    assert_eq!(text.matches("/inbox/").count(), 20);
    assert!(text.contains("And 3,000 more in your inbox"), "{text}");
}

#[sqlx::test]
async fn one_summary_for_a_person_with_two_organisations(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    portal.grant(&user, "917", Right::MedicalStaffingOfficer).await;
    choose(&portal, &user, "hourly").await;
    portal.item("904", "One").raise().await;
    portal.item("917", "Two").raise().await;
    summaries(&portal, 8).await;
    let [mail] = &sink.received()[..] else { panic!("one mail: {}", sink.received().len()) };
    let text = part(mail, "text/plain");
    assert!(text.contains("New at Trust 904 (904)") && text.contains("New at Trust 917 (917)"), "{text}");
    summaries(&portal, 8).await;
    assert_eq!(sink.received().len(), 1);
}

#[sqlx::test]
async fn mail_8_the_html_shows_what_the_text_says_and_loads_nothing(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    choose(&portal, &user, "at_once").await;
    portal.item("904", "One").starting_on(on(7)).raise().await;
    portal.run_jobs().await;
    let mail = &sink.received()[0];
    let (text, html) = (part(mail, "text/plain"), part(mail, "text/html"));
    for loaded in ["<img", "<script", "<style", "<link", " style=", " src=", "url(", "http-equiv"] {
        assert!(!html.contains(loaded), "{loaded} in {html}");
    }
    let page = scraper::Html::parse_document(&html);
    let body = scraper::Selector::parse("body").unwrap();
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let shown = words(page.select(&body).flat_map(|body| body.text()).collect::<Vec<_>>().join(" "));
    let plain = text.lines().filter(|line| !line.trim().starts_with("http")).map(|line| line.trim_start_matches("- "));
    assert_eq!(words(plain.collect::<Vec<_>>().join(" ")), shown);
    let links = scraper::Selector::parse("a").unwrap();
    for link in page.select(&links).filter_map(|link| link.attr("href")) {
        assert!(text.contains(link), "{link} is not in the text");
    }
}

#[sqlx::test]
async fn f_42_two_schedulers_at_once_run_a_slot_once(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    sqlx::query("update users set mail_frequency = 'hourly' where username = $1")
        .bind(&user.username)
        .execute(&portal.owner)
        .await
        .unwrap();
    let run = || run_schedule(&portal.app);
    let (one, two) = tokio::join!(run(), run());
    one.unwrap();
    two.unwrap();
    let slots = portal.count("select count(*) from scheduled_runs where schedule = 'summaries'").await;
    let distinct = portal.count("select count(distinct slot) from scheduled_runs where schedule = 'summaries'").await;
    assert!(slots > 0 && slots == distinct, "{slots} {distinct}");
    let queued = portal.waiting_jobs().await.iter().filter(|kind| kind.contains("summar")).count();
    assert!(queued <= 2, "a summary was queued twice: {:?}", portal.waiting_jobs().await);
}

#[sqlx::test]
async fn an_older_day_after_a_newer_one_is_not_mailed_again(pool: PgPool) {
    let sink = SmtpSink::start().await;
    let portal = portal_with(pool, &sink).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    choose(&portal, &user, "daily").await;
    portal.item("904", "One").starting_on(on(8)).raise().await;
    for day in [6, 7, 6, 5, 7] {
        queue_daily(&portal.app, on(day)).await.unwrap();
        portal.run_jobs().await;
    }
    assert_eq!(sink.received().len(), 2, "one for the 6th, one for the 7th");
}
