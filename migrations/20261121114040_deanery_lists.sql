-- The posts that a managing body says are this employer's, as the list came; what is compared with the positions is worked out anew each time.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121114040, '0.1.0');

create table deanery_lists (
  vpd       text not null references vpds,
  list_id   uuid primary key,
  file_name text not null,
  warnings  text[] not null default '{}',
  loaded_by text not null,
  loaded_at timestamptz not null,
  constraint deanery_lists_key unique (vpd, list_id)
);
create index deanery_lists_newest on deanery_lists (vpd, loaded_at desc);
create table deanery_list_posts (
  vpd        text not null references vpds,
  list_id    uuid not null,
  row_no     integer not null,
  dpn        text not null,
  dpn_key    text not null,
  body       text,
  site       text,
  specialty  text,
  grade      text,
  valid_from date,
  valid_to   date,
  note       text,
  queried_by text,
  queried_at timestamptz,
  primary key (vpd, list_id, row_no),
  constraint deanery_list_posts_of_list foreign key (vpd, list_id) references deanery_lists (vpd, list_id)
);
do $$ declare t text; begin
  foreach t in array array['deanery_lists', 'deanery_list_posts'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy %I on %I to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()))', t || '_of_our_organisation', t);
    execute format('grant select, insert, update on %I to changeover_app', t);
  end loop;
end $$;

reset role;
