-- What the inbox asks of messages and items, at a cost that does not grow with their number.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121091000, '0.1.0');

-- A page is a few short walks of this index, one for each role, class and state; its counts are read from it alone.
drop index items_newest;
create index items_newest on items (vpd, role, class, state, created_at desc, item_id desc);
create index items_claimed on items (vpd, claimed_by) where state = 'claimed';
create index items_decided on items (vpd, role, decided_at desc) where state = 'done';
create index items_by_dpn on items (vpd, dpn) where dpn is not null;
-- Undo: what one person did at one moment.
create index item_events_by_user on item_events (vpd, user_id, at) where user_id is not null;
-- How many things are in a message, kept by who raises it, so that a list need not count.
alter table messages add column item_count integer not null default 0 check (item_count >= 0);

reset role;
