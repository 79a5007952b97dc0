-- Hires and leavings as they were made here, with what stood before and after, so that each can be taken back while nothing followed.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121132000, '0.1.0');

create table hires (
  vpd            text not null references vpds,
  hire_id        uuid primary key,
  application_id uuid not null,
  person_id      text not null,
  assignment_id  text not null,
  position_id    text not null,
  hired_on       date not null,
  person_type    text not null,
  reason         text,
  corrects       uuid,                                 -- the hire that this one puts right
  before         jsonb not null,                       -- the person's versions and assignments, to go back to
  after          jsonb not null,
  by             text not null,
  at             timestamptz not null,
  taken_back_by  text,
  taken_back_at  timestamptz,
  taken_back_why text,
  constraint hires_key unique (vpd, hire_id),
  constraint hires_of_application foreign key (vpd, application_id) references applications (vpd, application_id),
  constraint hires_taken_back_complete check ((taken_back_at is null) = (taken_back_by is null))
);
create unique index hires_one_live on hires (vpd, application_id) where taken_back_at is null;
create index hires_by_person on hires (vpd, person_id, at);
create table leavings (
  vpd           text not null references vpds,
  leaving_id    uuid primary key,
  person_id     text not null,
  outcome       text not null check (outcome in ('ends', 'extended', 'stays')),
  last_day      date,                                  -- of the employment or honorary record, or of the extension
  reason_code   text,
  destination   text,
  note          text,
  before        jsonb not null,
  after         jsonb not null,
  by            text not null,
  at            timestamptz not null,
  taken_back_by text,
  taken_back_at timestamptz,
  constraint leavings_key unique (vpd, leaving_id),
  constraint leavings_of_person foreign key (vpd, person_id) references people (vpd, person_id),
  constraint leavings_ends_complete check (outcome <> 'ends' or (last_day is not null and reason_code is not null)),
  constraint leavings_taken_back_complete check ((taken_back_at is null) = (taken_back_by is null))
);
create index leavings_by_person on leavings (vpd, person_id, at);
do $$ declare t text; begin
  foreach t in array array['hires', 'leavings'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update on %I to changeover_app', t);
  end loop;
end $$;
insert into code_values (list, code, label) values
  ('person_type', 'Contractor No PAYE', 'Contractor No PAYE'), ('person_type', 'Contractor PAYE', 'Contractor PAYE'), ('person_type', 'Employee', 'Employee'),
  ('person_type', 'External Supervisor', 'External Supervisor'), ('person_type', 'Honorary', 'Honorary'),
  ('person_type', 'Seconded (To Professional Training)', 'Seconded (To Professional Training)'),
  ('person_type', 'Secondee (Non Paid from External Body)', 'Secondee (Non Paid from External Body)'),
  ('leaving_reason', '01', 'Death in Service'), ('leaving_reason', '06', 'End of Fixed Term Contract - Completion of Training Scheme'),
  ('leaving_reason', '07', 'End of Fixed Term Contract - End of Work Requirement'), ('leaving_reason', '08', 'End of Fixed Term Contract - External Rotation'),
  ('leaving_reason', '09', 'End of Fixed Term Contract - Other'), ('leaving_reason', '25', 'Voluntary Resignation - Promotion'),
  ('leaving_reason', '26', 'Voluntary Resignation - Relocation'), ('leaving_reason', '27', 'Voluntary Resignation - Work Life Balance'),
  ('leaving_destination', '01', 'NHS Organisation'), ('leaving_destination', '02', 'Social Services'), ('leaving_destination', '03', 'Private Health or Social Care'),
  ('leaving_destination', '04', 'General Practice'), ('leaving_destination', '05', 'Prison Service'), ('leaving_destination', '06', 'Armed Forces'),
  ('leaving_destination', '07', 'Education Sector'), ('leaving_destination', '11', 'Abroad - European Union'), ('leaving_destination', '12', 'Abroad - outside the European Union')
  on conflict do nothing;

reset role;
