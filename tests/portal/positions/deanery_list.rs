//! The deanery's list beside the positions, and a shared position split.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn a_list_is_compared_and_each_difference_is_mended(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    sqlx::query("update positions set dpn = null, dpn_key = null, managing_body = null where position_id = '9041004'")
        .execute(&portal.owner)
        .await
        .unwrap();
    sqlx::query(
        "insert into managing_body_contacts (contact_id, body_code, purpose, address, valid_from) values (gen_random_uuid(), 'KSS', 'data_quality', 'data@deanery.example', '2020-01-01')",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let list = "deanery_post_number,specialty,valid_from\nKSS/R9A01/001/STR/001,Urology,\nkss/r9a01/001/str/001 ,again,\n\
                KSS/R9A01/052/FY1/005,Anaesthetics,\nKSS/R9A01/024/STR/777,Paediatrics,5/8/2026\nKSS/R9A01/024/STR/778,Paediatrics,\n";
    let to = works.upload("/positions/deanery-list", &[], &[("file", "kss.csv", list.as_bytes())]).await;
    let to = to.assert_redirect().to_owned();
    let page = works.get(&to).await;
    let text = page.words();
    assert!(text.contains("Posts that no position carries (3)"), "{text}");
    assert!(text.contains("Training posts without a number (1)"), "{text}");
    assert!(text.contains("it is taken once"), "{text}");

    let assign = [("position_number", "29040004"), ("from", "6/5/2026")];
    let taken = [("position_number", "1"), ("from", "6/5/2026")];
    assert_eq!(works.post(format!("{to}/posts/4/assign"), taken).await.status, 422);
    let page = works.post(format!("{to}/posts/4/assign"), [("position_number", ""), ("from", "6/5/2026")]).await;
    assert!(page.text("#position_number-error").ends_with("Enter the number of the position"), "{}", page.words());
    // Each action has a form of its own, so that Enter in a field does what stands under it.
    let page = works.get(format!("{to}/posts/4")).await;
    for (field, action) in [("position_number", "assign"), ("title", "draft"), ("area", "draft"), ("question", "query")]
    {
        assert!(page.has(&format!("form[action='{to}/posts/4/{action}'] [name='{field}']")), "{field}");
    }
    assert_eq!(page.attrs("main button[formaction]", "formaction"), [""; 0]);
    works.post(format!("{to}/posts/4/assign"), assign).await.assert_redirect();
    let undo = works.get(&to).await.attr("#banner form", "action");
    let draft = [
        ("draft_from", "5/8/2026"),
        ("title", "Specialty Registrar"),
        ("area", "Paediatrics"),
        ("occupation_code", "024"),
    ];
    assert_eq!(works.post(format!("{to}/posts/5/draft"), draft).await.status, 422, "no job role");
    let mut draft = draft.to_vec();
    draft.push(("job_role", "Specialty Registrar"));
    works.post(format!("{to}/posts/5/draft"), draft).await.assert_redirect();
    works.post(format!("{to}/posts/6/query"), [("question", "Is this post ours?")]).await.assert_redirect();
    let text = works.get(&to).await.words();
    assert!(text.contains("Posts that no position carries (1)") && text.contains("Asked by"), "{text}");
    // It was asked: a second mail only for those who say so.
    assert!(works.get(format!("{to}/posts/6")).await.words().contains("Asked by Test user"));
    let page = works.post(format!("{to}/posts/6/query"), [("question", "Is it?")]).await;
    assert_eq!((page.status, page.text("#question").as_str()), (422, "Is it?"));
    assert!(page.text("#again-error").contains("Tick the box to ask a second time"), "{}", page.words());
    assert_eq!(portal.count("select count(*) from emails where purpose = 'ask_again'").await, 1);
    assert_eq!(portal.text("select to_address from emails where purpose = 'ask_again'").await, "data@deanery.example");
    // The next list has the post again: it was asked about all the same.
    let later = works.upload("/positions/deanery-list", &[], &[("file", "june.csv", list.as_bytes())]).await;
    let later = later.assert_redirect().to_owned();
    assert!(works.get(&later).await.words().contains("Asked by Test user"));
    assert_eq!(works.post(format!("{later}/posts/6/query"), [("question", "Is it?")]).await.status, 422);
    assert_eq!(portal.count("select count(*) from emails where purpose = 'ask_again'").await, 1);
    portal.run_jobs().await;
    works.press(&undo).await.assert_redirect();
    assert!(works.get(&to).await.words().contains("Posts that no position carries (2)"));
    let stranger = portal.sign_in("917", Right::LocalWorkstructuresAdministration).await;
    assert_eq!(stranger.get(&to).await.status, 404, "TEN-1");
    for (bytes, words) in [(&b"a,b\n1,2\n"[..], "heading deanery_post_number"), (b"", "is empty")] {
        let page = works.upload("/positions/deanery-list", &[], &[("file", "a.csv", bytes)]).await;
        assert!(page.status == 422 && page.text("#file-error").contains(words), "{words}");
    }
}

