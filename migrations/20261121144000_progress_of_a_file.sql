-- A file's tries count from the last that got further, so that a program that is restarted often does not make its file a hopeless one.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121144000, '0.1.0');

-- How far the file was when its last try began: a number that grows with what is settled of it.
alter table interface_files add column progress bigint not null default 0;

reset role;
