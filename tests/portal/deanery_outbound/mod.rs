//! What goes out to the deanery: positions in full and as changes, person updates, and the reply.

use changeover::access::Right::{LocalWorkstructuresAdministration, SysAdmin};
use changeover::audit::Actor;
use changeover::deanery_outbound::actions::{queue_due, send_persons, send_positions};
use changeover::file_exchange::replies::remove_unfinished;
use sqlx::PgPool;

use crate::support::Portal;
use crate::support::files::framed;

/// The lines of a file that was sent, without its frame, which is checked.
fn lines(portal: &Portal, name: &str) -> Vec<String> {
    let path = portal.app.config.exchange.join("outbound").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let all: Vec<&str> = text.split_terminator("\r\n").collect();
    assert!(all[0].starts_with(&format!("HDR~{name}~20260506 ")), "{}", all[0]);
    assert_eq!(*all.last().unwrap(), format!("TRL~{}", all.len() - 2));
    all[1..all.len() - 1].iter().map(|line| (*line).to_owned()).collect()
}

async fn positions(portal: &Portal, full: bool) -> Option<Vec<String>> {
    let made = send_positions(&portal.app, "KSS", full, &Actor::Command).await.unwrap()?;
    let lines = lines(portal, &made.file);
    assert_eq!(made.records, lines.len() as i64);
    Some(lines)
}

#[sqlx::test]
async fn a_full_file_tells_every_sound_position_and_changes_tell_what_changed(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let full = positions(&portal, true).await.unwrap();
    assert!(full.len() > 20 && full.len() % 2 == 0);
    assert!(full.iter().any(|line| line.starts_with(
        "POS~9041003~20190807~C~29040003~Specialty Registrar~024~Paediatrics~~KSS/R9A01/024/STR/004~KSS~"
    )));
    // D1 to D4: nothing goes out for a position with a fault that stops.
    assert!(!full.iter().any(|line| line.contains('\t') || line.contains("//")), "{full:#?}");
    assert_eq!(positions(&portal, false).await, None, "nothing changed, nothing is sent");

    // A new number is a delete for the old key and a change for the new; an end is a delete.
    let sql = "update positions set dpn = 'KSS/R9A01/024/STR/904', dpn_key = 'KSS/R9A01/024/STR/904' where position_id = '9041003';
               update positions set effective_to = '2026-05-05' where position_id = '9041001'";
    sqlx::raw_sql(sql).execute(&portal.owner).await.unwrap();
    let changes = positions(&portal, false).await.unwrap();
    let heads: Vec<String> = changes
        .iter()
        .map(|line| {
            let fields: Vec<&str> = line.split('~').collect();
            let dpn = fields.iter().find(|field| field.contains("KSS/")).unwrap();
            format!("{} {} {} {dpn}", fields[0], fields[1], fields[3])
        })
        .collect();
    assert_eq!(
        heads,
        [
            "POS 9041003 D KSS/R9A01/024/STR/004",
            "POR 9041003 D KSS/R9A01/024/STR/004",
            "POS 9041003 C KSS/R9A01/024/STR/904",
            "POR 9041003 C KSS/R9A01/024/STR/904",
            "POS 9041001 D KSS/R9A01/020/FY1/002",
            "POR 9041001 D KSS/R9A01/020/FY1/002",
        ]
    );
    assert_eq!(positions(&portal, false).await, None);
    let kept = portal.count("select count(distinct vpd) from file_vpds v join interface_files f using (file_id) where f.direction = 'out'").await;
    assert!(kept >= 2, "an employer sees the files that concern it");
}

