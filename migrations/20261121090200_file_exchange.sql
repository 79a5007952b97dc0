-- The register of interface files, what was made of each record, and where a position belongs.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121090200, '0.1.0');

-- Shared: the register itself, of names, counts and states; an organisation sees the files that concern it (file_vpds).
create table interface_files (
  file_id       uuid primary key,
  file_name     text not null check (length(file_name) <= 300),
  direction     text not null check (direction in ('in', 'out')),
  interface     text not null,                        -- generic_outbound, applicants, notifications, applicant_confirmation, unknown, ...
  file_type     text,                                 -- GOF, GOC, APP, DNC, APC, ...
  sender        text,                                 -- VPD or managing body of the name
  sequence      bigint,
  file_date     date,
  sha256        bytea not null,
  size_bytes    bigint not null,
  header        jsonb,
  trailer_count bigint,
  state         text not null check (state in ('receiving', 'received', 'validating', 'refused', 'held_for_order', 'held', 'queued', 'processing',
                                               'processed', 'processed_with_errors', 'failed', 'confirmed', 'duplicate', 'sent')),
  code          text,                                 -- F01 to F14
  reason        text,
  warnings      jsonb not null default '[]',          -- about the file itself, e.g. a gap in the sequence
  source        text not null,                        -- folder, upload, command
  received_by   text not null,
  received_at   timestamptz not null,
  settled_at    timestamptz,
  records       integer not null default 0,
  success       integer not null default 0,
  unchanged     integer not null default 0,
  fail          integer not null default 0,
  held          integer not null default 0,
  warned        integer not null default 0,
  answers       uuid references interface_files,      -- a reply names the file that it answers
  lease_token   uuid,
  lease_until   timestamptz,
  attempts      integer not null default 0
);
create index interface_files_by_name on interface_files (file_name);
create index interface_files_by_sender on interface_files (interface, sender, file_type, sequence);
create index interface_files_newest on interface_files (received_at desc);
create index interface_files_waiting on interface_files (received_at) where state in ('received', 'validating', 'queued', 'processing');
-- One taken file of a name: a refused one leaves its name free.
create unique index interface_files_one_taken on interface_files (file_name) where state not in ('refused', 'duplicate', 'receiving');
-- Shared, system role only: the bytes as they came, in pieces, and the bytes of what we send.
create table file_chunks (
  file_id  uuid not null references interface_files,
  chunk_no integer not null,
  bytes    bytea not null,
  primary key (file_id, chunk_no)
);
-- Shared: the states a file went through and who moved it; no personal data.
create table file_events (
  event_id uuid primary key,
  file_id  uuid not null references interface_files,
  at       timestamptz not null,
  actor    text not null,
  state    text not null,
  note     text
);
create index file_events_by_file on file_events (file_id, at);
-- What of a file concerns an organisation ('0': records for which none was found).
create table file_vpds (
  vpd       text not null references vpds,
  file_id   uuid not null references interface_files,
  records   integer not null default 0,
  success   integer not null default 0,
  unchanged integer not null default 0,
  fail      integer not null default 0,
  held      integer not null default 0,
  warned    integer not null default 0,
  detail    jsonb not null default '{}',
  primary key (vpd, file_id)
);
create index file_vpds_by_file on file_vpds (file_id);
create table file_records (
  vpd         text not null references vpds,
  file_id     uuid not null references interface_files,
  record_no   integer not null,                       -- counted from 1, without the header
  record_type text not null,
  outcome     text not null check (outcome in ('loaded', 'unchanged', 'failed', 'held', 'skipped')),
  codes       text[] not null default '{}',
  messages    jsonb not null default '[]',            -- [{type, code, text}]
  raw         text not null,
  summary     text,                                   -- who or what it is about, for lists
  person_id   text,
  position_id text,
  application_id uuid,
  dpn         text,
  settled_by  text,                                   -- loaded_later, asked, by_hand, dismissed: how a failed record was put right
  settled_at  timestamptz,
  settled_note text,
  primary key (vpd, file_id, record_no)
);
create index file_records_by_outcome on file_records (vpd, file_id, outcome, record_no);
create index file_records_by_person on file_records (vpd, person_id) where person_id is not null;
-- Shared: the rows of the reply, one a message, in words that already leave the employer. An organisation adds its own; the system role writes the file.
create table file_replies (
  file_id   uuid not null references interface_files,
  round     integer not null default 0,               -- a further reply after a held post was settled
  record_no integer not null,
  row_no    integer not null,
  vpd       text not null references vpds,
  line      text not null,
  primary key (file_id, round, record_no, row_no)
);
-- Shared: posts with more than 40 records in one file, which wait for an operator; no personal data.
create table held_posts (
  held_post_id uuid primary key,
  file_id      uuid not null references interface_files,
  dpn_key      text not null,
  records      integer not null,
  state        text not null default 'held' check (state in ('held', 'released', 'discarded')),
  round        integer not null default 0,
  reason       text,
  decided_by   text,
  decided_at   timestamptz,
  constraint held_posts_one unique (file_id, dpn_key),
  constraint held_posts_decided check ((state = 'held') = (decided_at is null) and (decided_at is null or reason is not null))
);
-- Shared: our own numbers for files that we send, one counter for each sender and type.
create table outbound_sequences (
  interface text not null,
  sender    text not null,
  last      bigint not null,
  primary key (interface, sender)
);
-- Shared: by which hour (Europe/London) a managing body's file is expected on a working day; no personal data.
create table expected_files (
  interface  text not null,
  sender     text not null,
  by_hour    time not null,
  since_on   date not null,
  active     boolean not null default true,
  primary key (interface, sender)
);
-- Shared, without personal data: to which organisation a position belongs. Kept by the positions store alone.
create table position_directory (
  position_id     text not null,
  effective_from  date not null,
  effective_to    date,
  vpd             text not null references vpds,
  position_number text not null,
  dpn_key         text,
  primary key (position_id, effective_from)
);
create index position_directory_by_number on position_directory (position_number);
create index position_directory_by_dpn on position_directory (dpn_key) where dpn_key is not null;
create index position_directory_by_vpd on position_directory (vpd);

