//! A shopper buys on a shop front, and at once there is a customer, an order, a mail, and staff who see them.
use e2e::{Form, House, Shop, eventually, http::text, mail, shop::customer};
use serde_json::{Value, json};

/// CU-1, NO-1, OR-4: one purchase as a guest, seen from every side.
async fn guest_purchase(house: &House) -> anyhow::Result<()> {
    let shop = Shop::open(house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_250).await?;
    let order = shop.guest().buy(&mug, "ada@example.com").await?;

    let ada = eventually("the purchase is counted", || async {
        let ada = customer(&shop, "ada@example.com").await?;
        Ok(Some(ada).filter(|ada| ada["orders_count"] == 1 && ada["total_spent"][0]["amount"] == 1_250))
    })
    .await?;
    assert_eq!((&ada["lifecycle"], &ada["registration"]), (&json!("customer"), &json!("guest")));
    assert_eq!((&ada["name"], &ada["phone"]), (&json!("Ada Lovelace"), &json!("+4930901820")));
    assert_eq!(ada["total_spent"], json!([{ "amount": 1_250, "currency": "EUR" }]));

    let id = text(&order, "/id")?;
    let seen = shop.owner.get(&format!("/admin/v1/orders/{id}")).await?.expect(200)?;
    assert_eq!((&seen["total"]["amount"], &seen["payment_status"]), (&json!(1_250), &json!("paid")));
    assert_eq!(seen["customer_id"], ada["id"]);
    assert!(seen.to_string().contains("Unter den Linden 1"), "the address as entered: {seen}");
    assert_eq!(seen["ip"], "127.0.0.1", "ID-28");
    let transactions = seen["transactions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kinds: Vec<_> = transactions.iter().map(|entry| (&entry["type"], &entry["amount"]["amount"])).collect();
    assert_eq!(kinds, [(&json!("payment"), &json!(1_250))]);

    let carts = eventually("the cart is the buyer's, closed", || async {
        let path = format!("/admin/v1/customers/{}/carts", text(&ada, "/id")?);
        let carts = shop.owner.get(&path).await?.expect(200)?;
        Ok(Some(carts).filter(|carts| carts["data"][0]["status"] == "closed"))
    });
    carts.await?;

    let number = text(&seen, "/number")?;
    let confirmation = mail::arrival(house, "ada@example.com", number).await?;
    assert!(confirmation.text.contains("Corner Shop") && confirmation.text.contains("Product MUG"));
    let messages = eventually("the confirmation is in the log", || async {
        let path = format!("/admin/v1/customers/{}/messages", text(&ada, "/id")?);
        let log = shop.owner.get(&path).await?.expect(200)?;
        Ok(Some(log).filter(|log| log["data"][0]["status"] == "sent"))
    });
    assert_eq!(messages.await?["data"].as_array().map(Vec::len), Some(1));
    Ok(())
}

/// CU-1, PL-1: a guest buys, with all services in one process.
#[tokio::test]
async fn a_guest_buys_in_one_process() -> anyhow::Result<()> {
    guest_purchase(&House::one().await?).await
}

/// CU-1, PL-1: a guest buys, with every service in a process of its own.
#[tokio::test]
async fn a_guest_buys_across_processes() -> anyhow::Result<()> {
    guest_purchase(&House::start(Form::Separate, Vec::new()).await?).await
}

/// CU-2: the same person buying again, however the address is spelled, stays the same record.
#[tokio::test]
async fn the_same_person_stays_one_record() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    for email in ["ada@example.com", "Ada@Example.COM", " ada@example.com"] {
        shop.guest().buy(&mug, email).await?;
    }
    let ada = eventually("three orders are counted", || async {
        let ada = customer(&shop, "ada@example.com").await?;
        Ok(Some(ada).filter(|ada| ada["orders_count"] == 3 && ada["total_spent"][0]["amount"] == 3_000))
    })
    .await?;
    let all = shop.owner.get("/admin/v1/customers?include=total").await?.expect(200)?;
    assert_eq!((&all["page"]["total"], &all["data"][0]["id"]), (&json!("1"), &ada["id"]));
    Ok(())
}

/// CU-3: an e-mail before buying makes a lead with what was given along; the first purchase makes it a customer.
#[tokio::test]
async fn a_lead_becomes_a_customer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 2).await?;
    let contact = json!({ "email": "lea@example.com", "name": "Lea", "phone": "030 901820" });
    guest.put(&format!("carts/{cart}/contact"), &contact).await?.expect(200)?;
    let leads = shop.owner.get("/admin/v1/leads").await?.expect(200)?;
    let lead = &leads["data"][0];
    assert_eq!((&lead["email"], &lead["phone"]), (&json!("lea@example.com"), &json!("+4930901820")));
    assert_eq!((&lead["lifecycle"], &lead["orders_count"]), (&json!("lead"), &json!(0)));

    let checkout = guest.post("checkouts", &json!({ "cart": cart, "gateway": "test" })).await?.expect(200)?;
    guest.capture(text(&checkout, "/token")?, "pm_test_ok").await?.expect(200)?;
    let lea = eventually("the lead is promoted", || async {
        let lea = customer(&shop, "lea@example.com").await?;
        Ok(Some(lea).filter(|lea| lea["lifecycle"] == "customer"))
    })
    .await?;
    assert_eq!(lea["id"], lead["id"]);
    assert_eq!(shop.owner.get("/admin/v1/leads").await?.expect(200)?["data"], json!([]));
    Ok(())
}

