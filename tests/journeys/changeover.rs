//! A changeover from end to end, each step through the browser as the person whose work it is: the deanery's files come in, one doctor is
//! withdrawn, one moved by four weeks, a new post is made and filled, checks are cleared, offers accepted, starters reminded of, doctors
//! hired, and positions and person updates go back. Walked with a mouse, on a phone, by keyboard and without scripts.

use std::path::PathBuf;

use changeover::access::Right;
use changeover::file_exchange::engine;
use changeover::worker;
use sqlx::PgPool;

use crate::portal::files::{framed, sample};
use crate::portal::program::program;
use crate::portal::{Portal, User};
use crate::support::{Walk, Way};

/// The post that the deanery makes.
const NEW_POST: &str = "KSS/R9A01/052/STR/301";

struct Changeover {
    pool: PgPool,
    portal: Portal,
    /// The portal of the days before; the files of all lie with the first.
    before: Vec<Portal>,
    walk: Walk,
    /// Medical staffing officer, with the URP that hires.
    maya: User,
    /// Who keeps the positions.
    owen: User,
    /// National operations.
    odette: User,
}

impl Changeover {
    async fn start(pool: PgPool, way: Way) -> Self {
        let portal = Portal::start(pool.clone()).await;
        portal.load_employers().await;
        let rights = [Right::MedicalStaffingOfficer, Right::RecruitmentAndApplicantEnrolment];
        let maya = portal.user_named("maya", "904", rights).await;
        let owen = portal.user_named("owen", "904", Right::LocalWorkstructuresAdministration).await;
        let odette = portal.user_named("odette", "0", Right::SysAdmin).await;
        portal.run_jobs().await;
        let walk = Walk::start(&portal, way).await;
        Self { pool, portal, before: Vec::new(), walk, maya, owen, odette }
    }

    /// What the worker does meanwhile: files that wait, and what follows from them.
    async fn work(&self) {
        while engine::run_due(&self.portal.app, &worker::processors()).await.unwrap() > 0 {}
        self.portal.run_jobs().await;
    }

