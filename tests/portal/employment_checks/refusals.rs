//! What a supplier's call is refused for, and how that is said.

use changeover::access::Right::RecruitmentAndApplicantEnrolment;
use sqlx::PgPool;

use super::{Supplier, headers, json, token, with_application};
use crate::support::Portal;

/// API-7: whatever comes, the answer is a problem that says what to do; nothing is stored.
#[sqlx::test]
async fn api_7_bodies_that_cannot_be_taken(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "904", "Trac").await;
    let trac = Supplier::new(&portal, &token);
    let path = format!("/api/employment-checks/v1/applications/{application}/checks/identity");
    let deep = format!("{{\"status\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    let unknown: String = (0..30).map(|n| format!(",\"field{n}\":1")).collect();
    let cases: Vec<(Vec<u8>, u16)> = vec![
        (b"".to_vec(), 400),
        (b"{\"status\":NaN}".to_vec(), 400),
        (b"[]".to_vec(), 400),
        (b"{\"status\":\"CLEAR\",\"status\":\"FAILED\"}".to_vec(), 400),
        (deep.into_bytes(), 400),
        (b"\xEF\xBB\xBF{\"status\":\"IN_PROGRESS\"}".to_vec(), 400),
        ("{\"status\":\"IN_PROGRESS\"}".encode_utf16().flat_map(u16::to_le_bytes).collect(), 400),
        (b"{\"status\":\"IN_PROGRESS\"} x".to_vec(), 400),
        (b"{}".to_vec(), 422),
        (b"{\"status\":null}".to_vec(), 422),
        (b"{\"status\":1e3}".to_vec(), 422),
        (b"{\"status\":\"clear\"}".to_vec(), 422),
        (format!("{{\"status\":\"IN_PROGRESS\"{unknown}}}").into_bytes(), 422),
        (b"{\"status\":\"IN_PROGRESS\",\"requestedOn\":\"6/5/2026\"}".to_vec(), 422),
        (b"{\"status\":\"IN_PROGRESS\",\"requestedOn\":-1}".to_vec(), 422),
        (b"{\"status\":\"IN_PROGRESS\",\"certificateNumber\":\"001234567890\"}".to_vec(), 422),
        (b"{\"status\":\"IN_PROGRESS\",\"checkedBy\":\"a\\u0000b\"}".to_vec(), 422),
        (vec![b' '; 3 * 1024 * 1024], 413),
        (vec![b' '; 65 * 1024], 413),
    ];
    for (number, (body, status)) in cases.iter().enumerate() {
        let head: String = String::from_utf8_lossy(body).chars().take(60).collect();
        let key = format!("case-{number}");
        let page = trac.send(&path, &[("if-match", "\"0\""), ("idempotency-key", &key)], body).await;
        assert_eq!(page.status, *status, "{head}: {}", page.body);
        assert_eq!(page.header("content-type"), Some("application/problem+json"), "{head}");
        let problem = json(&page);
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{head}");
        if *status == 422 {
            let first = &problem["errors"][0];
            assert!(first["field"].is_string() && first["value"].is_string() && first["problem"].is_string(), "{head}");
        }
        if number % 8 == 7 {
            // Not faster than a token may.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
    assert_eq!(portal.count("select count(*) from employment_checks").await, 0);
    assert_eq!(portal.count("select count(*) from api_answers").await, 0);
}

#[sqlx::test]
async fn api_9_and_what_must_be_sent_beside_the_body(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "904", "Trac").await;
    let trac = Supplier::new(&portal, &token);
    let path = format!("/api/employment-checks/v1/applications/{application}/checks/identity");
    let body = b"{\"status\":\"IN_PROGRESS\"}";
    let both = [("if-match", "\"0\""), ("idempotency-key", "k")];
    for (more, status, title) in [
        (vec![both[0]], 428, "Idempotency-Key is needed"),
        (vec![both[1]], 428, "If-Match is needed"),
        (vec![("if-match", "*"), both[1]], 400, "If-Match cannot be read"),
        (vec![("if-match", "\"4\""), both[1]], 412, "The check was changed since you read it"),
        (vec![both[0], both[1], ("content-type", "text/plain")], 415, "The body must be JSON"),
    ] {
        let page = trac.send(&path, &more, body).await;
        assert_eq!((page.status, json(&page)["title"].as_str().unwrap()), (status, title), "{more:?}");
    }
    // 10 MB of spaces, packed into a few kB: given up while it is unpacked.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, &vec![b' '; 10 * 1024 * 1024]).unwrap();
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 64 * 1024);
    let page = trac.send(&path, &[both[0], both[1], ("content-encoding", "gzip")], &bomb).await;
    assert_eq!(page.status, 413, "{}", page.body);
    let unknown = trac.get(&path.replace("identity", "shoe-size")).await;
    assert_eq!((unknown.status, unknown.header("content-type")), (404, Some("application/problem+json")));
    let page = trac.get("/api/employment-checks/v1/applications?startsFrom=tomorrow").await;
    assert_eq!(json(&page)["errors"][0]["field"], "startsFrom");
    let all = headers(&[
        ("authorization", &format!("Bearer {token}")),
        ("content-type", "application/json"),
        ("expect", "100-continue"),
        ("if-match", "\"0\""),
        ("idempotency-key", "expected"),
    ]);
    let page = portal.visitor().send(http::Method::POST, &path, all, body.to_vec()).await;
    page.assert_ok();
}

#[sqlx::test]
async fn a_gmc_number_that_is_another_doctors_is_refused_with_both_numbers(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let both = "1234567 is not this doctor's GMC number, which is 9779858";
    let recruiter = portal.sign_in("904", RecruitmentAndApplicantEnrolment).await;
    let path = format!("/doctors/applications/{application}/checks/registration");
    let mut form = super::cleared("registration");
    form.retain(|(name, _)| *name != "registration-number");
    form.push(("registration-number", "1234567"));
    let page = recruiter.post(&path, form).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#registration-number-error").contains(both), "{}", page.text("#registration-number-error"));
    assert_eq!(page.attr("#registration-number", "value"), "1234567", "what was typed stays");
    let token = token(&portal, "904", "Trac").await;
    let api = format!("/api/employment-checks/v1/applications/{application}/checks/registration");
    let body = "{\"status\":\"CLEAR\",\"clearedOn\":\"2026-05-01\",\"checkedBy\":\"Trac\",\"body\":\"GMC\",\"registrationNumber\":\"1234567\"}";
    let page = Supplier::new(&portal, &token).set(&api, 0, "k", body).await;
    let problem = &json(&page)["errors"][0];
    assert_eq!((page.status, problem["field"].as_str()), (422, Some("registrationNumber")));
    assert!(problem["problem"].as_str().unwrap().contains(both), "{problem}");
    assert_eq!(portal.count("select count(*) from employment_checks").await, 0);
}

#[sqlx::test]
async fn an_application_that_has_ended_keeps_its_checks_as_they_are(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let application = with_application(&portal).await;
    let token = token(&portal, "904", "Trac").await;
    sqlx::query("update applications set status = 'withdrawn'").execute(&portal.owner).await.unwrap();
    let path = format!("/api/employment-checks/v1/applications/{application}/checks/identity");
    let page = Supplier::new(&portal, &token).set(&path, 0, "k", "{\"status\":\"IN_PROGRESS\"}").await;
    assert_eq!((page.status, json(&page)["title"].as_str().unwrap()), (409, "The application has ended"));
}
