use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::str::FromStr;

use chrono::{Days, NaiveDate};

use super::files::{Applicant, Employer, write_deanery_file};
use super::load::{Claim, DemoError, claim, finish};
use crate::app::App;
use crate::audit::Actor;
use crate::file_exchange::{Processors, receive};

/// Managing bodies whose files are written.
const BODIES: &[&str] = &["EMD", "EOE", "KSS", "LDN", "MER", "NTH", "NWN", "OXF", "PEN", "SEV", "WES", "WMD", "YHD"];
/// Weeks from the deanery's file to the first day.
const NOTICE: Days = Days::new(91);

/// How much is made: the sizes S, M and L of load tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One employer with 500 staff.
    Small,
    /// Ten employers with 40,000 staff and 2,000 doctors in training.
    Trust,
    /// Two hundred employers with 1.9 million staff and 60,000 doctors in training.
    National,
}

/// No size of this name.
#[derive(Debug, thiserror::Error)]
#[error("give small, trust or national")]
pub struct NoSuchSize;

impl FromStr for Size {
    type Err = NoSuchSize;

    fn from_str(text: &str) -> Result<Self, NoSuchSize> {
        match text {
            "small" => Ok(Self::Small),
            "trust" => Ok(Self::Trust),
            "national" => Ok(Self::National),
            _ => Err(NoSuchSize),
        }
    }
}

impl Size {
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Trust => "trust",
            Self::National => "national",
        }
    }

    /// Employers, staff of each, doctors in training of each.
    fn figures(self) -> (usize, usize, usize) {
        match self {
            Self::Small => (1, 500, 25),
            Self::Trust => (10, 4_000, 200),
            Self::National => (200, 9_500, 300),
        }
    }

    fn employers(self) -> Vec<Employer> {
        let (count, staff, doctors) = self.figures();
        (0..count)
            .map(|n| Employer {
                vpd: (300 + n).to_string(),
                ods_code: format!("{}{:02}", if n < 100 { 'S' } else { 'T' }, n % 100),
                name: format!("Seedling {} Hospitals", n + 1),
                town: format!("Seedtown {}", n + 1),
                body: BODIES[n % BODIES.len()].to_owned(),
                // Twice as many posts as arrive at once.
                positions: 2 * doctors,
                staff,
            })
            .collect()
    }
}

/// What was loaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seeded {
    pub employers: usize,
    pub staff: usize,
    pub doctors: usize,
}

/// Fills an empty database by the path that every file takes. Interrupted, it goes on where it was; complete, it changes nothing.
pub async fn seed(app: &App, processors: &Processors, size: Size) -> Result<Seeded, DemoError> {
    let maker = format!("seed: {}", size.name());
    let (employers, (_, staff, doctors)) = (size.employers(), size.figures());
    let seeded =
        Seeded { employers: employers.len(), staff: employers.len() * staff, doctors: employers.len() * doctors };
    let mut tx = app.db.system().await?;
    let claimed = claim(&mut tx, &maker, &[]).await?;
    tx.commit().await?;
    if claimed == Claim::Complete {
        return Ok(seeded);
    }
    let today = app.today();
    let before = today.pred_opt().unwrap_or(today);
    for (n, employer) in employers.iter().enumerate() {
        let name = employer.full_file_name(before, 1);
        take(app, processors, &name, |out| employer.write_full_file(&name, before, out)).await?;
        tracing::info!(vpd = employer.vpd, number = n + 1, of = employers.len(), "an employer is loaded");
    }
    for body in BODIES {
        let its: Vec<&Employer> = employers.iter().filter(|employer| employer.body == *body).collect();
        if its.is_empty() {
            continue;
        }
        let name = format!("DE_{body}_APP_{}_00000001.DAT", today.format("%Y%m%d"));
        let number = its.len() * doctors;
        let records = its.iter().flat_map(|employer| arrivals(employer, doctors, today));
        take(app, processors, &name, |out| write_deanery_file(&name, body, today, number, records, out)).await?;
        tracing::info!(body, records = number, "a managing body's applicants are loaded");
    }
    let mut tx = app.db.system().await?;
    finish(&mut tx, &maker).await?;
    tx.commit().await?;
    Ok(seeded)
}

fn arrivals(employer: &Employer, doctors: usize, today: NaiveDate) -> impl Iterator<Item = Applicant> {
    let first = employer.vpd.parse::<u64>().unwrap_or_default() * 1_000;
    let hire = today.checked_add_days(NOTICE).unwrap_or(today);
    (0..doctors).map(move |n| Applicant::new(first + n as u64, employer, &employer.post(n), today, hire))
}

/// Writes a file and takes it in; one that an interrupted run took is a duplicate.
async fn take(
    app: &App,
    processors: &Processors,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), DemoError> {
    let folder = app.config.data_dir.join("seed");
    let path = folder.join(name);
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        let mut out = BufWriter::new(File::create(&path)?);
        write(&mut out)?;
        out.flush()
    });
    written.map_err(anyhow::Error::from)?;
    let report = receive(app, processors, Path::new(&path), &Actor::Command).await.map_err(anyhow::Error::from)?;
    std::fs::remove_file(&path).or_else(gone).map_err(anyhow::Error::from)?;
    if ["processed", "duplicate"].contains(&report.outcome.as_str()) {
        return Ok(());
    }
    Err(DemoError::File(name.to_owned(), format!("{}, {}", report.outcome, report.reason.unwrap_or_default())))
}

/// The exchange puts files away that it took.
fn gone(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
