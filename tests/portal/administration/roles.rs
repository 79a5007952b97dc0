use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

#[sqlx::test]
async fn the_role_map_shows_holders_and_warns_where_nobody_holds_what_work_waits_for(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user_named("officer", "904", Right::MedicalStaffingOfficer).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    portal.item("904", "A request").for_role(Right::IatApproval).raise().await;
    let page = admin.get("/admin/roles").await;
    let warnings = page.texts(".nhsuk-warning-callout li");
    assert_eq!(warnings.len(), Right::AWAITED.len() - 1, "{warnings:#?}");
    let approval = warnings.iter().find(|text| text.starts_with("IAT Approval")).unwrap();
    assert!(
        approval.contains("Requests from other employers for your leavers' records wait")
            && approval.contains("1 item waits now"),
        "{approval}"
    );
    assert!(!warnings.iter().any(|text| text.starts_with("Medical Staffing Officer")));
    let rows = page.texts("tbody tr");
    assert!(
        rows.iter().any(|row| row.contains("Medical Staffing Officer")
            && row.contains("Test officer (officer)")
            && row.contains("never signed in")),
        "{rows:#?}"
    );
    assert!(rows.iter().any(|row| row.contains("Maternity Rtn Ntf - General") && row.contains("no work waits for it")));
}

async fn gaps(portal: &Portal, vpd: &str) -> Vec<String> {
    let items = portal.items(vpd).await;
    let open =
        items.into_iter().filter(|(kind, _, state)| kind == "role_gap" && matches!(state.as_str(), "open" | "claimed"));
    let mut titles: Vec<String> = open.map(|(_, title, _)| title).collect();
    titles.sort();
    titles
}

#[sqlx::test]
async fn a_role_that_loses_its_last_holder_is_told_to_administrators_until_somebody_has_it(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let admin = portal.sign_in("904", Right::VpdAdmin).await;
    let operator = portal.sign_in("0", Right::SysAdmin).await;
    let officer = portal.user("904", Right::MedicalStaffingOfficer).await;
    let end = format!("/admin/users/{}/rights/end", officer.user_id);
    let grant = format!("/admin/users/{}/rights", officer.user_id);
    let right = ("right", "medical_staffing_officer");
    for _ in 0..2 {
        admin.post(&end, [right, ("confirmed", "yes")]).await.assert_redirect();
        portal.run_jobs().await;
        assert_eq!(gaps(&portal, "904").await, ["Nobody holds Medical Staffing Officer"]);
        assert_eq!(
            gaps(&portal, "0").await,
            Vec::<String>::new(),
            "an administrator is told, so operators need not be"
        );
        portal.run_jobs_later().await;
        admin.post(&grant, [right]).await.assert_redirect();
        portal.run_jobs().await;
        assert_eq!(gaps(&portal, "904").await, Vec::<String>::new(), "closed, and told again when it opens again");
    }
    // Where nobody is administrator, the operators are told.
    admin.post(&end, [right, ("confirmed", "yes")]).await.assert_redirect();
    let admins: String = sqlx::query_scalar("select user_id::text from user_grants where name = 'vpd_admin'")
        .fetch_one(&portal.owner)
        .await
        .unwrap();
    let fields = [("right", "vpd_admin"), ("organisation", "904")];
    let page = operator.post(format!("/admin/users/{admins}/rights/end"), fields).await;
    assert!(page.words().contains("Nobody would hold Administrator"), "{}", page.words());
    operator
        .post(format!("/admin/users/{admins}/rights/end"), [fields[0], fields[1], ("confirmed", "yes")])
        .await
        .assert_redirect();
    portal.run_jobs().await;
    assert_eq!(gaps(&portal, "0").await, ["Nobody holds Medical Staffing Officer in 904"]);
    operator.post(&grant, [("organisation", "904"), ("right", "medical_staffing_officer")]).await.assert_redirect();
    portal.run_jobs().await;
    assert_eq!(gaps(&portal, "0").await, Vec::<String>::new());
}

#[sqlx::test]
async fn work_that_arrives_for_a_role_that_nobody_ever_held_is_told_too(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.user("904", Right::VpdAdmin).await;
    portal.item("904", "A doctor").raise().await;
    portal.item("904", "Another doctor").raise().await;
    portal.run_jobs().await;
    assert_eq!(gaps(&portal, "904").await, ["Nobody holds Medical Staffing Officer"]);
    assert_eq!(portal.dead_jobs().await, Vec::<(String, String)>::new());
}
