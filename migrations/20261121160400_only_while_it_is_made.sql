-- Whom a file of ours concerns is said by the run that makes it, before it leaves, and of no reply.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121160400, '0.1.0');

alter policy file_vpds_of_files_made on file_vpds
  with check (exists (select 1 from interface_files f where f.file_id = file_vpds.file_id and f.direction = 'out' and f.state = 'processing'
                         and f.answers is null));

reset role;