    /// Time goes by: the portal on a later business date, and the work of that day by `changeover daily`.
    async fn day(&mut self, today: &str) -> String {
        let folder = &self.before.first().unwrap_or(&self.portal).data_dir;
        let settings = [("CHANGEOVER_TODAY", today), ("CHANGEOVER_DATA_DIR", folder.to_str().unwrap())];
        let next = Portal::start_with(self.pool.clone(), &settings).await;
        self.walk.turn_to(&next);
        self.before.push(std::mem::replace(&mut self.portal, next));
        let url = std::env::var("DATABASE_URL").unwrap();
        let (server, options) = url.split_once("/postgres?").unwrap_or((url.trim_end_matches("/postgres"), ""));
        let database = self.pool.connect_options().get_database().unwrap().to_owned();
        let mut command = program(&self.before[0].data_dir);
        command.env("DATABASE_URL", format!("{server}/{database}?{options}"));
        let output = command.args(["daily", "--date", today]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Uploads a file as an operator, who sees it through.
    async fn upload(&mut self, file: PathBuf) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        self.walk.open("/interfaces").await;
        self.walk.press("Upload a file").await;
        self.walk.sees("Upload an interface file").await;
        self.walk.upload("File", &file).await;
        self.walk.press("Upload").await;
        self.walk.sees("The file was taken in and is being processed").await;
        self.work().await;
        self.walk.open("/interfaces").await;
        self.walk.press(&name).await;
        self.walk.sees("Results").await;
        self.walk.sees("Processed").await;
    }

    async fn the_deanery_sends_applicants_and_its_changes(&mut self) {
        self.walk.sign_in(&self.odette).await;
        self.upload(sample("DE_KSS_APP_20260506_00002689.DAT")).await;
        self.upload(sample("DE_KSS_DNC_20260506_00002701.DAT")).await;
        self.walk.sign_out().await;
    }

    async fn one_is_withdrawn_and_one_moved_from_their_items(&mut self) {
        let walk = &mut self.walk;
        walk.sign_in(&self.maya).await;
        walk.sees("Your work today").await;
        walk.open("/inbox?type=dit_wdraw").await;
        walk.sees("Davies, Yusuf").await;
        walk.press("Davies, Yusuf").await;
        walk.sees("About this notification").await;
        walk.press("Withdraw the application").await;
        walk.sees("Yusuf Davies was withdrawn by the deanery").await;
        walk.press("Withdraw the application").await;
        walk.sees("The application of Yusuf Davies is withdrawn").await;
        walk.press("Undo").await;
        walk.sees("Taken back: this waits for a decision again").await;
        walk.press("Withdraw the application").await;
        walk.sees("The application of Yusuf Davies is withdrawn").await;

        walk.open("/inbox?type=dit_dates").await;
        walk.press("Hughes, Jia").await;
        walk.sees("New projected hire date").await;
        walk.press("Compare and apply the dates").await;
        walk.sees("4 weeks later").await;
        walk.press("Apply the new dates").await;
        walk.sees("Dates applied for Jia Hughes").await;
    }

    async fn the_new_post_is_handed_to_who_makes_positions(&mut self) {
        let walk = &mut self.walk;
        walk.open("/inbox?type=dit_newpost").await;
        walk.press("New training post").await;
        walk.sees("Training Post Number").await;
        walk.sees("needs the Local Workstructures Administration URP").await;
        walk.pick("Hand it to a colleague who has it", "Test owen").await;
        walk.press("Hand over to somebody who can").await;
        walk.sees("Handed to Test owen").await;
        walk.open("/inbox?type=dit_newpost").await;
        walk.press("New training post").await;
        walk.sees("This was handed to Test owen, and is in that inbox too").await;
        walk.sign_out().await;

        walk.sign_in(&self.owen).await;
        walk.open("/inbox?type=dit_newpost").await;
        walk.press("New training post").await;
        walk.press("Draft or link the position").await;
        walk.sees("Draft the position").await;
        walk.choose("Host or lead employer", "Host Employer").await;
        walk.press("Draft the position").await;
        let drafted = format!("A position is drafted for {NEW_POST}");
        if walk.sees_one_of(&["Look at this first", &drafted]).await == 0 {
            walk.press("Draft it all the same").await;
            walk.sees(&drafted).await;
        }
        walk.open(&format!("/positions?q={NEW_POST}")).await;
        walk.sees(NEW_POST).await;
    }

    /// The employer pays the doctor of this post: its Host/Lead status says so.
    async fn a_post_is_kept_right(&mut self) {
        let walk = &mut self.walk;
        walk.open("/positions?q=29040006").await;
        walk.press("29040006").await;
        walk.sees("Medical and Dental").await;
        walk.press("Change this position").await;
        walk.sees("Change position 29040006").await;
        walk.choose("Host/Lead status", "Lead Employer").await;
        walk.press("Save").await;
        if walk.sees_one_of(&["Before you save", "Position 29040006 is changed"]).await == 0 {
            walk.press("Save all the same").await;
            walk.sees("Position 29040006 is changed").await;
        }
        walk.sign_out().await;
    }

    /// The deanery hears of the new post, and sends somebody for it.
    async fn the_new_post_goes_to_the_deanery_and_is_filled(&mut self) {
        self.walk.sign_in(&self.odette).await;
        self.walk.open("/interfaces/send").await;
        self.walk.choose("What is sent?", "Positions: what changed (RMC)").await;
        self.walk.pick("Managing body, for positions", "KSS").await;
        self.walk.press("Check the file").await;
        self.walk.sees("Nothing is sent yet").await;
        self.walk.press("Make and send the file").await;
        self.walk.sees("The file is being made").await;
        self.work().await;
        let sent = self.sent("RMC");
        let post = sent.iter().find(|line| line[0] == "POS" && line.contains(&NEW_POST.to_owned()));
        let (id, action, number) = post.map(|line| (line[1].clone(), line[3].clone(), line[4].clone())).unwrap();
        assert_eq!(action, "C");
        let lead = sent.iter().find(|line| line[0] == "POS" && line[1] == "9041006").unwrap();
        assert_eq!(lead[3], "C");

        let name = "DE_KSS_APP_20260506_00002690.DAT";
        let record = format!(
            "APP~1~904-DiT301~20260506~{id}~{number}~{NEW_POST}~Okoro~Nkemdi~~Dr.~~19930417~F~~nkemdi@nhs.example~~07700 900301~\
             3 Example Street~~~Northmoor~~ZZ99 3VZ~GB~A~GB~~~~~~~General Medical Council~9123457~~~~~20260805~20270803~1.00~~~~~~ST3"
        );
        let file = self.portal.write(name, framed(name, "KSS", &[record]));
        self.upload(file).await;
        self.walk.sign_out().await;
    }

    async fn checks_are_cleared_and_offers_accepted(&mut self) {
        let walk = &mut self.walk;
        walk.sign_in(&self.maya).await;
        walk.open("/doctors").await;
        walk.open_filters().await;
        walk.fill("Search", "9434439").await;
        walk.press("Search").await;
        walk.sees("1 doctor").await;
        walk.press("Patel, Ibrahim").await;
        walk.sees("0 of 6 complete").await;
        walk.choose("What happens next", "Offer the post, with conditions").await;
        walk.press("Save").await;
        walk.sees("The application is now “Offered Post Conditional”").await;
        walk.press("See and change the checks").await;
        walk.sees("Employment checks of Ibrahim Patel").await;
        for standard in [
            "Identity",
            "Professional registration and qualification",
            "Employment history and reference",
            "Right to work",
            "Work health assessment",
            "Criminal record",
        ] {
            walk.press(&format!("Change {standard}")).await;
            walk.choose("Where does the check stand?", "Clear").await;
            walk.date("Cleared on", "5/5/2026").await;
            walk.fill("Checked by", "Maya Abara").await;
            match standard {
                "Professional registration and qualification" => {
                    walk.fill("Professional body", "General Medical Council").await;
                    walk.fill("Registration number", "9434439").await;
                }
                "Right to work" => walk.pick("Identity verified", "Yes").await,
                "Criminal record" => {
                    walk.pick("Type of DBS check", "Enhanced check").await;
                    walk.fill("Certificate number", "001234567890").await;
                    walk.date("Issued on", "1/5/2026").await;
                    walk.pick("Workforce", "Child and Adult").await;
                }
                _ => {}
            }
            walk.press("Save the check").await;
            walk.sees(&format!("{standard} is now “Clear”")).await;
        }
        walk.press("Back to Ibrahim Patel").await;
        walk.sees("every employment check is complete: offer the post without conditions, or record the acceptance")
            .await;
        walk.choose("What happens next", "Record that the offer is accepted").await;
        walk.press("Save").await;
        walk.sees("The application is now “Offer Accepted”").await;

        // The other's checks are not complete: that takes a reason.
        walk.open("/doctors?q=Okoro").await;
        walk.press("Okoro, Nkemdi").await;
        walk.choose("What happens next", "Offer the post, with conditions").await;
        walk.press("Save").await;
        walk.sees("The application is now “Offered Post Conditional”").await;
        walk.choose("What happens next", "Record that the offer is accepted").await;
        walk.press("Save").await;
        walk.sees("Enter a reason").await;
        walk.fill("Reason", "The references come by Friday").await;
        walk.press("Save").await;
        walk.sees("The application is now “Offer Accepted”").await;
        walk.sign_out().await;
    }

    async fn starters_are_reminded_of_and_hired(&mut self) {
        let said = self.day("2026-07-31").await;
        // One for each of the three employers.
        assert!(said.contains("3 days of starters newly told"), "{said}");
        let walk = &mut self.walk;
        walk.sign_in(&self.maya).await;
        walk.open("/inbox?type=dit_starter").await;
        walk.sees("on 5 August 2026").await;
        let item = self
            .portal
            .text("select title from items where vpd = '904' and type = 'dit_starter' and state = 'open'")
            .await;
        walk.press(&item).await;
        walk.sees("See that each is hired into the new position on the day").await;
        walk.press("See who starts, and hire").await;
        walk.sees("Patel, Ibrahim").await;
        walk.press("Hire: Patel, Ibrahim").await;
        walk.sees("Hire Ibrahim Patel").await;
        walk.pick("Person type", "Employee").await;
        walk.press("Continue").await;
        walk.sees("Hire Ibrahim Patel?").await;
        walk.sees("Marek D'Souza still has the position on that day: the contract ends on 4 August 2026").await;
        walk.press("Hire the doctor").await;
        walk.sees("The doctor is hired: Employee from 5 August 2026").await;

        walk.open("/doctors?q=Okoro").await;
        walk.press("Okoro, Nkemdi").await;
        walk.press("Hire into").await;
        walk.sees("Hire Nkemdi Okoro").await;
        walk.press("Continue").await;
        walk.sees("Hire Nkemdi Okoro?").await;
        walk.press("Hire the doctor").await;
        walk.sees("The doctor is hired: Honorary from 5 August 2026").await;
        walk.open("/doctors/day-one?from=2026-08-05&to=2026-08-05").await;
        walk.sees("Ready").await;
        walk.sign_out().await;
    }

    async fn positions_and_person_updates_are_back_at_the_deanery(&mut self) {
        self.day("2026-08-05").await;
        self.walk.sign_in(&self.odette).await;
        self.walk.open("/interfaces").await;
        let positions = self.sent("RMF");
        let post = positions.iter().find(|line| line[0] == "POS" && line.contains(&NEW_POST.to_owned())).unwrap();
        assert_eq!(post[3], "C");
        let people = self.sent("RMC");
        let lines = |what: &str, name: &str| {
            people.iter().filter(|line| line[0] == what && line.contains(&name.to_owned())).count()
        };
        assert_eq!((lines("PER", "Patel"), lines("PER", "Okoro")), (1, 0), "{people:#?}");
        let person = people.iter().find(|line| line[0] == "PER" && line.contains(&"Patel".to_owned())).unwrap();
        assert_eq!((person[2].as_str(), person[3].as_str()), ("C", "9041006"));
        let assignment = people.iter().find(|line| line[0] == "ASG" && line[1] == person[1]).unwrap();
        assert_eq!((assignment[6].as_str(), assignment[8].as_str()), ("KSS/R9A01/100/STR/007", "20260805"));
        let file = self
            .portal
            .text("select file_name from interface_files where direction = 'out' and file_name like '%RMF%' order by received_at desc limit 1")
            .await;
        self.walk.press(&file).await;
        self.walk.sees("What happened").await;
        self.walk.sees("rows").await;
    }

    /// The fields of each record of the files of a kind that went out.
    fn sent(&self, kind: &str) -> Vec<Vec<String>> {
        let folder = self.portal.app.config.exchange.join("outbound");
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.file_name().unwrap().to_string_lossy().contains(kind));
        files.sort();
        let text: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        text.lines().map(|line| line.split('~').map(str::to_owned).collect()).collect()
    }
}

