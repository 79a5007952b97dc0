//! An SMTP server that keeps what it is given and misbehaves when it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One message as it came over the wire, dots unstuffed.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub raw: String,
}

impl Received {
    /// A header's value, unfolded but still encoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// Where a conversation is cut or left hanging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    Greeting,
    Mail,
    Recipient,
    Data,
    /// The body has come, and its answer is missing.
    Body,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    /// Answers still to be given to a recipient, before 250.
    answers: HashMap<String, Vec<String>>,
    always: HashMap<String, String>,
    hang_at: Option<Point>,
    cut_at: Option<Point>,
    conversations: usize,
}

/// The server; it ends with the test.
pub struct SmtpSink {
    port: u16,
    state: Arc<Mutex<State>>,
    listening: Option<JoinHandle<()>>,
}

impl SmtpSink {
    pub async fn start() -> Self {
        let mut sink = Self { port: 0, state: Arc::default(), listening: None };
        sink.up().await;
        sink
    }

    /// What `CHANGEOVER_SMTP_URL` is set to.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Refuses connections until `up`.
    pub async fn down(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            let _aborted = listening.await;
        }
    }

    /// Listens, on the same port as before.
    pub async fn up(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.port = listener.local_addr().unwrap().port();
        let state = Arc::clone(&self.state);
        self.listening = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&state)));
            }
        }));
    }

    /// Answers this recipient so every time: `550 5.1.1 No such user`.
    pub fn always(&self, recipient: &str, answer: &str) {
        self.lock().always.insert(recipient.to_owned(), answer.to_owned());
    }

    /// Answers this recipient so once, and then as usual: `451 4.7.1 Come back later`.
    pub fn once(&self, recipient: &str, answer: &str) {
        self.lock().answers.entry(recipient.to_owned()).or_default().push(answer.to_owned());
    }

    /// Says nothing more from this point on; `None` mends it.
    pub fn hang_at(&self, point: Option<Point>) {
        self.lock().hang_at = point;
    }

    /// Closes the connection at this point; `None` mends it.
    pub fn cut_at(&self, point: Option<Point>) {
        self.lock().cut_at = point;
    }

    /// Every message that was accepted.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// How often somebody connected.
    pub fn conversations(&self) -> usize {
        self.lock().conversations
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }
}

/// True when the conversation ends here.
async fn misbehaves(state: &Mutex<State>, point: Point) -> bool {
    let (hang, cut) = {
        let state = state.lock().unwrap();
        (state.hang_at == Some(point), state.cut_at == Some(point))
    };
    if hang {
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    hang || cut
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) {
    let _closed_by_the_other_side = speak(stream, state).await;
}

async fn speak(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    state.lock().unwrap().conversations += 1;
    let (reading, mut out) = stream.into_split();
    let mut lines = BufReader::new(reading);
    if misbehaves(&state, Point::Greeting).await {
        return Ok(());
    }
    out.write_all(b"220 sink.example ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = text.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned(),
            "HELO" | "NOOP" | "RSET" => "250 OK".to_owned(),
            "MAIL" => {
                if misbehaves(&state, Point::Mail).await {
                    return Ok(());
                }
                (from, to) = (address(&text), Vec::new());
                "250 OK".to_owned()
            }
            "RCPT" => {
                if misbehaves(&state, Point::Recipient).await {
                    return Ok(());
                }
                let (recipient, answer) = (address(&text), recipient_answer(&state, &address(&text)));
                if answer.starts_with('2') {
                    to.push(recipient);
                }
                answer
            }
            "DATA" => {
                if misbehaves(&state, Point::Data).await {
                    return Ok(());
                }
                out.write_all(b"354 Go on\r\n").await?;
                let raw = body(&mut lines).await?;
                if misbehaves(&state, Point::Body).await {
                    return Ok(());
                }
                state.lock().unwrap().received.push(Received { from: from.clone(), to: to.clone(), raw });
                "250 Kept".to_owned()
            }
            "QUIT" => {
                out.write_all(b"221 Goodbye\r\n").await?;
                return Ok(());
            }
            _ => "502 What is that?".to_owned(),
        };
        out.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

fn recipient_answer(state: &Mutex<State>, recipient: &str) -> String {
    let mut state = state.lock().unwrap();
    if let Some(answers) = state.answers.get_mut(recipient).filter(|answers| !answers.is_empty()) {
        return answers.remove(0);
    }
    state.always.get(recipient).cloned().unwrap_or_else(|| "250 OK".to_owned())
}

async fn body(lines: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> std::io::Result<String> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(String::from_utf8_lossy(&raw).into_owned());
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn address(command: &str) -> String {
    let inside = command.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(command, |(address, _)| address).to_owned()
}
