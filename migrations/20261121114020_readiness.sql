-- Going live with a managing body's interface: who does which step by when, the request with its answers and attachments, and what was said.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121114020, '0.1.0');

create table readiness_steps (
  vpd        text not null references vpds,
  body_code  text not null references managing_bodies,
  step       text not null check (step in ('esr_lead', 'colleagues', 'deanery_office', 'materials', 'positions', 'request')),
  owner      text not null default '',
  due_on     date,
  done_on    date,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (vpd, body_code, step)
);
create table readiness_requests (
  vpd          text not null references vpds,
  request_id   uuid primary key,
  body_code    text not null references managing_bodies,
  state        text not null check (state in ('sent', 'in_discussion', 'answered', 'done', 'refused')),
  required_by  date not null,
  unbucketed   boolean not null,
  unique_dpns  boolean not null,
  email_name   text not null,
  email        bytea not null,                         -- the approving e-mail, kept as it came and never opened
  report_name  text not null,
  report       bytea not null,                         -- the DPN report of the moment it was sent
  statistics   jsonb not null,
  sent_by      text not null,
  sent_at      timestamptz not null,
  constraint readiness_requests_key unique (vpd, request_id)
);
-- One request for a body at a time.
create unique index readiness_requests_one_open on readiness_requests (vpd, body_code) where state in ('sent', 'in_discussion', 'answered');
create table readiness_messages (
  vpd             text not null references vpds,
  message_id      uuid primary key,
  request_id      uuid not null,
  at              timestamptz not null,
  by_name         text not null,
  from_operations boolean not null,
  state           text not null,                       -- what the request became with it
  text            text not null check (length(text) between 1 and 4000),
  constraint readiness_messages_of_request foreign key (vpd, request_id) references readiness_requests (vpd, request_id)
);
create index readiness_messages_by_request on readiness_messages (vpd, request_id, at);
alter table readiness_steps enable row level security, force row level security;
create policy readiness_steps_of_our_organisation on readiness_steps to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
-- A request is the employer's and the operators': both read it and speak on it; only the employer makes one.
alter table readiness_requests enable row level security, force row level security;
create policy readiness_requests_seen_by_both on readiness_requests for select to changeover_app
  using (vpd = (select current_vpd()) or (select current_vpd()) = '0');
create policy readiness_requests_made_by_us on readiness_requests for insert to changeover_app with check (vpd = (select current_vpd()));
create policy readiness_requests_moved_by_both on readiness_requests for update to changeover_app
  using (vpd = (select current_vpd()) or (select current_vpd()) = '0');
alter table readiness_messages enable row level security, force row level security;
create policy readiness_messages_of_both on readiness_messages to changeover_app
  using (vpd = (select current_vpd()) or (select current_vpd()) = '0') with check (vpd = (select current_vpd()) or (select current_vpd()) = '0');
grant select, insert, update on readiness_steps, readiness_requests to changeover_app;
grant select, insert on readiness_messages to changeover_app;

reset role;
