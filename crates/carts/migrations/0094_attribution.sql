-- Who and what brought a cart about (CA-8): agent, affiliate and so on, each where it is known.
alter table carts add column attribution jsonb not null default '{}';
