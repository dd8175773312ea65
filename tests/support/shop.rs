//! A store, its products and the people who buy there.
use anyhow::Context;
use proto::identity::v1::{CreateStoreRequest, Store, store_service_client::StoreServiceClient};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    Answer, House, Member,
    house::system,
    http::{form, send, text},
};

/// A store with an owner.
pub struct Shop<'a> {
    /// The house it is in.
    pub house: &'a House,
    /// The store.
    pub store: Store,
    /// Its owner.
    pub owner: Member,
}

/// Somebody at a shop front: anonymous, or signed in with a token.
#[derive(Clone)]
pub struct Buyer<'a> {
    shop: &'a Shop<'a>,
    token: Option<String>,
}

impl<'a> Shop<'a> {
    /// Opens a store that sells in `currency`, with an owner.
    pub async fn open(house: &'a House, name: &str, currency: &str) -> anyhow::Result<Shop<'a>> {
        let request = CreateStoreRequest {
            name: name.to_owned(),
            currency: currency.to_owned(),
            timezone: "Europe/Berlin".to_owned(),
            country: "DE".to_owned(),
            mail_from: "shop@example.com".to_owned(),
            url: String::new(),
        };
        let mut stores = StoreServiceClient::new(house.channel("identity")?);
        let store = stores.create_store(system(request)?).await?.into_inner();
        let owner = Member::hire(house, &store.id, "owner").await?;
        Ok(Self { house, store, owner })
    }

    /// Adds a product at `price` minor units.
    pub async fn product(&self, sku: &str, price: i64) -> anyhow::Result<String> {
        let body = json!({ "name": format!("Product {sku}"), "sku": sku, "kind": "physical",
                           "price": { "amount": price, "currency": self.store.currency } });
        let product = self.owner.post("/admin/v1/products", &body).await?.expect(201)?;
        Ok(text(&product, "/id")?.to_owned())
    }

    /// Adds a digital product with a file, and answers its id.
    pub async fn song(&self, sku: &str, file: &[u8]) -> anyhow::Result<String> {
        let body = json!({ "name": format!("Song {sku}"), "sku": sku, "kind": "digital",
                           "price": { "amount": 990, "currency": self.store.currency } });
        let song = text(&self.owner.post("/admin/v1/products", &body).await?.expect(201)?, "/id")?.to_owned();
        let upload = self.owner.request(Method::POST, &format!("/admin/v1/products/{song}/files"));
        send(form(upload, "song.txt", file)).await?.expect(201)?;
        Ok(song)
    }

    /// Changes the price of a product.
    pub async fn reprice(&self, product: &str, price: i64) -> anyhow::Result<()> {
        let body = json!({ "price": { "amount": price, "currency": self.store.currency } });
        self.owner.patch(&format!("/admin/v1/products/{product}"), &body).await?.expect(200)?;
        Ok(())
    }

    /// Somebody without an account.
    #[must_use]
    pub fn guest(&'a self) -> Buyer<'a> {
        Buyer { shop: self, token: None }
    }

    /// Registers somebody with the code from their mail.
    pub async fn register(&'a self, email: &str, name: &str) -> anyhow::Result<(Buyer<'a>, Value)> {
        let guest = self.guest();
        let identity = json!({ "mode": "email", "identity": email });
        let known = crate::mail::to(self.house, email)?.len();
        guest.post("customers/request-creation-code", &identity).await?.expect(200)?;
        let code = crate::mail::newer_code(self.house, email, known).await?;
        let body = json!({ "identity": email, "code": code, "name": name, "password": "a long enough password" });
        let customer = guest.post("customers", &body).await?.expect(201)?;
        let token = text(&customer, "/token")?.to_owned();
        Ok((Buyer { token: Some(token), ..guest }, customer))
    }

    /// Registers somebody with the code from a text message to `phone`; nobody proves the `email` that they give along.
    pub async fn register_by_phone(&'a self, phone: &str, email: &str) -> anyhow::Result<(Buyer<'a>, Value)> {
        let guest = self.guest();
        let ask = json!({ "mode": "sms", "identity": phone });
        guest.post("customers/request-creation-code", &ask).await?.expect(200)?;
        let code = crate::mail::text_code(self.house, phone).await?;
        let body = json!({ "identity": phone, "code": code, "name": "Phoebe", "email": email,
                           "password": "a long enough password" });
        let customer = guest.post("customers", &body).await?.expect(201)?;
        Ok((guest.with_token(text(&customer, "/token")?), customer))
    }
}

impl<'a> Buyer<'a> {
    /// The same person with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Buyer<'a> {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The token, when somebody is signed in.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A request of `/storefront/v1/{path}`, to be completed.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.shop.house.http.request(method, &format!("/storefront/v1/{path}"));
        let request = request.bearer_auth(&self.shop.store.key);
        match &self.token {
            Some(token) => request.header("Customer-Token", token),
            None => request,
        }
    }

    /// GETs `path`.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        send(self.request(Method::GET, path)).await
    }

