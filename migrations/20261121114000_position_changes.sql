-- What no file brings of a position: the rest of its Medical and Dental Post Details. And every change that is made here, so that it can be undone.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121114000, '0.1.0');

alter table positions
  add column host_or_lead text constraint positions_host_or_lead check (host_or_lead in ('host', 'lead')),
  add column out_of_hours text,
  add column rota_pattern text,
  add column prospective_cover text,
  add column split_of date;                            -- the start of the file's stretch that a change made here cut this one from
create index positions_with_post_details on positions (vpd, position_id)
  where host_or_lead is not null or out_of_hours is not null or rota_pattern is not null or prospective_cover is not null;
create index positions_cut_by_changes on positions (vpd, position_id, split_of) where split_of is not null;

-- Whether a post's other position, at another employer, is Host or Lead: shared as the rest of the directory, and no personal data.
alter table position_directory add column host_or_lead text;

create table position_changes (
  vpd            text not null references vpds,
  change_id      uuid primary key,
  position_id    text not null,
  effective_from date not null,
  before         jsonb not null,                       -- every stretch of the position, as it was and as it became
  after          jsonb not null,
  source         text not null check (source in ('page', 'mass_update', 'item', 'deanery_list', 'unbucket', 'dpn_report')),
  source_id      uuid,
  by_user        uuid,
  by_name        text not null,
  at             timestamptz not null,
  undone_by      text,
  undone_at      timestamptz,
  constraint position_changes_undone_complete check ((undone_at is null) = (undone_by is null))
);
create index position_changes_by_position on position_changes (vpd, position_id, at);
create index position_changes_by_source on position_changes (vpd, source_id) where source_id is not null;
alter table position_changes enable row level security, force row level security;
create policy position_changes_of_our_organisation on position_changes to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update on position_changes to changeover_app;

create sequence position_numbers start 900000000;     -- ids and numbers of positions that ESR has not given yet
grant usage on sequence position_numbers to changeover_app;

insert into code_values (list, code, label) values
  ('out_of_hours', 'No Band', 'No band'), ('out_of_hours', 'Band 1A', 'Band 1A'), ('out_of_hours', 'Band 1B', 'Band 1B'), ('out_of_hours', 'Band 1C', 'Band 1C'),
  ('out_of_hours', 'Band 2A', 'Band 2A'), ('out_of_hours', 'Band 2B', 'Band 2B'), ('out_of_hours', 'Band 3', 'Band 3'),
  ('rota_pattern', 'Full Shift', 'Full shift'), ('rota_pattern', 'Partial Shift', 'Partial shift'), ('rota_pattern', '24 Hour Partial Shift', '24 hour partial shift'),
  ('rota_pattern', 'On Call', 'On call'), ('rota_pattern', 'Hybrid', 'Hybrid'),
  ('prospective_cover', 'Yes For Annual Leave', 'Yes, for annual leave'), ('prospective_cover', 'Yes For Study Leave', 'Yes, for study leave'),
  ('prospective_cover', 'Yes For Annual And Study Leave', 'Yes, for annual and study leave'), ('prospective_cover', 'No', 'No')
on conflict do nothing;

reset role;
