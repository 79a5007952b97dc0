-- The deanery is asked about positions that its list does not have, and about training posts without a number.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121180000, '0.1.0');

create table deanery_position_queries (
  vpd         text not null references vpds,
  position_id text not null,
  queried_by  text not null,
  queried_at  timestamptz not null,
  primary key (vpd, position_id)
);
alter table deanery_position_queries enable row level security, force row level security;
create policy deanery_position_queries_of_our_organisation on deanery_position_queries to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update on deanery_position_queries to changeover_app;

reset role;
