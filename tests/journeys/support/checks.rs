use serde_json::Value;

use super::{Browser, DESKTOP, PHONE};

/// Everything that axe-core can tell of WCAG 2.2 AA, and its best practices.
const AXE: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(
        found => done(found.violations.flatMap(rule => rule.nodes.map(
            node => `${rule.id}: ${rule.help}: ${node.target.join(' ')}: ${node.html.slice(0, 200)}`))),
        error => done(['axe-core itself failed: ' + error]));";

/// Every control keeps quiet on a bare letter or digit (WCAG 2.1.4): nothing moves, nothing opens.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789?/.";

impl Browser {
    /// What every page of every journey must be: no axe-core violation, no sideways scrolling, no complaint.
    pub async fn check_page(&self) {
        let page = self.path().await;
        assert_eq!(self.axe().await, Vec::<String>::new(), "axe-core on {page}");
        self.check_no_sideways_scroll().await;
        assert_eq!(self.complaints().await, Vec::<String>::new(), "the browser complained on {page}");
    }

    /// Checks pages, by a name for their pictures and their path, at the width of a desk and of a phone.
    pub async fn check_pages(&self, journey: &str, pages: &[(&str, &str)]) {
        for width in [DESKTOP, PHONE] {
            self.resize(width).await;
            for (name, path) in pages {
                self.goto(path).await;
                self.check_page().await;
                self.screenshot(&format!("{journey}-{name}-{width}")).await;
            }
        }
    }

    /// axe-core's violations, one a line for each place.
    pub async fn axe(&self) -> Vec<String> {
        let source = include_str!("../../vendor/axe-core-4.14.1/axe.min.js");
        self.script(source).await;
        let found = self.client.execute_async(AXE, Vec::new()).await.unwrap();
        let lines = found.as_array().expect("axe-core answers with a list");
        lines.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The page fits its window; names what sticks out.
    pub async fn check_no_sideways_scroll(&self) {
        let script = "
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.body.querySelectorAll('*')]
                .filter(e => e.getBoundingClientRect().right > width + 1).slice(-5)
                .map(e => e.outerHTML.slice(0, 120));";
        let wide = self.script(script).await;
        assert_eq!(wide, Value::Array(Vec::new()), "{} scrolls sideways", self.path().await);
    }

    /// No letter, digit or mark typed outside a field does anything.
    pub async fn check_letters_do_nothing(&self) {
        let state = "return [location.href, document.activeElement.outerHTML, document.body.innerHTML].join('\\n')";
        self.script("document.activeElement.blur()").await;
        let before = self.script(state).await;
        self.keys(LETTERS).await;
        assert_eq!(self.script(state).await, before, "a letter does something on {}", self.path().await);
    }
}