async fn worked(pool: PgPool, way: Way) {
    let mut changeover = Changeover::start(pool, way).await;
    changeover.the_deanery_sends_applicants_and_its_changes().await;
    changeover.one_is_withdrawn_and_one_moved_from_their_items().await;
    changeover.the_new_post_is_handed_to_who_makes_positions().await;
    changeover.a_post_is_kept_right().await;
    changeover.the_new_post_goes_to_the_deanery_and_is_filled().await;
    changeover.checks_are_cleared_and_offers_accepted().await;
    changeover.starters_are_reminded_of_and_hired().await;
    changeover.positions_and_person_updates_are_back_at_the_deanery().await;
    let moved =
        "select hire_on::text from applications a join people p using (vpd, person_id) where p.gmc_number = '9836138'";
    assert_eq!(changeover.portal.text(moved).await, "2026-09-02");
    let withdrawn =
        "select status from applications a join people p using (vpd, person_id) where p.gmc_number = '9779858'";
    assert_eq!(changeover.portal.text(withdrawn).await, "withdrawn");
    changeover.walk.finish().await;
}

#[sqlx::test]
async fn a_changeover_is_worked_with_a_mouse(pool: PgPool) {
    worked(pool, Way::Mouse).await;
}

#[sqlx::test]
async fn a_changeover_is_worked_on_a_phone(pool: PgPool) {
    worked(pool, Way::Phone).await;
}

#[sqlx::test]
async fn a_changeover_is_worked_by_keyboard_alone(pool: PgPool) {
    worked(pool, Way::Keyboard).await;
}

#[sqlx::test]
async fn a_changeover_is_worked_without_javascript(pool: PgPool) {
    worked(pool, Way::NoScript).await;
}
