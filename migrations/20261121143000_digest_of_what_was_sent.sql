-- What was last told of a position is compared by a digest of its two lines, so that a full file need not read all of the last one.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121143000, '0.1.0');

-- Of the lines as they were sent; empty where it is not known: those are told again.
alter table positions_sent add column digest bytea not null default '';

reset role;
