-- How many items wait, kept beside them: a page says exact numbers without counting.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121125000, '0.1.0');

-- The sum over a key's rows is how many wait. Whoever changes items adds a row and folds in those that nobody else holds at that moment,
-- so that a key has a row or two, and nobody waits for anybody.
create table item_tallies (
  vpd      text not null references vpds,
  tally_id bigint generated always as identity,
  role     text not null,
  class    text not null,
  state    text not null check (state in ('open', 'claimed')),
  n        integer not null,
  primary key (vpd, tally_id)
);
create index item_tallies_by_role on item_tallies (vpd, role, class, state) include (n);
alter table item_tallies enable row level security, force row level security;
create policy item_tallies_of_our_organisation on item_tallies to changeover_app using (vpd = (select current_vpd())) with check (vpd = (select current_vpd()));
grant select, insert, update, delete on item_tallies to changeover_app;

create function tally_items() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    with changes as (
      select vpd, role, class, state, count(*)::integer as n from added where state in ('open', 'claimed') group by vpd, role, class, state
    ), folded as (
      delete from item_tallies where tally_id in (
        select t.tally_id from item_tallies t join changes using (vpd, role, class, state) for update of t skip locked)
      returning vpd, role, class, state, n
    )
    insert into item_tallies (vpd, role, class, state, n)
      select vpd, role, class, state, sum(n) from (select * from changes union all select * from folded) every
       group by vpd, role, class, state having sum(n) <> 0;
  else
    with changes as (
      select vpd, role, class, state, sum(n)::integer as n
        from (select vpd, role, class, state, 1 as n from added union all select vpd, role, class, state, -1 from gone) moved
       where state in ('open', 'claimed') group by vpd, role, class, state having sum(n) <> 0
    ), folded as (
      delete from item_tallies where tally_id in (
        select t.tally_id from item_tallies t join changes using (vpd, role, class, state) for update of t skip locked)
      returning vpd, role, class, state, n
    )
    insert into item_tallies (vpd, role, class, state, n)
      select vpd, role, class, state, sum(n) from (select * from changes union all select * from folded) every
       group by vpd, role, class, state having sum(n) <> 0;
  end if;
  return null;
end $$;
create trigger items_added after insert on items referencing new table as added for each statement execute function tally_items();
create trigger items_changed after update on items referencing old table as gone new table as added for each statement execute function tally_items();

-- The upgrade: what waits already. The owner sees no employer's rows, so that each is counted under its own number.
do $$ declare employer text; begin
  for employer in select vpd from vpds loop
    execute 'set local role changeover_app';
    perform set_config('changeover.vpd', employer, true);
    insert into item_tallies (vpd, role, class, state, n)
      select vpd, role, class, state, count(*) from items where state in ('open', 'claimed') group by vpd, role, class, state;
    execute 'set local role changeover_owner';
  end loop;
end $$;

reset role;
