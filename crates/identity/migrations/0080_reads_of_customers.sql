-- An erasure forgets who had looked at somebody.
create index audit_reads_customer on audit_reads (realm_id, customer_id);
