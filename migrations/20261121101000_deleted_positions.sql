-- A position that ESR deleted stays known, so that an applicant sent to it is told that it is not active, not that it never was.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121101000, '0.1.0');

alter table positions add column deleted_at timestamptz;

reset role;
