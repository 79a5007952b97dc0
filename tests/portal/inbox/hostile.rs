//! Text from files and people that would like to be a page.

use serde_json::json;
use sqlx::PgPool;

use super::{MSO, message_of, open};
use crate::support::payloads::PAYLOADS;
use crate::support::{Page, Portal};

/// Only what the templates themselves write.
#[track_caller]
pub fn assert_inert(page: &Page) {
    for css in [
        "main img",
        "iframe",
        "main svg[onload]",
        "meta[http-equiv]",
        "main a[href^=javascript]",
        "[onerror]",
        "main b",
        "[hx-trigger^=load]",
        "[data-hx-trigger]",
        "[onload], [onfocus], [onclick], [onmouseover], [onbegin], [ontoggle], [onstart], [onchange]",
        "base, object, embed, video, marquee, math, main style, main template",
        "form[action*='evil']",
        "link[href*='evil']",
    ] {
        assert!(!page.has(css), "{css} came from text:\n{}", page.body);
    }
    let scripts = page.attrs("script", "src");
    assert_eq!(page.texts("script").len(), scripts.len(), "no script without a source");
}

/// XSS-1 and XSS-4: in every field of a message and an item.
#[sqlx::test]
async fn xss_1_and_4_text_from_files_is_shown_as_text(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    for (n, payload) in PAYLOADS.iter().enumerate() {
        let mut item = portal.item("904", payload).about(payload).of_message(&format!("m{n}"), payload);
        item.message.file = Some((uuid::Uuid::now_v7(), format!("DE_{payload}.DAT")));
        item.item.kind = "held_post";
        for field in [
            &mut item.item.gmc_number,
            &mut item.item.dpn,
            &mut item.item.position_number,
            &mut item.item.position_name,
        ] {
            *field = Some((*payload).to_owned());
        }
        item.item.link = Some((*payload).to_owned());
        item.item.facts =
            json!({ "vacancy_ref": payload, "text": payload, "messages": [{ "type": payload, "text": payload }] });
        let item = item.raise().await;
        mso.post(format!("/inbox/items/{item}/note"), [("note", *payload)]).await.assert_redirect();
        let page = open(&portal, &mso, item).await;
        assert_inert(&page);
        let shown = page.texts(".app-note").join(" ");
        assert!(payload.split_whitespace().all(|word| shown.contains(word)), "{payload} is shown as typed: {shown}");
    }
    assert_inert(&mso.get("/inbox").await);
    assert_inert(&mso.get("/").await);
}

/// XSS-5: addresses that are not ours are never links.
#[sqlx::test]
async fn xss_5_a_stored_link_leads_nowhere_but_here(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    for link in
        ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "https://evil.example", "/\\evil.example"]
    {
        let mut item = portal.item("904", "A link").of_message(link, "Deanery");
        item.item.link = Some(link.to_owned());
        let item = item.raise().await;
        let page = open(&portal, &mso, item).await;
        assert!(!page.attrs("a", "href").iter().any(|href| href == link), "{link}");
    }
}

/// XSS-2 and XSS-3: what is typed into an address comes back as text, or not at all.
#[sqlx::test]
async fn xss_2_and_3_what_is_typed_into_an_address_is_text_or_refused(pool: PgPool) {
    let portal = Portal::start(pool).await;
    let mso = portal.sign_in("904", MSO).await;
    let item = portal.item("904", "One").raise().await;
    let message = message_of(&portal, item).await;
    // Twelve of them: every name of every address with each.
    for payload in &PAYLOADS[..12] {
        let encoded: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        for name in [
            "q", "post", "from", "to", "state", "class", "type", "cause", "within", "after", "before", "page", "item",
            "next",
        ] {
            for path in [
                "/inbox".to_owned(),
                format!("/inbox/{message}"),
                "/inbox/bulk".to_owned(),
                "/inbox/next".to_owned(),
                "/".to_owned(),
            ] {
                let page = mso.get(format!("{path}?{name}={encoded}")).await;
                assert!(matches!(page.status, 200 | 303 | 400 | 404 | 422), "{path}?{name}: {}", page.status);
                if page.is_html() {
                    assert_inert(&page);
                }
                if let Some(location) = page.location() {
                    assert!(location.starts_with("/inbox"), "{location}");
                }
            }
        }
        let fields = [
            ("filter", *payload),
            ("action", payload),
            ("note", "x"),
            ("at", payload),
            ("version", "1"),
            ("then", payload),
        ];
        for path in [
            "/inbox/bulk".to_owned(),
            "/inbox/undo".to_owned(),
            format!("/inbox/items/{item}/claim"),
            format!("/inbox/items/{item}/note"),
        ] {
            let answer = mso.post(&path, fields).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
            if let Some(location) = answer.location() {
                assert!(location.starts_with("/inbox"), "{location}");
            }
        }
    }
}
