-- A row of a mass update keeps each of its faults: the column, what it says, the code and the sentence.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121180100, '0.1.0');

alter table mass_update_rows add column faults jsonb not null default '[]';

reset role;
