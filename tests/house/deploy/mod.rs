//! What lies in `deploy/`: it is checked by the schemas of those who read it, and against the program it starts.
mod compose;
mod connections;
mod health;
mod kubernetes;
mod kustomize;
mod manifest;
mod metrics;
mod network;
mod rendered;
mod settings;
mod tls;
