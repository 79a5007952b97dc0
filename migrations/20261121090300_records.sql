-- What is known: code lists, managing bodies, organisations, positions, people. ESR's own ids are text, kept as received.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121090300, '0.1.0');

-- Shared: lists of codes, editable; no personal data.
create table code_values (
  list     text not null,
  code     text not null,
  label    text not null,
  training boolean not null default false,            -- a job role that makes its position a training post
  active   boolean not null default true,
  primary key (list, code)
);
-- Shared: managing deanery bodies and how to reach them; offices, not persons.
create table managing_bodies (
  code        text primary key,
  name        text not null,
  sends_files boolean not null default true,
  active_from date,
  active_to   date,
  replaced_by text references managing_bodies
);
create table managing_body_contacts (
  contact_id   uuid primary key,
  body_code    text not null references managing_bodies,
  purpose      text not null check (purpose in ('data_quality', 'applicants', 'local_processes', 'general')),
  address      text not null check (length(address) between 3 and 254),
  telephone    text,
  valid_from   date not null,
  valid_to     date,
  confirmed_on date
);
create index managing_body_contacts_by_body on managing_body_contacts (body_code);
do $$ declare t text; begin
  foreach t in array array['code_values', 'managing_bodies', 'managing_body_contacts'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I using (true) with check (true)', t || '_shared', t);
    execute format('grant select on %I to changeover_app', t);
    execute format('grant select, insert, update on %I to changeover_system', t);
  end loop;
end $$;

create table organisations (
  vpd text not null references vpds, organisation_id text not null, effective_from date not null, effective_to date,
  name text not null, type text, parent_id text, nacs_code text, location_id text, cost_centre text,
  record jsonb not null,                              -- every field of the record, as text, as received
  digest bytea not null,
  primary key (vpd, organisation_id, effective_from)
);
create table locations (
  vpd text not null references vpds, location_id text not null, code text, description text, inactive_on date, site_code text, town text, postcode text,
  record jsonb not null, digest bytea not null,
  primary key (vpd, location_id)
);
create index locations_by_site on locations (vpd, site_code);
create table positions (
  vpd text not null references vpds, position_id text not null, effective_from date not null, effective_to date,
  position_number text not null, name text not null, staff_group text, job_role text, occupation_code text, pay_scale text,
  organisation_id text, workplace_code text, hiring_status text, position_type text, budgeted_fte text,
  dpn text,                                            -- as received or typed, faults and all
  dpn_key text,                                        -- trimmed, upper case: what is compared
  managing_body text,
  record jsonb not null, digest bytea not null,
  primary key (vpd, position_id, effective_from)
);
create index positions_by_number on positions (vpd, position_number);
create index positions_by_dpn on positions (vpd, dpn_key) where dpn_key is not null;
-- A person of this organisation, employee or applicant, as matching needs them: today's values. History is in person_versions.
create table people (
  vpd              text not null references vpds,
  person_id        text not null,                     -- ESR's, or ours from person_numbers until ESR gives one
  system_type      text not null,                     -- EMP, EX_EMP, APL, EMP_APL, OTHER
  user_type        text,                              -- Honorary, Employee, Applicant.Employee, ...
  employee_number  text,
  applicant_number text,
  title            text, last_name text not null, first_name text not null default '', middle_names text, previous_last_name text, preferred_name text,
  last_name_key    text not null,                     -- casefolded, without accents, hyphens, apostrophes and spaces
  first_name_key   text not null,
  previous_name_key text,
  date_of_birth    date,
  gender           text,
  ni_number        text,
  ni_key           text,                              -- its first 8 characters
  gmc_number       text,
  email            text, home_phone text, mobile_phone text,
  nationality      text,
  merged_into      text,
  deleted_at       timestamptz,
  origin           text not null,                     -- generic_outbound, deanery, by_hand
  updated_at       timestamptz not null,
  primary key (vpd, person_id)
);
create index people_by_gmc on people (vpd, gmc_number) where gmc_number is not null;
create index people_by_ni on people (vpd, ni_key) where ni_key is not null;
create index people_by_name on people (vpd, last_name_key text_pattern_ops, first_name_key, date_of_birth);
create index people_by_number on people (vpd, employee_number);
create index people_by_applicant_number on people (vpd, applicant_number);
create table person_versions (
  vpd text not null references vpds, person_id text not null, effective_from date not null, effective_to date,
  record jsonb not null, digest bytea not null,       -- never ethnicity, disability, religion or orientation: see person_equality
  primary key (vpd, person_id, effective_from)
);
-- Special category data: kept because files bring it, shown nowhere, never mailed or exported.
create table person_equality (
  vpd text not null references vpds, person_id text not null,
  ethnic_origin text, disability text, sexual_orientation text, religious_belief text, marital_status text, country_of_birth text,
  updated_at timestamptz not null,
  primary key (vpd, person_id)
);
create table person_phones (
  vpd text not null references vpds, phone_id text not null, effective_from date not null, effective_to date,
  person_id text not null, phone_type text, number text, record jsonb not null, digest bytea not null,
  primary key (vpd, phone_id, effective_from)
);
create index person_phones_by_person on person_phones (vpd, person_id);
create table person_addresses (
  vpd text not null references vpds, address_id text not null, effective_from date not null, effective_to date,
  person_id text not null, primary_flag boolean, line1 text, line2 text, line3 text, town text, county text, postcode text, country text,
  record jsonb not null, digest bytea not null,
  primary key (vpd, address_id, effective_from)
);
create index person_addresses_by_person on person_addresses (vpd, person_id);
create table assignments (
  vpd text not null references vpds, assignment_id text not null, effective_from date not null, effective_to date,
  person_id text not null, assignment_number text, assignment_type text, status text, position_id text, organisation_id text, location_id text,
  fte text, grade text, job_name text, primary_flag boolean, contract_end_on date,
  record jsonb not null, digest bytea not null,
  primary key (vpd, assignment_id, effective_from)
);
create index assignments_by_person on assignments (vpd, person_id);
create index assignments_by_position on assignments (vpd, position_id);
create table costings (
  vpd text not null references vpds, costing_id text not null, effective_from date not null, effective_to date,
  assignment_id text not null, record jsonb not null, digest bytea not null,
  primary key (vpd, costing_id, effective_from)
);
do $$ declare t text; begin
  foreach t in array array['organisations', 'locations', 'positions', 'people', 'person_versions', 'person_equality', 'person_phones',
                           'person_addresses', 'assignments', 'costings'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update, delete on %I to changeover_app', t);
  end loop;
end $$;
create sequence person_numbers start 900000000;       -- person ids, applicant numbers, assignment ids that ESR has not given yet
grant usage on sequence person_numbers to changeover_app;

insert into managing_bodies (code, name, sends_files) values
  ('EMD', 'East Midlands', true), ('EOE', 'East of England', true), ('EAN', 'East Anglia', false), ('KSS', 'Kent, Surrey and Sussex', true),
  ('LDN', 'London', true), ('MER', 'Mersey', true), ('NWN', 'North West', true), ('NTH', 'North East', true), ('OXF', 'Thames Valley', true),
  ('PEN', 'Peninsula', true), ('SEV', 'Severn', true), ('SW', 'South West', false), ('WES', 'Wessex', true), ('WMD', 'West Midlands', true),
  ('YHD', 'Yorkshire and the Humber', true), ('WAL', 'Wales', true), ('TIS', 'Trainee Information System (old general code)', true);
insert into code_values (list, code, label) values
  ('title', 'MR', 'Mr.'), ('title', 'MRS', 'Mrs.'), ('title', 'MISS', 'Miss'), ('title', 'MS', 'Ms.'), ('title', 'MX', 'Mx.'), ('title', 'DR', 'Dr.'),
  ('title', 'PROF', 'Prof.'), ('title', 'SIR', 'Sir'), ('title', 'DAME', 'Dame'), ('title', 'LADY', 'Lady'), ('title', 'LORD', 'Lord'), ('title', 'REV', 'Rev.'),
  ('ethnic_origin', 'A', 'British'), ('ethnic_origin', 'B', 'Irish'), ('ethnic_origin', 'C', 'Any other White background'),
  ('ethnic_origin', 'D', 'White and Black Caribbean'), ('ethnic_origin', 'E', 'White and Black African'), ('ethnic_origin', 'F', 'White and Asian'),
  ('ethnic_origin', 'G', 'Any other mixed background'), ('ethnic_origin', 'H', 'Indian'), ('ethnic_origin', 'J', 'Pakistani'),
  ('ethnic_origin', 'K', 'Bangladeshi'), ('ethnic_origin', 'L', 'Any other Asian background'), ('ethnic_origin', 'M', 'Caribbean'),
  ('ethnic_origin', 'N', 'African'), ('ethnic_origin', 'P', 'Any other Black background'), ('ethnic_origin', 'R', 'Chinese'),
  ('ethnic_origin', 'S', 'Any other ethnic group'), ('ethnic_origin', 'Z', 'Not stated'),
  ('marital_status', 'S', 'Single'), ('marital_status', 'M', 'Married or civil partner'), ('marital_status', 'D', 'Divorced'),
  ('marital_status', 'W', 'Widowed'), ('marital_status', 'P', 'Separated'), ('marital_status', 'N', 'Not disclosed'),
  ('gender', 'M', 'Male'), ('gender', 'F', 'Female'),
  ('sexual_orientation', 'Heterosexual', 'Heterosexual'), ('sexual_orientation', 'Gay/Lesbian', 'Gay or lesbian'), ('sexual_orientation', 'Bisexual', 'Bisexual'),
  ('sexual_orientation', 'Other', 'Other'), ('sexual_orientation', '1', 'Heterosexual'), ('sexual_orientation', '2', 'Gay or lesbian'),
  ('sexual_orientation', '3', 'Bisexual'), ('sexual_orientation', '4', 'Other'), ('sexual_orientation', 'U', 'Undecided'), ('sexual_orientation', 'Z', 'Not disclosed'),
  ('religious_belief', 'Atheism', 'Atheism'), ('religious_belief', 'Buddhism', 'Buddhism'), ('religious_belief', 'Christianity', 'Christianity'),
  ('religious_belief', 'Hinduism', 'Hinduism'), ('religious_belief', 'Islam', 'Islam'), ('religious_belief', 'Jainism', 'Jainism'),
  ('religious_belief', 'Judaism', 'Judaism'), ('religious_belief', 'Sikhism', 'Sikhism'), ('religious_belief', 'Other', 'Other'),
  ('religious_belief', 'I do not wish to disclose my religious belief', 'Not disclosed'),
  ('disability', 'XX', 'Other'), ('disability', 'NN', 'No'), ('disability', 'ZZ', 'Not stated'), ('disability', '30', 'As sent by the deanery');
insert into code_values (list, code, label) select 'disability', lpad(n::text, 2, '0'), 'Category ' || n from generate_series(1, 10) n;
insert into code_values (list, code, label, training) values
  ('job_role', 'Foundation Year 1', 'Foundation Year 1', true), ('job_role', 'Foundation Year 2', 'Foundation Year 2', true),
  ('job_role', 'Foundation Doctor - Year 1', 'Foundation Year 1', true), ('job_role', 'Foundation Doctor - Year 2', 'Foundation Year 2', true),
  ('job_role', 'Specialty Registrar', 'Specialty Registrar', true), ('job_role', 'Foundation Dentist', 'Foundation Dentist', true),
  ('job_role', 'Dental Core Trainee', 'Dental Core Trainee', true), ('job_role', 'Consultant', 'Consultant', false),
  ('job_role', 'Specialty Doctor', 'Specialty Doctor', false), ('job_role', 'Trust Grade Doctor - Specialty Registrar', 'Trust Grade Doctor', false);

reset role;
