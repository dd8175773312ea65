//! The shop as the load sees it: its address, its key, what it sells, and who is signed in.
use e2e::{House, Http, Shop, http::text, shop::customer};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{months, till::Till};

/// Who has an account.
const CUSTOMER: &str = "rita@example.com";

/// Everything a client needs. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    http: Http,
    key: String,
    staff: String,
    store: String,
    /// Token of a customer with an account.
    token: String,
    /// Id of that customer.
    pub customer: String,
    /// What is sold.
    pub product: String,
    /// A cart that stays open.
    pub cart: String,
}

impl Front {
    /// Opens a shop with one product and one registered customer, who pay at Stripe as well, and with subscribers.
    pub async fn open(house: &House, till: &Till) -> anyhow::Result<Self> {
        let shop = Shop::open(house, "Corner Shop", "EUR").await?;
        till.join(house, &shop).await?;
        months::subscribe(&shop).await?;
        let product = shop.product("MUG", 1_990).await?;
        let (rita, account) = shop.register(CUSTOMER, "Rita Returning").await?;
        rita.buy(&product, CUSTOMER).await?;
        let known = customer(&shop, CUSTOMER).await?;
        Ok(Self {
            http: house.http.clone(),
            key: shop.store.key.clone(),
            staff: shop.owner.token.clone(),
            store: shop.store.id.clone(),
            token: text(&account, "/token")?.to_owned(),
            customer: text(&known, "/id")?.to_owned(),
            cart: rita.cart(&product, 1).await?,
            product,
        })
    }

    /// A request at the shop front, to be sent.
    pub fn shop(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, &format!("/storefront/v1/{path}")).bearer_auth(&self.key)
    }

    /// The same by the customer who is signed in.
    pub fn account(&self, path: &str) -> RequestBuilder {
        self.shop(Method::GET, path).header("Customer-Token", &self.token)
    }

    /// Somebody signs in with their password: what nobody can have remembered.
    pub fn sign_in(&self) -> RequestBuilder {
        let body = json!({ "identity": CUSTOMER, "password": "a long enough password" });
        self.shop(Method::POST, "customers/login").json(&body)
    }

    /// A request by staff, to be sent.
    pub fn staff(&self, path: &str) -> RequestBuilder {
        self.http.request(Method::GET, &format!("/admin/v1/{path}")).bearer_auth(&self.staff)
    }

    /// The same, to be repeated under its key.
    pub fn staff_post(&self, path: &str, (key, body): (&str, &Value)) -> RequestBuilder {
        let request = self.http.request(Method::POST, &format!("/admin/v1/{path}")).bearer_auth(&self.staff);
        request.header("Idempotency-Key", key).json(body)
    }

    /// What Stripe tells the store.
    pub fn hook(&self, signature: String, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = self.http.request(Method::POST, &format!("/hooks/stripe/{}", self.store));
        request.header("Stripe-Signature", signature).body(body)
    }

    /// A request that may be repeated under its key.
    pub fn post(&self, path: &str, (key, body): (&str, &Value)) -> RequestBuilder {
        self.shop(Method::POST, path).header("Idempotency-Key", key).json(body)
    }
}
