//! Two records of one person become one, whatever dies meanwhile (CU-13).
use anyhow::{Context, ensure};
use e2e::{Answer, Form, House, Member, Shop, eventually, http::send, http::text, mail, shop::customer};
use reqwest::Method;
use serde_json::{Value, json};

const OTHERS: [&str; 5] = ["identity", "carts", "orders", "notifications", "reviews"];

/// The ids of the two, and the token of the one that goes.
struct Two {
    kept: String,
    gone: String,
    token: String,
    product: String,
}

/// Two records of Ada in `shop`, both with a purchase, a cart and an account.
async fn two(shop: &Shop<'_>) -> anyhow::Result<Two> {
    let product = shop.product("MUG", 1_000).await?;
    let (ada, _) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let (king, _) = shop.register("ada@king.example", "Ada King").await?;
    for (buyer, email) in [(&ada, "ada@example.com"), (&king, "ada@king.example")] {
        buyer.buy(&product, email).await?;
        buyer.cart(&product, 1).await?;
    }
    let review = json!({ "subject": product, "rating": 4, "content": "Holds a pint." });
    king.post("reviews", &review).await?.expect(201)?;
    king.post("customers/register-device", &json!({ "token": "push-of-ada", "platform": "ios" })).await?.expect(200)?;
    let mut ids = Vec::new();
    for email in ["ada@example.com", "ada@king.example"] {
        // Whatever counts later would be a change between the look and the merge.
        let reviews = i64::from(email == "ada@king.example");
        let known = eventually("all is counted", || async {
            let known = customer(shop, email).await?;
            let bought = known["orders_count"] == 1 && known["total_spent"][0]["amount"] == 1_000;
            Ok((bought && known["reviews_count"] == reviews).then_some(known))
        });
        ids.push(text(&known.await?, "/id")?.to_owned());
    }
    let [kept, gone] = ids.try_into().ok().context("two ids")?;
    Ok(Two { kept, gone, token: king.token().unwrap_or_default().to_owned(), product })
}

async fn version(owner: &Member, id: &str) -> anyhow::Result<i64> {
    let known = owner.get(&format!("/admin/v1/customers/{id}")).await?.expect(200)?;
    known["version"].as_i64().context("a version")
}

/// Merges the second record into the first as they are now.
async fn merge(owner: &Member, kept: &str, gone: &str, more: Value) -> anyhow::Result<Answer> {
    let (own, other) = (version(owner, kept).await?, version(owner, gone).await?);
    let mut body = json!({ "other": gone, "other_version": other, "confirm": gone, "reason": "Wrote from both." });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    let request = owner.request(Method::POST, &format!("/admin/v1/customers/{kept}/merge"));
    let request = request.header("If-Match", format!("\"{own}\"")).header("Idempotency-Key", format!("{kept}-{own}"));
    send(request.json(&body)).await
}

async fn finished(owner: &Member, job: &str) -> anyhow::Result<Value> {
    eventually("every service has done its part", || async {
        let job = owner.get(&format!("/admin/v1/jobs/{job}")).await?;
        Ok((job.status == 200 && job.body["state"] == "succeeded").then_some(job.body))
    })
    .await
}

/// How many rows each table still keeps under the id.
async fn left(house: &House, id: &str) -> anyhow::Result<Vec<(&'static str, i64)>> {
    const TABLES: [(&str, &str, &str); 9] = [
        ("orders", "orders", "select count(*) from orders where customer_id = $1"),
        ("orders", "checkouts", "select count(*) from checkouts where customer_id = $1"),
        ("carts", "carts", "select count(*) from carts where customer_id = $1"),
        ("notifications", "messages", "select count(*) from messages where customer_id = $1"),
        ("reviews", "reviews", "select count(*) from reviews where author_id = $1"),
        ("reviews", "purchases", "select count(*) from purchases where customer_id = $1"),
        ("identity", "customer_credentials", "select count(*) from customer_credentials where customer_id = $1"),
        ("identity", "devices", "select count(*) from devices where customer_id = $1"),
        ("identity", "sessions", "select count(*) from sessions where subject_id = $1"),
    ];
    let id = uuid::Uuid::parse_str(id.trim_start_matches("cus_"))?;
    let mut left = Vec::new();
    for (service, table, sql) in TABLES {
        left.push((table, sqlx::query_scalar(sql).bind(id).fetch_one(&house.tables(service).await?).await?));
    }
    Ok(left)
}

