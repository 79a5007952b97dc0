//! Many clients on loopback, each asking for one page again and again over a connection of its own.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a round of load found.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub pages_a_second: f64,
    pub median_ms: f64,
    pub bytes: usize,
}

/// The round in the middle.
pub fn median(mut rounds: Vec<Round>) -> Round {
    rounds.sort_by(|a, b| a.pages_a_second.total_cmp(&b.pages_a_second));
    rounds[rounds.len() / 2]
}

/// Asks `clients` at a time for the time given; every answer must be 200.
pub async fn ask(address: &str, path: &str, cookie: &str, clients: usize, time: Duration) -> Result<Round> {
    let started = Instant::now();
    let mut running = Vec::new();
    for _ in 0..clients {
        let (address, request) = (address.to_owned(), request(address, path, cookie));
        running.push(tokio::spawn(client(address, request, started + time)));
    }
    let (mut times, mut bytes) = (Vec::new(), 0);
    for client in running {
        let (some, size) = client.await??;
        times.extend(some);
        bytes = size;
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let median_ms = times.get(times.len() / 2).copied().unwrap_or(f64::NAN) * 1000.0;
    Ok(Round { pages_a_second: times.len() as f64 / seconds, median_ms, bytes })
}

fn request(address: &str, path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n").into_bytes()
}

async fn client(address: String, request: Vec<u8>, until: Instant) -> Result<(Vec<f64>, usize)> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut bytes, mut buffer) = (Vec::new(), 0, Vec::with_capacity(256 * 1024));
    while Instant::now() < until {
        let started = Instant::now();
        stream.write_all(&request).await?;
        bytes = answer(&mut stream, &mut buffer).await?;
        times.push(started.elapsed().as_secs_f64());
    }
    Ok((times, bytes))
}

/// Reads one answer whole; gives the size of its body.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
    if !text.starts_with("http/1.1 200") {
        bail!("the answer was {}", text.lines().next().unwrap_or_default());
    }
    let length =
        text.lines().find_map(|line| line.strip_prefix("content-length:")).context("the answer has no length")?;
    let length: usize = length.trim().parse()?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the answer was cut");
        }
    }
    Ok(length)
}

/// The page once, as a browser would get it: body and headers.
pub async fn once(address: &str, path: &str, cookie: &str) -> Result<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&request(address, path, cookie)).await?;
    let mut buffer = Vec::new();
    let length = answer(&mut stream, &mut buffer).await?;
    let body = buffer[buffer.len() - length..].to_vec();
    let head = String::from_utf8_lossy(&buffer[..buffer.len() - length]).into_owned();
    Ok((head, body))
}

/// Sends a form; gives the status and the whole answer.
pub async fn post(address: &str, origin: &str, path: &str, cookie: &str, form: &str) -> Result<(u16, String)> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("there was no answer")?, answer))
}

/// The token of a page's forms.
pub fn token_of(page: &[u8]) -> String {
    let page = String::from_utf8_lossy(page);
    let token = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    token.unwrap_or_default().to_owned()
}
