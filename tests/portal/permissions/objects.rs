use changeover::access::Right;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::Portal;

/// One thing of each kind, of one organisation.
pub struct Objects {
    user: Uuid,
    session: Uuid,
    job: Uuid,
    item: Uuid,
    message: Uuid,
    file: Uuid,
    duplicate: Uuid,
    merge: Uuid,
    application: Uuid,
    mail: Uuid,
    token: Uuid,
    change: Uuid,
    new_post: Uuid,
    position_change: Uuid,
    settled: Uuid,
    hire: Uuid,
    leaving: Uuid,
    request: Uuid,
    update: Uuid,
    list: Uuid,
    unbucketing: Uuid,
}

/// A path whose objects are nobody's.
pub fn nowhere(path: &str) -> String {
    let id = Uuid::from_u128(7).to_string();
    fill(path, |name| match name {
        "vpd" => "999".to_owned(),
        "record" | "row" => "1".to_owned(),
        "path:.*" => "changeover.css".to_owned(),
        "token" if path.contains("/tokens/") => id.clone(),
        "token" => "none".to_owned(),
        "standard" => "identity".to_owned(),
        "person" | "position" => "999000".to_owned(),
        _ => id.clone(),
    })
}

fn fill(path: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = path.split('{');
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        filled.push_str(&value(name));
        filled.push_str(rest);
    }
    filled
}

