//! What was measured, printed and kept in a dated file.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

#[derive(Default)]
pub struct Report {
    text: String,
}

impl Report {
    pub fn line(&mut self, text: impl AsRef<str>) {
        println!("{}", text.as_ref());
        let _ = writeln!(self.text, "{}", text.as_ref());
    }

    /// One ratio, what it should be, and whether it is.
    pub fn ratio(&mut self, what: &str, value: f64, wanted: &str, holds: impl Fn(f64) -> bool) {
        let verdict = if holds(value) { "holds" } else { "MISSED" };
        self.line(format!("{what}: {value:.2} ({wanted}: {verdict})"));
    }

    /// Writes the dated file; a later run of the same day replaces it.
    pub fn keep(&self, day: &str) -> Result<()> {
        let folder = Path::new("bench-results");
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{day}.txt"));
        std::fs::write(&path, &self.text)?;
        println!("written to {}", path.display());
        Ok(())
    }
}