/// That everything is the kept record's and adds up.
async fn is_one(shop: &Shop<'_>, two: &Two, orders: i64) -> anyhow::Result<()> {
    let owner = &shop.owner;
    let kept = owner.get(&format!("/admin/v1/customers/{}", two.kept)).await?.expect(200)?;
    ensure!(kept["orders_count"] == orders && kept["total_spent"][0]["amount"] == orders * 1_000, "{kept}");
    let old = owner.get(&format!("/admin/v1/customers/{}", two.gone)).await?.expect(200)?;
    ensure!(old["id"] == kept["id"], "the old id answers as the kept one: {old}");
    for id in [&two.kept, &two.gone] {
        let seen = owner.get(&format!("/admin/v1/customers/{id}/profile")).await?.expect(200)?;
        let reviews = owner.get(&format!("/admin/v1/reviews?filter[author][eq]={id}")).await?.expect(200)?;
        for (list, found, count) in
            [("orders", &seen["orders"], orders), ("carts", &seen["carts"], orders + 2), ("reviews", &reviews, 1)]
        {
            let rows = found["data"].as_array().context("a list")?.len();
            ensure!(rows == usize::try_from(count)?, "{rows} of {count} {list} under {id}: {found}");
        }
    }
    let left: Vec<_> = left(shop.house, &two.gone).await?.into_iter().filter(|(_, rows)| *rows > 0).collect();
    ensure!(left.is_empty(), "left behind: {left:?}");
    Ok(())
}

/// CU-13, OR-10, ID-10: of two records of one person one is made, with all that was of either; the old address signs in and
/// buys, the old session has ended, and the customer is told.
#[tokio::test]
async fn two_records_become_one() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let two = two(&shop).await?;
    let asked = format!("/admin/v1/customers/{}/merge/preview", two.kept);
    let seen = shop.owner.post(&asked, &json!({ "other": two.gone })).await?.expect(200)?;
    let fields: Vec<_> = seen["conflicts"].as_array().into_iter().flatten().map(|one| one["field"].clone()).collect();
    ensure!(fields.contains(&json!("name")) && fields.contains(&json!("email")), "{seen}");
    ensure!(seen["moves"]["orders"] == 1 && seen["blockers"] == json!([]), "{seen}");
    let begun =
        merge(&shop.owner, &two.kept, &two.gone, json!({ "keep": { "name": "other" }, "notify": true })).await?;
    let location = begun.header("location").to_owned();
    let job = begun.expect(202)?;
    ensure!(location == format!("/admin/v1/jobs/{}", text(&job, "/id")?), "{location}");
    finished(&shop.owner, text(&job, "/id")?).await?;
    let king = shop.guest().with_token(&two.token);
    eventually("the session has ended", || async { Ok((king.get("customers/me").await?.status == 401).then_some(())) })
        .await?;
    let login = json!({ "identity": "ada@king.example", "password": "a long enough password" });
    let again = shop.guest().post("customers/login", &login).await?.expect(200)?;
    ensure!(again["id"] == two.kept.as_str() && again["name"] == "Ada King", "{again}");
    shop.guest().buy(&two.product, "ada@king.example").await?;
    mail::arrival(&house, "ada@example.com", "are one now").await?;
    eventually("the purchase is counted", || async {
        let known = customer(&shop, "ada@example.com").await?;
        Ok((known["orders_count"] == 3 && known["total_spent"][0]["amount"] == 3_000).then_some(()))
    })
    .await?;
    eventually("all is where it belongs", || async { Ok(is_one(&shop, &two, 3).await.ok()) }).await?;
    is_one(&shop, &two, 3).await
}

/// CU-13, PL-2: every service is killed while the merge is under way, customers among them, one after the other; the merge
/// ends as if nothing had happened, once.
#[tokio::test]
async fn a_merge_survives_every_service() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    let (two, owner, store) = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        (two(&shop).await?, shop.owner.clone(), shop.store.clone())
    };
    for name in OTHERS.into_iter().filter(|name| *name != "identity") {
        house.kill(name)?;
    }
    let job = merge(&owner, &two.kept, &two.gone, json!({})).await?.expect(202)?;
    let job = text(&job, "/id")?.to_owned();
    house.kill("customers")?;
    house.kill("identity")?;
    for name in OTHERS {
        // Each comes back while customers, which has everything to tell, is away; and dies once more beside it.
        house.revive(name)?;
        house.revive("customers")?;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        house.kill(name)?;
        house.kill("customers")?;
        house.revive(name)?;
    }
    house.revive("customers")?;
    house.ready().await?;
    let done = finished(&owner, &job).await?;
    ensure!(done["progress"]["done"] == 5, "{done}");
    let shop = Shop { house: &house, store, owner };
    eventually("all is where it belongs", || async { Ok(is_one(&shop, &two, 2).await.ok()) }).await?;
    is_one(&shop, &two, 2).await
}

