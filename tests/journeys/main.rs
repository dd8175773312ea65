//! Journeys through the whole house, by HTTP only, on the real binary, a database and a broker.
mod carts;
mod conventions;
mod delivery;
mod demo;
mod examples;
mod grpc;
mod operations;
mod payments;
mod purchase;
mod redaction;
mod tenants;
mod tracing;
