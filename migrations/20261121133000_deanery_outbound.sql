-- What was last told to the deanery of each position and each doctor, so that only what changed is told again.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121133000, '0.1.0');

-- A row counts once its file was sent: what a run that was cut off had told was never said.
create table positions_sent (
  vpd         text not null references vpds,
  file_id     uuid not null,
  position_id text not null,
  body        text not null,
  action      text not null check (action in ('C', 'D')),
  dpn         text not null,
  pos_line    text not null,                           -- without personal data
  por_line    text not null,
  sent_no     bigint generated always as identity,
  primary key (vpd, sent_no)
);
create index positions_sent_latest on positions_sent (vpd, body, position_id, sent_no desc);
-- Of a doctor only a digest of what was told, and under which post.
create table persons_sent (
  vpd         text not null references vpds,
  file_id     uuid not null,
  person_id   text not null,
  body        text not null,
  action      text not null check (action in ('C', 'D')),
  position_id text not null,
  dpn         text not null,
  digest      bytea not null,
  sent_no     bigint generated always as identity,
  primary key (vpd, sent_no)
);
create index persons_sent_latest on persons_sent (vpd, body, person_id, sent_no desc);
do $$ declare t text; begin
  foreach t in array array['positions_sent', 'persons_sent'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert on %I to changeover_app', t);
  end loop;
end $$;

reset role;
