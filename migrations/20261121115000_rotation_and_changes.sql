-- Notifications from the deanery: the rotation grid as it was told, and each change that somebody has to act on.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121115000, '0.1.0');

-- A notification may concern a lead and a host employer: the reply has a row for each.
alter table file_replies drop constraint file_replies_pkey, add primary key (file_id, round, record_no, vpd, row_no);

-- Shared, without personal data: which employer has a location of a site code, so that a new post finds its employer. Kept by the
-- organisations store alone.
create table site_directory (
  vpd       text not null references vpds,
  site_code text not null,
  primary key (vpd, site_code)
);
create index site_directory_by_site on site_directory (site_code);
alter table site_directory enable row level security, force row level security;
create policy site_directory_read on site_directory for select using (true);
create policy site_directory_kept_by_owner_of_site on site_directory to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select on site_directory to changeover_system;
grant select, insert, delete on site_directory to changeover_app;

-- One telling of the grid: a notification file with rows for this employer, in the order in which they were taken in.
create table rotation_grids (
  vpd        text not null references vpds,
  grid_no    integer not null,
  file_id    uuid not null references interface_files,
  file_name  text not null,
  body_code  text not null,
  sequence   bigint not null,                        -- of the file: an older one that is released late does not undo a newer
  is_full    boolean not null,                       -- DNF: what it does not name has gone from the current grid
  told_at    timestamptz not null,
  told_on    date not null,
  primary key (vpd, grid_no),
  constraint rotation_grids_one_of_file unique (vpd, file_id)
);
-- A row of the grid from one telling until another: what was true at any telling can be shown again.
create table rotation_rows (
  vpd                 text not null references vpds,
  row_id              uuid primary key,
  dpn                 text not null,                 -- as received
  dpn_key             text not null,                 -- trimmed, upper case
  current_key         text not null,                 -- GMC number, or else the names; empty when nobody is named
  next_key            text not null,
  body_code           text not null,                 -- whose file told it
  current_last_name   text, current_first_name text, current_gmc text, current_end_on date, current_next_place text, current_hours text,
  next_last_name      text, next_first_name text, next_gmc text, next_current_place text, next_start_on date, next_email text, next_grade text,
  next_hours          text,
  specialty           text,
  vacant_next         boolean not null default false,
  digest              bytea not null,                -- of what the row says: the same again is unchanged
  changed             text[] not null default '{}',  -- the columns that differ from the row before it
  before              jsonb not null default '{}',   -- what they were
  sequence            bigint not null,
  record_no           integer not null,
  from_grid           integer not null,
  to_grid             integer,                       -- the telling from which on it is not there, or says something else
  constraint rotation_rows_key unique (vpd, row_id),
  constraint rotation_rows_first foreign key (vpd, from_grid) references rotation_grids (vpd, grid_no),
  constraint rotation_rows_ends_later check (to_grid is null or to_grid >= from_grid)
);
create unique index rotation_rows_current on rotation_rows (vpd, dpn_key, current_key, next_key) where to_grid is null;
create index rotation_rows_ended on rotation_rows (vpd, to_grid) where to_grid is not null;

-- A withdrawal, a replacement, new dates or a new post, as the deanery told it, and what was done about it.
create table deanery_changes (
  vpd            text not null references vpds,
  change_id      uuid primary key,
  kind           text not null check (kind in ('withdrawal', 'replacement', 'dates', 'new_post')),
  state          text not null check (state in ('open', 'pending', 'applied', 'dismissed', 'superseded', 'expired')),
  file_id        uuid not null references interface_files,
  record_no      integer not null,
  unannounced    boolean not null default false,     -- a grid row that says other dates, with no change of dates beside it
  dpn            text not null,
  dpn_key        text not null,
  body_code      text not null,
  specialty      text,
  site           text,
  host_or_lead   text,                               -- as the deanery wrote it: shown, never used
  occupation_code text,
  last_name      text,
  first_name     text,
  gmc_number     text,
  person_key     text not null,                      -- GMC number, or else the names: what a later file is compared by
  hire_on        date,                               -- the new dates; of a replacement the date of hire
  end_on         date,
  reason_code    text,
  current_place  text,
  person_id      text,
  application_id uuid,
  position_id    text,
  pending_until  date,                               -- waits for its applicant until then
  before         jsonb not null default '{}',        -- what was changed, as it was
  received_on    date not null,
  received_at    timestamptz not null,
  decided_by     text,
  decided_at     timestamptz,
  reason         text check (length(reason) <= 4000),
  constraint deanery_changes_key unique (vpd, change_id),
  constraint deanery_changes_one_of_record unique (vpd, file_id, record_no, person_key),
  constraint deanery_changes_pending check ((state = 'pending') <= (pending_until is not null)),
  constraint deanery_changes_decided check (state in ('open', 'pending') or decided_at is not null),
  constraint deanery_changes_dismissed_with_reason check (state <> 'dismissed' or reason is not null)
);
create index deanery_changes_waiting on deanery_changes (vpd, dpn_key, kind) where state in ('open', 'pending');
create index deanery_changes_by_person on deanery_changes (vpd, person_id) where person_id is not null;
create index deanery_changes_by_post on deanery_changes (vpd, dpn_key, received_at);
-- A notification names its post by DPN alone.
create index applications_by_dpn on applications (vpd, upper(btrim(dpn)));
do $$ declare t text; begin
  foreach t in array array['rotation_grids', 'rotation_rows', 'deanery_changes'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update on %I to changeover_app', t);
  end loop;
end $$;

insert into code_values (list, code, label) values
  ('withdrawal_reason', '1', 'Trainee withdrew'), ('withdrawal_reason', '2', 'Did not meet requirements'), ('withdrawal_reason', '3', 'Other');

reset role;
