//! The cart that somebody filled before they signed in (CA-9).
use proto::carts::v1::{MergeGuestCartRequest, MergedGuestCart};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{caller::Caller, peers::Peers};

/// What became of the cart that was filled before signing in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "merged": true, "left_out": 0, "items": [{
        "id": "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45", "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "quantity": 3,
    }],
}))]
pub struct GuestCart {
    /// The customer's cart to go on with, `cart_…`.
    pub id: String,
    /// Whether it is another one that took the items: of what was in both, the larger quantity. Without a cart of their
    /// own, the customer goes on with the very same.
    pub merged: bool,
    /// Its items that were put in before signing in.
    pub items: Vec<GuestCartItem>,
    /// Items that found no room.
    pub left_out: u32,
}

/// An item that was put in before signing in, as the customer's cart has it now.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestCartItem {
    /// `line_…`.
    pub id: String,
    /// `prd_…`.
    pub product_id: String,
    /// How many there are now.
    pub quantity: u32,
}

impl From<MergedGuestCart> for GuestCart {
    fn from(merged: MergedGuestCart) -> Self {
        let MergedGuestCart { cart, merged, lines, left_out } = merged;
        let cart = cart.unwrap_or_default();
        let brought = cart.lines.into_iter().filter(|line| lines.contains(&line.id));
        let item = |line: proto::carts::v1::Line| GuestCartItem {
            id: line.id,
            product_id: line.product,
            quantity: line.quantity,
        };
        Self { id: cart.id, merged, items: brought.map(item).collect(), left_out }
    }
}

/// Has the `customer`, who has just signed in, go on with the cart of this name. What is no cart of theirs, or none any
/// more, keeps nobody from signing in.
pub async fn take_along(peers: &Peers, customer: &Caller, cart: Option<String>) -> Option<GuestCart> {
    let cart = cart.filter(|cart| !cart.is_empty())?;
    match peers.guest_carts().merge_guest_cart(customer.ask(MergeGuestCartRequest { cart })).await {
        Ok(merged) => Some(merged.into_inner().into()),
        Err(status) => {
            tracing::debug!(error.detail = %status.message(), "a cart was not taken along");
            None
        }
    }
}
