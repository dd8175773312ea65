-- Who is called alike stands side by side: only the nearest on both sides are compared, however many begin alike.
drop index customer_likeness_mail;
create index customer_likeness_mail on customer_likeness (realm_id, mail collate "C", customer_id) where mail_start <> '';
