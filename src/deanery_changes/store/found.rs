use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::people::values::name_key;
use crate::rotation::model::Named;
use crate::tenancy::VpdTx;

/// The position that bears a Deanery Post Number, as the notification's body shows it.
#[derive(Clone, Debug)]
pub struct Post {
    pub dpn_key: String,
    pub position_id: String,
    pub position_number: String,
    pub name: String,
    pub job_role: Option<String>,
    pub occupation_code: Option<String>,
    pub managing_body: Option<String>,
    pub organisation: Option<String>,
    pub location: Option<String>,
    /// The employer who is lead of the post, where one has said so.
    pub lead_trust: Option<String>,
    pub is_active: bool,
}

impl Post {
    /// The title out of the name's parts.
    pub fn title(&self) -> String {
        self.name.split('|').nth(1).unwrap_or(&self.name).trim().to_owned()
    }
}

/// The positions of these posts, by DPN: the one active today first, or else the latest.
pub async fn posts(tx: &mut VpdTx, dpn_keys: &[String], today: NaiveDate) -> sqlx::Result<HashMap<String, Post>> {
    let vpd = tx.vpd().as_str().to_owned();
    let rows = sqlx::query_as!(
        Post,
        r#"select distinct on (p.dpn_key) p.dpn_key as "dpn_key!", p.position_id, p.position_number, p.name, p.job_role, p.occupation_code,
                  p.managing_body,
                  (select o.name from organisations o where o.vpd = p.vpd and o.organisation_id = p.organisation_id
                    order by o.effective_from desc limit 1) as organisation,
                  coalesce((select l.description from locations l where l.vpd = p.vpd and l.site_code = p.workplace_code limit 1),
                           (select l.code from locations l where l.vpd = p.vpd and l.site_code = p.workplace_code limit 1), p.workplace_code) as location,
                  (select string_agg(distinct d.vpd || ' ' || v.name, ', ') from position_directory d join vpds v on v.vpd = d.vpd
                    where d.dpn_key = p.dpn_key and d.host_or_lead = 'lead' and d.effective_from <= $3
                      and coalesce(d.effective_to, $3) >= $3) as lead_trust,
                  (p.deleted_at is null and p.effective_from <= $3 and coalesce(p.effective_to, $3) >= $3) as "is_active!"
             from positions p where p.vpd = $1 and p.dpn_key = any($2)
            order by p.dpn_key, (p.deleted_at is null and p.effective_from <= $3 and coalesce(p.effective_to, $3) >= $3) desc,
                     p.effective_from desc, p.position_number"#,
        vpd,
        dpn_keys,
        today
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|post| (post.dpn_key.clone(), post)).collect())
}

/// Somebody whom a change may be about, once for each application or assignment that makes it likely.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The post that he or she applies for or holds; none for somebody found by GMC number alone.
    pub dpn_key: Option<String>,
    pub person_id: String,
    pub last_name_key: String,
    pub first_name_key: String,
    pub gmc_number: Option<String>,
    pub system_type: String,
    pub user_type: Option<String>,
    pub applicant_number: Option<String>,
    pub employee_number: Option<String>,
    pub application_id: Option<Uuid>,
    pub status: Option<String>,
    pub hire_on: Option<NaiveDate>,
    pub end_on: Option<NaiveDate>,
    /// Of an assignment: until when it is meant to last.
    pub contract_end_on: Option<NaiveDate>,
}

impl Candidate {
    /// Applications that can still change first, then those hired, then assignments, then what has ended.
    fn rank(&self) -> u8 {
        match self.status.as_deref() {
            Some("hired") => 1,
            Some("withdrawn" | "terminated") => 3,
            Some(_) => 0,
            None if self.dpn_key.is_some() => 2,
            None => 4,
        }
    }

    pub fn is_employed(&self) -> bool {
        matches!(self.system_type.as_str(), "EMP" | "EMP_APL")
    }
}

/// Everybody with one of these GMC numbers, and everybody who applies for or holds one of these posts.
pub async fn candidates(
    tx: &mut VpdTx,
    gmc_numbers: &[String],
    dpn_keys: &[String],
    today: NaiveDate,
) -> sqlx::Result<Vec<Candidate>> {
    let vpd = tx.vpd().as_str().to_owned();
    sqlx::query_as!(
        Candidate,
        r#"select null as dpn_key, p.person_id as "person_id!", p.last_name_key as "last_name_key!", p.first_name_key as "first_name_key!",
                  p.gmc_number, p.system_type as "system_type!", p.user_type, p.applicant_number, p.employee_number,
                  null::uuid as application_id, null as status, null::date as hire_on, null::date as end_on, null::date as contract_end_on
             from people p where p.vpd = $1 and p.gmc_number = any($2) and p.merged_into is null and p.deleted_at is null
            union all
           select upper(btrim(a.dpn)), p.person_id, p.last_name_key, p.first_name_key, p.gmc_number, p.system_type, p.user_type,
                  coalesce(a.applicant_number, p.applicant_number), p.employee_number, a.application_id, a.status, a.hire_on, a.end_on, null
             from applications a join people p on p.vpd = a.vpd and p.person_id = a.person_id
            where a.vpd = $1 and upper(btrim(a.dpn)) = any($3) and p.merged_into is null and p.deleted_at is null
            union all
           select o.dpn_key, p.person_id, p.last_name_key, p.first_name_key, p.gmc_number, p.system_type, p.user_type, p.applicant_number,
                  p.employee_number, null, null, s.effective_from, s.effective_to, s.contract_end_on
             from (select distinct position_id, dpn_key from positions where vpd = $1 and dpn_key = any($3)) o
             join assignments s on s.vpd = $1 and s.position_id = o.position_id
             join people p on p.vpd = s.vpd and p.person_id = s.person_id
            where s.effective_from <= $4 and coalesce(s.effective_to, $4) >= $4 and p.merged_into is null and p.deleted_at is null
            order by 2, 12 desc"#,
        vpd,
        gmc_numbers,
        dpn_keys,
        today
    )
    .fetch_all(&mut **tx)
    .await
}

