-- The board of a changeover says that a post's applicants are held.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121160100, '0.1.0');

create index file_records_held on file_records (vpd) where outcome = 'held';
create trigger file_records_changed after insert or update or delete or truncate on file_records
  for each statement execute function note_change();

reset role;
