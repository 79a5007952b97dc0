//! DOS-3: every filter, search and order of long lists is answered. How fast is measured by `make bench`; here none may fail, run into a
//! limit of the database, or answer with more than a page.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

/// Ten thousand items, three thousand positions, six hundred applications of one employer, as files would leave them.
const MANY: &str = "
  insert into messages (vpd, message_id, type, title, cause, dedupe_key, dated_on, created_at)
    select '905', ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'DIT-APP', 'Deanery Applicant Notification', 'system_to_role', n::text,
           '2026-05-06', now() - make_interval(hours => n) from generate_series(1, 40) n;
  insert into items (vpd, item_id, message_id, type, role, class, subject_key, title, person_name, gmc_number, dpn, position_number, takes_effect_on, created_at)
    select '905', gen_random_uuid(), ('00000000-0000-0000-0000-' || lpad((1 + n % 40)::text, 12, '0'))::uuid,
           case n % 3 when 0 then 'dit_app_failed' when 1 then 'dit_app_loaded' else 'held_post' end, 'medical_staffing_officer',
           case n % 3 when 1 then 'information' else 'action' end, n::text, 'An item', 'Doctor' || n || ', Sam', (9000000 + n % 99999)::text,
           'KSS/R9D01/024/STR/' || n % 700, (29050000 + n % 700)::text, '2026-08-05', now() - make_interval(secs => n) from generate_series(1, 10000) n;
  insert into positions (vpd, position_id, effective_from, position_number, name, job_role, dpn, dpn_key, managing_body, record, digest)
    select '905', (9050000 + n)::text, '2020-01-01', (29050000 + n)::text, n || '|Specialty Registrar|024|Paediatrics', 'Specialty Registrar',
           'KSS/R9D01/024/STR/' || n / 2, 'KSS/R9D01/024/STR/' || n / 2, 'KSS', '{}', '\\x00' from generate_series(1, 3000) n;
  insert into people (vpd, person_id, system_type, last_name, first_name, last_name_key, first_name_key, gmc_number, origin, updated_at)
    select '905', (7000000 + n)::text, 'APL', 'Doctor' || n, 'Sam', 'doctor' || n, 'sam', (9000000 + n)::text, 'deanery', now() from generate_series(1, 600) n;
  insert into applications (vpd, application_id, person_id, position_id, position_number, dpn, hire_on, status, status_at, origin, applicant_number,
                            assignment_id, digest, received_at, changed_at)
    select '905', gen_random_uuid(), (7000000 + n)::text, (9050000 + n)::text, (29050000 + n)::text, 'KSS/R9D01/024/STR/' || n / 2, '2026-08-05',
           'preferred_applicant', now(), 'deanery', (900000000 + n)::text, (800000000 + n)::text, '\\x00', now(), now() from generate_series(1, 600) n;
  analyze items; analyze positions; analyze applications; analyze people";

#[sqlx::test]
async fn dos_3_every_filter_and_search_of_long_lists_is_answered_with_a_page(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.organisation("905", "Many Doctors").await;
    sqlx::raw_sql(MANY).execute(&portal.owner).await.unwrap();
    let rights = [
        Right::MedicalStaffingOfficer,
        Right::RecruitmentAndApplicantEnrolment,
        Right::LocalWorkstructuresAdministration,
    ];
    let visitor = portal.sign_in("905", rights).await;
    let mut asked = Vec::new();
    for class in ["action", "information", "any"] {
        for state in ["waiting", "claimed", "done", "closed", "any"] {
            for rest in [
                "",
                "&q=doctor1",
                "&q=Sam",
                "&q=9000042",
                "&post=KSS%2FR9D01%2F024%2FSTR%2F42",
                "&mine=yes",
                "&within=42",
            ] {
                // Each view plain, and narrowed in every way where it is longest.
                if rest.is_empty() || state == "any" {
                    asked.push(format!("/inbox?class={class}&state={state}{rest}"));
                }
            }
        }
    }
    for q in ["", "octor1", "Sam", "9000042", "KSS/R9D01", "%25", "_", "%27", "%5C", "x".repeat(100).as_str()] {
        asked.push(format!("/doctors?q={q}"));
        asked.push(format!("/positions?q={q}"));
        asked.push(format!("/inbox?q={q}"));
    }
    for rest in [
        "problem=any",
        "problem=D6",
        "holder=none",
        "status=ended",
        "dpn=KSS%2FR9D01%2F024%2FSTR%2F42",
        "on=2026-08-05",
        "page=120",
        "page=99999999999999999999",
    ] {
        asked.push(format!("/positions?{rest}"));
    }
    for path in
        ["/positions/dpn-report/all?problem=any", "/positions/dpn-report/duplicates", "/positions/forecast", "/"]
    {
        asked.push(path.to_owned());
    }
    for path in asked {
        let page = visitor.get(&path).await;
        assert!([200, 303].contains(&page.status), "{path}: {} {}", page.status, page.words());
        if path.starts_with("/inbox?") || path.starts_with("/positions?") {
            let rows = page.texts("main tbody tr").len();
            assert!(rows <= 100, "{path} has {rows} rows");
        }
    }
}
