use std::collections::BTreeSet;

use http::{HeaderMap, header};
use scraper::{ElementRef, Html, Node, Selector};

/// An answer as its reader sees it. Every page of HTML is checked as it arrives.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body, as text.
    pub body: String,
    pub bytes: bytes::Bytes,
    path: String,
}

impl Page {
    pub fn new(path: &str, status: u16, headers: HeaderMap, bytes: bytes::Bytes) -> Self {
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let page = Self { status, headers, body, bytes, path: path.to_owned() };
        if page.is_html() && page.body.contains("<html") {
            page.check();
        }
        page
    }

    pub fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<&str> {
        self.header(header::LOCATION.as_str())
    }

    /// What a successful POST answers with; gives where it leads.
    #[track_caller]
    pub fn assert_redirect(&self) -> &str {
        assert_eq!(self.status, 303, "{} gave {}:\n{}", self.path, self.status, self.words());
        self.location().expect("a redirect says where to")
    }

    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        assert_eq!(self.status, 200, "{} gave {} {:?}:\n{}", self.path, self.status, self.location(), self.words());
        self
    }

    /// The text of the first element that the CSS selector finds, with single spaces.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        let found = self.texts(css).into_iter().next();
        found.unwrap_or_else(|| panic!("no {css} on {} ({}):\n{}", self.path, self.status, self.words()))
    }

    /// The text of every element that the CSS selector finds.
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.select(css, |element| words_of(&element))
    }

    pub fn has(&self, css: &str) -> bool {
        !self.select(css, |_| ()).is_empty()
    }

    /// The attribute of the first element that the CSS selector finds.
    #[track_caller]
    pub fn attr(&self, css: &str, name: &str) -> String {
        let found = self.attr_of(css, name);
        found.unwrap_or_else(|| panic!("no {css} with {name} on {}:\n{}", self.path, self.words()))
    }

    pub fn attr_of(&self, css: &str, name: &str) -> Option<String> {
        self.attrs(css, name).into_iter().next()
    }

    /// The attribute of every element that the CSS selector finds and that has it.
    pub fn attrs(&self, css: &str, name: &str) -> Vec<String> {
        self.select(css, |element| element.attr(name).map(str::to_owned)).into_iter().flatten().collect()
    }

    /// All that the page says.
    pub fn words(&self) -> String {
        if !self.is_html() {
            return self.body.clone();
        }
        words_of(&Html::parse_document(&self.body).root_element())
    }

    fn select<T>(&self, css: &str, take: impl Fn(ElementRef<'_>) -> T) -> Vec<T> {
        let selector = Selector::parse(css).unwrap_or_else(|error| panic!("{css} is no CSS selector: {error}"));
        Html::parse_document(&self.body).select(&selector).map(take).collect()
    }

    /// One h1 that the title repeats, ids that name one thing each, and nothing inline that the CSP would refuse.
    fn check(&self) {
        let (path, headings, titles) = (&self.path, self.texts("h1"), self.texts("head title"));
        assert_eq!(headings.len(), 1, "{path} must have one h1, has {headings:?}");
        assert_eq!(titles.len(), 1, "{path} must have one title");
        assert!(
            titles[0].contains(&headings[0]),
            "the title of {path}, {:?}, must repeat its h1, {:?}",
            titles[0],
            headings[0]
        );
        let mut seen = BTreeSet::new();
        for id in self.attrs("[id]", "id") {
            assert!(seen.insert(id.clone()), "{path} has the id {id:?} twice");
        }
        assert!(!self.has("style, [style]"), "{path} has an inline style");
        assert!(!self.has("script:not([src])"), "{path} has an inline script");
        let handlers = ["onclick", "onload", "onerror", "onsubmit", "onchange", "oninput", "onfocus", "onkeydown"];
        for handler in handlers {
            assert!(!self.has(&format!("[{handler}]")), "{path} has an inline {handler}");
        }
    }
}

/// The words of an element: texts that stand in several elements are apart, those between which a line may only break are one.
fn words_of(element: &ElementRef<'_>) -> String {
    let mut words = String::new();
    for node in element.descendants() {
        match node.value() {
            Node::Text(text) => {
                words.push_str(text);
                words.push(' ');
            }
            Node::Element(element) if element.name() == "wbr" => {
                words.pop();
            }
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
