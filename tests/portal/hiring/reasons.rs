//! BIZ-2: a reason is asked for, bounded, kept as it was typed, and shown as text, wherever one decides about a doctor.

use sqlx::PgPool;

use super::{hire, recruiter, with_accepted};

#[sqlx::test]
async fn biz_2_a_reason_is_needed_bounded_kept_and_shown_as_text(pool: PgPool) {
    let (portal, application) = with_accepted(pool).await;
    let recruiter = recruiter(&portal).await;
    hire(&recruiter, &application, "2026-08-05", "Honorary", "").await.assert_redirect();
    let cancel = portal.text("select '/doctors/hires/' || hire_id || '/cancel' from hires").await;
    let long = "é".repeat(4_001);
    for (reason, said) in
        [("", "Enter why the hire was an error"), (" \r\n ", "Enter why"), (&long, "4,000 characters")]
    {
        let page = recruiter.post(&cancel, [("reason", reason)]).await;
        assert_eq!(page.status, 422);
        assert!(page.has(".nhsuk-error-summary") && page.text("#reason-error").contains(said), "{}", page.words());
        assert_eq!(page.text("#reason"), reason.trim(), "what was typed stays");
    }
    assert_eq!(portal.count("select count(*) from hires where taken_back_at is not null").await, 0);
    let markup = "<script>alert(1)</script> & \"quotes\"";
    recruiter.post(&cancel, [("reason", markup)]).await.assert_redirect();
    assert_eq!(portal.text("select taken_back_why from hires").await, markup);
    let person = portal.text("select person_id from applications").await;
    let page = recruiter.get(format!("/doctors/{person}")).await;
    assert!(!page.assert_ok().body.contains("<script>alert"), "shown as text, if at all");

    // Leaving takes a note that nobody must write, and bounds it.
    let leaving = format!("/doctors/{person}/leaving");
    let page = recruiter.post(&leaving, [("outcome", "stays"), ("note", long.as_str())]).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#note-error").contains("4,000 characters"));
    assert_eq!(page.text("#note").chars().count(), 4_001);
}
