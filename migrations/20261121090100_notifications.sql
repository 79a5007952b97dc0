-- Messages, and the items in them: one thing to do each.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121090100, '0.1.0');

create sequence message_numbers start 10000001 maxvalue 99999999;
grant usage on sequence message_numbers to changeover_app;

create table messages (
  vpd           text not null references vpds,
  message_id    uuid primary key,
  number        bigint not null default nextval('message_numbers'),   -- the ID of 8 digits that people search for
  type          text not null,                                        -- DIT-APP, DIT-FILE, ...
  title         text not null,
  cause         text not null check (cause in ('system_to_person', 'system_to_role', 'employee_or_manager', 'professional_user')),
  dedupe_key    text not null,                                        -- one message for each file, type, organisation, specialty
  file_id       uuid,
  file_name     text,
  body_code     text,                                                 -- managing deanery body
  dated_on      date not null,
  created_at    timestamptz not null,
  constraint messages_key unique (vpd, message_id),
  constraint messages_number unique (vpd, number),
  constraint messages_one unique (vpd, dedupe_key)
);
create table items (
  vpd             text not null references vpds,
  item_id         uuid primary key,
  message_id      uuid not null,
  type            text not null,                                      -- dit_app_failed, dit_app_loaded, dit_app_duplicate, held_post, file_..., role_gap, ...
  role            text not null,                                      -- the right whose holders see it
  class           text not null check (class in ('action', 'information')),
  state           text not null default 'open' check (state in ('open', 'claimed', 'done', 'closed_by_system', 'expired')),
  subject_key     text not null,                                      -- the fact that it is about; who mends the fact closes it by this key
  title           text not null,
  person_name     text,
  gmc_number      text,
  dpn             text,
  position_id     text,
  position_number text,
  position_name   text,
  takes_effect_on date,
  person_id       text,
  application_id  uuid,
  file_id         uuid,
  record_no       integer,
  link            text,                                               -- where it is acted upon, a path of ours
  facts           jsonb not null default '{}',                        -- what the message's table shows of it
  created_at      timestamptz not null,
  claimed_by      uuid references users,
  claimed_at      timestamptz,
  decided_by      uuid references users,
  decided_at      timestamptz,
  closed_reason   text,
  version         integer not null default 1,
  constraint items_key unique (vpd, item_id),
  constraint items_one_of_message unique (vpd, message_id, subject_key),
  constraint items_of_message foreign key (vpd, message_id) references messages (vpd, message_id),
  constraint items_claim_complete check ((state = 'claimed') = (claimed_by is not null) and (claimed_by is null) = (claimed_at is null)),
  constraint items_decided_complete check (state <> 'done' or (decided_by is not null and decided_at is not null)),
  constraint items_closed_has_reason check (state <> 'closed_by_system' or closed_reason is not null)
);
create index items_by_subject on items (vpd, subject_key);
create index items_newest on items (vpd, role, state, created_at desc, item_id desc);
create table item_reads (
  vpd     text not null references vpds,
  user_id uuid not null references users,
  item_id uuid not null,
  read_at timestamptz not null,
  primary key (vpd, user_id, item_id),
  foreign key (vpd, item_id) references items (vpd, item_id)
);
create table item_events (
  vpd      text not null references vpds,
  event_id uuid primary key,
  item_id  uuid not null,
  at       timestamptz not null,
  actor    text not null,                                             -- a name, or the rule that did it
  user_id  uuid references users,
  what     text not null,                                             -- raised, claimed, released, reassigned, noted, done, undone, closed, reopened
  note     text check (length(note) <= 4000),
  constraint item_events_of_item foreign key (vpd, item_id) references items (vpd, item_id)
);
create index item_events_by_item on item_events (vpd, item_id, at);
do $$ declare t text; begin
  foreach t in array array['messages', 'items', 'item_reads', 'item_events'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update on %I to changeover_app', t);
  end loop;
end $$;
grant delete on item_reads to changeover_app;

reset role;
