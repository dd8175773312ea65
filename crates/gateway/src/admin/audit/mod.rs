//! The audit: what was done, whether the record of it is whole, and who may do what (AD-1).
mod access;
mod entry;
mod export;
pub(super) mod filters;
mod list;
mod verify;

use utoipa_axum::router::OpenApiRouter;

use crate::router::Gateway;

/// The routes about the audit.
pub fn routes() -> OpenApiRouter<Gateway> {
    list::routes().merge(export::routes()).merge(verify::routes()).merge(access::routes())
}
