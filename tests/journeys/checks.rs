//! The checks of every journey can fail: each finds what is wrong with a page made wrong on purpose.

use crate::support::{Browser, DESKTOP, PHONE};

const GOOD: &str = "<!doctype html><html lang=en><title>Inbox</title><meta name=viewport content='width=device-width'>\
                    <main><h1>Inbox</h1><label for=a>Name</label> <input id=a name=a></main>";

/// A page without a server.
async fn page(html: &str, width: u32) -> Browser {
    let browser = Browser::open("data:text/html,", width).await;
    browser.goto(html).await;
    browser
}

#[tokio::test]
async fn a_sound_page_passes() {
    let browser = page(GOOD, PHONE).await;
    browser.check_page().await;
    browser.check_letters_do_nothing().await;
    browser.fill("a", "Wrong person").await;
    browser.tab_to("#a").await;
    assert_eq!(browser.focused().await, "a");
    browser.finish().await;
}

#[tokio::test]
async fn axe_finds_a_field_without_a_label() {
    let browser = page(&GOOD.replace("<label for=a>Name</label>", ""), DESKTOP).await;
    let found = browser.axe().await.join("\n");
    assert!(found.contains("label: Form elements must have labels"), "{found}");
}

#[tokio::test]
#[should_panic(expected = "scrolls sideways")]
async fn a_wide_table_is_found_on_a_phone() {
    let browser = page(&GOOD.replace("</main>", "<div style=width:700px>wide</div></main>"), PHONE).await;
    browser.check_no_sideways_scroll().await;
}

#[tokio::test]
#[should_panic(expected = "a letter does something")]
async fn a_single_letter_shortcut_is_found() {
    let script =
        "<script>onkeydown = e => { if (e.key == 'j') document.querySelector('h1').textContent = 'Next' }</script>";
    let browser = page(&format!("{GOOD}{script}"), DESKTOP).await;
    browser.check_letters_do_nothing().await;
}

#[tokio::test]
async fn what_the_csp_refuses_is_a_complaint() {
    let csp = "<meta http-equiv=content-security-policy content=\"script-src 'none'\">";
    let browser = page(&format!("{csp}{GOOD}<script>1</script>"), DESKTOP).await;
    let complaints = browser.complaints().await.join("\n");
    assert!(complaints.contains("Content Security Policy"), "{complaints}");
}

#[tokio::test]
async fn without_javascript_no_script_of_the_page_runs() {
    let browser = Browser::open_without_javascript("data:text/html,", DESKTOP).await;
    browser.goto(&format!("{GOOD}<script>document.querySelector('h1').textContent = 'Scripted'</script>")).await;
    assert_eq!(browser.text("h1").await, "Inbox");
    browser.fill("a", "typed").await;
    browser.finish().await;
}
