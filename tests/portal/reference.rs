//! The lists of codes that operators keep: read, changed, and what follows.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn an_operator_marks_a_job_role_as_training_and_positions_of_it_need_a_number(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    assert!(operator.get("/admin").await.assert_ok().words().contains("Code lists"));
    let lists = operator.get("/interfaces/codes").await;
    assert!(lists.assert_ok().words().contains("Withdrawal reasons Values 3"), "{}", lists.words());
    let page = operator.get("/interfaces/codes/job_role").await;
    assert!(
        page.assert_ok().words().contains("Specialty Doctor Meaning Specialty Doctor Training post No In use Yes"),
        "{}",
        page.words()
    );

    let form = operator.get("/interfaces/codes/job_role/change?code=Specialty+Doctor").await;
    assert_eq!(form.assert_ok().attr("input[name=training][checked]", "value"), "no");
    let fields = [("code", "Specialty Doctor"), ("label", "Specialty doctor"), ("training", "yes"), ("active", "yes")];
    // BIZ-3: pressed twice, it is changed and audited once.
    for _ in 0..2 {
        let saved = operator.post("/interfaces/codes/job_role/change", fields).await;
        assert_eq!(saved.assert_redirect(), "/interfaces/codes/job_role");
    }
    let marked = "select count(*) from code_values where list = 'job_role' and code = 'Specialty Doctor' and training";
    assert_eq!(portal.count(marked).await, 1);
    let audited = "select detail->>'from' || ' > ' || (detail->>'to') from audit where event = 'code_list_changed'";
    assert_eq!(portal.text(audited).await, "Specialty Doctor > Specialty doctor, training");
    assert_eq!(portal.count("select count(*) from audit where event = 'code_list_changed'").await, 1);
    let trail = operator.get("/admin/audit").await.words();
    assert!(trail.contains("Code list changed"), "{trail}");
}

#[sqlx::test]
async fn a_value_is_added_once_and_out_of_use_is_offered_no_more(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.load_employers().await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let added = operator.post("/interfaces/codes/title", [("code", "BARONESS"), ("label", "Baroness")]).await;
    assert_eq!(added.assert_redirect(), "/interfaces/codes/title");
    for (code, label, problem) in [
        ("baroness", "Baroness", "The list has this code already"),
        ("", "Nothing", "Enter the code"),
        ("X", "", "Enter the meaning"),
        ("A~B", "x", "ends a field in interface files"),
        ("X", "<b>1</b>\u{7}", "letters, digits and signs"),
    ] {
        let refused = operator.post("/interfaces/codes/title", [("code", code), ("label", label)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.words().contains(problem), "{code:?} {label:?}: {}", refused.words());
        assert_eq!(refused.attr("#code", "value"), code.trim(), "what was typed is kept");
    }
    assert_eq!(portal.count("select count(*) from code_values where list = 'title'").await, 13);

    let staffing =
        portal.sign_in("904", [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment]).await;
    assert!(staffing.get("/doctors/new").await.assert_ok().body.contains("Baroness"));
    let change = [("code", "BARONESS"), ("label", "Baroness"), ("active", "no")];
    operator.post("/interfaces/codes/title/change", change).await.assert_redirect();
    assert!(!staffing.get("/doctors/new").await.assert_ok().body.contains("Baroness"));
    let page = operator.get("/interfaces/codes/title").await;
    assert!(page.words().contains("BARONESS Meaning Baroness In use Out of use"), "{}", page.words());
}

#[sqlx::test]
async fn a_value_that_forms_begin_with_stays_and_unknown_lists_and_codes_are_not_there(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let path = "/interfaces/codes/person_type/change";
    for (label, active) in [("Honorary", "no"), ("Guest", "yes")] {
        let refused = operator.post(path, [("code", "Honorary"), ("label", label), ("active", active)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.words().contains("Forms here begin with this value"), "{}", refused.words());
    }
    let unsaid = operator.post(path, [("code", "Employee"), ("label", "Employee"), ("active", "")]).await;
    assert_eq!(unsaid.text("#active-error"), "Error: Select whether the value is in use");
    // A slash and a space in a code find their way.
    let slash = operator.get("/interfaces/codes/sexual_orientation").await;
    let href = slash.attr("a[href*='Gay%2FLesbian']", "href");
    assert!(operator.get(&href).await.assert_ok().words().contains("Gay/Lesbian"));
    assert_eq!(operator.get("/interfaces/codes/nothing").await.status, 404);
    assert_eq!(operator.get("/interfaces/codes/title/change?code=NOTHING").await.status, 404);
    assert_eq!(operator.post(path, [("code", "NOTHING"), ("label", "x"), ("active", "yes")]).await.status, 404);
    assert_eq!(portal.count("select count(*) from audit where event = 'code_list_changed'").await, 0);
}
