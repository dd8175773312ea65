-- Tokens are sealed anew one by one, whatever customer base they are of.
create index devices_token_hash on devices (token_hash);
