use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// A ChromeDriver on a port of its own, ended with every Chromium that it started.
pub struct Driver {
    pub port: u16,
    child: Child,
    // It writes to this now and then, so it must stay open; ours and not the test's, or a failed test would hang.
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// One that listens. It chooses a port for one address and then asks for the same of another, which somebody may have taken meanwhile:
    /// then it ends at once, and another is started.
    pub fn start() -> Self {
        let started = (0..5).find_map(|_| Self::try_start());
        started.expect("chromedriver listens; five ended at once")
    }

    #[expect(clippy::disallowed_methods, reason = "a browser journey needs a browser")]
    fn try_start() -> Option<Self> {
        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver starts; `make journeys` installs it");
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut driver = Self { port: 0, child, output };
        let mut line = String::new();
        loop {
            line.clear();
            if driver.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').rsplit_once("on port ")
                && let Ok(port) = port.parse::<u16>()
                && port != 0
            {
                driver.port = port;
                return Some(driver);
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to shut down, it closes its browsers; what is left of the group then goes the hard way.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _timeout = stream.set_read_timeout(Some(Duration::from_secs(3)));
            let _asked = stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let _answer = stream.read_to_end(&mut Vec::new());
        }
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _gone_already = kill_process_group(group, Signal::KILL);
        }
        let _status = self.child.wait();
    }
}
