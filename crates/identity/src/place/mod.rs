//! What staff change of the stores and networks they work in: their names and addresses, and how their staff sign in.
pub mod grpc;
pub mod settings;
pub mod store;
pub mod update_network;
pub mod update_store;
