use std::collections::BTreeMap;
use std::sync::Mutex;

use changeover::access::Right;
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::page::Page;

/// One right or several, as `sign_in` takes them.
pub trait Rights {
    fn list(self) -> Vec<Right>;
}

impl Rights for Right {
    fn list(self) -> Vec<Right> {
        vec![self]
    }
}

impl<const N: usize> Rights for [Right; N] {
    fn list(self) -> Vec<Right> {
        self.to_vec()
    }
}

impl Rights for &[Right] {
    fn list(self) -> Vec<Right> {
        self.to_vec()
    }
}

/// Somebody with a browser that keeps cookies and sends forms as browsers do; follows no redirect by itself.
pub struct Visitor {
    base: String,
    client: Client<HttpConnector, Full<bytes::Bytes>>,
    cookies: Mutex<BTreeMap<String, String>>,
    csrf: Mutex<Option<String>>,
}

impl Visitor {
    /// Somebody who is not signed in.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            // A server that answers before it has read all hangs up, and a connection kept for the next request would be gone.
            client: Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http(),
            cookies: Mutex::default(),
            csrf: Mutex::default(),
        }
    }

    pub async fn get(&self, path: impl AsRef<str>) -> Page {
        self.send(Method::GET, path.as_ref(), HeaderMap::new(), Vec::new()).await
    }

    /// As htmx asks for a part of a page.
    pub async fn get_part(&self, path: impl AsRef<str>) -> Page {
        let headers = headers(&[("HX-Request", "true"), ("HX-Request-Type", "partial")]);
        self.send(Method::GET, path.as_ref(), headers, Vec::new()).await
    }

    /// Sends a form of this session, with its token and where it comes from.
    pub async fn post<N: AsRef<str>, V: AsRef<str>>(
        &self,
        path: impl AsRef<str>,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Page {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            form.append_pair(name.as_ref(), value.as_ref());
        }
        form.append_pair("csrf", &self.csrf().await);
        self.post_raw(path, form.finish()).await
    }

    /// Sends a form, and gives the page that asks whether it is to be done.
    pub async fn post_to_check<N: AsRef<str>, V: AsRef<str>>(
        &self,
        path: impl AsRef<str>,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Page {
        let page = self.post(path, fields).await;
        self.get(page.assert_redirect()).await
    }

    /// Sends a form to a portal that may be gone by now; gives the status.
    pub async fn try_post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<u16, hyper_util::client::legacy::Error> {
        let csrf = self.csrf.lock().unwrap().clone().expect("a page with a form was shown");
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("csrf", &csrf)
            .finish();
        let request = self.request(Method::POST, path).header("Origin", &self.base);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = self.client.request(request.body(Full::from(form)).unwrap()).await?;
        let status = answer.status().as_u16();
        // Read to its end, so that the connection serves the next one.
        let _body = answer.into_body().collect().await;
        Ok(status)
    }

    /// Sends a form exactly as written: for what a form must not be.
    pub async fn post_raw(&self, path: impl AsRef<str>, body: String) -> Page {
        let headers = headers(&[("Origin", &self.base), ("Content-Type", "application/x-www-form-urlencoded")]);
        self.send(Method::POST, path.as_ref(), headers, body.into_bytes()).await
    }

    /// Presses a button that sends nothing of its own.
    pub async fn press(&self, path: impl AsRef<str>) -> Page {
        self.post(path, [("", ""); 0]).await
    }

    /// Sends a form with files, each as field, file name and bytes.
    pub async fn upload(&self, path: impl AsRef<str>, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Page {
        let (edge, csrf) = ("----changeover-test-edge", self.csrf().await);
        let mut body = Vec::new();
        for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
            let part = format!("--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file, bytes) in files {
            let disposition = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"");
            let head = format!("--{edge}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{edge}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={edge}");
        let headers = headers(&[("Origin", &self.base), ("Content-Type", &kind)]);
        self.send(Method::POST, path.as_ref(), headers, body).await
    }

    /// Any request at all, with this visitor's cookies.
    pub async fn send(&self, method: Method, path: &str, headers: HeaderMap, body: Vec<u8>) -> Page {
        let mut request = self.request(method, path).body(Full::from(body)).unwrap();
        request.headers_mut().extend(headers);
        let (status, headers, body) = self.exchange(request).await;
        let page = Page::new(path, status, headers, body);
        if page.is_html()
            && let Some(token) = page.attr_of("input[name=csrf]", "value")
        {
            *self.csrf.lock().unwrap() = Some(token);
        }
        page
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let kept = self.cookies.lock().unwrap();
        let cookies: Vec<String> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    async fn exchange(&self, request: Request<Full<bytes::Bytes>>) -> (u16, HeaderMap, bytes::Bytes) {
        let answer = self.client.request(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        self.keep_cookies(&parts.headers);
        (parts.status.as_u16(), parts.headers, body)
    }

    /// Only how a request is answered, and where that leads: for asking thousands of times.
    pub async fn probe(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).append_pair("csrf", &self.csrf().await);
        let body = if method == "GET" { String::new() } else { form.finish() };
        let cookies =
            self.cookies.lock().unwrap().iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Origin", &self.base)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies)
            .body(Full::from(body))
            .unwrap();
        let (status, headers, _) = self.exchange(request).await;
        let to = headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (status, to.unwrap_or_default())
    }

    /// The session's cookie, to be stolen or forged.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// The token of this session's forms, from the last page or from one fetched for it.
    pub async fn csrf(&self) -> String {
        if self.csrf.lock().unwrap().is_none() {
            // The sign-in page has a form for everybody: its own, and the one that signs out.
            self.get("/sign-in").await;
        }
        self.csrf.lock().unwrap().clone().expect("a page with a form was shown")
    }

    /// Takes the token from the next page: the session has become another one.
    pub fn forget_csrf(&self) {
        *self.csrf.lock().unwrap() = None;
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut kept = self.cookies.lock().unwrap();
        for cookie in headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let Some((name, value)) = cookie.split(';').next().unwrap().split_once('=') else { continue };
            if value.is_empty() || cookie.contains("Max-Age=0") {
                kept.remove(name);
                *self.csrf.lock().unwrap() = None;
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap())
    };
    pairs.iter().map(pair).collect()
}
