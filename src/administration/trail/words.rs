use serde_json::Value;

use crate::access::Right;
use crate::audit::Entry;
use crate::ui;

/// Who did it, with what they are where that is not a person.
pub fn actor(entry: &Entry) -> String {
    match entry.actor_kind.as_str() {
        "person" => entry.actor.clone(),
        "file" => format!("File {}", entry.actor),
        "supplier" => format!("Supplier {}", entry.actor),
        "schedule" => format!("Schedule: {}", entry.actor),
        "command" => "Command line".to_owned(),
        _ => format!("Changeover: {}", entry.actor),
    }
}

/// What happened, as a sentence.
pub fn sentence(entry: &Entry) -> String {
    let text = |name: &str| entry.detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let about = &entry.object_id;
    let right = || {
        let code = text("right");
        Right::from_code(&code).map_or(code, |right| right.label().to_owned())
    };
    match entry.event.as_str() {
        "right_granted" => format!("Gave {about} the right {}", right()),
        "right_ended" => format!("Took the right {} from {about}", right()),
        "user_added" => format!("Added the user {about}"),
        "user_disabled" => format!("Disabled the user {about}"),
        "user_enabled" => format!("Enabled the user {about}"),
        "password_link_sent" => format!("Link to set a password made for {about}, {}", text("how")),
        "password_changed" => format!("Password of {about} changed {}", text("how")),
        "sign_in_refused" => format!("Sign-in refused for {about} from {}", text("address")),
        "signed_in" => format!("Signed in from {}", text("address")),
        "organisation_switched" => "Began to act for this organisation".to_owned(),
        _ => match particulars(&entry.detail) {
            details if details.is_empty() => entry.words().to_owned(),
            details => format!("{}: {details}", entry.words()),
        },
    }
}

/// What else the row holds, short: `items 3, reason "sent again"`.
fn particulars(detail: &Value) -> String {
    let Some(fields) = detail.as_object() else { return String::new() };
    let mut parts: Vec<String> = Vec::new();
    // What only a program compares, and what the row is about, are for the export.
    for (name, value) in
        fields.iter().filter(|(name, _)| !["outcomes", "digest", "sha256", "file"].contains(&name.as_str()))
    {
        let name = name.replace('_', " ");
        let shown = match value {
            Value::String(text) if text.chars().count() > 120 => {
                format!("{}…", text.chars().take(120).collect::<String>())
            }
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Array(list) => ui::count(list.len(), "entry", "entries"),
            Value::Object(_) | Value::Null => continue,
        };
        if !shown.is_empty() {
            parts.push(format!("{name} {shown}"));
        }
    }
    parts.join(", ")
}

/// About what or whom.
pub fn about(entry: &Entry) -> String {
    match entry.object_type.as_str() {
        "user" => format!("User {}", entry.object_id),
        "file" if entry.actor_kind == "file" => "That file".to_owned(),
        "file" if entry.detail.get("file").is_some_and(Value::is_string) => {
            entry.detail["file"].as_str().unwrap_or_default().to_owned()
        }
        // Our own ids say nothing to a reader; the link leads there, and the export has them.
        kind if uuid::Uuid::parse_str(&entry.object_id).is_ok() => {
            format!("{}{}", kind[..1].to_uppercase(), kind[1..].replace('_', " "))
        }
        kind => format!("{}{} {}", kind[..1].to_uppercase(), kind[1..].replace('_', " "), entry.object_id),
    }
}

/// Where the thing can be seen, if it has a page.
pub fn link(entry: &Entry) -> Option<String> {
    let id = &entry.object_id;
    let is_ours = uuid::Uuid::parse_str(id).is_ok();
    match entry.object_type.as_str() {
        "user" if id != "unknown" => {
            let text: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
            Some(format!("/admin/users?q={text}"))
        }
        "file" if is_ours => Some(format!("/interfaces/files/{id}")),
        "item" if is_ours => Some(format!("/inbox/{id}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(event: &str, detail: Value) -> Entry {
        Entry {
            seq: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            actor_kind: "person".to_owned(),
            actor: "sam".to_owned(),
            event: event.to_owned(),
            object_type: "user".to_owned(),
            object_id: "pat".to_owned(),
            detail,
        }
    }

    #[test]
    fn rows_read_as_sentences() {
        for (event, detail, words) in [
            (
                "right_granted",
                json!({ "right": "medical_staffing_officer" }),
                "Gave pat the right Medical Staffing Officer",
            ),
            ("right_granted", json!({ "right": "of_a_later_release" }), "Gave pat the right of_a_later_release"),
            ("item_done", json!({ "items": 3, "reason": "sent again" }), "Item done: items 3, reason sent again"),
            ("of_a_later_release", json!({}), "of_a_later_release"),
        ] {
            assert_eq!(sentence(&entry(event, detail)), words);
        }
    }
}
