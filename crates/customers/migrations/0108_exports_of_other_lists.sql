-- Lists of other services become files, too (EX-1).
alter table exports drop constraint exports_kind_check;
alter table exports add constraint exports_kind_check
    check (kind in ('customers', 'leads', 'orders', 'transactions', 'subscriptions', 'open_carts'));
