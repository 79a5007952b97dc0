-- The ground that everything stands on: roles, employers, users, sessions, audit, jobs, mail.
-- oldest program that runs on this schema: 0.1.0
do $$
declare name text;
begin
  foreach name in array array['changeover_owner', 'changeover_app', 'changeover_system'] loop
    begin
      execute format('create role %I nologin', name);
    exception when duplicate_object or unique_violation then null;  -- parallel tests share the cluster
    end;
  end loop;
  if not pg_has_role(current_user, 'changeover_owner', 'member') then
    execute format('grant changeover_owner to %I', current_user);
  end if;
  if not has_schema_privilege('changeover_owner', 'public', 'create') then
    grant create, usage on schema public to changeover_owner;
  end if;
  grant usage on schema public to changeover_app, changeover_system;
  execute format('grant create on database %I to changeover_owner', current_database());
end $$;

set local role changeover_owner;

create schema sec;
grant usage on schema sec to changeover_app, changeover_system;

-- The employer whose data this transaction may see. No employer set is an error, never an empty page.
create function current_vpd() returns text language plpgsql stable as $$
declare vpd text := current_setting('changeover.vpd', true);
begin
  if vpd is null or vpd = '' then
    raise exception 'no employing organisation is set for this transaction' using errcode = '42501';
  end if;
  return vpd;
end $$;

-- Shared: which program fits which schema holds no personal data.
create table schema_compatibility (
  version        bigint primary key,
  oldest_release text not null
);
alter table schema_compatibility enable row level security, force row level security;
create policy schema_compatibility_read on schema_compatibility using (true);
grant select on schema_compatibility to changeover_app, changeover_system;
insert into schema_compatibility values (20261121090000, '0.1.0');

-- Shared: settings of the whole installation, such as the rehearsal date; no personal data.
create table portal_settings (
  name       text primary key,
  value      text not null,
  changed_at timestamptz not null default now()
);
alter table portal_settings enable row level security, force row level security;
create policy portal_settings_all on portal_settings using (true) with check (true);
grant select on portal_settings to changeover_app;
grant select, insert, update on portal_settings to changeover_system;

-- Shared: the employing organisations. '0' is National operations, the operators' own.
create table vpds (
  vpd              text primary key constraint vpds_number check (vpd = '0' or vpd ~ '^[1-9][0-9]{2,3}$'),
  name             text not null,
  ods_code         text,
  dit_subscribed   boolean not null default true,   -- A014: only an operator switches the interface off
  registered_by    text not null default 'migration',
  registered_at    timestamptz not null default now()
);
alter table vpds enable row level security, force row level security;
create policy vpds_read on vpds using (true) with check (true);
grant select on vpds to changeover_app;
grant select, insert, update on vpds to changeover_system;
insert into vpds (vpd, name) values ('0', 'National operations');

-- A person who signs in. Seen by the sign-in role, and by the organisations where the user holds or held a right.
create table users (
  user_id          uuid primary key,
  username         text not null constraint users_username_form check (username = lower(username) and username ~ '^[a-z0-9][a-z0-9._@-]{0,99}$'),
  name             text not null check (length(name) between 1 and 200),
  email            text not null check (length(email) between 3 and 254),
  password_hash    text,                             -- none until the invitation is used
  password_set_at  timestamptz,
  disabled_at      timestamptz,
  mail_frequency   text not null default 'daily' check (mail_frequency in ('at_once', 'hourly', 'daily', 'never')),
  mail_hour        smallint not null default 8 check (mail_hour between 0 and 23),   -- Europe/London
  mail_problem     text,                             -- the server's words when it refused the address for good
  after_decision   text not null default 'next' check (after_decision in ('next', 'list')),
  created_at       timestamptz not null,
  last_sign_in_at  timestamptz,
  constraint users_username_unique unique (username)
);
-- A right of a user in an organisation: a URP, a notification role, or a product role such as VPD_ADMIN.
create table user_grants (
  grant_id   uuid primary key,
  vpd        text not null references vpds,
  user_id    uuid not null references users,
  kind       text not null check (kind in ('urp', 'role', 'product')),
  name       text not null,
  granted_by text not null,                          -- a username, or 'command line'
  granted_at timestamptz not null,
  ended_by   text,
  ended_at   timestamptz,
  constraint user_grants_ended_complete check ((ended_at is null) = (ended_by is null))
);
create unique index user_grants_one_live on user_grants (vpd, user_id, kind, name) where ended_at is null;
create index user_grants_by_user on user_grants (user_id) where ended_at is null;
create index user_grants_by_right on user_grants (vpd, kind, name) where ended_at is null;
alter table users enable row level security, force row level security;
alter table user_grants enable row level security, force row level security;
create policy user_grants_of_our_organisation on user_grants for select to changeover_app
  using (vpd = (select current_vpd()));
