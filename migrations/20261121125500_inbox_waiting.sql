-- A page of the inbox is one walk of one index, and a policy costs what it says.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121125500, '0.1.0');

-- What waits, whoever has it: newest first without a merge of two states.
create index items_waiting on items (vpd, role, class, created_at desc, item_id desc) where state in ('open', 'claimed');

-- Every policy asks for the employer. In SQL the planner puts the setting itself in place of the call; a call of plpgsql cost every
-- statement more than its rows. With no employer it is an error, as before.
create function no_current_vpd() returns text language plpgsql stable as $$
begin
  raise exception 'no employing organisation is set for this transaction' using errcode = '42501';
end $$;
create or replace function current_vpd() returns text language sql stable as $$
  select coalesce(nullif(current_setting('changeover.vpd', true), ''), no_current_vpd())
$$;

reset role;
