-- A question to the deanery about a post counts in every list that names the post.
-- oldest program that runs on this schema: 0.1.0
set local role changeover_owner;
insert into schema_compatibility values (20261121160200, '0.1.0');

create index deanery_list_posts_asked on deanery_list_posts (vpd, dpn_key, queried_at desc) where queried_at is not null;

reset role;
