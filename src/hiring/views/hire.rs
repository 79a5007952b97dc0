use askama::Template;

use crate::applicants::status::Status;
use crate::employment_checks::model::Checks;
use crate::hiring::actions::{Plan, is_ended_by};
use crate::hiring::model::Terms;
use crate::hiring::store::{Applicant, Hire};
use crate::people::store::Assignment;
use crate::ui::{Choice, ErrorSummary, Field, Layout, dates};

fn name_of(applicant: &Applicant) -> String {
    format!("{} {}", applicant.first_name, applicant.last_name)
}

fn title_of(plan: &Plan) -> String {
    plan.position.as_ref().map(|position| position.title().to_owned()).unwrap_or_default()
}

/// The figures, where the doctor would bring the post above what it is funded for.
fn over_funded(plan: &Plan) -> Option<String> {
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse::<f64>().ok());
    let funded = number(plan.position.as_ref()?.budgeted_fte.as_deref())?;
    let in_post: f64 = plan.holders.iter().filter_map(|holder| number(holder.fte.as_deref())).sum();
    let with = in_post + number(plan.applicant.wte.as_deref()).unwrap_or(1.0);
    (with > funded + 0.001).then(|| {
        format!("The post is funded for {funded:.2} FTE. With this doctor {with:.2} FTE would be in it on that day.")
    })
}

fn post_of(assignment: &Assignment) -> String {
    let name = assignment.position_name.as_deref().unwrap_or_default();
    name.split('|').nth(1).unwrap_or(name).trim().to_owned()
}

#[derive(Template)]
#[template(path = "hiring/hire.html")]
pub struct HirePage {
    layout: Layout,
    errors: ErrorSummary,
    plan: Plan,
    checks: Checks,
    may_hire: bool,
    colleagues: Vec<Choice>,
    colleague: Field,
    hired_on: Field,
    person_type: Field,
    held: Field,
    reason: Field,
}

impl HirePage {
    pub fn new(
        layout: Layout,
        plan: Plan,
        checks: Checks,
        may_hire: bool,
        colleagues: Vec<Choice>,
        fields: [Field; 4],
    ) -> Self {
        let errors = ErrorSummary::of(&fields);
        let [hired_on, person_type, held, reason] = fields;
        let colleague = Field::empty("to");
        Self { layout, errors, plan, checks, may_hire, colleagues, colleague, hired_on, person_type, held, reason }
    }

    fn heading(&self) -> String {
        let verb = if self.plan.ground.is_correction { "Correct the hire of" } else { "Hire" };
        format!("{verb} {}", name_of(&self.plan.applicant))
    }

    fn name(&self) -> String {
        name_of(&self.plan.applicant)
    }

    fn title(&self) -> String {
        title_of(&self.plan)
    }

    fn projected(&self) -> String {
        dates::day(self.plan.applicant.hire_on)
    }

    fn ends(&self) -> String {
        self.plan.applicant.end_on.map(dates::day).unwrap_or_default()
    }

    fn employer(&self) -> &'static str {
        self.plan.ground.host_or_lead.map(|status| status.label()).unwrap_or_default()
    }

    fn progress(&self) -> String {
        self.checks.progress(self.plan.applicant.hire_on)
    }

    fn open_checks(&self) -> Vec<String> {
        self.checks.blocking(self.plan.applicant.hire_on)
    }

    fn is_hired(&self) -> bool {
        self.plan.ground.status == Status::Hired
    }

    /// Who hired the doctor, as what and from when.
    fn hired(&self) -> String {
        match &self.plan.standing {
            Some(hire) => {
                format!("{} hired the doctor as {} from {}.", hire.by, hire.person_type, dates::day(hire.hired_on))
            }
            None => "The doctor is hired already.".to_owned(),
        }
    }

    fn types(&self) -> Vec<Choice> {
        let first = std::iter::once(Choice::new("", "Choose one"));
        first.chain(self.plan.types.iter().map(|kind| Choice::new(kind, kind))).collect()
    }

    fn held_choices(&self) -> Vec<Choice> {
        vec![
            Choice::new("end", "It ends the day before").hint("The doctor rotates inside this organisation"),
            Choice::new("keep", "It goes on beside the new one"),
        ]
    }

    fn corrects(&self) -> String {
        self.plan.earlier.as_ref().map(|hire| hire.hire_id.to_string()).unwrap_or_default()
    }

    fn post(&self, assignment: &Assignment) -> String {
        post_of(assignment)
    }

    fn since(&self, assignment: &Assignment) -> String {
        dates::day(assignment.effective_from)
    }
}

