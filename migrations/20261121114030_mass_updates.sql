-- Mass updates of positions: the user's own file row by row, what was found, what was done, and whether it was taken back.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121114030, '0.1.0');

create sequence mass_update_numbers;
grant usage on sequence mass_update_numbers to changeover_app;
create table mass_updates (
  vpd         text not null references vpds,
  update_id   uuid primary key,
  number      bigint not null,
  file_name   text not null,
  state       text not null check (state in ('checked', 'waiting', 'applied', 'cancelled', 'undone')),
  warnings    text[] not null default '{}',
  made_by     text not null,
  made_at     timestamptz not null,
  run_at      timestamptz,
  applied_at  timestamptz,
  undone_by   text,
  undone_at   timestamptz,
  constraint mass_updates_key unique (vpd, update_id)
);
create index mass_updates_newest on mass_updates (vpd, made_at desc);
create table mass_update_rows (
  vpd         text not null references vpds,
  update_id   uuid not null,
  row_no      integer not null,                        -- as Excel shows it
  cells       text[] not null,                         -- as they came
  state       text not null check (state in ('pending', 'applied', 'rejected', 'skipped_no_change')),
  code        text not null default '',
  message     text not null default '',
  differences jsonb not null default '[]',             -- field, before, after
  primary key (vpd, update_id, row_no),
  constraint mass_update_rows_of_update foreign key (vpd, update_id) references mass_updates (vpd, update_id)
);
do $$ declare t text; begin
  foreach t in array array['mass_updates', 'mass_update_rows'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update on %I to changeover_app', t);
  end loop;
end $$;

reset role;
