-- Employment checks of applications with everything that was said of each, and the tokens by which suppliers' systems bring them.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121131000, '0.1.0');

-- One of the six NHS Employment Check Standards for one application; no row: not started.
create table employment_checks (
  vpd            text not null references vpds,
  application_id uuid not null,
  standard       text not null check (standard in ('identity', 'registration', 'references', 'right-to-work', 'work-health', 'criminal-record')),
  status         text not null check (status in ('not_started', 'in_progress', 'received', 'clear', 'clear_with_conditions', 'failed', 'not_required')),
  entry          jsonb not null default '{}',          -- field: text, by the table of the model
  expires_on     date,
  version        integer not null,
  changed_at     timestamptz not null,
  changed_by     text not null,
  primary key (vpd, application_id, standard),
  constraint employment_checks_of_application foreign key (vpd, application_id) references applications (vpd, application_id),
  -- Health information is the occupational health department's: an outcome is all that stands here.
  constraint employment_checks_health_is_an_outcome
    check (standard <> 'work-health' or (expires_on is null and not entry ?| array['note', 'evidence_ref']))
);
create index employment_checks_expiring on employment_checks (vpd, expires_on) where expires_on is not null;
-- Every version of every check; nobody changes or removes one.
create table employment_check_versions (
  vpd            text not null references vpds,
  application_id uuid not null,
  standard       text not null,
  version        integer not null,
  status         text not null,
  entry          jsonb not null,
  at             timestamptz not null,
  actor          text not null,
  by_supplier    boolean not null,
  primary key (vpd, application_id, standard, version),
  constraint employment_check_versions_of_check foreign key (vpd, application_id, standard) references employment_checks (vpd, application_id, standard)
);

-- A supplier's right to call an interface for one employer. Only a hash of the secret is kept.
create table api_tokens (
  vpd          text not null references vpds,
  token_id     uuid primary key,
  secret_hash  bytea not null,
  supplier     text not null check (length(supplier) between 1 and 100),
  scope        text not null check (scope in ('employment_checks')),
  created_by   text not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  revoked_by   text,
  constraint api_tokens_key unique (vpd, token_id),
  constraint api_tokens_revoked_complete check ((revoked_at is null) = (revoked_by is null))
);
-- What was answered to a request that changed something: the same request again gets the same answer, for 24 hours.
create table api_answers (
  vpd             text not null references vpds,
  token_id        uuid not null,
  idempotency_key text not null check (length(idempotency_key) between 1 and 200),
  request_digest  bytea not null,
  status          smallint not null,
  etag            text not null,
  body            text not null,                       -- as it was sent, to the letter
  at              timestamptz not null,
  primary key (vpd, token_id, idempotency_key),
  constraint api_answers_of_token foreign key (vpd, token_id) references api_tokens (vpd, token_id)
);
create index api_answers_by_age on api_answers (vpd, at);
do $$ declare t text; begin
  foreach t in array array['employment_checks', 'employment_check_versions', 'api_tokens', 'api_answers'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
  end loop;
end $$;
-- A token says for which employer its bearer calls, so it is looked up before an employer is set.
create policy api_tokens_for_sign_in on api_tokens to changeover_system using (true) with check (true);
grant select, update on api_tokens to changeover_system;
grant select, insert, update on employment_checks, api_tokens to changeover_app;
grant select, insert on employment_check_versions to changeover_app;
grant select, insert, update, delete on api_answers to changeover_app;

reset role;