create policy user_grants_for_sign_in on user_grants to changeover_system using (true) with check (true);
create policy users_known_to_our_organisation on users for select to changeover_app
  using (exists (select 1 from user_grants g where g.user_id = users.user_id and g.vpd = (select current_vpd())));
create policy users_for_sign_in on users to changeover_system using (true) with check (true);
grant select (user_id, username, name, disabled_at) on users to changeover_app;
grant select on user_grants to changeover_app;
grant select, insert, update on users, user_grants to changeover_system;

-- Shared, sign-in role only: sessions, of which only a hash of the key is kept.
create table sessions (
  key_hash     bytea primary key,
  session_id   uuid not null default gen_random_uuid(),
  user_id      uuid references users,
  vpd          text references vpds,
  state        jsonb not null,
  created_at   timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at   timestamptz not null,                 -- absolute
  agent        text,
  address      text
);
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);
-- Shared, sign-in role only: links that work once (invitation, forgotten password); hashes only.
create table one_time_links (
  token_hash bytea primary key,
  purpose    text not null check (purpose in ('invitation', 'password')),
  user_id    uuid not null references users,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at    timestamptz,
  superseded_at timestamptz
);
create index one_time_links_by_user on one_time_links (user_id) where used_at is null and superseded_at is null;
-- Shared, sign-in role only: wrong passwords, by account and by address, counted where every replica sees them.
create table sign_in_throttles (
  subject       text primary key,                    -- 'account:<username>' or 'address:<ip>'
  failures      integer not null,
  window_start  timestamptz not null,
  blocked_until timestamptz
);
alter table sessions enable row level security, force row level security;
alter table one_time_links enable row level security, force row level security;
alter table sign_in_throttles enable row level security, force row level security;
create policy sessions_for_sign_in on sessions to changeover_system using (true) with check (true);
create policy one_time_links_for_sign_in on one_time_links to changeover_system using (true) with check (true);
create policy sign_in_throttles_for_sign_in on sign_in_throttles to changeover_system using (true) with check (true);
grant select, insert, update, delete on sessions, sign_in_throttles to changeover_system;
grant select, insert, update on one_time_links to changeover_system;

-- The audit trail: one hash chain for each organisation. Nobody may change or delete a row, not even its owner.
create table audit (
  vpd         text not null references vpds,
  seq         bigint not null,
  at          timestamptz not null,
  actor_kind  text not null check (actor_kind in ('person', 'file', 'supplier', 'schedule', 'command', 'system')),
  actor       text not null,
  user_id     uuid,
  event       text not null,
  object_type text not null,
  object_id   text not null,
  detail      jsonb not null,
  request_id  text,
  prev        bytea not null,
  hash        bytea not null,
  primary key (vpd, seq)
);
create index audit_by_object on audit (vpd, object_type, object_id, seq desc);
create table audit_heads (
  vpd  text primary key references vpds,
  seq  bigint not null,
  hash bytea not null
);
-- Heads as they were, signed with a key that the database does not hold: a rebuilt tail does not match them.
create table audit_seals (
  vpd       text not null references vpds,
  seq       bigint not null,
  hash      bytea not null,
  signature bytea not null,
  sealed_at timestamptz not null,
  primary key (vpd, seq)
);
create function sec.audit_digest(p_prev bytea, p_vpd text, p_seq bigint, p_at timestamptz, p_actor_kind text, p_actor text,
    p_user uuid, p_event text, p_object_type text, p_object_id text, p_detail jsonb, p_request text)
  returns bytea language sql immutable parallel safe
  return sha256(p_prev || convert_to(jsonb_build_array(p_vpd, p_seq, extract(epoch from p_at)::text, p_actor_kind, p_actor, p_user, p_event,
      p_object_type, p_object_id, p_detail, p_request)::text, 'UTF8'));
create function sec.audit_append(p_vpd text, p_at timestamptz, p_actor_kind text, p_actor text, p_user uuid, p_event text,
    p_object_type text, p_object_id text, p_detail jsonb, p_request text)
  returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
  head audit_heads;
  mine text := current_setting('changeover.vpd', true);
  digest bytea;
begin
  if coalesce(mine, '') = '' then
    if current_setting('role') <> 'changeover_system' then
      raise exception 'no employing organisation is set for this audit row' using errcode = '42501';
    end if;
  elsif mine <> p_vpd then
    raise exception 'an audit row belongs to the organisation of its transaction' using errcode = '42501';
  end if;
  insert into audit_heads values (p_vpd, 0, '\x') on conflict (vpd) do nothing;
  select * into head from audit_heads where vpd = p_vpd for update;
  head.seq := head.seq + 1;
  digest := sec.audit_digest(head.hash, p_vpd, head.seq, p_at, p_actor_kind, p_actor, p_user, p_event, p_object_type, p_object_id, p_detail, p_request);
  insert into audit values (p_vpd, head.seq, p_at, p_actor_kind, p_actor, p_user, p_event, p_object_type, p_object_id, p_detail, p_request, head.hash, digest);
  update audit_heads set seq = head.seq, hash = digest where vpd = p_vpd;
  return head.seq;
