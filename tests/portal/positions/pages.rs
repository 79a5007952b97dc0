//! The pages on which positions are found and changed.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

const EDIT: &str = "/positions/9041003/edit";

/// The form as the page shows it.
async fn form(visitor: &crate::support::Visitor, path: &str) -> Vec<(String, String)> {
    let page = visitor.get(path).await;
    page.assert_ok();
    let mut fields: Vec<(String, String)> = ["input[type=text]", "input[type=hidden]"]
        .iter()
        .flat_map(|css| page.attrs(css, "name").into_iter().zip(page.attrs(css, "value")))
        .filter(|(name, _)| name != "csrf")
        .collect();
    for select in ["managing_deanery_body", "out_of_hours", "rota_pattern", "prospective_cover", "job_role"] {
        let value = page.attr_of(&format!("#{select} option[selected]"), "value").unwrap_or_default();
        fields.push((select.to_owned(), value));
    }
    let status = page.attr_of("input[name=host_lead_status][checked]", "value").unwrap_or_default();
    fields.push(("host_lead_status".to_owned(), status));
    fields
}

fn with(mut fields: Vec<(String, String)>, values: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in values {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

#[sqlx::test]
async fn a_position_is_changed_on_its_page_and_put_back_from_the_banner(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let fields = form(&works, EDIT).await;
    assert!(fields.contains(&("deanery_post_number".into(), "KSS/R9A01/024/STR/004".into())), "{fields:?}");

    // FILE: each rule is said at its field, in words.
    let page = works.post(EDIT, with(fields.clone(), &[("deanery_post_number", "MER//123/123")])).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#deanery_post_number-error").contains("Part 2 is empty: MER//123/123"));
    let page = works.post(EDIT, with(fields.clone(), &[("deanery_post_number", " kss/R9A01/001/STR/001")])).await;
    assert_eq!(page.status, 422, "a space before it");
    let page = works.post(EDIT, with(fields.clone(), &[("deanery_post_number", "kss/R9A01/001/str/001")])).await;
    assert!(page.text("#deanery_post_number-error").contains("is used by 29040000 Specialty Registrar"));
    assert!(page.has("a[href^='/positions/dpn-report/settle?dpn=']"));
    let page = works.post(EDIT, with(fields.clone(), &[("effective_from", "soon")])).await;
    assert_eq!(page.text("#effective_from-error"), "Error: Enter the day from which this holds, such as 5/8/2026");

    // What only warns is asked about first.
    let odd = with(fields.clone(), &[("deanery_post_number", "KSS/R9/024/STR/A04"), ("effective_from", "5/8/2026")]);
    let page = works.post(EDIT, odd.clone()).await;
    page.assert_ok();
    assert_eq!(page.text("h1"), "Check the change of position 29040003");
    assert!(page.body.contains("The fifth part, the counter, is not a number"));
    let to = works.post(EDIT, with(odd, &[("confirmed", "yes")])).await.assert_redirect().to_owned();
    assert_eq!(to, "/positions/9041003?on=2026-08-05");
    let page = works.get(&to).await;
    assert!(page.text("#banner").contains("Position 29040003 is changed from 5 August 2026"));
    assert!(page.text("#banner").contains("Deanery Post Number: KSS/R9/024/STR/A04, was KSS/R9A01/024/STR/004"));
    let undo = page.attr("#banner form", "action");
    works.press(&undo).await.assert_redirect();
    let page = works.get("/positions/9041003?on=2026-08-05").await;
    assert!(page.body.contains("KSS/<wbr>R9A01/<wbr>024/<wbr>STR/<wbr>004"));
    assert!(page.body.contains("Undone by"));
    assert_eq!(works.press(&undo).await.status, 409, "once");
    let sees = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    assert_eq!(sees.get(EDIT).await.status, 403);
}

// BIZ-3, BIZ-8
#[sqlx::test]
async fn who_changes_what_another_changed_meanwhile_sees_both(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let one = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let two = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let seen_by_one = form(&one, EDIT).await;
    let seen_by_two = form(&two, EDIT).await;
    let lead =
        with(seen_by_one.clone(), &[("host_lead_status", "lead"), ("out_of_hours", "Band 1A"), ("confirmed", "yes")]);
    one.post(EDIT, lead.clone()).await.assert_redirect();
    let page = two.post(EDIT, with(seen_by_two, &[("host_lead_status", "host")])).await;
    assert_eq!((page.status, page.text("h1").as_str()), (409, "This changed while you were looking"));
    assert!(page.body.contains("Band 1A") && page.body.contains("<strong>Host Employer</strong>"));
    // The same form again changes nothing more.
    assert_eq!(one.post(EDIT, lead).await.status, 409);
    assert_eq!(portal.count("select count(*) from position_changes").await, 1);
}

#[sqlx::test]
async fn a_position_ends_after_asking_about_the_people_on_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let page = works.get("/positions/9041000/end").await;
    let seen = page.attr("main form input[name=seen]", "value");
    let asked = works.post("/positions/9041000/end", [("end_on", "31/5/2026"), ("seen", &seen)]).await;
    asked.assert_ok();
    assert!(asked.body.contains("1 person holds the position after that day"), "{}", asked.words());
    let sure = [("end_on", "31/5/2026"), ("seen", &seen), ("confirmed", "yes")];
    works.post("/positions/9041000/end", sure).await.assert_redirect();
    assert_eq!(
        portal.text("select effective_to::text from position_directory where position_id = '9041000'").await,
        "2026-05-31"
    );
    let page = works.get("/positions/9041000/end").await;
    let seen = page.attr("main form input[name=seen]", "value");
    works.post("/positions/9041000/end", [("reopen", "yes"), ("seen", &seen)]).await.assert_redirect();
    assert_eq!(
        portal
            .count("select count(*) from position_directory where position_id = '9041000' and effective_to is null")
            .await,
        1
    );
    assert_eq!(works.post("/positions/9041000/end", [("end_on", "1/1/2001"), ("confirmed", "yes")]).await.status, 422);
}

#[sqlx::test]
async fn positions_are_found_by_what_is_wrong_and_by_who_holds_them(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let works = portal.sign_in("904", Right::LocalWorkstructuresAdministration).await;
    let found = |query: &'static str| {
        let works = &works;
        async move { works.get(format!("/positions?{query}")).await.assert_ok().texts("tbody th a").len() }
    };
    assert_eq!(found("problem=duplicate").await, 4);
    assert_eq!(
        found("holder=vacant&q=Urology").await + found("holder=filled&q=Urology").await,
        found("q=Urology").await
    );
    assert_eq!(found("status=host").await, 0);
    assert!(found("problem=D3").await >= 1);
    let page = works.get("/positions?problem=D3").await;
    assert!(page.body.contains('⇥') || page.body.contains('↵'), "a sign for what cannot be seen");
}