    /// POSTs `body` to `path`.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// PUTs `body` to `path`.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        send(self.request(Method::PUT, path).json(body)).await
    }

    /// DELETEs `path`.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        send(self.request(Method::DELETE, path)).await
    }

    /// A cart with `quantity` of `product`.
    pub async fn cart(&self, product: &str, quantity: u32) -> anyhow::Result<String> {
        let cart = self.get("carts").await?.expect(200)?;
        let id = text(&cart, "/id")?.to_owned();
        self.post(&format!("carts/{id}/{product}"), &json!({ "quantity": quantity })).await?.expect(200)?;
        Ok(id)
    }

    /// Chooses the first way to ship `cart`, if its store has any.
    pub async fn ship(&self, cart: &str) -> anyhow::Result<()> {
        let ways = self.get(&format!("carts/{cart}/shipping-methods")).await?.expect(200)?;
        if let Some(way) = ways.get(0) {
            let chosen = json!({ "id": way["id"] });
            self.put(&format!("carts/{cart}/shipping-method"), &chosen).await?.expect(200)?;
        }
        Ok(())
    }

    /// A checkout of `cart` by `email`; answers its token.
    pub async fn checkout(&self, cart: &str, email: &str, gateway: &str) -> anyhow::Result<String> {
        let contact = json!({ "email": email, "name": "Ada Lovelace", "phone": "+49 30 901820",
            "addresses": [{ "name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin",
                            "postal_code": "10117", "country": "DE" }] });
        let body = json!({ "cart": cart, "contact": contact, "gateway": gateway });
        let checkout = self.post("checkouts", &body).await?.expect(200)?;
        Ok(text(&checkout, "/token")?.to_owned())
    }

    /// Pays a checkout.
    pub async fn capture(&self, token: &str, payment_method: &str) -> anyhow::Result<Answer> {
        self.post("checkouts/capture", &json!({ "token": token, "payment_method": payment_method })).await
    }

    /// A whole purchase of one `product`; answers the order.
    pub async fn buy(&self, product: &str, email: &str) -> anyhow::Result<Value> {
        let cart = self.cart(product, 1).await?;
        let token = self.checkout(&cart, email, "test").await?;
        self.capture(&token, "pm_test_ok").await?.expect(200)
    }
}

/// The customer of `email`, found as staff would, once it is there.
pub async fn customer(shop: &Shop<'_>, email: &str) -> anyhow::Result<Value> {
    crate::eventually(&format!("a customer record of {email}"), || async {
        let list = shop.owner.get(&format!("/admin/v1/customers?q={email}")).await?.expect(200)?;
        Ok(list["data"].as_array().context("a list")?.first().cloned())
    })
    .await
}

/// The same once their purchase has counted.
pub async fn buyer(shop: &Shop<'_>, email: &str) -> anyhow::Result<Value> {
    crate::eventually(&format!("a purchase of {email}"), || async {
        let customer = customer(shop, email).await?;
        Ok((customer["lifecycle"] == "customer").then_some(customer))
    })
    .await
}
