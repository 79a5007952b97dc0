use std::path::{Path, PathBuf};
use std::time::Duration;

use changeover::demo;
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use serde_json::Value;

use super::keyboard::is_option;
use super::{Browser, DESKTOP, PHONE};
use crate::portal::{Portal, User};

/// Who signs in, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    pub username: &'a str,
    pub password: &'a str,
}

impl<'a> From<&'a User> for Account<'a> {
    fn from(user: &'a User) -> Self {
        Self { username: &user.username, password: "a long password for tests" }
    }
}

impl<'a> Account<'a> {
    /// Of the demonstration.
    pub fn persona(username: &'a str) -> Self {
        Self { username, password: demo::PASSWORD }
    }
}

/// How somebody uses the portal. A journey is written once and walked in each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At a desk, with a mouse.
    Mouse,
    /// At the narrowest width, as on a phone or at 400 % zoom.
    Phone,
    /// At a desk with the keys alone: Tab, Enter, Space, arrows, letters.
    Keyboard,
    /// At a desk where no script runs: links and plain forms.
    NoScript,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Mouse, Self::Phone, Self::Keyboard, Self::NoScript];
}

/// Somebody at the portal, who reads what is on the page and acts in one way.
pub struct Walk {
    pub browser: Browser,
    pub way: Way,
    page: usize,
    /// The page as it was last judged: what did not change since is not judged again.
    judged: Value,
}

impl Walk {
    pub async fn start(portal: &Portal, way: Way) -> Self {
        let browser = match way {
            Way::Phone => Browser::open(&portal.base, PHONE).await,
            Way::Mouse | Way::Keyboard => Browser::open(&portal.base, DESKTOP).await,
            Way::NoScript => Browser::open_without_javascript(&portal.base, DESKTOP).await,
        };
        Self { browser, way, page: 0, judged: Value::Null }
    }

    /// The next walk in the same browser, where it can be walked there: a page without scripts needs another.
    pub async fn then(self, portal: &Portal, way: Way) -> Self {
        if way == Way::NoScript || self.way == Way::NoScript {
            self.finish().await;
            return Self::start(portal, way).await;
        }
        self.browser.resize(if way == Way::Phone { PHONE } else { DESKTOP }).await;
        Self { way, judged: Value::Null, ..self }
    }

    /// Another server on the same data, on another day: the portal after time went by.
    pub fn turn_to(&mut self, portal: &Portal) {
        self.browser.rebase(&portal.base);
    }

    pub async fn sign_in(&self, user: impl Into<Account<'_>>) {
        let user = user.into();
        self.open("/sign-in").await;
        self.fill("User name", user.username).await;
        self.fill("Password", user.password).await;
        self.press("Sign in").await;
        self.browser.wait_for_words(&["Your work today"]).await;
    }

    pub async fn sign_out(&self) {
        self.press("Sign out").await;
        self.browser.wait_for_words(&["Sign in"]).await;
    }

    /// Goes to an address, as from a bookmark or a mail.
    pub async fn open(&self, path: &str) {
        self.browser.goto(path).await;
        if self.way != Way::NoScript {
            self.browser.find("body[data-ready]").await;
        }
    }

