-- Who and what brought an order about (CA-8), as its cart had it: agent, affiliate and so on, each where it is known. A
-- subscription has it from the order that it began with, and so have the orders of its renewals.
alter table orders add column attribution jsonb not null default '{}';
alter table subscriptions add column attribution jsonb not null default '{}';
