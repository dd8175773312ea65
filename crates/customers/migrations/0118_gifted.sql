-- When somebody was given something that a store sells (OR-1): whoever was may enter the account portal, though they never
-- bought anything.
alter table customer_stores add column gifted_at timestamptz;
