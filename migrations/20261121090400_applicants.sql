-- Applications for training posts, and persons who may be one person twice.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121090400, '0.1.0');

create table applications (
  vpd              text not null references vpds,
  application_id   uuid primary key,
  person_id        text not null,
  position_id      text not null,
  position_number  text not null,
  dpn              text not null,
  managing_body    text,
  hire_on          date not null,
  end_on           date,
  status           text not null check (status in ('preferred_applicant', 'offered_post_conditional', 'offered_post_unconditional', 'offer_accepted',
                                                   'hired', 'withdrawn', 'terminated')),
  status_reason    text,
  status_at        timestamptz not null,
  origin           text not null check (origin in ('deanery', 'by_hand')),
  file_id          uuid,                              -- the file that last touched it, and its record there
  record_no        integer,
  applicant_number text not null,
  assignment_id    text not null,
  vacancy_ref      text,
  wte              text,
  grade            text,
  training_number  text,
  digest           bytea not null,                    -- of the record that it came from: the same again is unchanged
  received_at      timestamptz not null,
  changed_at       timestamptz not null,
  constraint applications_key unique (vpd, application_id),
  constraint applications_of_person foreign key (vpd, person_id) references people (vpd, person_id)
);
-- The same doctor, post and day is one application, unless an earlier one was withdrawn or terminated.
create unique index applications_one_live on applications (vpd, person_id, position_id, hire_on) where status not in ('withdrawn', 'terminated');
create index applications_by_position on applications (vpd, position_id);
create index applications_by_hire on applications (vpd, hire_on);
create table application_events (
  vpd            text not null references vpds,
  event_id       uuid primary key,
  application_id uuid not null,
  at             timestamptz not null,
  actor          text not null,
  what           text not null,                       -- received, updated, status, dates, person_merged, ...
  from_status    text,
  to_status      text,
  reason         text,
  file_id        uuid,
  record_no      integer,
  changes        jsonb not null default '{}',         -- field: [before, after]
  constraint application_events_of_application foreign key (vpd, application_id) references applications (vpd, application_id)
);
create index application_events_by_application on application_events (vpd, application_id, at);
create table possible_duplicates (
  vpd         text not null references vpds,
  duplicate_id uuid primary key,
  person_a    text not null,
  person_b    text not null,
  rule        text not null,
  agreed      text[] not null,
  differed    text[] not null,
  found_at    timestamptz not null,
  state       text not null default 'open' check (state in ('open', 'same', 'different')),
  decided_by  text,
  decided_at  timestamptz,
  reason      text,
  constraint possible_duplicates_key unique (vpd, duplicate_id),
  constraint possible_duplicates_pair unique (vpd, person_a, person_b),
  constraint possible_duplicates_ordered check (person_a < person_b),
  constraint possible_duplicates_decided check ((state = 'open') = (decided_at is null))
);
create table person_merges (
  vpd       text not null references vpds,
  merge_id  uuid primary key,
  kept      text not null,
  merged    text not null,
  moved     jsonb not null,                            -- what went over, so that it can go back
  by        text not null,
  at        timestamptz not null,
  reason    text,
  undone_by text,
  undone_at timestamptz,
  constraint person_merges_key unique (vpd, merge_id)
);
do $$ declare t text; begin
  foreach t in array array['applications', 'application_events', 'possible_duplicates', 'person_merges'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update on %I to changeover_app', t);
  end loop;
end $$;

reset role;
