-- Room on each page for the next version of a row: a cart changes several times and none of its indexes with it.
alter table carts set (fillfactor = 60);
