//! Somebody who left traces everywhere.
use anyhow::Context;
use e2e::{
    Buyer, Shop, eventually,
    http::{form, send, text},
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
        rich.subscribes().await?;
        rich.leaves_things().await?;
        rich.is_looked_after().await?;
        rich.is_served().await?;
        rich.gives_and_is_given().await?;
        rich.is_written_to().await?;
        rich.has_a_song().await?;
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
        comes_by(buyer, &cart).await?;
        let checkout = json!({ "cart": cart, "contact": contact(), "gateway": "test" });
        buyer.post("checkouts", &checkout).await?.expect(200)?;
        let review = json!({ "subject": product, "rating": 4, "content": "Holds a pint, says Zebedee." });
        buyer.post("reviews", &review).await?.expect(201)?;
        buyer.post("customers/wishlist", &json!({ "product": product })).await?.expect(201)?;
        let ticket = json!({ "subject": "Zebedee's mug", "text": "Send it to Wobbleganger Allee 77, says Zebedee." });
        let ticket = buyer.post("customers/tickets", &ticket).await?.expect(201)?;
        self.attaches(text(&ticket, "/id")?).await?;
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

    /// A file with a reply, and one that nothing names.
    async fn attaches(&self, ticket: &str) -> anyhow::Result<()> {
        let path = format!("customers/tickets/{ticket}");
        let mut ids = Vec::new();
        for name in ["Zebedee.txt", "Quillfeather.txt"] {
            let file = self.buyer.request(Method::POST, &format!("{path}/attachments"));
            let file = send(form(file, name, b"Zebedee lives in Wobbleganger Allee 77")).await?.expect(201)?;
            ids.push(text(&file, "/id")?.to_owned());
        }
        let words = json!({ "text": "My address is in the file, says Zebedee.", "attachments": [ids[0]] });
        send(self.buyer.request(Method::POST, &format!("{path}/comments")).json(&words)).await?.expect(201)?;
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
        let photo = owner.request(Method::PUT, &format!("{of}/photo"));
        send(form(photo, "zebedee.gif", b"GIF89a, Zebedee in Wobbleganger Allee")).await?.expect(200)?;
        let note = json!({ "text": "Mr Quillfeather of Wobbleganger Allee calls in the morning." });
        owner.post(&format!("{of}/notes"), &note).await?.expect(201)?;
        owner.post(&format!("{of}/tags"), &json!({ "add": ["quillfeather"] })).await?.expect(200)?;
        let why = json!({ "reason": "Zebedee cannot find the download." });
        owner.post(&format!("{of}/impersonations"), &why).await?.expect(201)?;
        owner.get(&format!("{of}/profile")).await?.expect(200)?;
        self.is_in_files().await?;
        owner.post(&format!("{of}/password-reset"), &json!({})).await?;
        Ok(())
    }

    /// A song in their library, which they downloaded.
    async fn has_a_song(&self) -> anyhow::Result<()> {
        let song = self.shop.song("SONG", b"la la la").await?;
        let given = json!({ "product": song, "reason": "Zebedee won it.", "note": "Mr Quillfeather sings." });
        let path = format!("/admin/v1/customers/{}/library", self.id);
        let item = self.shop.owner.post(&path, &given).await?.expect(201)?;
        let path = format!("customers/library/{}/downloads", text(&item, "/id")?);
        let link = self.buyer.post(&path, &json!({})).await?.expect(201)?;
        let (_, file) = text(&link, "/url")?.split_once("/files/").context("an address")?;
        let read = self.shop.house.http.request(Method::GET, &format!("/files/{file}"));
        send(read.header("User-Agent", "zebedee/1")).await?.expect(200)?;
        Ok(())
    }

    /// They give a song in words of theirs, and are given one in words about them; another waits in the cart of a stranger.
    async fn gives_and_is_given(&self) -> anyhow::Result<()> {
        let song = self.shop.song("GIFT", b"la la la").await?;
        let friend = json!({ "email": "friend@example.com", "name": "Friend", "message": "From your Zebedee." });
        let them = json!({ "email": EMAIL, "name": "Zebedee Quillfeather", "message": "Dear Zebedee." });
        let guest = self.shop.guest();
        for (buyer, gift, email) in [(&self.buyer, &friend, EMAIL), (&guest, &them, "friend@example.com")] {
            let cart = text(&buyer.get("carts").await?.expect(200)?, "/id")?.to_owned();
            buyer.post(&format!("carts/{cart}/{song}"), &json!({ "gift": gift })).await?.expect(200)?;
            let token = buyer.checkout(&cart, email, "test").await?;
            buyer.capture(&token, "pm_test_ok").await?.expect(200)?;
        }
        let waiting = text(&guest.get("carts").await?.expect(200)?, "/id")?.to_owned();
        guest.post(&format!("carts/{waiting}/{song}"), &json!({ "gift": them })).await?.expect(200)?;
        mail::arrival(self.shop.house, EMAIL, "GIFT").await?;
        Ok(())
    }

    /// They subscribe to something, and staff pause it in words about them.
    async fn subscribes(&self) -> anyhow::Result<()> {
        let plan = json!({ "name": "Monthly", "interval": "month", "count": 1,
                           "price": { "amount": 500, "currency": "EUR" } });
        let product = json!({ "name": "Box", "sku": "BOX", "kind": "digital", "plans": [plan] });
        let product = self.shop.owner.post("/admin/v1/products", &product).await?.expect(201)?;
        let (buyer, mut order) = (&self.buyer, json!({ "contact": contact(), "gateway": "test" }));
        let cart = buyer.get("carts").await?.expect(200)?;
        let line = json!({ "quantity": 1, "plan": product["plans"][0]["id"] });
        let path = format!("carts/{}/{}", text(&cart, "/id")?, text(&product, "/id")?);
        buyer.post(&path, &line).await?.expect(200)?;
        comes_by(buyer, text(&cart, "/id")?).await?;
        order["cart"] = cart["id"].clone();
        let checkout = buyer.post("checkouts", &order).await?.expect(200)?;
        buyer.capture(text(&checkout, "/token")?, "pm_test_ok").await?.expect(200)?;
        let own = buyer.get("customers/subscriptions").await?.expect(200)?;
        let why = json!({ "reason": "Zebedee is on holiday in Wobbleganger Allee." });
        let path = format!("/admin/v1/subscriptions/{}/pause", text(&own, "/0/id")?);
        self.shop.owner.post(&path, &why).await?.expect(200)?;
        Ok(())
    }

    /// Staff work with their order, in words about them.
    async fn is_served(&self) -> anyhow::Result<()> {
        let (owner, of) = (&self.shop.owner, format!("/admin/v1/orders/{}", self.order));
        let seen = owner.get(&of).await?.expect(200)?;
        let edit = json!({ "name": "Zebedee A. Quillfeather", "note": "Zebedee is loud.", "tags": ["zebedee"] });
        let edit = owner.request(Method::PATCH, &of).header("If-Match", format!("\"{}\"", seen["version"])).json(&edit);
        send(edit).await?.expect(200)?;
        let parcel = json!({ "tracking": { "carrier": "DHL", "number": "zebedee-1", "url": "https://wobblemail.example.com/1" } });
        owner.post(&format!("{of}/fulfil"), &parcel).await?.expect(200)?;
        let some = json!({ "amount": { "amount": 100, "currency": "EUR" }, "reason": "Mr Quillfeather complained." });
        let refund = owner.request(Method::POST, &format!("{of}/refunds")).header("Idempotency-Key", "they-complained");
        send(refund.json(&some)).await?.expect(201)?;
        let entry = json!({ "type": "payment", "amount": { "amount": 100, "currency": "EUR" }, "method": "cash",
                            "reason": "Zebedee paid at the counter." });
        let entered = owner.request(Method::POST, &format!("{of}/transactions")).header("Idempotency-Key", "by-hand");
        send(entered.json(&entry)).await?.expect(201)?;
        owner.post(&format!("{of}/links"), &Value::Null).await?.expect(201)?;
        Ok(())
    }

    /// A file with them is taken in, and another one waits to be.
    async fn is_in_files(&self) -> anyhow::Result<()> {
        let file = format!("email,name,street\r\n{EMAIL},Zebedee Quillfeather,Wobbleganger Allee 77\r\n");
        let owner = &self.shop.owner;
        let path = owner.import(file.clone()).await?.header("location").to_owned();
        for (step, state) in [("check", "checked"), ("start", "succeeded")] {
            send(owner.request(Method::POST, &format!("{path}/{step}"))).await?.expect(202)?;
            eventually("the file is seen to", || async {
                let import = owner.get(&path).await?.expect(200)?;
                Ok((import["state"] == state).then_some(()))
            })
            .await?;
        }
        owner.import(file).await?.expect(201)?;
        Ok(())
    }

    /// Staff write to them alone, and to all of their name.
    async fn is_written_to_by_staff(&self) -> anyhow::Result<()> {
        let owner = &self.shop.owner;
        let mut letter = json!({ "channel": "email", "purpose": "service", "subject": "For Mr Quillfeather",
            "text": "Dear Zebedee, is it Wobbleganger Allee 77 or 78?" });
        let path = format!("/admin/v1/customers/{}/messages", self.id);
        owner.post(&path, &letter).await?.expect(201)?;
        (letter["name"], letter["text"]) = (json!("To all of one name"), json!("Dear {{name}}"));
        (letter["subject"], letter["filter"]) =
            (json!("Hello {{first_name}}"), json!({ "field": "name", "op": "eq", "value": "Zebedee Quillfeather" }));
        let begin = owner.request(Method::POST, "/admin/v1/campaigns").header("Idempotency-Key", "all of one name");
        let campaign = send(begin.json(&letter)).await?;
        let path = campaign.header("location").to_owned();
        campaign.expect(202)?;
        eventually("the campaign is done", || async {
            let campaign = owner.get(&path).await?.expect(200)?;
            Ok((campaign["state"] == "done").then_some(()))
        })
        .await
    }

    /// Waits until everything that they are sent has arrived, and everything that was done is recorded.
    async fn is_written_to(&self) -> anyhow::Result<()> {
        mail::arrival(self.shop.house, EMAIL, "MUG").await?;
        let messages = self.shop.house.tables("notifications").await?;
        self.is_written_to_by_staff().await?;
        let came_back = "insert into suppressions (realm_id, id, channel, recipient, customer_id, store_id, cause,
            message_id, created_at) select realm_id, id, 'email', lower(recipient), customer_id, store_id, 'rejected', id,
            created_at from messages where recipient = $1 and customer_id is not null limit 1";
        sqlx::query(came_back).bind(EMAIL).execute(&messages).await?;
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

/// By a click, of which the shop front noted whose it was.
async fn comes_by(buyer: &Buyer<'_>, cart: &str) -> anyhow::Result<()> {
    let click = json!({ "gclid": "click-of-zebedee", "metadata": { "visitor": "quillfeather" } });
    buyer.put(&format!("carts/{cart}/attribution"), &click).await?.expect(200)?;
    Ok(())
}

/// A whole purchase; answers the order's id.
async fn buys(buyer: &Buyer<'_>, product: &str) -> anyhow::Result<String> {
    let cart = buyer.cart(product, 1).await?;
    comes_by(buyer, &cart).await?;
    let body = json!({ "cart": cart, "contact": contact(), "gateway": "test" });
    let checkout = buyer.post("checkouts", &body).await?.expect(200)?;
    let placed = buyer.capture(text(&checkout, "/token")?, "pm_test_ok").await?.expect(200)?;
    Ok(text(&placed, "/id").context("an order")?.to_owned())
}
