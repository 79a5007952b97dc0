-- Applicants as they are received: what the deanery gave beside the columns we search by, and where a file's records wait while they are routed.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121100000, '0.1.0');

-- Address, contact, next of kin and registrations as the deanery gave them. Never ethnicity, disability, religion or orientation.
alter table applications add column received jsonb not null default '{}';

-- A record that the deanery was asked for again waits; the file that answers it closes it.
alter table file_records add column asked_at timestamptz, add column asked_by text;
-- Failed records that nobody has put right yet: a later record of the same doctor and post settles them.
create index file_records_unsettled on file_records (vpd, dpn, position_id) where outcome = 'failed' and settled_at is null;

-- Records of an applicant file on the way to their employers; gone once each is loaded, held or failed.
create table applicant_staging (
  vpd         text not null references vpds,          -- '0': no employer was found
  file_id     uuid not null references interface_files,
  record_no   integer not null,
  line        text not null,
  was_utf8    boolean not null,
  dpn_key     text not null,
  is_copy     boolean not null,                       -- told to several employers, counted in the first
  same_key    text,                                   -- position and hire date, where both can be read
  same_as     integer,                                -- the earlier record of the file for the same person, position and hire date
  is_held     boolean not null default false,
  primary key (vpd, file_id, record_no)
);
create index applicant_staging_by_file on applicant_staging (file_id, dpn_key);
-- Shared: which files are staged in full, so that a restart goes on instead of beginning again; no personal data.
create table applicant_loads (
  file_id   uuid primary key references interface_files,
  staged_at timestamptz not null
);
alter table applicant_staging enable row level security, force row level security;
create policy applicant_staging_of_ours on applicant_staging to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
create policy applicant_staging_filled_by_system on applicant_staging to changeover_system using (true) with check (true);
grant select, delete on applicant_staging to changeover_app;
grant select, insert, update, delete on applicant_staging to changeover_system;
alter table applicant_loads enable row level security, force row level security;
create policy applicant_loads_by_system on applicant_loads to changeover_system using (true) with check (true);
grant select, insert on applicant_loads to changeover_system;

-- ISO 3166-1, alpha-2.
insert into code_values (list, code, label)
select 'country', code, code from regexp_split_to_table(
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ '
  'DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO '
  'JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU '
  'NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV '
  'TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW', '\s+') as code;

reset role;
