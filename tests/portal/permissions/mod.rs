//! The whole policy over every route: who is sent to sign in, who is refused, and whose objects are not there.
//!
//! A row for each route of the program; one that a feature registers and the table lacks fails the first test.

mod objects;
mod others;
mod table;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use changeover::access::{Right, permissions};
use http::{HeaderMap, Method};
use sqlx::PgPool;

use crate::support::{Portal, Visitor};
use objects::Objects;
use table::{ROUTES, Route};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

/// The routes that the source registers: `.route("/x", get()…)` and `resource("/x").route(get()…)`.
fn registered() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    for file in rust_files(Path::new("src")).into_iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let mut resource = String::new();
        let mut at = 0;
        while let Some(found) =
            ["resource(", ".route("].iter().filter_map(|word| code[at..].find(word).map(|i| (at + i, *word))).min()
        {
            let rest = code[found.0 + found.1.len()..].trim_start();
            at = found.0 + found.1.len();
            let (path, rest) = match rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                Some((path, rest)) => (Some(path.to_owned()), rest),
                None => (None, rest),
            };
            if found.1 == "resource(" {
                resource = path.unwrap_or_default();
                continue;
            }
            let call: String = rest.chars().take(40).collect();
            for method in ["get", "post"] {
                if call.contains(&format!("{method}()")) {
                    routes.insert((method.to_uppercase(), path.clone().unwrap_or_else(|| resource.clone())));
                    break;
                }
            }
        }
    }
    routes.retain(|(_, path)| path.starts_with('/'));
    routes
}

#[test]
fn authz_1_every_route_has_a_row_and_every_row_a_route() {
    let registered = registered();
    let known: BTreeSet<(String, String)> = ROUTES.iter().map(|r| (r.method.to_owned(), r.path.to_owned())).collect();
    let unknown: Vec<_> = registered.difference(&known).collect();
    let gone: Vec<_> = known.difference(&registered).collect();
    assert!(registered.len() > 60, "the search for routes finds too few: {}", registered.len());
    assert!(unknown.is_empty(), "routes without a row in tests/portal/permissions/table.rs: {unknown:#?}");
    assert!(gone.is_empty(), "rows without a route: {gone:#?}");
}

/// The rights that a row's permission names; `None`: signed in is enough, or not even that.
fn rights_of(route: &Route) -> Option<&'static [Right]> {
    let named = permissions::ALL.iter().find(|(name, _)| *name == route.needs);
    let open = matches!(route.needs, "everybody" | "signed in");
    assert!(named.is_some() || open, "{} {} needs {:?}, which is no permission", route.method, route.path, route.needs);
    named.map(|(_, rights)| *rights)
}

/// How a route answers, and where that leads.
async fn ask(visitor: &Visitor, route: &Route, path: &str) -> (u16, String) {
    if route.is_upload {
        let page = visitor.upload(path, &[], &[]).await;
        return (page.status, page.location().unwrap_or_default().to_owned());
    }
    visitor.probe(route.method, path, route.fields).await
}

/// One right of each kind that the policy tells apart: rights that open the same permissions are one to it.
fn distinct_rights() -> Vec<Right> {
    let mut seen = BTreeSet::new();
    let opens =
        |right: &Right| permissions::ALL.iter().map(|(_, rights)| rights.contains(right)).collect::<Vec<bool>>();
    Right::ALL.iter().copied().filter(|right| seen.insert(opens(right))).collect()
}

#[sqlx::test]
async fn authz_1_nobody_is_sent_to_sign_in(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let visitor = portal.visitor();
    visitor.csrf().await;
    for route in ROUTES.iter().filter(|route| route.needs != "everybody") {
        let (status, to) = ask(&visitor, route, &objects::nowhere(route.path)).await;
        assert!(status == 303 && to.starts_with("/sign-in"), "{} {}: {status} {to}", route.method, route.path);
        if route.method == "POST" && !route.is_upload {
            let blind = visitor.send(Method::POST, &objects::nowhere(route.path), HeaderMap::new(), Vec::new()).await;
            assert!([303, 400, 403].contains(&blind.status), "{} without a token: {}", route.path, blind.status);
        }
    }
}

#[sqlx::test]
async fn authz_1_each_right_opens_what_the_policy_says_and_nothing_else(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mut wrong = Vec::new();
    for right in distinct_rights() {
        let vpd = if right.is_national() { "0" } else { "904" };
        let user = portal.user(vpd, right).await;
        let visitor = portal.sign_in_as(&user).await;
        for route in ROUTES.iter().filter(|route| !route.ends_session) {
            if route.path.contains("password") || route.path == "/sign-in" {
                // A matrix of tries at passwords would be slowed down.
                sqlx::query("delete from sign_in_throttles").execute(&portal.owner).await.unwrap();
            }
            let may = rights_of(route).is_none_or(|rights| rights.contains(&right));
            let (status, to) = ask(&visitor, route, &objects::nowhere(route.path)).await;
            let at_sign_in = to.starts_with("/sign-in") && route.needs != "everybody";
            if may == (status == 403) || at_sign_in || status >= 500 {
                wrong.push(format!("{right:?}: {} {} gave {status} {to}", route.method, route.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[sqlx::test]
async fn ten_1_and_authz_1_another_organisations_objects_are_not_there(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let objects = Objects::make(&portal, "905").await;
    let mut visitors: BTreeMap<Right, (Visitor, Visitor)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for route in
        ROUTES.iter().filter(|route| route.path.contains('{') && route.needs != "everybody" && !route.is_shared)
    {
        let rights: Vec<Right> = match rights_of(route) {
            Some(rights) => rights.iter().copied().filter(|right| !right.is_national()).collect(),
            None => vec![Right::MedicalStaffingOfficer],
        };
        if rights.is_empty() {
            // Operators' alone: what they see belongs to no organisation.
            continue;
        }
        let path = objects.fill(route.path);
        for right in rights {
            let (stranger, theirs) = match visitors.entry(right) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let stranger = portal.sign_in("904", right).await;
                    let theirs = portal.sign_in("905", right).await;
                    new.insert((stranger, theirs))
                }
            };
            let (status, to) = ask(stranger, route, &path).await;
            if status != 404 {
                wrong.push(format!("{right:?}: {} {path} gave {status} {to}", route.method));
            }
            // The object is real: whoever belongs there finds it, unless it is for another role.
            if route.method == "GET" && right == rights_of(route).map_or(right, |rights| rights[0]) {
                let (status, _) = ask(theirs, route, &path).await;
                if status != 200 {
                    wrong.push(format!("{right:?} of 905: {path} gave {status}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
