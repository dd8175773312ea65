//! Somebody who left traces everywhere.
use anyhow::Context;
use e2e::{
    Buyer, Shop, eventually,
    http::{send, text},
    mail,
};
use reqwest::Method;
use serde_json::{Value, json};

/// Whom the traces lead to.
pub const EMAIL: &str = "Zebedee.Quillfeather@wobblemail.example.com";
/// Parts of who they are, in small letters: none of them is anywhere by chance.
pub const PARTS: [&str; 6] = ["zebedee", "quillfeather", "wobblemail", "wobbleganger", "3022730", "30 22730"];

/// The person, signed in.
pub struct Rich<'a> {
    pub shop: &'a Shop<'a>,
    pub buyer: Buyer<'a>,
    /// `cus_…`.
    pub id: String,
    /// An order of theirs.
    pub order: String,
    /// What they reviewed.
    pub product: String,
}

fn contact() -> Value {
    json!({ "email": EMAIL, "name": "Zebedee Quillfeather", "phone": "+49 30 22730", "addresses": [{
        "name": "Zebedee Quillfeather", "line1": "Wobbleganger Allee 77", "city": "Berlin", "postal_code": "10557",
        "country": "DE", "phone": "+49 30 22730",
    }] })
}

impl<'a> Rich<'a> {
    /// Registers, buys, reviews, and all the rest.
    pub async fn lives(shop: &'a Shop<'a>) -> anyhow::Result<Rich<'a>> {
        let product = shop.product("MUG", 1_000).await?;
        let (buyer, customer) = shop.register(EMAIL, "Zebedee Quillfeather").await?;
        let id = text(&customer, "/id")?.to_owned();
        let order = buys(&buyer, &product).await?;
        let rich = Self { shop, buyer, id, order, product };
        rich.leaves_things().await?;
        rich.is_looked_after().await?;
        rich.is_written_to().await?;
        Ok(rich)
    }

    /// An open cart, a checkout that waits, a review, a wish, a ticket, an address, a device, and a link into the portal.
    async fn leaves_things(&self) -> anyhow::Result<()> {
        let (buyer, product) = (&self.buyer, &self.product);
        let cart = buyer.cart(product, 2).await?;
        let with = contact();
        let body = json!({ "email": with["email"], "name": with["name"], "phone": with["phone"],
                           "addresses": with["addresses"] });
        buyer.put(&format!("carts/{cart}/contact"), &body).await?.expect(200)?;
        let checkout = json!({ "cart": cart, "contact": contact(), "gateway": "test" });
        buyer.post("checkouts", &checkout).await?.expect(200)?;
        let review = json!({ "subject": product, "rating": 4, "content": "Holds a pint, says Zebedee." });
        buyer.post("reviews", &review).await?.expect(201)?;
        buyer.post("customers/wishlist", &json!({ "product": product })).await?.expect(201)?;
        let ticket = json!({ "subject": "Zebedee's mug", "text": "Send it to Wobbleganger Allee 77, says Zebedee." });
        let ticket = buyer.post("customers/tickets", &ticket).await?.expect(201)?;
        let path = format!("/admin/v1/tickets/{}", text(&ticket, "/id")?);
        self.shop.owner.patch(&path, &json!({ "tags": ["zebedee"] })).await?.expect(200)?;
        let place = contact()["addresses"][0].clone();
        buyer.post("customers/places", &place).await?.expect(201)?;
        let device = json!({ "token": "zebedee-of-wobblemail", "platform": "ios" });
        buyer.post("customers/register-device", &device).await?.expect(200)?;
        self.shop.guest().post("customers/magic-link", &json!({ "email": EMAIL })).await?.expect(202)?;
        let link = self.shop.house.http.request(Method::POST, "/account/v1/magic-links");
        send(link.json(&json!({ "email": EMAIL }))).await?.expect(202)?;
        Ok(())
    }

    /// Staff change, note and read, are logged in as them, and send them mail.
    async fn is_looked_after(&self) -> anyhow::Result<()> {
        let (owner, of) = (&self.shop.owner, format!("/admin/v1/customers/{}", self.id));
        let change = json!({ "business": "Wobbleganger Ltd", "phone": "+49 30 22730", "username": "zebedee",
            "fax": "+49 30 22730", "photo_url": "https://wobblemail.example.com/zebedee.png",
            "contacts": [{ "kind": "matrix", "value": "@zebedee:wobblemail.example.com" }],
            "meta": { "nick": "Zebedee" } });
        let change = owner.request(Method::PATCH, &of).header("Idempotency-Key", "as-they-wished").json(&change);
        send(change).await?.expect(200)?;
        let note = json!({ "text": "Mr Quillfeather of Wobbleganger Allee calls in the morning." });
        owner.post(&format!("{of}/notes"), &note).await?.expect(201)?;
        owner.post(&format!("{of}/tags"), &json!({ "add": ["quillfeather"] })).await?.expect(200)?;
        let why = json!({ "reason": "Zebedee cannot find the download." });
        owner.post(&format!("{of}/impersonations"), &why).await?.expect(201)?;
        owner.get(&format!("{of}/profile")).await?.expect(200)?;
        owner.post(&format!("{of}/password-reset"), &json!({})).await?;
        Ok(())
    }

    /// Waits until everything that they are sent has arrived, and everything that was done is recorded.
    async fn is_written_to(&self) -> anyhow::Result<()> {
        mail::arrival(self.shop.house, EMAIL, "MUG").await?;
        let messages = self.shop.house.tables("notifications").await?;
        eventually("everything was sent", || async {
            let waiting = "select count(*) from messages where status = 'queued'";
            let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&messages).await?;
            Ok((waiting == 0).then_some(()))
        })
        .await?;
        let audit = self.shop.house.tables("identity").await?;
        eventually("everything is recorded", || async {
            let recorded = "select count(*) from audit_entries where action in
                            ('customer.updated', 'note.added', 'customer.tagged', 'impersonation.started')";
            let recorded: i64 = sqlx::query_scalar(recorded).fetch_one(&audit).await?;
            Ok((recorded >= 4).then_some(()))
        })
        .await
    }
}

/// A whole purchase; answers the order's id.
async fn buys(buyer: &Buyer<'_>, product: &str) -> anyhow::Result<String> {
    let cart = buyer.cart(product, 1).await?;
    let body = json!({ "cart": cart, "contact": contact(), "gateway": "test" });
    let checkout = buyer.post("checkouts", &body).await?.expect(200)?;
    let placed = buyer.capture(text(&checkout, "/token")?, "pm_test_ok").await?.expect(200)?;
    Ok(text(&placed, "/id").context("an order")?.to_owned())
}
