use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use chrono::NaiveTime;
use serde::Deserialize;

use super::super::expected::{self, Expectation};
use super::super::views::{ExpectedPage, ExpectedPages, shown};
use crate::access::permissions::SetExpectedFiles;
use crate::access::{Authorised, Form};
use crate::app::App;
use crate::error::{PageError, PageResult};
use crate::ui::{self, ErrorSummary, Field, Flash};

#[derive(Deserialize)]
pub struct HourForm {
    #[serde(default)]
    expected: String,
    #[serde(default)]
    hour: String,
}

/// What is expected of everybody who has sent.
pub async fn list(app: Data<App>, who: Authorised<SetExpectedFiles>) -> PageResult {
    let mut tx = app.db.system().await?;
    let expected = expected::list(&mut tx).await?;
    shown(StatusCode::OK, ExpectedPages { layout: who.layout(), expected })
}

/// Asks by when a file is expected, and whether it is at all.
pub async fn form(app: Data<App>, who: Authorised<SetExpectedFiles>, of: Path<(String, String)>) -> PageResult {
    let mut tx = app.db.system().await?;
    let file = expected::lock(&mut tx, &of.0, &of.1).await?.ok_or(PageError::NotFound)?;
    let expected = Field::new("expected", if file.active { "yes" } else { "no" });
    let hour = Field::new("hour", file.by_hour.format("%H:%M").to_string());
    page(&who, StatusCode::OK, file, expected, hour)
}

fn page(
    who: &Authorised<SetExpectedFiles>,
    status: StatusCode,
    file: Expectation,
    expected: Field,
    hour: Field,
) -> PageResult {
    let errors = ErrorSummary::of([&expected, &hour]);
    shown(status, ExpectedPage { layout: who.layout(), errors, file, expected, hour })
}

/// Changes it.
pub async fn change(
    app: Data<App>,
    who: Authorised<SetExpectedFiles>,
    of: Path<(String, String)>,
    Form(form): Form<HourForm>,
) -> PageResult {
    let mut tx = app.db.system().await?;
    let file = expected::lock(&mut tx, &of.0, &of.1).await?.ok_or(PageError::NotFound)?;
    let typed = form.hour.trim();
    let active = match form.expected.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    // Of what is not expected the hour may be left out: the one before is kept.
    let by_hour = if typed.is_empty() && active == Some(false) { Some(file.by_hour) } else { time(typed) };
    let (Some(active), Some(by_hour)) = (active, by_hour) else {
        let expected = match active {
            Some(_) => Field::new("expected", form.expected),
            None => Field::refused("expected", "", "Select whether a file is expected"),
        };
        let hour = match by_hour {
            Some(_) => Field::new("hour", typed),
            None => Field::refused("hour", typed, "Enter a time of the day in hours and minutes, such as 14:00"),
        };
        return page(&who, StatusCode::UNPROCESSABLE_ENTITY, file, expected, hour);
    };
    if (by_hour, active) != (file.by_hour, file.active) {
        expected::change(&mut tx, &app, &file, by_hour, active, &who.actor()).await?;
    }
    tx.commit().await?;
    who.flash(&Flash::success(match active {
        true => format!("A file from {} is expected by {} on each working day", file.sender, by_hour.format("%H:%M")),
        false => format!("No file from {} is expected, and nobody is told when none comes", file.sender),
    }));
    Ok(ui::see_other("/interfaces/expected"))
}

/// `14:00`, `9:30`, `14.00` or `14`: a time of the day, London.
fn time(typed: &str) -> Option<NaiveTime> {
    let (hours, minutes) = typed.split_once([':', '.']).unwrap_or((typed, "00"));
    if minutes.len() != 2 || !(1..=2).contains(&hours.len()) {
        return None;
    }
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    NaiveTime::from_hms_opt(number(hours)?, number(minutes)?, 0)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_time_is_read_as_people_write_it() {
        for (typed, read) in [("14:00", "14:00:00"), ("9:30", "09:30:00"), ("14.15", "14:15:00"), ("14", "14:00:00")] {
            assert_eq!(time(typed).unwrap().to_string(), read);
        }
        for typed in ["", "24:00", "12:60", "2pm", "1:5", "+9:00", "14:00:00", "-1"] {
            assert_eq!(time(typed), None, "{typed}");
        }
    }
}
