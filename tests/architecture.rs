//! Which module may use which: one list, bottom to top, that of `src/lib.rs`.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by stopping there")]

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn order() -> Vec<String> {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    modules.map(str::to_owned).collect()
}

fn module_of(path: &Path) -> String {
    let first = path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn dependencies_point_one_way() {
    let order = order();
    let rank = |name: &str| order.iter().position(|m| m == name);
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")) {
        let from = module_of(&path);
        if from == "lib" || from == "main" {
            continue;
        }
        let allowed = rank(&from).unwrap_or_else(|| panic!("{from} is not in src/lib.rs"));
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for used in code.split("crate::").skip(1) {
            let to: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // `use crate::{a, b}` hides from this test which modules a file leans on.
            if to.is_empty() && from != "server" && from != "worker" && from != "cli" {
                wrong.push(format!("{}: one module for each `use` line", path.display()));
            } else if let Some(rank) = rank(&to)
                && rank > allowed
            {
                wrong.push(format!("{}: {from} must not use {to}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Layers inside a feature: models know neither SQL nor HTTP nor the clock, stores know no HTTP, actions know no HTTP.
#[test]
fn layers_inside_a_feature_point_one_way() {
    let forbidden: &[(&str, &[&str])] = &[
        ("model", &["sqlx::query", "actix_web", "Utc::now"]),
        ("store", &["actix_web"]),
        ("actions", &["actix_web::HttpRe", "HttpResponse"]),
    ];
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let named =
            |layer: &str| path.components().any(|c| c.as_os_str().to_str().unwrap().trim_end_matches(".rs") == layer);
        for (layer, words) in forbidden {
            for word in words.iter().filter(|word| named(layer) && text.contains(**word)) {
                wrong.push(format!("{}: a {layer} must not use {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Only a table's owner writes it; shared foundations that every feature writes through are not listed.
#[test]
fn one_table_has_one_owner() {
    let owners: &[(&str, &str)] = &[
        ("audit", "audit"),
        ("jobs", "jobs"),
        ("emails", "email"),
        ("items", "notifications"),
        ("messages", "notifications"),
        ("interface_files", "file_exchange"),
        ("file_records", "file_exchange"),
        ("file_vpds", "file_exchange"),
        ("positions", "positions"),
        ("position_changes", "positions"),
        ("position_directory", "positions"),
        ("dpn_report_counts", "dpn_report"),
        ("readiness_steps", "readiness"),
        ("readiness_requests", "readiness"),
        ("readiness_messages", "readiness"),
        ("mass_updates", "mass_updates"),
        ("deanery_lists", "deanery_lists"),
        ("deanery_list_posts", "deanery_lists"),
        ("unbucketings", "unbucketing"),
        ("mass_update_rows", "mass_updates"),
        ("organisations", "organisations"),
        ("locations", "organisations"),
        ("people", "people"),
        ("assignments", "people"),
        ("applications", "applicants"),
        ("possible_duplicates", "applicants"),
        ("person_merges", "applicants"),
        ("employment_checks", "employment_checks"),
        ("employment_check_versions", "employment_checks"),
        ("positions_sent", "deanery_outbound"),
        ("persons_sent", "deanery_outbound"),
        ("hires", "hiring"),
        ("leavings", "hiring"),
        ("api_tokens", "access"),
        ("api_answers", "employment_checks"),
        ("site_directory", "organisations"),
        ("rotation_grids", "rotation"),
        ("rotation_rows", "rotation"),
        ("deanery_changes", "deanery_changes"),
    ];
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")) {
        let module = module_of(&path);
        let text = fs::read_to_string(&path).unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(3) {
            let table = match pair {
                ["insert", "into", table] | ["delete", "from", table] => table,
                [_, "update", table] if text.contains(&format!("update {table} set")) => table,
                _ => continue,
            };
            let table = table.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
            if let Some((_, owner)) = owners.iter().find(|(name, owner)| *name == table && *owner != module) {
                wrong.push(format!("{}: {module} writes {table}, which belongs to {owner}", path.display()));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