impl Objects {
    pub async fn make(portal: &Portal, vpd: &str) -> Self {
        let user = portal.user(vpd, Right::MedicalStaffingOfficer).await;
        portal.sign_in_as(&user).await;
        let item = portal.item(vpd, "A doctor who did not arrive").raise().await;
        portal.run_jobs().await;
        let ids: [Uuid; 9] = std::array::from_fn(|_| Uuid::now_v7());
        let [job, file, duplicate, merge, application, mail, token, change, new_post] = ids;
        let (position_change, settled) = (Uuid::now_v7(), Uuid::now_v7());
        let (hire, leaving) = (Uuid::now_v7(), Uuid::now_v7());
        let (request, update) = (Uuid::now_v7(), Uuid::now_v7());
        let (list, unbucketing) = (Uuid::now_v7(), Uuid::now_v7());
        // As the files would leave them, with no more in each than its page needs.
        let sql = format!(
            "insert into jobs (job_id, vpd, kind, payload, state, run_at) values ('{job}', '{vpd}', 'test.dead', '{{}}', 'dead', now());
             insert into people (vpd, person_id, system_type, last_name, first_name, last_name_key, first_name_key, origin, updated_at)
               values ('{vpd}', '1001', 'APL', 'Oakley', 'Sam', 'oakley', 'sam', 'deanery', now()),
                      ('{vpd}', '1002', 'APL', 'Oakley', 'Samuel', 'oakley', 'samuel', 'deanery', now());
             insert into positions (vpd, position_id, effective_from, position_number, name, record, digest)
               values ('{vpd}', '1001', '2020-01-01', '1', 'Trust doctor', '{{}}', '\\x00');
             insert into readiness_requests (vpd, request_id, body_code, state, required_by, unbucketed, unique_dpns, email_name, email, report_name,
                                             report, statistics, sent_by, sent_at)
               values ('{vpd}', '{request}', 'KSS', 'sent', '2026-06-01', true, true, 'a.eml', '\\x00', 'a.xlsx', '\\x00', '{{}}', 'test', now());
             insert into deanery_lists (vpd, list_id, file_name, loaded_by, loaded_at) values ('{vpd}', '{list}', 'a.csv', 'test', now());
             insert into deanery_list_posts (vpd, list_id, row_no, dpn, dpn_key) values ('{vpd}', '{list}', 2, 'WAL/1', 'WAL/1');
             insert into unbucketings (vpd, unbucket_id, position_id, moved, made_by, made_at)
               values ('{vpd}', '{unbucketing}', '1001', '{{}}', 'test', now());
             insert into mass_updates (vpd, update_id, number, file_name, state, made_by, made_at)
               values ('{vpd}', '{update}', 1, 'a.csv', 'checked', 'test', now());
             insert into position_changes (vpd, change_id, position_id, effective_from, before, after, source, source_id, by_name, at)
               values ('{vpd}', '{position_change}', '1001', '2020-01-01', '[]', '[]', 'dpn_report', '{settled}', 'test', now());
             insert into person_versions (vpd, person_id, effective_from, record, digest) values ('{vpd}', '1001', '2020-01-01', '{{}}', '\\x00');
             insert into applications (vpd, application_id, person_id, position_id, position_number, dpn, hire_on, status, status_at, origin,
                                       applicant_number, assignment_id, digest, received_at, changed_at)
               values ('{vpd}', '{application}', '1001', '1', '1', 'WAL/1D9PL/527/TYU/987', '2026-08-05', 'preferred_applicant', now(), 'deanery',
                       '900000001', '900000002', '\\x00', now(), now());
             insert into possible_duplicates (vpd, duplicate_id, person_a, person_b, rule, agreed, differed, found_at)
               values ('{vpd}', '{duplicate}', '1001', '1002', 'name_and_birth', '{{last_name}}', '{{first_name}}', now());
             insert into person_merges (vpd, merge_id, kept, merged, moved, by, at) values ('{vpd}', '{merge}', '1001', '1002', '{{}}', 'test', now());
             insert into interface_files (file_id, file_name, direction, interface, sha256, size_bytes, state, source, received_by, received_at)
               values ('{file}', 'DE_WAL_APP_test.DAT', 'in', 'applicants', '\\x00', 1, 'processed', 'upload', 'test', now());
             insert into file_vpds (vpd, file_id, records, fail) values ('{vpd}', '{file}', 1, 1);
             insert into file_records (vpd, file_id, record_no, record_type, outcome, raw) values ('{vpd}', '{file}', 1, 'APP', 'failed', 'APP|test');
             insert into hires (vpd, hire_id, application_id, person_id, assignment_id, position_id, hired_on, person_type, before, after, by, at)
               values ('{vpd}', '{hire}', '{application}', '1001', '900000002', '1', '2026-08-05', 'Honorary', '{{}}', '{{}}', 'test', now());
             insert into leavings (vpd, leaving_id, person_id, outcome, before, after, by, at)
               values ('{vpd}', '{leaving}', '1001', 'stays', '{{}}', '{{}}', 'test', now());
             insert into api_tokens (vpd, token_id, secret_hash, supplier, scope, created_by, created_at, expires_at)
               values ('{vpd}', '{token}', '\\x00', 'Test', 'employment_checks', 'test', now(), now() + interval '1 day');
             insert into deanery_changes (vpd, change_id, kind, state, file_id, record_no, dpn, dpn_key, body_code, last_name, person_key, received_on, received_at)
               values ('{vpd}', '{change}', 'withdrawal', 'open', '{file}', 1, 'WAL/1D9PL/527/TYU/987', 'WAL/1D9PL/527/TYU/987', 'WAL', 'Oakley', 'oakley,', '2026-05-06', now()),
                      ('{vpd}', '{new_post}', 'new_post', 'open', '{file}', 2, 'WAL/1D9PL/527/TYU/988', 'WAL/1D9PL/527/TYU/988', 'WAL', null, '', '2026-05-06', now());
             insert into emails (vpd, email_id, to_address, purpose, subject, body_text, body_html, state, created_at)
               values ('{vpd}', '{mail}', 'a@trust.example', 'summary', 'Test', 'Test', 'Test', 'dead', now());"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&portal.owner).await.unwrap();
        let session = sqlx::query_scalar("select session_id from sessions where user_id = $1")
            .bind(user.user_id)
            .fetch_one(&portal.owner)
            .await
            .unwrap();
        let message = sqlx::query_scalar("select message_id from items where item_id = $1")
            .bind(item)
            .fetch_one(&portal.owner)
            .await
            .unwrap();
        Self {
            user: user.user_id,
            session,
            job,
            item,
            message,
            file,
            duplicate,
            merge,
            application,
            mail,
            token,
            change,
            new_post,
            position_change,
            settled,
            hire,
            leaving,
            request,
            update,
            list,
            unbucketing,
        }
    }

    /// The path with these objects in it.
    pub fn fill(&self, path: &str) -> String {
        fill(path, |name| match name {
            "user" => self.user.to_string(),
            "session" => self.session.to_string(),
            "job" => self.job.to_string(),
            "item" => self.item.to_string(),
            "standard" => "identity".to_owned(),
            "token" => self.token.to_string(),
            "hire" => self.hire.to_string(),
            "leaving" => self.leaving.to_string(),
            "mail" => self.mail.to_string(),
            "request" => self.request.to_string(),
            "update" => self.update.to_string(),
            "list" => self.list.to_string(),
            "row" => "2".to_owned(),
            "unbucketing" => self.unbucketing.to_string(),
            "position_change" => self.position_change.to_string(),
            "id" if path.contains("/settled/") => self.settled.to_string(),
            "message" => self.message.to_string(),
            "file" => self.file.to_string(),
            "record" => "1".to_owned(),
            "person" | "position" => "1001".to_owned(),
            "change" if path.contains("/new-posts/") => self.new_post.to_string(),
            "change" => self.change.to_string(),
            "id" if path.contains("/duplicates/") => self.duplicate.to_string(),
            "id" if path.contains("/merges/") => self.merge.to_string(),
            "id" if path.contains("/applications/") => self.application.to_string(),
            other => panic!("no object for {{{other}}} of {path}"),
        })
    }
}