#[derive(Template)]
#[template(path = "hiring/confirm.html")]
pub struct ConfirmPage {
    layout: Layout,
    plan: Plan,
    terms: Terms,
    ends_held: bool,
    /// How many employment checks are complete, and those that are not.
    progress: String,
    open_checks: Vec<String>,
    warnings: Vec<String>,
}

impl ConfirmPage {
    pub fn new(layout: Layout, plan: Plan, checks: &Checks, terms: Terms, ends_held: bool) -> Self {
        let mut warnings = plan.ground.warnings(&terms);
        warnings.extend(plan.withdrawals.iter().map(|change| {
            format!(
                "The deanery withdrew the doctor from this post on {}. A hire makes that a task about the employment.",
                dates::day(change.received_on)
            )
        }));
        for holder in &plan.holders {
            let name = format!("{} {}", holder.first_name, holder.last_name);
            let ended = holder.contract_end_on.filter(|day| *day < terms.hired_on);
            warnings.push(match (ended, holder.contract_end_on.or(holder.effective_to)) {
                (Some(day), _) => format!(
                    "{name} still has the position on that day: the contract ends on {}, and nobody has ended the assignment.",
                    dates::day(day)
                ),
                (None, Some(day)) => format!("{name} holds the position on that day, until {}.", dates::day(day)),
                (None, None) => format!("{name} holds the position on that day, with no end."),
            });
        }
        warnings.extend(over_funded(&plan));
        let (progress, open_checks) = (checks.progress(terms.hired_on), checks.blocking(terms.hired_on));
        Self { layout, plan, terms, ends_held, progress, open_checks, warnings }
    }

    fn heading(&self) -> String {
        let name = name_of(&self.plan.applicant);
        if self.plan.ground.is_correction { format!("Correct the hire of {name}?") } else { format!("Hire {name}?") }
    }

    fn title(&self) -> String {
        title_of(&self.plan)
    }

    fn on(&self) -> String {
        dates::day(self.terms.hired_on)
    }

    fn ends(&self) -> String {
        self.plan.applicant.end_on.map(dates::day).unwrap_or_default()
    }

    /// What becomes of what the doctor holds here already.
    fn consequences(&self) -> Vec<String> {
        let before = self.terms.hired_on.pred_opt().unwrap_or(self.terms.hired_on);
        let held = self.plan.held.iter();
        held.map(|one| match self.ends_held {
            true if !is_ended_by(one, self.terms.hired_on) => {
                format!("{}: began on {} and cannot end before, so it goes on", post_of(one), dates::day(one.began_on))
            }
            true => format!("{}: ends on {}", post_of(one), dates::day(before)),
            false => format!("{}: goes on beside the new one", post_of(one)),
        })
        .collect()
    }

    fn day(&self) -> String {
        self.terms.hired_on.to_string()
    }

    fn corrects(&self) -> String {
        self.plan.earlier.as_ref().map(|hire| hire.hire_id.to_string()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "hiring/cancel.html")]
pub struct CancelPage {
    layout: Layout,
    errors: ErrorSummary,
    hire: Hire,
    applicant: Applicant,
    reason: Field,
}

impl CancelPage {
    pub fn new(layout: Layout, hire: Hire, applicant: Applicant, reason: Field) -> Self {
        Self { layout, errors: ErrorSummary::of([&reason]), hire, applicant, reason }
    }

    fn name(&self) -> String {
        name_of(&self.applicant)
    }

    fn on(&self) -> String {
        dates::day(self.hire.hired_on)
    }

    fn at(&self) -> String {
        dates::at(self.hire.at)
    }
}
