use crate::dpn_report::Report;
use crate::positions::quality::Line;
use crate::positions::views::visible;
use crate::spreadsheets;

/// The report's third part as CSV, with what is wrong and how much harm it does.
pub fn csv(report: &Report) -> Vec<u8> {
    let columns = [
        "VPD",
        "Position Number",
        "Position Name",
        "DPN",
        "Managing Deanery Body",
        "Host/Lead Employer Status",
        "Rules broken",
        "Harm",
        "Problems",
    ];
    spreadsheets::csv(&columns, report.lines().map(|line| row(report, line)))
}

fn row(report: &Report, line: &Line) -> Vec<String> {
    let codes: Vec<String> = line.faults.iter().map(|fault| fault.code()).collect();
    let words: Vec<&str> = line.faults.iter().map(|fault| fault.words()).collect();
    vec![
        report.vpd.clone(),
        line.position_number.clone(),
        visible(&line.name),
        visible(line.dpn.as_deref().unwrap_or_default()),
        line.managing_body.clone().unwrap_or_default(),
        line.host_or_lead.map(|status| status.label().to_owned()).unwrap_or_default(),
        codes.join(" "),
        line.weight().map(|weight| weight.label().to_owned()).unwrap_or_default(),
        words.join(". "),
    ]
}
