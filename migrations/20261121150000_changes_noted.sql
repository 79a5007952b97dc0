-- Which of an employer's tables changed, and by which transaction: what was read of them may be kept in memory for as long as nothing did.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121150000, '0.1.0');

-- A row for each transaction that changed a table, so that nobody waits for anybody. Whoever kept something with the snapshot that it was
-- read by asks for rows whose transaction that snapshot does not show: there are none for as long as what is kept is what would be read.
-- What anybody else changes than the role of
-- an employer's transactions ('*', as the owner does in an upgrade) concerns every employer.
create table changes_noted (
  vpd        text not null check (vpd ~ '^([0-9]{1,4}|\*)$'),
  table_name text not null,
  xact       xid8 not null default pg_current_xact_id(),
  seen_at    timestamptz,                              -- when the hourly removal first saw it
  primary key (vpd, xact, table_name)
);
alter table changes_noted enable row level security, force row level security;
create policy changes_noted_by_employer on changes_noted for insert to changeover_app with check (vpd = (select current_vpd()));
create policy changes_noted_for_employer on changes_noted for select to changeover_app using (vpd in ((select current_vpd()), '*'));
create policy changes_noted_by_owner on changes_noted for insert to changeover_owner with check (vpd = '*');
create policy changes_noted_removed on changes_noted to changeover_system using (true);
grant select, insert on changes_noted to changeover_app;
grant select, delete, update (seen_at) on changes_noted to changeover_system;

create function note_change() returns trigger language plpgsql as $$
begin
  insert into public.changes_noted (vpd, table_name)
    values (case current_user when 'changeover_app' then public.current_vpd() else '*' end, tg_table_name) on conflict do nothing;
  return null;
end $$;

-- What a changeover's board is made of.
do $$ declare name text; begin
  foreach name in array array['positions', 'assignments', 'people', 'applications', 'rotation_rows', 'rotation_grids', 'locations'] loop
    execute format('create trigger %I after insert or update or delete or truncate on %I for each statement execute function note_change()',
                   name || '_changed', name);
  end loop;
end $$;

reset role;
