use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::Value;

use super::Browser;

/// How many stops of Tab lie between what has the focus and an element, as far as the page can tell; a group of radios is one stop.
const STOPS: &str = r#"
    const stops = [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex="0"]')]
        .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0)
        .filter(e => e.type !== 'radio' || e.checked || !e.form || ![...e.form.elements].some(o => o.name === e.name && o.checked));
    const from = stops.indexOf(document.activeElement), to = stops.indexOf(arguments[0]);
    return to > from ? to - from : 0;"#;

/// The element, or a radio of its group, has the focus.
const REACHED: &str = "
    const [now, e] = [document.activeElement, arguments[0]];
    return now === e || (e.type === 'radio' && now.type === 'radio' && now.name === e.name && now.form === e.form);";

/// What has the focus can be seen: some of it is inside the window, and nothing lies over that (WCAG 2.2, 2.4.11).
const SEEN: &str = "
    const e = document.activeElement;
    const box = [...e.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height)[0];
    if (!box) return 'it has no place on the page';
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const at = left < right && top < bottom && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!at) return 'it lies outside the window';
    const label = e.labels && [...e.labels].some(l => l.contains(at) || at.contains(l));
    return e === at || e.contains(at) || at.contains(e) || label ? '' : 'under ' + at.outerHTML.slice(0, 120);";

impl Browser {
    /// Presses keys as a keyboard does: whatever has the focus gets them.
    pub(super) async fn strike(&self, keys: impl IntoIterator<Item = char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    pub(super) async fn strike_key(&self, key: Key) {
        self.strike([char::from(key)]).await;
    }

    /// Goes on with Tab until the element has the focus; it must then be seen.
    pub(super) async fn tab_to_element(&self, element: &Element, words: &str) {
        let far = self.ask(STOPS, element).await.as_u64().unwrap_or_default();
        if far > 4 {
            self.strike((0..far - 3).map(|_| char::from(Key::Tab))).await;
        }
        for _ in 0..400 {
            if self.ask(REACHED, element).await == Value::Bool(true) {
                let covered = self.script(SEEN).await;
                assert_eq!(covered, Value::from(""), "{words:?} has the focus unseen on {}", self.path().await);
                return;
            }
            self.strike_key(Key::Tab).await;
        }
        panic!("Tab never reaches {words:?} on {}", self.path().await);
    }

    /// Replaces what the field with the focus holds.
    pub(super) async fn type_over(&self, value: &str) {
        let control = char::from(Key::Control);
        let all = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: control })
            .then(KeyAction::Down { value: 'a' })
            .then(KeyAction::Up { value: 'a' })
            .then(KeyAction::Up { value: control });
        self.client.perform_actions(all).await.unwrap();
        if value.is_empty() {
            self.strike_key(Key::Delete).await;
        } else {
            self.strike(value.chars()).await;
        }
    }

    /// Chooses a radio of the group that has the focus: Space where none is chosen, then the arrows.
    pub(super) async fn choose_by_arrows(&self, radio: &Element, words: &str) {
        let is_chosen = "return arguments[0].checked";
        for press in 0..40 {
            if self.ask(is_chosen, radio).await == Value::Bool(true) {
                return;
            }
            let none_yet = self.script("return !document.activeElement.checked").await == Value::Bool(true);
            self.strike([if press == 0 && none_yet { ' ' } else { char::from(Key::Down) }]).await;
        }
        panic!("no arrow chooses {words:?} on {}", self.path().await);
    }

    /// Picks an option of the select that has the focus.
    pub(super) async fn pick_by_arrows(&self, option: &str) {
        self.strike_key(Key::Home).await;
        let picked = "const e = document.activeElement; return e.options[e.selectedIndex].text.trim()";
        for _ in 0..400 {
            if self.script(picked).await.as_str().is_some_and(|text| is_option(text, option)) {
                return;
            }
            self.strike_key(Key::Down).await;
        }
        panic!("no arrow picks {option:?} on {}", self.path().await);
    }
}

/// The option says this, or begins with it.
pub(super) fn is_option(text: &str, option: &str) -> bool {
    text.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
}
