-- Shared positions that were split: who was moved, as it was before and after, so that it can be taken back while nothing followed.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121114050, '0.1.0');

create table unbucketings (
  vpd         text not null references vpds,
  unbucket_id uuid primary key,
  position_id text not null,
  moved       jsonb not null,                          -- people and applications, before and after
  made_by     text not null,
  made_at     timestamptz not null,
  undone_by   text,
  undone_at   timestamptz
);
create index unbucketings_by_position on unbucketings (vpd, position_id);
alter table unbucketings enable row level security, force row level security;
create policy unbucketings_of_our_organisation on unbucketings to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update on unbucketings to changeover_app;

reset role;