/// A page of the console as `owner` sees it.
async fn page(
    house: &House,
    owner: &Member,
    request: reqwest::RequestBuilder,
) -> anyhow::Result<(u16, String, String)> {
    let request = request.header("cookie", format!("__Host-patron_staff={}", owner.token));
    let answer = request.send().await.with_context(|| house.log("gateway"))?;
    let location =
        answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok((answer.status().as_u16(), location, answer.text().await?))
}

/// What stands in the hidden field `name` of a form.
fn hidden<'a>(page: &'a str, name: &str) -> anyhow::Result<&'a str> {
    let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1).with_context(|| format!("a field {name}"))?;
    Ok(field.split('"').next().unwrap_or_default())
}

/// CU-13, CU-14: staff find two records with the same phone in the console, compare them and make one of them; a form that
/// is sent twice counts once, and one without the id typed in does nothing.
#[tokio::test]
async fn staff_merge_in_the_console() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mut ids = Vec::new();
    for (email, name) in [("ada@example.com", "Ada Lovelace"), ("countess@king.example", "Ada King")] {
        let new = json!({ "email": email, "name": name, "phone": "+49 30 901820" });
        ids.push(text(&shop.owner.post("/admin/v1/customers", &new).await?.expect(201)?, "/id")?.to_owned());
    }
    let get = |path: &str| house.http.request(Method::GET, path);
    let compare = format!("/console/customers/{}/merge?other={}", ids[0], ids[1]);
    eventually("the two are found to be alike", || async {
        let (_, _, text) = page(&house, &shop.owner, get("/console/customers/duplicates")).await?;
        Ok((text.contains(&compare) && text.contains("Same phone")).then_some(()))
    })
    .await?;
    let listed = shop.owner.get("/admin/v1/customers/duplicates").await?.expect(200)?;
    ensure!(listed["data"][0]["reasons"] == json!(["same_phone"]), "{listed}");
    let (status, _, seen) = page(&house, &shop.owner, get(&compare)).await?;
    ensure!(status == 200 && seen.contains("Ada King") && seen.contains("This cannot be undone"), "{seen}");
    let fields = ["other", "version", "other_version", "key"];
    let fields = fields.into_iter().map(|name| Ok(format!("{name}={}", hidden(&seen, name)?)));
    let fields = fields.collect::<anyhow::Result<Vec<_>>>()?.join("&");
    let post = |confirm: &str| {
        let request = house.http.request(Method::POST, &format!("/console/customers/{}/merge", ids[0]));
        let request = request.header("sec-fetch-site", "same-origin");
        let form = format!("{fields}&confirm={confirm}&reason=Same+person&keep.name=other");
        request.header("content-type", "application/x-www-form-urlencoded").body(form)
    };
    let (status, _, refused) = page(&house, &shop.owner, post("yes")).await?;
    ensure!(status == 200 && refused.contains("confirm with the id of the record that goes"), "{refused}");
    let (status, location, _) = page(&house, &shop.owner, post(&ids[1])).await?;
    ensure!(status == 303 && location.contains("/merge/job_customers_"), "{status} {location}");
    ensure!(page(&house, &shop.owner, post(&ids[1])).await?.1 == location, "it counts once");
    eventually("all have done their part", || async {
        let (_, _, text) = page(&house, &shop.owner, get(&location)).await?;
        Ok((text.contains("5 of 5") && text.contains("Succeeded")).then_some(()))
    })
    .await?;
    let (_, _, profile) = page(&house, &shop.owner, get(&format!("/console/customers/{}", ids[1]))).await?;
    ensure!(profile.contains("Ada King") && profile.contains(&ids[0]), "the old address shows the kept record");
    let (_, _, left) = page(&house, &shop.owner, get("/console/customers/duplicates")).await?;
    ensure!(left.contains("None was found"), "{left}");
    Ok(())
}
