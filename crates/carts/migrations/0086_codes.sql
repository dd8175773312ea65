-- Codes of vouchers that were entered; and, once it is closed, what was taken off and why (CA-2, CA-5).
alter table carts
    add column codes text[] collate "C" not null default '{}',
    add column discounts jsonb not null default '[]';
alter table cart_lines
    -- Share of the line, once it was bought.
    add column discount bigint not null default 0;