/// ID-1, ID-2, ID-5: somebody registers with a code, buys signed in, and finds the order in their history.
#[tokio::test]
async fn a_registered_customer_buys() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    shop.guest().buy(&mug, "rita@example.com").await?;
    let guest = customer(&shop, "rita@example.com").await?;

    let (rita, account) = shop.register("rita@example.com", "Rita").await?;
    assert_eq!(account["id"], guest["id"], "the guest record is upgraded");
    let order = rita.buy(&mug, "rita@example.com").await?;
    let history = rita.get("customers/orders").await?.expect(200)?;
    let ids: Vec<&Value> = history.as_array().into_iter().flatten().map(|order| &order["id"]).collect();
    assert_eq!((ids.len(), ids[0]), (2, &order["id"]));

    let login = json!({ "identity": "RITA@example.com", "password": "a long enough password" });
    let again = shop.guest().post("customers/login", &login).await?.expect(200)?;
    let again = shop.guest().with_token(text(&again, "/token")?);
    assert_eq!(again.get("customers/me").await?.expect(200)?["id"], guest["id"]);
    let wrong = json!({ "identity": "rita@example.com", "password": "not her password" });
    shop.guest().post("customers/login", &wrong).await?.problem(401, "bad_credentials")?;

    again.post("customers/logout", &json!({})).await?.expect(200)?;
    again.get("customers/me").await?.problem(401, "unauthenticated")?;
    assert_eq!(rita.get("customers/me").await?.status, 200, "the other session stays");
    Ok(())
}

/// ID-8, RE-1: a registered customer reviews what they bought; a guest cannot.
#[tokio::test]
async fn a_buyer_reviews() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (rita, _) = shop.register("rita@example.com", "Rita Levi").await?;
    rita.buy(&mug, "rita@example.com").await?;
    let review = json!({ "subject": mug, "rating": 5, "content": "Holds coffee." });
    assert_eq!(shop.guest().post("reviews", &review).await?.status, 401);
    let written = rita.post("reviews", &review).await?.expect(201)?;
    rita.post("reviews", &review).await?.problem(409, "already_reviewed")?;
    let verified = eventually("the purchase is known", || async {
        let review = shop.guest().get(&format!("reviews/{}", text(&written, "/id")?)).await?.expect(200)?;
        Ok(Some(review).filter(|review| review["verified"] == true))
    });
    assert!(!verified.await?.to_string().contains("rita@example.com"), "RE-8");
    let counts = shop.guest().get(&format!("reviews/count?subject={mug}")).await?.expect(200)?;
    assert_eq!((&counts["5"], &counts["1"]), (&json!(1), &json!(0)));
    Ok(())
}

/// ID-1, ID-2: somebody registers with a code by text message, and signs in with phone and password.
#[tokio::test]
async fn a_phone_and_a_password_sign_in() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (guest, phone) = (shop.guest(), "+4930901820");
    let (_, registered) = shop.register_by_phone(phone, "phoebe@example.com").await?;
    let login = json!({ "identity": phone, "password": "a long enough password" });
    assert_eq!(guest.post("customers/login", &login).await?.expect(200)?["id"], registered["id"]);
    let wrong = json!({ "identity": phone, "password": "not her password" });
    guest.post("customers/login", &wrong).await?.problem(401, "bad_credentials")?;
    Ok(())
}

/// CU-1, ID-1, CA-7: who registered by phone buys in their own name, by themselves and through staff, though nobody proved
/// their e-mail: their orders are theirs.
#[tokio::test]
async fn an_unproven_email_is_no_other_customer() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let (phoebe, registered) = shop.register_by_phone("+4930901820", "phoebe@example.com").await?;
    let own = phoebe.buy(&mug, "phoebe@example.com").await?;
    let cart = phoebe.cart(&mug, 1).await?;
    let now = format!("/admin/v1/carts/{cart}/checkout-now");
    let bought = shop.owner.post(&now, &json!({ "gateway": "manual", "expected_total": 1_000 })).await?.expect(200)?;
    let known = format!("/admin/v1/customers/{}/orders", text(&registered, "/id")?);
    let orders = shop.owner.get(&known).await?.expect(200)?;
    let ids: Vec<_> = orders["data"].as_array().into_iter().flatten().map(|order| &order["id"]).collect();
    assert_eq!(ids, [&bought["order"]["id"], &own["id"]]);
    let everybody = shop.owner.get("/admin/v1/customers?q=phoebe").await?.expect(200)?;
    assert_eq!(everybody["data"].as_array().map(Vec::len), Some(1), "{everybody}");
    Ok(())
}
