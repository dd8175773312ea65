//! The contracts of all services, generated from `proto/` at build time: modules only.
#![allow(clippy::all, clippy::pedantic, reason = "generated code")]

/// Descriptors of every file with their comments, for gRPC reflection and the contract snapshot.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Values that several services exchange.
pub mod base {
    pub mod v1 {
        tonic::include_proto!("patron.base.v1");
    }
}

/// The identity service: its RPCs and events.
pub mod identity {
    pub mod v1 {
        tonic::include_proto!("patron.identity.v1");
    }
}

/// The customers service: its RPCs and events.
pub mod customers {
    pub mod v1 {
        tonic::include_proto!("patron.customers.v1");
    }
}

/// The catalog service: its RPCs and events.
pub mod catalog {
    pub mod v1 {
        tonic::include_proto!("patron.catalog.v1");
    }
}

/// The carts service: its RPCs and events.
pub mod carts {
    pub mod v1 {
        tonic::include_proto!("patron.carts.v1");
    }
}

/// The orders service: its RPCs and events.
pub mod orders {
    pub mod v1 {
        tonic::include_proto!("patron.orders.v1");
    }
}

/// The notifications service: its RPCs and events.
pub mod notifications {
    pub mod v1 {
        tonic::include_proto!("patron.notifications.v1");
    }
}

/// The reviews service: its RPCs and events.
pub mod reviews {
    pub mod v1 {
        tonic::include_proto!("patron.reviews.v1");
    }
}
