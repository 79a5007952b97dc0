-- Who sent a request: whoever did does not answer it, whatever rights they have elsewhere.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121142000, '0.1.0');

alter table readiness_requests add column sent_by_user uuid references users;   -- none for requests of before

reset role;