alter table interface_files enable row level security, force row level security;
create policy interface_files_by_system on interface_files to changeover_system using (true) with check (true);
create policy interface_files_that_concern_us on interface_files for select to changeover_app
  using (exists (select 1 from file_vpds f where f.file_id = interface_files.file_id and f.vpd = (select current_vpd())));
alter table file_chunks enable row level security, force row level security;
create policy file_chunks_by_system on file_chunks to changeover_system using (true) with check (true);
alter table file_events enable row level security, force row level security;
create policy file_events_by_system on file_events to changeover_system using (true) with check (true);
create policy file_events_that_concern_us on file_events for select to changeover_app
  using (exists (select 1 from file_vpds f where f.file_id = file_events.file_id and f.vpd = (select current_vpd())));
alter table file_vpds enable row level security, force row level security;
create policy file_vpds_of_ours on file_vpds to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
create policy file_vpds_counted_by_system on file_vpds for select to changeover_system using (true);
alter table file_records enable row level security, force row level security;
create policy file_records_of_ours on file_records to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
alter table file_replies enable row level security, force row level security;
create policy file_replies_by_system on file_replies to changeover_system using (true) with check (true);
create policy file_replies_of_ours on file_replies to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
alter table held_posts enable row level security, force row level security;
create policy held_posts_by_system on held_posts to changeover_system using (true) with check (true);
create policy held_posts_read on held_posts for select to changeover_app using (true);
alter table outbound_sequences enable row level security, force row level security;
create policy outbound_sequences_by_system on outbound_sequences to changeover_system using (true) with check (true);
alter table expected_files enable row level security, force row level security;
create policy expected_files_by_system on expected_files to changeover_system using (true) with check (true);
alter table position_directory enable row level security, force row level security;
create policy position_directory_read on position_directory for select using (true);
create policy position_directory_kept_by_owner_of_position on position_directory to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));

grant select, insert, update on interface_files, held_posts, outbound_sequences, expected_files to changeover_system;
grant select, insert, delete on file_chunks to changeover_system;
grant select, insert on file_events to changeover_system;
grant select on file_vpds, file_replies, position_directory to changeover_system;
grant insert on file_replies to changeover_system;
grant select on interface_files, file_events, held_posts to changeover_app;
grant select, insert, update on file_vpds, file_records to changeover_app;
grant select, insert on file_replies to changeover_app;
grant select, insert, update, delete on position_directory to changeover_app;

reset role;
