-- What is taken back gives an item to whoever had it before.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121160300, '0.1.0');

alter table item_events
  add column was_claimed_by uuid,                     -- whose the item was when this happened
  add column was_claimed_at timestamptz;

reset role;