    /// Opens an address again and again until its page says this, as somebody does who waits for something.
    pub async fn open_until(&mut self, path: &str, words: &str) {
        for _ in 0..300 {
            self.open(path).await;
            if self.browser.words().await.contains(words) {
                self.sees(words).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{words:?} never came to {path}:\n{}", self.browser.words().await);
    }

    /// Does something with what is called this. What went with its page before that is looked for again on the page that came.
    async fn with(&self, [kind, words, among]: [&str; 3], act: impl AsyncFn(&Element) -> Result<(), CmdError>) {
        let mut tries = 5;
        loop {
            let element = self.browser.named(kind, words, among).await;
            match act(&element).await {
                Ok(()) => return,
                Err(error) if tries > 0 && error.to_string().contains("stale element reference") => tries -= 1,
                Err(error) => panic!("{words:?} cannot be used: {error}"),
            }
        }
    }

    /// Follows the link, presses the button or opens the fold that says this.
    pub async fn press(&self, words: &str) {
        if self.way == Way::Keyboard {
            let element = self.browser.named("press", words, "").await;
            self.browser.tab_to_element(&element, words).await;
            self.browser.strike_key(Key::Enter).await;
        } else {
            self.with(["press", words, ""], async |element| element.click().await).await;
        }
    }

    /// Opens the filters above a list where they are folded, as on a phone.
    pub async fn open_filters(&self) {
        // WebDriver takes what a closed fold holds for hidden, even where the style shows it: where a person sees the fields, it is told so.
        let folded = "
            const seen = e => !!e && e.checkVisibility();
            for (const fold of document.querySelectorAll('.app-filter__fold:not([open])')) {
                const summary = fold.querySelector('summary');
                if (seen(summary)) return summary.innerText.trim();
                if (seen(fold.querySelector('input:not([type=hidden]), select'))) fold.open = true;
            }
            return '';";
        let words = self.browser.script(folded).await.as_str().unwrap_or_default().to_owned();
        if !words.is_empty() {
            self.press(&words).await;
        }
    }

    /// Writes into the field with this label.
    pub async fn fill(&self, label: &str, value: &str) {
        self.write("field", label, "", value).await;
    }

    /// Writes a day such as 5/8/2026 into the three fields under this legend.
    pub async fn date(&self, legend: &str, day: &str) {
        for (place, value) in day.split('/').enumerate() {
            self.write("day", legend, &place.to_string(), value).await;
        }
    }

    async fn write(&self, kind: &str, words: &str, among: &str, value: &str) {
        if self.way == Way::Keyboard {
            let field = self.browser.named(kind, words, among).await;
            self.browser.tab_to_element(&field, words).await;
            self.browser.type_over(value).await;
        } else {
            let written = async |field: &Element| {
                field.clear().await?;
                field.send_keys(value).await
            };
            self.with([kind, words, among], written).await;
        }
    }

    /// Chooses the radio with this label under a legend.
    pub async fn choose(&self, legend: &str, label: &str) {
        if self.way == Way::Keyboard {
            let radio = self.browser.named("field", label, legend).await;
            self.browser.tab_to_element(&radio, label).await;
            self.browser.choose_by_arrows(&radio, label).await;
        } else {
            self.with(["field", label, legend], async |radio| radio.click().await).await;
        }
    }

    /// Ticks the box with this label.
    pub async fn tick(&self, label: &str) {
        if self.way == Way::Keyboard {
            let field = self.browser.named("field", label, "").await;
            self.browser.tab_to_element(&field, label).await;
            self.browser.strike([' ']).await;
        } else {
            self.with(["field", label, ""], async |field| field.click().await).await;
        }
    }

    /// Picks the option that says this, or begins with it.
    pub async fn pick(&self, label: &str, option: &str) {
        if self.way == Way::Keyboard {
            let field = self.browser.named("field", label, "").await;
            self.browser.tab_to_element(&field, label).await;
            self.browser.pick_by_arrows(option).await;
            return;
        }
        let picked = async |field: &Element| {
            for one in field.find_all(Locator::Css("option")).await? {
                if is_option(one.text().await?.trim(), option) {
                    return one.click().await;
                }
            }
            panic!("{label:?} has no option {option:?}");
        };
        self.with(["field", label, ""], picked).await;
    }

    /// Gives a file to the field with this label. The window of the system in which it is chosen is not the portal's: the field must be
    /// reached, and the driver does the rest.
    pub async fn upload(&self, label: &str, file: &Path) {
        if self.way == Way::Keyboard {
            let field = self.browser.named("field", label, "").await;
            self.browser.tab_to_element(&field, label).await;
        }
        self.with(["field", label, ""], async |field| field.send_keys(file.to_str().unwrap()).await).await;
    }

    /// Follows a link that gives a file; gives what is in it. The page stays.
    pub async fn download(&self, words: &str) -> String {
        let folder = self.browser.downloads();
        let files = || -> Vec<PathBuf> {
            let entries = std::fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path());
            // What the browser has not finished ends so, or begins with a dot.
            let is_whole = |file: &PathBuf| {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                !name.ends_with(".crdownload") && !name.starts_with('.')
            };
            entries.filter(is_whole).collect()
        };
        files().into_iter().for_each(|file| std::fs::remove_file(file).unwrap());
        self.press(words).await;
        for _ in 0..400 {
            // Its name is there before what is in it.
            if let [file] = files().as_slice()
                && let Ok(bytes) = std::fs::read(file)
                && !bytes.is_empty()
            {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("{words:?} gave no file on {}", self.browser.path().await);
    }

    /// Waits until the page says this, and judges the page as this way needs it.
    pub async fn sees(&mut self, words: &str) {
        self.sees_one_of(&[words]).await;
    }

    /// The same where one of several may come; gives which did.
    pub async fn sees_one_of(&mut self, words: &[&str]) -> usize {
        let which = self.browser.wait_for_words(words).await;
        let now = self.browser.script("return location.href + document.body.innerHTML").await;
        if now == self.judged {
            return which;
        }
        self.judged = now;
        self.page += 1;
        match self.way {
            Way::Mouse | Way::Phone => self.browser.check_page().await,
            Way::Keyboard => {
                let lost = self.browser.script("return !document.activeElement").await;
                assert_eq!(lost, Value::Bool(false), "the focus is lost on {}", self.browser.path().await);
            }
            Way::NoScript => {
                let ran = self.browser.script("return 'ready' in document.body.dataset").await;
                assert_eq!(ran, Value::Bool(false), "a script ran on {}", self.browser.path().await);
                self.browser.check_no_sideways_scroll().await;
            }
        }
        let test = std::thread::current().name().unwrap_or_default().replace("::", "-");
        self.browser.screenshot(&format!("{test}-{:?}-{:02}", self.way, self.page)).await;
        which
    }

    pub async fn finish(self) {
        self.browser.finish().await;
    }
}
