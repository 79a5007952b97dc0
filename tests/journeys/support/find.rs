use std::time::Duration;

use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value, json};

use super::Browser;

/// How long a page may take to show what a step asks for: far longer than it does, so that a busy machine fails no journey.
const PATIENCE: Duration = Duration::from_secs(12);

/// Finds what a person would find by reading: by the words on it or beside it, and only where it is seen.
const FIND: &str = r#"
    const [kind, words, among] = arguments;
    const plain = text => text.replace(/[\u200b\u00ad]/g, '').replace(/\s+/g, ' ').trim();
    const says = (e, text) => [plain(e.textContent), plain(e.innerText || '')].includes(text);
    const starts = (e, text) => [plain(e.textContent), plain(e.innerText || '')].some(all => all.startsWith(text) && /^\W/.test(all.slice(text.length)));
    const seen = e => e.checkVisibility({ visibilityProperty: true });
    const best = all => all.find(e => says(e, words)) || all.find(e => starts(e, words)) || null;
    if (kind === 'press') {
        const all = [...document.querySelectorAll('a[href], button, summary')].filter(seen);
        return best(all.filter(e => e.closest('main'))) || best(all);
    }
    if (kind === 'day') {
        const set = [...document.querySelectorAll('fieldset')].filter(seen).find(e => e.querySelector('legend') && says(e.querySelector('legend'), words));
        return set ? set.querySelectorAll('input')[Number(among)] : null;
    }
    const sets = among ? [...document.querySelectorAll('fieldset')].filter(e => e.querySelector('legend') && says(e.querySelector('legend'), among)) : [document];
    for (const set of sets) {
        const label = best([...set.querySelectorAll('label')].filter(seen));
        const field = label && (label.control || document.getElementById(label.htmlFor));
        if (field) return field;
    }
    return null;"#;

impl Browser {
    /// The element that the finding script gives for these words, waited for.
    pub(super) async fn named(&self, kind: &str, words: &str, among: &str) -> Element {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let arguments = vec![json!(kind), json!(words), json!(among)];
            let found = self.client.execute(FIND, arguments).await.unwrap_or(Value::Null);
            if let Some(id) = found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str) {
                return Element::from_element_id(self.client.clone(), ElementRef::from(id.to_owned()));
            }
            if tokio::time::Instant::now() > until {
                panic!("no {kind} says {words:?} {among:?} on {}:\n{}", self.path().await, self.words().await);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the page says one of these where it can be seen, whatever the line breaks; gives which.
    pub(super) async fn wait_for_words(&self, words: &[&str]) -> usize {
        let until = tokio::time::Instant::now() + PATIENCE;
        let script = "if (document.readyState !== 'complete') return -1; \
                      const text = document.body.innerText.replace(/[\\u200b\\u00ad]/g, '').replace(/\\s+/g, ' '); \
                      return arguments[0].findIndex(words => text.includes(words))";
        loop {
            let found = self.client.execute(script, vec![json!(words)]).await.unwrap_or(Value::Null);
            if let Some(which) = found.as_u64() {
                return usize::try_from(which).unwrap();
            }
            if tokio::time::Instant::now() > until {
                panic!("{words:?} never came to {}:\n{}", self.path().await, self.words().await);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Asks a script about an element.
    pub(super) async fn ask(&self, script: &str, element: &Element) -> Value {
        self.client.execute(script, vec![serde_json::to_value(element).unwrap()]).await.unwrap()
    }
}
