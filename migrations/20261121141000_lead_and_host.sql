-- What the lead and the host employer of a post see of each other: that the pair exists, dates, how far the placement is, and whom to ask.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121141000, '0.1.0');

-- A placement as the other employer of its post may see it: nobody's name, no number of a person, no reason. Kept with the application, by
-- the employer whose application it is.
create table placements_told (
  vpd            text not null references vpds,
  application_id uuid not null,
  dpn_key        text not null,
  hire_on        date not null,
  end_on         date,
  stage          text not null check (stage in ('received', 'offered', 'accepted', 'hired', 'withdrawn')),
  primary key (vpd, application_id),
  constraint placements_told_of_application foreign key (vpd, application_id) references applications (vpd, application_id)
);
create index placements_told_by_post on placements_told (dpn_key, hire_on);
alter table placements_told enable row level security, force row level security;
create policy placements_told_kept_by_employer on placements_told to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
-- The other side: on the first day one of the two is Host and the other Lead of the post.
create policy placements_told_to_the_other_side on placements_told for select to changeover_app
  using (exists (select 1 from position_directory ours join position_directory theirs on theirs.dpn_key = ours.dpn_key
                  where ours.vpd = (select current_vpd()) and theirs.vpd = placements_told.vpd and ours.dpn_key = placements_told.dpn_key
                    and ours.host_or_lead <> theirs.host_or_lead
                    and ours.effective_from <= placements_told.hire_on and coalesce(ours.effective_to, 'infinity') >= placements_told.hire_on
                    and theirs.effective_from <= placements_told.hire_on and coalesce(theirs.effective_to, 'infinity') >= placements_told.hire_on));
grant select, insert, update on placements_told to changeover_app;

-- Whom the other employer of a shared post asks: an office, not a person.
create table employer_contacts (
  vpd       text primary key references vpds,
  name      text not null check (length(name) between 1 and 200),
  address   text not null check (length(address) between 3 and 254),
  telephone text check (length(telephone) <= 40),
  saved_by  text not null,
  saved_at  timestamptz not null
);
alter table employer_contacts enable row level security, force row level security;
create policy employer_contacts_kept_by_employer on employer_contacts to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
create policy employer_contacts_told_to_the_other_side on employer_contacts for select to changeover_app
  using (exists (select 1 from position_directory ours join position_directory theirs on theirs.dpn_key = ours.dpn_key
                  where ours.vpd = (select current_vpd()) and theirs.vpd = employer_contacts.vpd and ours.host_or_lead <> theirs.host_or_lead
                    and coalesce(ours.effective_to, 'infinity') >= ours.effective_from
                    and coalesce(theirs.effective_to, 'infinity') >= theirs.effective_from));
grant select, insert, update on employer_contacts to changeover_app;

-- The upgrade: what is there already. The owner sees no employer's rows, so that each is told under its own number.
do $$ declare employer text; begin
  for employer in select vpd from vpds loop
    execute 'set local role changeover_app';
    perform set_config('changeover.vpd', employer, true);
    insert into placements_told (vpd, application_id, dpn_key, hire_on, end_on, stage)
      select vpd, application_id, upper(btrim(dpn)), hire_on, end_on,
             case status when 'preferred_applicant' then 'received' when 'offer_accepted' then 'accepted' when 'hired' then 'hired'
                         when 'withdrawn' then 'withdrawn' when 'terminated' then 'withdrawn' else 'offered' end
        from applications;
    execute 'set local role changeover_owner';
  end loop;
end $$;

reset role;
