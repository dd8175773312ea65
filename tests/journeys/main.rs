//! Journeys through the whole house, by HTTP only, on the real binary, a database and a broker.
mod carts;
mod conventions;
mod delivery;
mod demo;
mod doctor;
mod drain;
mod examples;
mod grpc;
mod load;
mod operations;
mod payments;
mod purchase;
mod redaction;
mod rotation;
mod tenants;
mod tls;
mod tracing;
