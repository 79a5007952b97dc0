//! A user signs in, and the page is theirs.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn a_user_signs_in_and_out(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let user = portal.user("904", Right::MedicalStaffingOfficer).await;
    let visitor = portal.sign_in_as(&user).await;
    let page = visitor.get("/sign-in").await;
    assert!(page.words().contains("Test user1"), "{}", page.words());
    assert_eq!(visitor.press("/sign-out").await.assert_redirect(), "/sign-in");
    assert!(!visitor.get("/sign-in").await.words().contains("Test user1"));
}

#[sqlx::test]
async fn an_error_page_keeps_the_way_back_for_who_is_signed_in(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.sign_in("904", Right::MedicalStaffingOfficer).await;
    let page = visitor.get("/no-such-page").await;
    assert_eq!(page.status, 404);
    assert!(page.has("form[action='/sign-out']"), "{}", page.words());
}
