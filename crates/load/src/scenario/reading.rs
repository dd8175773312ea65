//! What staff do.
use std::sync::Arc;

use super::Visitor;

/// Opens a customer.
pub async fn customer(visitor: &mut Visitor) -> anyhow::Result<()> {
    let path = one(visitor);
    visitor.get_as_staff(&path).await.map(drop)
}

/// Opens a customer with one of the keys that see who it is.
pub async fn noted(visitor: &mut Visitor) -> anyhow::Result<()> {
    let number = visitor.pick(visitor.access.seeing_keys.len());
    let (path, access) = (one(visitor), Arc::clone(&visitor.access));
    visitor.get_with_key(&path, &access.seeing_keys[number]).await.map(drop)
}

/// Opens a customer with one of the keys that do not.
pub async fn masked(visitor: &mut Visitor) -> anyhow::Result<()> {
    let number = visitor.pick(visitor.access.blind_keys.len());
    let (path, access) = (one(visitor), Arc::clone(&visitor.access));
    visitor.get_with_key(&path, &access.blind_keys[number]).await.map(drop)
}

/// Opens all there is about a customer.
pub async fn profile(visitor: &mut Visitor) -> anyhow::Result<()> {
    let path = format!("/admin/v1/customers/{}/profile", anyone(visitor));
    visitor.get_as_staff(&path).await.map(drop)
}

/// Searches, by either kind of part in turn by chance.
pub async fn search(visitor: &mut Visitor) -> anyhow::Result<()> {
    let by_name = visitor.pick(2) == 0;
    let count = if by_name { visitor.access.name_starts.len() } else { visitor.access.email_parts.len() };
    let number = visitor.pick(count);
    let parts = if by_name { &visitor.access.name_starts } else { &visitor.access.email_parts };
    let path = ["/admin/v1/customers?limit=25&q="].into_iter();
    let path: String = path.chain(form_urlencoded::byte_serialize(parts[number].as_bytes())).collect();
    visitor.get_as_staff(&path).await.map(drop)
}

/// Lists those who spent most.
pub async fn sort(visitor: &mut Visitor) -> anyhow::Result<()> {
    visitor.get_as_staff("/admin/v1/customers?limit=25&sort=-total_spent").await.map(drop)
}

fn one(visitor: &mut Visitor) -> String {
    format!("/admin/v1/customers/{}", anyone(visitor))
}

fn anyone(visitor: &mut Visitor) -> String {
    let number = visitor.pick(visitor.access.customers.len());
    visitor.access.customers[number].clone()
}