end $$;
create function sec.audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail cannot be changed' using errcode = '42501';
end $$;
create trigger audit_no_change before update or delete on audit for each row execute function sec.audit_is_append_only();
create trigger audit_no_truncate before truncate on audit for each statement execute function sec.audit_is_append_only();
create trigger audit_seals_no_change before update or delete on audit_seals for each row execute function sec.audit_is_append_only();
alter table audit enable row level security, force row level security;
alter table audit_heads enable row level security, force row level security;
alter table audit_seals enable row level security, force row level security;
create policy audit_of_our_organisation on audit for select to changeover_app using (vpd = (select current_vpd()));
create policy audit_read_to_verify on audit for select to changeover_system using (true);
create policy audit_append on audit for insert to changeover_owner with check (true);       -- only sec.audit_append
create policy audit_heads_append on audit_heads to changeover_owner using (true) with check (true);
create policy audit_heads_read on audit_heads for select to changeover_system using (true);
create policy audit_seals_of_ours on audit_seals for select to changeover_app using (vpd = (select current_vpd()));
create policy audit_seals_by_system on audit_seals to changeover_system using (true) with check (true);
grant select on audit, audit_seals to changeover_app;
grant select on audit, audit_heads to changeover_system;
grant select, insert on audit_seals to changeover_system;
revoke all on function sec.audit_append from public;
grant execute on function sec.audit_append to changeover_app, changeover_system;

-- Shared queue: work that leaves by a row. An organisation may add its own; the system role runs them. Payloads hold ids only.
create table jobs (
  job_id      uuid primary key,
  vpd         text not null references vpds,
  kind        text not null,
  dedupe_key  text,                                  -- at most one waiting job of this key
  payload     jsonb not null,
  state       text not null default 'ready' check (state in ('ready', 'leased', 'dead')),
  run_at      timestamptz not null,
  attempts    integer not null default 0,
  lease_token uuid,
  lease_until timestamptz,
  last_error  text,
  created_at  timestamptz not null default now()
);
create unique index jobs_one_waiting on jobs (vpd, kind, dedupe_key) where state = 'ready' and dedupe_key is not null;
create index jobs_due on jobs (run_at) where state = 'ready';
create index jobs_leased on jobs (lease_until) where state = 'leased';
create table scheduled_runs (                        -- Shared: which slot of a schedule has run; no personal data
  schedule text not null,
  slot     text not null,
  ran_at   timestamptz not null,
  primary key (schedule, slot)
);
alter table jobs enable row level security, force row level security;
alter table scheduled_runs enable row level security, force row level security;
create policy jobs_added_by_our_organisation on jobs for insert to changeover_app with check (vpd = (select current_vpd()));
create policy jobs_of_our_organisation on jobs for select to changeover_app using (vpd = (select current_vpd()));
create policy jobs_run_by_system on jobs to changeover_system using (true) with check (true);
create policy scheduled_runs_by_system on scheduled_runs to changeover_system using (true) with check (true);
grant select, insert on jobs to changeover_app;
grant select, insert, update, delete on jobs to changeover_system;
grant select, insert on scheduled_runs to changeover_system;

-- Mail, queued with the change that causes it.
create table emails (
  vpd           text not null references vpds,
  email_id      uuid primary key,
  user_id       uuid references users,
  to_name       text not null default '',
  to_address    text not null,
  purpose       text not null check (purpose in ('summary', 'invitation', 'password', 'password_changed', 'ask_again', 'alarm')),
  subject       text not null check (length(subject) <= 150),
  body_text     text not null,                        -- a one-time link is written here as {{link}}, never itself
  body_html     text not null,
  sealed_link   bytea,                                -- encrypted for the mailer; wiped when sent or dead
  state         text not null default 'queued' check (state in ('queued', 'sent', 'kept', 'dead', 'dropped')),
  attempts      integer not null default 0,
  last_error    text,
  created_at    timestamptz not null,
  settled_at    timestamptz,
  constraint emails_key unique (vpd, email_id)
);
create index emails_newest on emails (vpd, created_at desc);
create index emails_by_user on emails (vpd, user_id, created_at desc);
alter table emails enable row level security, force row level security;
create policy emails_of_our_organisation on emails to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
create policy emails_queued_by_sign_in on emails for insert to changeover_system with check (true);
grant select, insert, update on emails to changeover_app;
grant insert on emails to changeover_system;
-- Until when each user's summaries have told what is new.
create table summary_marks (
  vpd        text not null references vpds,
  user_id    uuid not null references users,
  told_until timestamptz not null,
  local_slot text,                                    -- the hour or day of the last one, London time
  primary key (vpd, user_id)
);
alter table summary_marks enable row level security, force row level security;
create policy summary_marks_of_ours on summary_marks to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update on summary_marks to changeover_app;

reset role;
