//! The RPC by which the house gathers what is kept of a person (CU-15).
holdings::personal_data!(carts, crate::holdings::TABLES);
