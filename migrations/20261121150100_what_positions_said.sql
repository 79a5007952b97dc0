-- A full file to the deanery is made without reading the last one again: where an employer's positions say what they said, one digest tells.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121150100, '0.1.0');

-- Of everything that an employer's positions said to a managing body in the last run with something to say. It counts if that file left.
create table positions_said (
  vpd     text not null references vpds,
  body    text not null,
  file_id uuid not null,
  digest  bytea not null,
  primary key (vpd, body)
);
alter table positions_said enable row level security, force row level security;
create policy positions_said_of_our_organisation on positions_said to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update, delete on positions_said to changeover_app;

-- Whoever tells something else takes the digest away, and sets it anew if all was told.
create function forget_what_was_said() returns trigger language plpgsql as $$
begin
  delete from public.positions_said s using (select distinct vpd, body from told) t where s.vpd = t.vpd and s.body = t.body;
  return null;
end $$;
create trigger positions_sent_told after insert on positions_sent referencing new table as told for each statement
  execute function forget_what_was_said();

-- Files are stored and read whole, once or twice: what packs fastest is right. A server built without lz4 packs as before.
do $$ begin
  alter table file_chunks alter column bytes set compression lz4;
exception when feature_not_supported then
  raise notice 'lz4 is not built in: files are packed with pglz';
end $$;

reset role;
