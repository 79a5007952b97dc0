use std::path::PathBuf;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::driver::Driver;
use super::walk::Account;

/// The width of a desktop window, in CSS pixels.
pub const DESKTOP: u32 = 1280;
/// The narrowest screen that WCAG 2.2 (1.4.10) asks for.
pub const PHONE: u32 = 320;

/// A Chromium with an empty profile. Everything it complained about is checked when the journey calls `finish`.
pub struct Browser {
    pub client: Client,
    base: String,
    _driver: Driver,
    profile: TempDir,
}

impl Browser {
    /// Opens a window of this width on the portal at `base`, which needs no page yet.
    pub async fn open(base: &str, width: u32) -> Self {
        Self::launch(base, width, true).await
    }

    /// The same with JavaScript switched off, as an organisation's policy does it.
    pub async fn open_without_javascript(base: &str, width: u32) -> Self {
        Self::launch(base, width, false).await
    }

    async fn launch(base: &str, width: u32, javascript: bool) -> Self {
        let (driver, profile) = (Driver::start(), tempfile::tempdir().unwrap());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--lang=en-GB",
        ];
        let profile_flag = format!("--user-data-dir={}", profile.path().display());
        let flags: Vec<&str> = flags.into_iter().chain([profile_flag.as_str()]).collect();
        let mut preferences = json!({
            "credentials_enable_service": false,
            "profile.password_manager_enabled": false,
            "download.default_directory": profile.path().join("downloads"),
            "download.prompt_for_download": false,
        });
        if !javascript {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let Value::Object(capabilities) = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        }) else {
            unreachable!("it is written as an object")
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .expect("Chromium starts");
        let browser = Self { client, base: base.trim_end_matches('/').to_owned(), _driver: driver, profile };
        browser.resize(width).await;
        browser
    }

    /// Sets the width that the page sees; a window of its own cannot be as narrow as a phone.
    pub async fn resize(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Takes another server for the portal.
    pub fn rebase(&mut self, base: &str) {
        base.trim_end_matches('/').clone_into(&mut self.base);
    }

    /// Goes to a path of the portal.
    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// Signs somebody in, and waits for the first page.
    pub async fn sign_in<'a>(&self, who: impl Into<Account<'a>>) {
        let Account { username, password } = who.into();
        self.goto("/sign-in").await;
        self.fill("username", username).await;
        self.fill("password", password).await;
        self.press("Sign in").await;
        self.wait_for_text("Your work today").await;
    }

    /// The folder that downloads go into.
    pub fn downloads(&self) -> PathBuf {
        self.profile.path().join("downloads")
    }

    /// The path and query that the address bar shows.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().trim_start_matches(&self.base).to_owned()
    }

    /// The first element that the CSS selector finds, waited for.
    pub async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css} on {}: {error}\n{}", self.path().await, self.words().await),
        }
    }

    /// All that the page says.
    pub(super) async fn words(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// What the element says, as it is rendered. One that went with its page is looked for again on the page that came.
    pub async fn text(&self, css: &str) -> String {
        let mut tries = 5;
        loop {
            match self.find(css).await.text().await {
                Ok(text) => return text,
                Err(error) if tries > 0 && error.to_string().contains("stale element reference") => tries -= 1,
                Err(error) => panic!("{css} cannot be read: {error}"),
            }
        }
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Follows the link or presses the button with exactly this text.
    pub async fn press(&self, text: &str) {
        let quoted = format!("'{}'", text.replace('\'', "’"));
        let xpath = format!(
            "//a[normalize-space()={quoted}] | //button[normalize-space()={quoted}] | //summary[normalize-space()={quoted}]"
        );
        let found = self.client.wait().for_element(Locator::XPath(&xpath)).await;
        match found {
            Ok(element) => element.click().await.unwrap(),
            Err(error) => panic!("nothing to press says {text:?} on {}: {error}", self.path().await),
        }
    }

    /// Replaces what a field holds.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Sends keys to whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    pub async fn tab(&self) {
        self.keys(&String::from(char::from(Key::Tab))).await;
    }

    pub async fn enter(&self) {
        self.keys(&String::from(char::from(Key::Enter))).await;
    }

    /// What has the focus: its id, else its text, else its tag.
    pub async fn focused(&self) -> String {
        let script = "const e = document.activeElement; return e.id || e.textContent.trim() || e.tagName";
        self.script(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Presses Tab until the CSS selector matches what has the focus: the way of someone without a mouse.
    pub async fn tab_to(&self, css: &str) {
        let script = format!("return document.activeElement.matches({})", json!(css));
        for _ in 0..200 {
            if self.script(&script).await == Value::Bool(true) {
                return;
            }
            self.tab().await;
        }
        panic!("Tab never reaches {css} on {}", self.path().await);
    }

    /// Waits until the text stands somewhere on the page, wherever a long code of it may break.
    pub async fn wait_for_text(&self, text: &str) {
        for _ in 0..240 {
            if self.client.source().await.unwrap().replace("<wbr>", "").contains(text) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{text:?} never came to {}:\n{}", self.path().await, self.words().await);
    }

    /// Runs a script of the driver's, which the page's CSP does not bind.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Writes a PNG of the window into the folder that CHANGEOVER_SCREENSHOTS names, if it names one.
    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("CHANGEOVER_SCREENSHOTS") else { return };
        let png = self.client.screenshot().await.unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }

    /// What the browser's console holds since it was last asked: CSP refusals, script errors, missing files.
    /// A page that answers 403, 404 or 422 on purpose is not a complaint; a missing static file is.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.command("se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let is_complaint = |entry: &Value| {
            let meant = text(entry, "source") == "network" && !text(entry, "message").contains("/static/");
            !meant && matches!(text(entry, "level").as_str(), "SEVERE" | "WARNING")
        };
        entries.iter().filter(|entry| is_complaint(entry)).map(|entry| text(entry, "message")).collect()
    }

    /// Ends the journey: the console must hold no complaint.
    pub async fn finish(self) {
        assert_eq!(self.complaints().await, Vec::<String>::new(), "the browser complained");
        let _ended = self.client.clone().close().await;
    }

    async fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", json!({ "cmd": method, "params": parameters })).await
    }

    async fn command(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(ChromeCommand { path, body }).await.unwrap()
    }
}

/// A command of ChromeDriver's that the WebDriver standard does not know.
#[derive(Debug)]
struct ChromeCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
