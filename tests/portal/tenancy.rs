//! No employer sees another's data: the catalogue's rules, and what happens when they are tried.

use changeover::access::Right;
use sqlx::PgPool;

use crate::support::Portal;

/// Tables without an employer's rows, each with the reason; the migration says it beside the table too.
const SHARED: &[(&str, &str)] = &[
    ("schema_compatibility", "which program fits which schema"),
    ("portal_settings", "settings of the whole installation"),
    ("vpds", "numbers and names of employers"),
    ("audit_heads", "lengths and hashes of the chains; only sec.audit_append writes them"),
    ("users", "one person may act for several employers; an employer sees those who hold or held a right with it"),
    ("sessions", "sign-in role only"),
    ("one_time_links", "sign-in role only; hashes"),
    ("sign_in_throttles", "sign-in role only"),
    ("scheduled_runs", "which slot of a schedule has run"),
    ("interface_files", "names, counts and states; an employer sees the files that concern it"),
    ("file_chunks", "system role only: a file comes before anybody knows whom it concerns"),
    ("file_events", "states of a file; an employer sees those of files that concern it"),
    ("held_posts", "a post with too many records may touch several employers; no personal data"),
    ("outbound_sequences", "our own file numbers"),
    ("expected_files", "hours by which files are expected"),
    ("position_directory", "routes records to employers; no personal data"),
    ("site_directory", "routes new posts to employers; no personal data"),
    ("code_values", "lists of codes"),
    ("managing_bodies", "offices of the deanery"),
    ("managing_body_contacts", "offices of the deanery"),
];

/// Functions that run with their owner's rights.
const DEFINERS: &[&str] = &["sec.audit_append"];

