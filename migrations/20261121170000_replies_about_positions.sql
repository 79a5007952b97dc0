-- What the deanery replied about a position, asked for by the position's page.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121170000, '0.1.0');

create index file_records_replies on file_records (vpd, position_id) where record_type = 'RTC';

reset role;