#[sqlx::test]
async fn what_the_list_does_not_have_is_asked_about_and_a_post_without_number_is_given_one(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let sql = "update positions set dpn = null, dpn_key = null, managing_body = null where position_id = '9041004';
               insert into managing_body_contacts (contact_id, body_code, purpose, address, valid_from)
               values (gen_random_uuid(), 'KSS', 'data_quality', 'data@deanery.example', '2020-01-01')";
    sqlx::raw_sql(sql).execute(&portal.owner).await.unwrap();
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let list = "deanery_post_number,specialty\nKSS/R9A01/001/STR/001,Urology\nKSS/R9A01/024/STR/777,Paediatrics\n";
    let to = works.upload("/positions/deanery-list", &[], &[("file", "kss.csv", list.as_bytes())]).await;
    let to = to.assert_redirect().to_owned();
    let page = works.get(&to).await;
    let (surplus, unnumbered) = (format!("{to}/positions/9041006"), format!("{to}/positions/9041004"));
    assert!(page.has(&format!("a[href='{surplus}']")) && page.has(&format!("a[href='{unnumbered}']")));

    // Not on the list: asked, shown as asked, and a second time only for those who say so.
    assert_eq!(works.post(format!("{surplus}/query"), [("question", ""), ("body", "KSS")]).await.status, 422);
    let ask = [("question", "Is this post yours?"), ("body", "KSS")];
    assert_eq!(works.post(format!("{surplus}/query"), [ask[0], ("body", "XXX")]).await.status, 422);
    works.post(format!("{surplus}/query"), ask).await.assert_redirect();
    let mail = portal.text("select subject || ' to ' || to_address from emails where purpose = 'ask_again'").await;
    assert!(mail.contains("position 29040006") && mail.ends_with("to data@deanery.example"), "{mail}");
    assert!(portal.audit("904").await.iter().any(|event| event == "deanery_queried"));
    assert!(works.get(&to).await.words().contains("Asked by Test user"));
    let page = works.post(format!("{surplus}/query"), ask).await;
    assert_eq!((page.status, page.has("#again-error")), (422, true));
    works.post(format!("{surplus}/query"), [ask[0], ask[1], ("again", "yes")]).await.assert_redirect();

    // Without a number: one of the list's free posts is picked.
    let page = works.get(&unnumbered).await;
    assert_eq!(page.assert_ok().attrs("#row option", "value"), ["", "3"], "only what nobody carries");
    let page = works.post(format!("{unnumbered}/assign"), [("row", ""), ("from", "6/5/2026")]).await;
    assert_eq!((page.status, page.has("#row-error")), (422, true));
    works.post(format!("{unnumbered}/assign"), [("row", "3"), ("from", "6/5/2026")]).await.assert_redirect();
    let page = works.get(&to).await;
    assert!(page.words().contains("KSS/R9A01/024/STR/777 is on position 29040004"), "{}", page.words());
    assert!(page.words().contains("Training posts without a number (0)"), "{}", page.words());
    let stranger = portal.sign_in("917", Right::LocalWorkstructuresAdministration).await;
    assert_eq!(stranger.get(&surplus).await.status, 404, "TEN-1");
    assert_eq!(stranger.post(format!("{surplus}/query"), ask).await.status, 404, "TEN-2");
}