#[sqlx::test]
async fn the_list_of_positions_says_when_each_was_sent_or_why_not(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let keeper = portal.sign_in("904", LocalWorkstructuresAdministration).await;
    let said = async |number: &str| {
        let page = keeper.get(format!("/positions?q={number}")).await;
        page.assert_ok().texts("tbody tr td:last-child").pop().unwrap_or_default()
    };
    assert!(said("29040003").await.contains("Not yet sent"), "{}", said("29040003").await);
    // What the report weighs as stopping is what stops: a name that cannot be read is not sent either.
    sqlx::query("update positions set name = E'29040001|House\tOfficer|020|Surgery' where position_id = '9041001'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let full = positions(&portal, true).await.unwrap();
    assert!(!full.iter().any(|line| line.contains("~29040001~")), "a stopped position went out");
    assert!(said("29040001").await.contains("Not sent, has a problem"), "{}", said("29040001").await);
    let today = changeover::ui::dates::short_day(changeover::ui::dates::london_day(portal.app.now()));
    assert!(said("29040003").await.contains(&today), "{}", said("29040003").await);
    assert!(keeper.get("/positions/9041003").await.words().contains("Sent to the deanery"));
}

#[sqlx::test]
async fn an_operator_sets_from_which_hour_a_bodys_files_are_made(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", SysAdmin).await;
    assert_eq!(operator.get("/interfaces/bodies/KSS").await.attr("#hour", "value"), "14:00");
    for wrong in ["", "24:00", "noon", "9"] {
        let page = operator.post("/interfaces/bodies/KSS/hour", [("hour", wrong)]).await;
        assert_eq!((page.status, page.has("#hour-error")), (422, true), "{wrong}");
    }
    operator.post("/interfaces/bodies/KSS/hour", [("hour", "06:30")]).await.assert_redirect();
    assert_eq!(operator.get("/interfaces/bodies/KSS").await.attr("#hour", "value"), "06:30");
    assert_eq!(operator.get("/interfaces/bodies/LDN").await.attr("#hour", "value"), "14:00");
    assert!(portal.audit("0").await.contains(&"sending_hour_set".to_owned()));
}

/// F-2: a run that was cut off after it had told some employers is contained in the next.
#[sqlx::test]
async fn f_2_a_run_that_was_cut_off_is_contained_in_the_next(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let first = positions(&portal, false).await.unwrap();
    sqlx::query("update interface_files set state = 'processing' where direction = 'out'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let again = positions(&portal, false).await.unwrap();
    assert_eq!(first, again);
    let states = "select string_agg(state, ' ' order by sequence) from interface_files where direction = 'out'";
    assert_eq!(portal.text(states).await, "failed sent");
    // It is not finished by hand either: its pieces are gone.
    let operator = portal.sign_in("0", SysAdmin).await;
    let file =
        portal.text("select file_id::text from interface_files where direction = 'out' and state = 'failed'").await;
    let page = operator.get(format!("/interfaces/files/{file}")).await;
    page.assert_ok();
    assert!(!page.has(&format!("form[action='/interfaces/files/{file}/process']")));
    assert_eq!(operator.press(format!("/interfaces/files/{file}/process")).await.status, 409);
    assert_eq!(portal.text(states).await, "failed sent");
}

/// What was said before and is said again is told where something else was said between, whether or not that file left.
/// F-2: a run of the day that was cut off comes back: its slot is taken together with its job.
#[sqlx::test]
async fn f_2_the_files_of_a_day_are_queued_once_and_survive_who_makes_them(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let queued = "select count(*) from jobs where kind = 'deanery_outbound.send' and payload ? 'due'";
    let bodies = portal.count("select count(*) from managing_bodies where sends_files").await;
    for (clock, count) in [
        ("2026-05-09T15:00:00", 0), // a Saturday
        ("2026-05-11T00:00:00", 0),
        ("2026-05-11T23:59:00", bodies),
        ("2026-05-11T23:59:30", bodies),
    ] {
        queue_due(&portal.app, clock.parse().unwrap()).await.unwrap();
        assert_eq!(portal.count(queued).await, count, "{clock}");
    }
    portal.run_jobs().await;
    let made = "select count(*) from interface_files where direction = 'out' and file_type = 'RMF' and state = 'sent' and sender = 'KSS'";
    assert_eq!((portal.count(made).await, portal.count(queued).await), (1, 0));
    queue_due(&portal.app, "2026-05-11T23:59:59".parse().unwrap()).await.unwrap();
    assert_eq!(portal.count(queued).await, 0, "once a day");
}

#[sqlx::test]
async fn what_a_killed_program_left_half_written_is_removed_after_a_day(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let folder = portal.app.config.exchange.join("outbound");
    std::fs::create_dir_all(&folder).unwrap();
    let day = std::time::Duration::from_secs(25 * 3600);
    for (name, age) in [(".DE_old.DAT.1.part", day), (".DE_new.DAT.2.part", day / 50), ("DE_sent.DAT", day)] {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - age).unwrap();
    }
    remove_unfinished(&portal.app).unwrap();
    let left = [".DE_old.DAT.1.part", ".DE_new.DAT.2.part", "DE_sent.DAT"].map(|name| folder.join(name).exists());
    assert_eq!(left, [false, true, true]);
}

#[sqlx::test]
async fn what_goes_back_to_what_it_was_is_told(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let full = positions(&portal, true).await.unwrap();
    assert_eq!(positions(&portal, true).await.unwrap(), full, "nothing changed, and a full file tells all of it again");
    let name = async |to: &str| {
        sqlx::query("update positions set name = regexp_replace(name, '[^|]*$', $1) where position_id = '9041003'")
            .bind(to)
            .execute(&portal.owner)
            .await
            .unwrap();
    };
    for (is_lost, records) in [(false, 2), (true, 0)] {
        name("Cardiology").await;
        assert_eq!(positions(&portal, false).await.unwrap().len(), 2);
        if is_lost {
            sqlx::raw_sql("update interface_files set state = 'processing' where file_type = 'RMC' and sequence = (select max(sequence) from interface_files where file_type = 'RMC')")
                .execute(&portal.owner)
                .await
                .unwrap();
        }
        name("Paediatrics").await;
        let told = positions(&portal, false).await.map_or(0, |lines| lines.len());
        assert_eq!(told, records, "lost: {is_lost}");
    }
    assert_eq!(positions(&portal, true).await.unwrap(), full);
    // Kept as told by anything else than a whole run, what was said counts no more.
    sqlx::query(
        "insert into positions_sent (vpd, file_id, position_id, body, action, dpn, pos_line, por_line, digest)
         select s.vpd, s.file_id, s.position_id, s.body, 'C', s.dpn, s.pos_line, s.por_line, '\\x00'
           from positions_sent s join interface_files f on f.file_id = s.file_id and f.state = 'sent'
          where s.position_id = '9041003' order by s.sent_no desc limit 1",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    assert_eq!(positions(&portal, false).await.unwrap().len(), 2);
    // Held back, then ended: its delete goes out, though no line of a full file changed between.
    name("Paedi\tatrics").await;
    let held_back = positions(&portal, true).await.unwrap();
    assert_eq!(held_back.len(), full.len() - 2);
    sqlx::query("update positions set effective_to = '2026-05-05' where position_id = '9041003'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let ended = positions(&portal, false).await.unwrap();
    assert!(ended.len() == 2 && ended[0].starts_with("POS~9041003~20190807~D~"), "{ended:?}");
}

#[sqlx::test]
async fn person_updates_go_out_from_who_pays_and_never_for_honorary_records(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    // 904 has honorary records alone; 917 pays.
    let host = "904".parse().unwrap();
    assert_eq!(send_persons(&portal.app, &host, "KSS", &Actor::Command).await.unwrap(), None);
    let vpd = "917".parse().unwrap();
    let made = send_persons(&portal.app, &vpd, "KSS", &Actor::Command).await.unwrap().unwrap();
    let first = lines(&portal, &made.file);
    let people: Vec<&str> =
        first.iter().filter(|line| line.starts_with("PER~")).map(|line| line.split('~').nth(1).unwrap()).collect();
    assert!(!people.is_empty());
    assert_eq!(send_persons(&portal.app, &vpd, "KSS", &Actor::Command).await.unwrap(), None);
    // A host's post is the lead's to tell of.
    let one = people[0].to_owned();
    sqlx::query(
        "update positions set host_or_lead = 'host' where position_id in (select position_id from assignments where person_id = $1)",
    )
    .bind(&one)
    .execute(&portal.owner)
    .await
    .unwrap();
    let made = send_persons(&portal.app, &vpd, "KSS", &Actor::Command).await.unwrap().unwrap();
    let gone = lines(&portal, &made.file);
    assert!(gone.iter().any(|line| line.starts_with(&format!("PER~{one}~D~"))), "{gone:#?}");
    assert!(gone.iter().all(|line| !line.contains(&format!("PER~{one}~C~"))));
    // What is kept here of what was told is a digest, not the person's details.
    assert_eq!(portal.count("select count(*) from persons_sent where octet_length(digest) not in (0, 32)").await, 0);
}

#[sqlx::test]
async fn the_deanerys_reply_is_read_and_a_refusal_waits_until_a_later_success(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let reply = |number: u32, status: &str, text: &str| {
        let name = format!("DE_KSS_RTC_20260506_{number:08}.DAT");
        let record = format!("RTC~1~POS~9041003~KSS/R9A01/024/STR/004~{status}~~T01~{text}");
        (name.clone(), framed(&name, "KSS", &[record, "RTC~2".to_owned()]))
    };
    let (name, bytes) = reply(1, "FAIL", "No post has this number");
    let report = portal.receive(&name, bytes).await;
    assert_eq!((report.success, report.fail), (0, 2), "{report:?}");
    let keeper = portal.sign_in("904", LocalWorkstructuresAdministration).await;
    let page = keeper.get("/inbox").await;
    assert!(page.assert_ok().words().contains("The deanery refused position 9041003"), "{}", page.words());
    let page = keeper.get("/positions/9041003").await;
    let said = page.assert_ok().words();
    assert!(said.contains("Refused by the deanery") && said.contains("T01 No post has this number"), "{said}");
    let (name, bytes) = reply(2, "SUCCESS", "");
    assert_eq!(portal.receive(&name, bytes).await.success, 1);
    assert!(!keeper.get("/positions/9041003").await.words().contains("Refused by the deanery"));
    let state = portal.text("select state from items where subject_key = 'position-refused:9041003'").await;
    assert_eq!(state, "closed_by_system");
    portal.run_jobs().await;
}

#[sqlx::test]
async fn an_operator_asks_for_a_file_and_it_is_made_by_a_job(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let operator = portal.sign_in("0", SysAdmin).await;
    assert_eq!(operator.get("/interfaces/send").await.assert_ok().text("h1"), "Send a file to the deanery");
    let page = operator.post("/interfaces/send", [("what", "full"), ("body", "")]).await;
    assert_eq!((page.status, page.has("#body-error")), (422, true));
    // Looked at first: one press sends nothing, and the page says for whom, how much, and what is held back.
    let check = operator.post_to_check("/interfaces/send", [("what", "full"), ("body", "KSS")]).await;
    check.assert_ok();
    assert!(check.words().contains("Positions that would go") && check.words().contains("KSS, "), "{}", check.words());
    assert!(check.has("a[href='#held-back']") && check.has("#held-back"), "{}", check.words());
    portal.run_jobs().await;
    assert_eq!(portal.count("select count(*) from interface_files where direction = 'out'").await, 0);
    let sure = [("what", "full"), ("body", "KSS"), ("confirmed", "yes")];
    let to = operator.post("/interfaces/send", sure).await.assert_redirect().to_owned();
    let banner = operator.get(&to).await.words();
    assert!(banner.contains("DE_KSS_RMF_20260506") && banner.contains("for KSS, "), "{banner}");
    portal.run_jobs().await;
    let name = portal.text("select file_name from interface_files where direction = 'out' and state = 'sent'").await;
    assert!(name.starts_with("DE_KSS_RMF_20260506_"));
    // Pressed twice, sent again by the back button: one file of one opening of the form.
    let once = operator.get("/interfaces/send").await.attr("input[name='once']", "value");
    for _ in 0..2 {
        let form = [("what", "full"), ("body", "KSS"), ("once", once.as_str()), ("confirmed", "yes")];
        operator.post("/interfaces/send", form).await.assert_redirect();
        portal.run_jobs().await;
    }
    assert_eq!(
        portal.count("select count(*) from interface_files where direction = 'out' and state = 'sent'").await,
        2
    );
    let list = operator.get("/interfaces?view=outbound").await;
    assert!(list.words().contains("was asked for already"));
    let heads = list.texts("thead th");
    assert!(heads.contains(&"To".to_owned()) && heads.contains(&"Sent".to_owned()), "{heads:?}");

    // Nothing changed: no file would be made, and there is no button for it.
    let check = operator.post_to_check("/interfaces/send", [("what", "changes"), ("body", "KSS")]).await;
    assert!(check.words().contains("no file would be made") && !check.has("main form"), "{}", check.words());
    // A body without positions: an empty full file only for those who say so.
    let check = operator.post_to_check("/interfaces/send", [("what", "full"), ("body", "WAL")]).await;
    assert!(check.words().contains("The file would be empty"), "{}", check.words());
    let sure = [("what", "full"), ("body", "WAL"), ("confirmed", "yes")];
    let page = operator.post("/interfaces/send", sure).await;
    assert_eq!((page.status, page.has("#empty-error")), (422, true));
    let meant = [("what", "full"), ("body", "WAL"), ("confirmed", "yes"), ("empty", "yes")];
    operator.post("/interfaces/send", meant).await.assert_redirect();
    assert!(operator.get("/interfaces").await.assert_ok().body.contains("RMF"));
}
