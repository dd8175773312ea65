//! What shoppers do.
use serde::Deserialize;
use serde_json::json;

use super::Visitor;

/// Where customers sign in with a password.
const LOGIN: &str = "/storefront/v1/customers/login";

#[derive(Deserialize)]
struct Cart<'a> {
    id: &'a str,
}

#[derive(Deserialize)]
struct Checkout<'a> {
    token: &'a str,
}

#[derive(Deserialize)]
struct Order<'a> {
    payment_status: &'a str,
}

/// Opens a cart and adds a product, repeatably; answers the cart's id.
pub async fn cart_with_line(visitor: &mut Visitor) -> anyhow::Result<String> {
    let answer = visitor.get_at_shop("/storefront/v1/carts").await?;
    let cart = serde_json::from_slice::<Cart<'_>>(answer)?.id.to_owned();
    let number = visitor.pick(visitor.access.products.len());
    let path = format!("/storefront/v1/carts/{cart}/{}", visitor.access.products[number]);
    visitor.post_at_shop(&path, &format!("line {cart}"), r#"{"quantity":1}"#.to_owned()).await?;
    Ok(cart)
}

/// Buys a product as somebody who was never here before, every step of it repeatably.
pub async fn purchase(visitor: &mut Visitor) -> anyhow::Result<()> {
    let cart = cart_with_line(visitor).await?;
    // Without the prefix: half of what is searched for would be in it.
    let mailbox = cart.trim_start_matches("cart_");
    let contact = json!({ "email": format!("{mailbox}@example.org"), "name": visitor.name()? });
    let body = json!({ "cart": cart, "gateway": "test", "contact": contact }).to_string();
    let answer = visitor.post_at_shop("/storefront/v1/checkouts", &format!("checkout {cart}"), body).await?;
    let token = serde_json::from_slice::<Checkout<'_>>(answer)?.token;
    let body = format!(r#"{{"token":"{token}","payment_method":"pm_test_ok"}}"#);
    let answer = visitor.post_at_shop("/storefront/v1/checkouts/capture", &format!("capture {cart}"), body).await?;
    let status = serde_json::from_slice::<Order<'_>>(answer)?.payment_status;
    anyhow::ensure!(status == "paid", "an order is {status}");
    Ok(())
}

/// Signs in.
pub async fn log_in(visitor: &mut Visitor) -> anyhow::Result<()> {
    let body = serde_json::to_string(visitor.account())?;
    visitor.post_at_shop(LOGIN, "", body).await.map(drop)
}

/// Tries a password that is not that of the account.
pub async fn log_in_wrongly(visitor: &mut Visitor) -> anyhow::Result<()> {
    let body = json!({ "identity": visitor.account().identity, "password": "not the password" });
    visitor.refused_at_shop(LOGIN, body.to_string()).await
}

/// Tries the password of an account that is not there.
pub async fn log_in_as_nobody(visitor: &mut Visitor) -> anyhow::Result<()> {
    let identity = format!("nobody-{}@unknown.example.com", visitor.pick(usize::MAX));
    let body = json!({ "identity": identity, "password": "not the password" });
    visitor.refused_at_shop(LOGIN, body.to_string()).await
}