#[sqlx::test]
async fn a_shared_position_is_split_after_a_dry_run_and_put_together_again(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    sqlx::query(
        "update assignments set position_id = '9041003' where vpd = '904' and assignment_id in
           (select assignment_id from assignments where vpd = '904' order by assignment_id limit 3)",
    )
    .execute(&portal.owner)
    .await
    .unwrap();
    let before = portal
        .text("select jsonb_agg(to_jsonb(a) order by assignment_id, effective_from)::text from assignments a")
        .await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let path = "/positions/9041003/unbucket";
    let page = works.get(path).await;
    page.assert_ok();
    let names = page.attrs("input[name^='dpn-']", "name");
    assert!(names.len() >= 3, "{names:?}");
    assert_eq!(works.post(path, [("from", "1/6/2026")]).await.status, 422, "nobody moves");
    let twice = [("from", "1/6/2026"), (names[0].as_str(), "KSS/R9A01/001/STR/001")];
    let page = works.post(path, twice).await;
    assert_eq!(page.status, 422);
    assert!(page.words().contains("is used by 29040000"), "{}", page.words());

    // A day before they held it is wrong at its field, and costs nothing that was typed.
    let early = [("from", "1/6/1999"), (names[0].as_str(), "KSS/R9A01/024/STR/801")];
    let page = works.post(path, early).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#from-error").contains("holds the position since"), "{}", page.words());
    assert_eq!(page.attr(&format!("input[name='{}']", names[0]), "value"), "KSS/R9A01/024/STR/801");
    assert_eq!(page.attrs("input[name^='dpn-']", "name").len(), names.len());

    let fields = [
        ("from", "1/6/2026"),
        (names[0].as_str(), "KSS/R9A01/024/STR/801"),
        (names[1].as_str(), "KSS/R9A01/024/STR/802"),
    ];
    let check = works.post_to_check(path, fields).await;
    check.assert_ok();
    let change = check.attr(".app-actions a", "href");
    assert_eq!(works.get(&change).await.attr(&format!("input[name='{}']", names[1]), "value"), "KSS/R9A01/024/STR/802");
    assert!(check.words().contains("Nothing is changed yet") && check.words().contains("802"), "{}", check.words());
    assert_eq!(portal.count("select count(*) from positions where position_id like '9000%'").await, 0, "a dry run");
    let mut sure = fields.to_vec();
    sure.push(("confirmed", "yes"));
    works.post(path, sure).await.assert_redirect();
    assert_eq!(portal.count("select count(*) from positions where position_id like '9000%'").await, 2);
    assert_eq!(
        portal
            .count("select count(*) from assignments where position_id like '9000%' and effective_from = '2026-06-01'")
            .await,
        2
    );
    let undo = works.get("/positions/9041003").await.attr("#banner form", "action");
    // It stays to be undone from the page of the shared position, and the positions that were made lead there.
    let split = works.get("/positions/9041003").await.attr("main a[href^='/positions/unbucketed/']", "href");
    let made = portal.text("select min(position_id) from position_changes where source = 'unbucket'").await;
    let page = works.get(format!("/positions/{made}")).await;
    assert!(page.words().contains("is undone with it") && !page.has("form[action^='/positions/changes/']"));
    assert_eq!(page.attr("main a[href^='/positions/unbucketed/']", "href"), split);
    let page = works.get(&split).await;
    assert_eq!(page.assert_ok().texts("tbody tr").len(), 2);
    assert!(page.has(&format!("form[action='{undo}']")));
    let change = portal.text("select min(change_id::text) from position_changes where source = 'unbucket'").await;
    let page = works.press(format!("/positions/changes/{change}/undo")).await;
    assert_eq!((page.status, page.text("h1").as_str()), (409, "This is undone elsewhere"));
    works.press(&undo).await.assert_redirect();
    let after = portal
        .text("select jsonb_agg(to_jsonb(a) order by assignment_id, effective_from)::text from assignments a")
        .await;
    assert_eq!(before, after);
    assert_eq!(portal.count("select count(*) from positions where position_id like '9000%'").await, 0);
    assert_eq!(works.press(&undo).await.status, 409);
    assert!(works.get(&split).await.words().contains("everybody is on the shared position again"));

    // Once something followed, it is not offered.
    let mut again = fields.to_vec();
    again.push(("confirmed", "yes"));
    works.post(path, again).await.assert_redirect();
    sqlx::query("update assignments set contract_end_on = '2031-01-01' where position_id like '9000%'")
        .execute(&portal.owner)
        .await
        .unwrap();
    let split =
        works.get("/positions/9041003").await.attr("main li:first-of-type a[href^='/positions/unbucketed/']", "href");
    let page = works.get(&split).await;
    assert!(
        page.words().contains("cannot be undone any more") && !page.has("main form[action$='/undo']"),
        "{}",
        page.words()
    );
}
