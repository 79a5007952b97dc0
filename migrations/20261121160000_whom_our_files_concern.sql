-- A file that we make says whom it concerns when it is whole.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121160000, '0.1.0');

-- A number of records for each employer: nothing of what they say.
create policy file_vpds_of_files_made on file_vpds for insert to changeover_system
  with check (exists (select 1 from interface_files f where f.file_id = file_vpds.file_id and f.direction = 'out'));
grant insert on file_vpds to changeover_system;

reset role;