/// Whom a change is about, and how he or she stands here.
#[derive(Clone, Debug)]
pub struct Standing {
    pub who: Candidate,
    pub by_gmc_number: bool,
}

impl Standing {
    /// The person of that GMC number, or else of those names among the applicants and holders of the post.
    pub fn of(named: &Named, dpn_key: &str, all: &[Candidate]) -> Option<Self> {
        let here = |one: &&Candidate| one.dpn_key.as_deref() == Some(dpn_key);
        if let Some(number) = &named.gmc_number {
            let same: Vec<&Candidate> = all.iter().filter(|one| one.gmc_number.as_ref() == Some(number)).collect();
            if let Some(first) = same.first() {
                let best = all
                    .iter()
                    .filter(|one| one.person_id == first.person_id)
                    .filter(here)
                    .min_by_key(|one| one.rank())
                    .unwrap_or(first);
                return Some(Self { who: best.clone(), by_gmc_number: true });
            }
        }
        let key = |name: &Option<String>| name_key(name.as_deref().unwrap_or_default());
        let (last, first) = (key(&named.last_name), key(&named.first_name));
        if last.is_empty() {
            return None;
        }
        let found = all.iter().filter(here).filter(|one| {
            // Two different GMC numbers are two doctors, whatever their names.
            let differs = one.gmc_number.is_some() && named.gmc_number.is_some() && one.gmc_number != named.gmc_number;
            one.last_name_key == last && one.first_name_key == first && !differs
        });
        found.min_by_key(|one| one.rank()).map(|one| Self { who: one.clone(), by_gmc_number: false })
    }
}

impl Standing {
    /// Whether the doctor was hired from the application, or holds the post without one.
    pub fn is_employed_at_post(&self) -> bool {
        let who = &self.who;
        let holds = who.application_id.is_none() && who.dpn_key.is_some() && who.is_employed();
        who.status.as_deref() == Some("hired") || holds
    }

    /// Whether there is an application or an assignment at the post at all.
    pub fn is_at_post(&self) -> bool {
        self.who.dpn_key.is_some()
    }

    pub fn is_withdrawn(&self) -> bool {
        matches!(self.who.status.as_deref(), Some("withdrawn" | "terminated"))
    }

    /// Whether the new dates are the ones held already.
    pub fn has_dates(&self, hire_on: Option<NaiveDate>, end_on: Option<NaiveDate>) -> bool {
        let who = &self.who;
        let end = if who.application_id.is_some() { who.end_on } else { who.contract_end_on.or(who.end_on) };
        self.is_at_post()
            && hire_on.is_none_or(|day| who.hire_on == Some(day))
            && end_on.is_none_or(|day| end == Some(day))
    }
}

/// What the withdrawal codes mean, as they are kept.
pub async fn withdrawal_reasons(tx: &mut VpdTx) -> sqlx::Result<HashMap<String, String>> {
    let rows = sqlx::query!("select code, label from code_values where list = 'withdrawal_reason' and active");
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(|row| (row.code, row.label)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(person: &str, last: &str, gmc: Option<&str>, dpn: Option<&str>, status: Option<&str>) -> Candidate {
        Candidate {
            dpn_key: dpn.map(str::to_owned),
            person_id: person.to_owned(),
            last_name_key: last.to_owned(),
            first_name_key: "jia".to_owned(),
            gmc_number: gmc.map(str::to_owned),
            system_type: "APL".to_owned(),
            user_type: None,
            applicant_number: None,
            employee_number: None,
            application_id: status.map(|_| Uuid::nil()),
            status: status.map(str::to_owned),
            hire_on: None,
            end_on: None,
            contract_end_on: None,
        }
    }

    #[test]
    fn a_person_is_found_by_gmc_number_or_else_by_names_at_the_post() {
        let all = [
            candidate("1", "hughes", Some("9836138"), None, None),
            candidate("1", "hughes", Some("9836138"), Some("A"), Some("withdrawn")),
            candidate("1", "hughes", Some("9836138"), Some("A"), Some("preferred_applicant")),
            candidate("2", "hughes", None, Some("B"), None),
            candidate("3", "lee", Some("9000003"), Some("B"), Some("hired")),
        ];
        let named = |last: &str, gmc: Option<&str>| Named {
            last_name: Some(last.to_owned()),
            first_name: Some("Jia".to_owned()),
            gmc_number: gmc.map(str::to_owned),
        };
        let find = |named: Named, dpn: &str| {
            Standing::of(&named, dpn, &all).map(|found| (found.who.person_id, found.who.status, found.by_gmc_number))
        };
        let text = |text: &str| text.to_owned();
        assert_eq!(
            find(named("Hughes", Some("9836138")), "A"),
            Some((text("1"), Some(text("preferred_applicant")), true)),
            "the application that can still change"
        );
        assert_eq!(find(named("Hughes", Some("9836138")), "B"), Some((text("1"), None, true)));
        assert_eq!(find(named("Hughes", Some("9111111")), "B"), Some((text("2"), None, false)));
        assert_eq!(find(named("Lee", Some("9111111")), "B"), None, "two GMC numbers are two doctors");
        assert_eq!(find(named("Nobody", None), "A"), None);
    }
}
