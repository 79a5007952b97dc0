-- What the DPN report counted each night, for the last weeks' chart; and the reports of duplicates that were settled together.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121114010, '0.1.0');

create table dpn_report_counts (
  vpd        text not null references vpds,
  counted_on date not null,
  statistics jsonb not null,
  primary key (vpd, counted_on)
);
alter table dpn_report_counts enable row level security, force row level security;
create policy dpn_report_counts_of_our_organisation on dpn_report_counts to changeover_app
  using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update, delete on dpn_report_counts to changeover_app;

reset role;
