-- Who looks a token up may say that it was used, and nothing else; who revokes one may do that, and nothing else.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121135900, '0.1.0');

revoke update on api_tokens from changeover_system, changeover_app;
grant update (last_used_at) on api_tokens to changeover_system;
grant update (revoked_at, revoked_by) on api_tokens to changeover_app;

reset role;
