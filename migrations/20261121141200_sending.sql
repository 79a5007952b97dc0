-- When each managing body's files are made, and when a position was last told.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121141200, '0.1.0');

-- The hour in London from which the day's files to this body are made.
alter table managing_bodies add column sends_at time not null default '14:00';
grant update (sends_at) on managing_bodies to changeover_system;
-- A list of positions says when each was last told, whichever body it was told to.
create index positions_sent_of_position on positions_sent (vpd, position_id, sent_no desc);

reset role;
