-- The number at Inbox in the navigation comes with the session, in the statement that loads it.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121130500, '0.1.0');

-- Numbers by role, and nothing of anybody: who signs in is told how much waits before an employer's transaction begins.
create policy item_tallies_counted_by_system on item_tallies for select to changeover_system using (true);
grant select on item_tallies to changeover_system;

reset role;
