//! What the demonstration has ready to be tried, for each of the pages that would be empty without it.

use changeover::access::Right::{
    LocalWorkstructuresAdministration, MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment,
};
use changeover::{demo, worker};
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn the_demonstration_has_a_start_a_list_an_update_a_shared_position_and_a_pair_ready(pool: PgPool) {
    let portal = Portal::start_with(pool, &[("CHANGEOVER_TODAY", "2026-05-06")]).await;
    demo::load(&portal.app, &worker::processors()).await.unwrap();
    portal.run_jobs().await;
    let rights = [MedicalStaffingOfficer, RecruitmentAndApplicantEnrolment, LocalWorkstructuresAdministration];
    let officer = portal.sign_in("941", rights).await;

    let starters = officer.get("/doctors/day-one?from=2026-05-11&to=2026-05-11").await;
    assert_eq!(starters.assert_ok().texts("tbody tr").len(), 3);
    assert_eq!(
        portal.count("select count(*) from items where vpd = '941' and type = 'dit_starter' and state = 'open'").await,
        1
    );
    let application = portal
        .text("select application_id::text from applications where vpd = '941' and status = 'offer_accepted'")
        .await;
    let form = [("confirmed", "yes"), ("hired-on", "2026-05-11"), ("person-type", "Honorary"), ("held", "end")];
    officer.post(format!("/doctors/applications/{application}/hire"), form).await.assert_redirect();

    let list = officer.get("/positions/deanery-list").await;
    let list = officer.get(list.attr("a[href^='/positions/deanery-list/']", "href")).await;
    assert!(list.assert_ok().words().contains("WES/R9L01/024/STR/951"), "{}", list.words());
    let states = "select string_agg(state || ' ' || n, ', ' order by state) from
                    (select state, count(*) as n from mass_update_rows where vpd = '941' and update_id =
                      (select update_id from mass_updates where vpd = '941' order by number desc limit 1) group by state) counted";
    assert_eq!(portal.text(states).await, "pending 9, rejected 2, skipped_no_change 1");
    let shared = officer.get("/positions/941199010").await;
    assert_eq!(shared.assert_ok().texts("table tbody tr").len(), 4, "{}", shared.words());
    officer.get("/positions/941199010/unbucket").await.assert_ok();

    let lead = portal.sign_in("952", rights).await;
    let pair = lead.get("/positions/952100072").await;
    assert!(pair.words().contains("5 Aug 2026 to 3 Aug 2027, application received"), "{}", pair.words());
    assert!(pair.words().contains("staffing@wrenfield.example"));
    // Loaded again, it is as it was.
    let before = portal.count("select count(*) from audit").await;
    demo::load(&portal.app, &worker::processors()).await.unwrap();
    assert_eq!(portal.count("select count(*) from audit").await, before);
    portal.run_jobs().await;
}