#[sqlx::test]
async fn ten_10_every_table_has_forced_row_level_security_on_its_vpd_or_is_declared_shared(pool: PgPool) {
    let tables: Vec<(String, bool, bool)> = sqlx::query_as(
        "select relname::text, relrowsecurity, relforcerowsecurity from pg_class
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> '_sqlx_migrations' order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut wrong = Vec::new();
    for (table, enabled, forced) in &tables {
        if !enabled || !forced {
            wrong.push(format!("{table}: row-level security is not enabled and forced"));
        }
        if SHARED.iter().any(|(name, _)| name == table) {
            continue;
        }
        let policies: Vec<(String, Option<String>, Option<String>, String)> = sqlx::query_as(
            "select cmd, qual, with_check, roles::text from pg_policies where schemaname = 'public' and tablename = $1 and 'changeover_app' = any(roles)",
        )
        .bind(table)
        .fetch_all(&pool)
        .await
        .unwrap();
        if policies.is_empty() {
            wrong.push(format!("{table}: no policy for changeover_app, and not declared shared"));
        }
        for (command, using, check, _) in policies {
            for rule in [using, check].into_iter().flatten() {
                if !rule.contains("vpd") || !rule.contains("current_vpd()") {
                    wrong.push(format!("{table}: a policy for {command} does not name the employer: {rule}"));
                }
            }
        }
    }
    for (name, _) in SHARED {
        if !tables.iter().any(|(table, ..)| table == name) {
            wrong.push(format!("{name} is declared shared and is no table"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[sqlx::test]
async fn ten_10_the_roles_that_serve_own_nothing_and_pass_by_nothing(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let owned: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_roles r on r.oid = c.relowner
          where r.rolname in ('changeover_app', 'changeover_system', 'changeover_test_login')",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    assert_eq!(owned, Vec::<String>::new());
    let strong: Vec<String> = sqlx::query_scalar(
        "select rolname::text from pg_roles where rolname in ('changeover_app', 'changeover_system', 'changeover_owner', 'changeover_test_login')
           and (rolsuper or rolbypassrls)",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    assert_eq!(strong, Vec::<String>::new());
    let granted: Vec<String> = sqlx::query_scalar(
        "select distinct table_name::text from information_schema.role_table_grants
          where grantee in ('changeover_app', 'changeover_system', 'PUBLIC') and table_schema = 'public'
            and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')",
    )
    .fetch_all(&portal.owner)
    .await
    .unwrap();
    assert_eq!(granted, Vec::<String>::new());
}

#[sqlx::test]
async fn ten_10_the_system_role_reads_no_employers_rows(pool: PgPool) {
    // What it may read of tables with a VPD: the register's counts and replies, the queue, sign-in, suppliers' tokens, old notes of
    // which table changed, and the audit trail to verify it.
    let may = [
        "api_tokens",
        "audit",
        "audit_heads",
        "audit_seals",
        "changes_noted",
        "file_replies",
        "file_vpds",
        "held_posts",
        "interface_files",
        "item_tallies",
        "jobs",
        "position_directory",
        "sessions",
        "site_directory",
        "user_grants",
        "users",
        "vpds",
    ];
    let readable: Vec<String> = sqlx::query_scalar(
        "select distinct t.relname::text from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attname = 'vpd'
          where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace and has_table_privilege('changeover_system', t.oid, 'select') order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let more: Vec<&String> = readable.iter().filter(|table| !may.contains(&table.as_str())).collect();
    assert!(more.is_empty(), "the system role may read {more:?}");
}

#[sqlx::test]
async fn ten_11_views_run_as_their_reader_and_definer_functions_are_known(pool: PgPool) {
    let views: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace
           and (relkind = 'm' or relkind = 'v' and not coalesce('security_invoker=true' = any(reloptions), false))",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(views, Vec::<String>::new());
    let definers: Vec<(String, bool)> = sqlx::query_as(
        "select n.nspname || '.' || p.proname, exists (select 1 from unnest(p.proconfig) c where c like 'search_path=%')
           from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prosecdef and n.nspname in ('public', 'sec') order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(definers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), DEFINERS);
    assert!(definers.iter().all(|(_, fixed)| *fixed), "{definers:?}");
}

#[sqlx::test]
async fn ten_12_keys_between_employers_tables_include_the_employer(pool: PgPool) {
    // A key of a table with a VPD to another such table names the VPD in both; to users, vpds and files it need not.
    let foreign: Vec<String> = sqlx::query_scalar(
        "select c.conname::text from pg_constraint c
           join pg_attribute mine on mine.attrelid = c.conrelid and mine.attname = 'vpd'
           join pg_attribute theirs on theirs.attrelid = c.confrelid and theirs.attname = 'vpd'
          where c.contype = 'f' and c.connamespace = 'public'::regnamespace and c.confrelid <> 'vpds'::regclass
            and not (mine.attnum = any(c.conkey))",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(foreign, Vec::<String>::new());
    let unique: Vec<String> = sqlx::query_scalar(
        "select i.indexrelid::regclass::text from pg_index i
           join pg_class t on t.oid = i.indrelid
           join pg_attribute v on v.attrelid = t.oid and v.attname = 'vpd'
           left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'p'
          where i.indisunique and t.relnamespace = 'public'::regnamespace and i.indkey[0] <> v.attnum
            and not (c.oid is not null and i.indnatts = 1
                     and (select atttypid from pg_attribute where attrelid = t.oid and attnum = i.indkey[0]) = 'uuid'::regtype)
            and t.relname <> all($1) order by 1",
    )
    .bind(SHARED.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>())
    .fetch_all(&pool)
    .await
    .unwrap();
    // The reply to a file is numbered over all employers of the file: the deanery sees one file.
    assert_eq!(unique, ["file_replies_pkey"]);
}

#[sqlx::test]
async fn ten_13_a_connection_goes_back_without_an_employer(pool: PgPool) {
    let portal = Portal::start(pool).await;
    sqlx::query("insert into vpds (vpd, name) values ('904', 'A'), ('917', 'B')").execute(&portal.owner).await.unwrap();
    for round in 0..100 {
        let vpd = if round % 2 == 0 { "904" } else { "917" };
        let mut tx = portal.begin(vpd).await;
        match round % 4 {
            0 => tx.commit().await.unwrap(),
            1 => tx.rollback().await.unwrap(),
            2 => drop(tx),
            _ => {
                let failed = sqlx::query("select 1 / 0").execute(&mut *tx).await;
                assert!(failed.is_err());
                drop(tx);
            }
        }
        let mut connection = portal.app.db.system_connection().await.unwrap();
        let (employer, role): (Option<String>, String) =
            sqlx::query_as("select current_setting('changeover.vpd', true), current_user::text")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
        assert_eq!(employer.unwrap_or_default(), "");
        assert_eq!(role, "changeover_system", "a connection at rest reads no employer's tables");
    }
}

/// TEN-13 again, from the browser's side, at a hundredth: pages of two employers, what is not there, what is refused, what breaks, and
/// readers who hang up.
#[sqlx::test]
async fn ten_13_after_requests_of_every_kind_every_connection_is_nobodys(pool: PgPool) {
    let portal = Portal::start(pool).await;
    portal.item("904", "Firstcanary").raise().await;
    portal.item("905", "Secondcanary").raise().await;
    let rights = [Right::MedicalStaffingOfficer, Right::VpdAdmin];
    let (ours, theirs) = (portal.sign_in("904", rights).await, portal.sign_in("905", rights).await);
    let cookie = ours.cookie("sid").unwrap();
    for round in 0..12 {
        if round == 6 {
            // A fault of ours, in the middle of a transaction of an employer.
            sqlx::query("revoke select on audit from changeover_app").execute(&portal.owner).await.unwrap();
        }
        let hang_up = async {
            use tokio::io::AsyncWriteExt;
            let host = portal.base.trim_start_matches("http://");
            let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
            let head = format!("GET /doctors HTTP/1.1\r\nHost: {host}\r\nCookie: sid={cookie}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            drop(stream);
        };
        let (page, other, gone, refused, trail, ()) = tokio::join!(
            ours.get("/inbox"),
            theirs.get("/inbox"),
            ours.get("/positions/999000"),
            theirs.post_raw("/account/preferences", "mail_hour=1".to_owned()),
            ours.get("/admin/audit"),
            hang_up
        );
        assert!(page.body.contains("Firstcanary") && !page.body.contains("Secondcanary"));
        assert!(other.body.contains("Secondcanary") && !other.body.contains("Firstcanary"));
        assert_eq!([gone.status, refused.status, trail.status], [404, 403, if round < 6 { 200 } else { 500 }]);
    }
    sqlx::query("grant select on audit to changeover_app").execute(&portal.owner).await.unwrap();
    // All that the pool has, at once.
    let mut connections = Vec::new();
    for _ in 0..5 {
        connections.push(portal.app.db.system_connection().await.unwrap());
    }
    for connection in &mut connections {
        let (employer, role): (Option<String>, String) =
            sqlx::query_as("select current_setting('changeover.vpd', true), current_user::text")
                .fetch_one(&mut **connection)
                .await
                .unwrap();
        assert_eq!((employer.unwrap_or_default().as_str(), role.as_str()), ("", "changeover_system"));
    }
}

#[sqlx::test]
async fn ten_14_a_query_without_an_employer_is_an_error(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mut tx = portal.app.db.system().await.unwrap();
    for table in ["people", "positions", "items", "applications", "file_records", "emails"] {
        let asked = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("savepoint s; select count(*) from {table}")))
            .execute(&mut *tx)
            .await;
        assert!(asked.unwrap_err().to_string().contains("permission denied"), "{table}");
        sqlx::raw_sql("rollback to savepoint s").execute(&mut *tx).await.unwrap();
    }
    sqlx::raw_sql("set local role changeover_app").execute(&mut *tx).await.unwrap();
    let asked = sqlx::query("select count(*) from people").execute(&mut *tx).await;
    assert!(asked.unwrap_err().to_string().contains("no employing organisation is set"));
}

#[sqlx::test]
async fn ten_2_an_employer_cannot_write_into_another(pool: PgPool) {
    let portal = Portal::start(pool).await;
    sqlx::query("insert into vpds (vpd, name) values ('904', 'A'), ('917', 'B')").execute(&portal.owner).await.unwrap();
    let mut tx = portal.begin("904").await;
    let written = sqlx::query(
        "insert into people (vpd, person_id, system_type, last_name, last_name_key, first_name_key, origin, updated_at)
         values ('917', '1', 'EMP', 'X', 'x', '', 'by_hand', now())",
    )
    .execute(&mut *tx)
    .await;
    assert!(written.unwrap_err().to_string().contains("row-level security"));
    drop(tx);
    let mut tx = portal.begin("904").await;
    let appended = sqlx::query("select sec.audit_append('917', now(), 'person', 'x', null, 'e', 'o', '1', '{}', null)")
        .execute(&mut *tx)
        .await;
    assert!(appended.unwrap_err().to_string().contains("belongs to the organisation"));
}

#[sqlx::test]
async fn ten_20_the_same_ni_number_stands_in_two_employers(pool: PgPool) {
    let portal = Portal::start(pool).await;
    sqlx::query("insert into vpds (vpd, name) values ('904', 'A'), ('917', 'B')").execute(&portal.owner).await.unwrap();
    for vpd in ["904", "917"] {
        let mut tx = portal.begin(vpd).await;
        sqlx::query(
            "insert into people (vpd, person_id, system_type, last_name, last_name_key, first_name_key, ni_number, ni_key, origin, updated_at)
             values ($1, '900000001', 'APL', 'Example', 'example', 'sam', 'AB123456C', 'AB123456', 'by_hand', now())",
        )
        .bind(vpd)
        .execute(&mut *tx)
        .await
        .unwrap();
        let seen: i64 = sqlx::query_scalar("select count(*) from people where ni_key = 'AB123456'")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        assert_eq!(seen, 1);
        tx.commit().await.unwrap();
    }
}
