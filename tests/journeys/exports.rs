//! Orders, the ledger, subscriptions and open carts, taken away as files.
use anyhow::Context;
use e2e::{
    House, Member, Shop, eventually,
    http::{send, text},
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// Whoever asks, by method and path.
type Who<'a> = &'a dyn Fn(Method, &str) -> RequestBuilder;

/// The columns that the document names for `list`, in its order.
fn columns(document: &Value, list: &str) -> anyhow::Result<Vec<String>> {
    let schemas = &document["components"]["schemas"];
    let choices = schemas["NewExport"]["oneOf"].as_array().context("one for each list")?;
    let names = choices.iter().filter_map(|choice| choice["$ref"].as_str()?.rsplit('/').next());
    let found = names
        .map(|name| &schemas[name]["properties"])
        .find(|properties| properties["type"]["enum"].as_array().is_some_and(|types| types.contains(&json!(list))));
    let columns = found.context("a list of the document")?["columns"]["items"]["enum"].as_array();
    Ok(columns.context("columns")?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// What asking for a file is answered.
async fn ask(who: Who<'_>, wanted: &Value) -> anyhow::Result<e2e::http::Answer> {
    let key = format!("{}-{}-{wanted}", wanted["type"], wanted["format"]);
    let key: String = key.chars().filter(char::is_ascii_graphic).take(200).collect();
    send(who(Method::POST, "/admin/v1/exports").header("Idempotency-Key", key).json(wanted)).await
}

/// The file that is asked for, once it is written.
async fn take(house: &House, who: Who<'_>, wanted: &Value) -> anyhow::Result<Vec<u8>> {
    let asked = ask(who, wanted).await?.expect(202)?;
    let at = format!("/admin/v1/exports/{}", text(&asked, "/id")?);
    let done = eventually("the file is written", || async {
        let export = send(who(Method::GET, &at)).await?.expect(200)?;
        Ok((export["state"] == "succeeded").then_some(export))
    })
    .await?;
    let answer = reqwest::get(format!("{}{}", house.http.base(), text(&done, "/result_url")?)).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    Ok(answer.bytes().await?.to_vec())
}

/// The rows of a file of comma-separated values, below its heading.
async fn rows(house: &House, who: Who<'_>, wanted: Value) -> anyhow::Result<Vec<String>> {
    let text = String::from_utf8(take(house, who, &wanted).await?)?;
    Ok(text.trim_end().split("\r\n").skip(1).map(str::to_owned).collect())
}

fn csv(list: &str, columns: &[&str]) -> Value {
    json!({ "type": list, "format": "csv", "columns": columns })
}

/// Something of each list: two orders and what was paid for them, one of them a subscription, and an open cart.
async fn stocked<'a>(house: &'a House, name: &str) -> anyhow::Result<Shop<'a>> {
    let shop = Shop::open(house, name, "EUR").await?;
    let mug = shop.product("MUG", 1_999).await?;
    shop.guest().buy(&mug, "ada@example.com").await?;
    let price = json!({ "amount": 1_200, "currency": "EUR" });
    let plan = json!({ "name": "Monthly", "interval": "month", "count": 1, "price": price });
    let product = json!({ "name": "=Box", "sku": "BOX", "kind": "digital", "plans": [plan] });
    let product = shop.owner.post("/admin/v1/products", &product).await?.expect(201)?;
    let (eve, _) = shop.register("eve@example.com", "Eve Adams").await?;
    let cart = text(&eve.get("carts").await?.expect(200)?, "/id")?.to_owned();
    let line = json!({ "quantity": 1, "plan": product["plans"][0]["id"] });
    eve.post(&format!("carts/{cart}/{}", text(&product, "/id")?), &line).await?.expect(200)?;
    let token = eve.checkout(&cart, "eve@example.com", "test").await?;
    eve.capture(&token, "pm_test_ok").await?.expect(200)?;
    shop.guest().cart(&mug, 2).await?;
    eventually("the cart of the subscription is closed", || async {
        let open = shop.owner.get("/admin/v1/carts?filter[status][eq]=open").await?.expect(200)?;
        Ok((open["data"].as_array().map(Vec::len) == Some(1)).then_some(()))
    })
    .await?;
    Ok(shop)
}

/// EX-1, EX-3, CA-11: orders, the ledger, subscriptions and open carts become files with every column that the document names
/// for them; amounts are decimals, cells defused; filters, searches and dates narrow them down; nobody else's rows come along.
#[tokio::test]
async fn every_list_is_taken_away() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = stocked(&house, "Corner Shop").await?;
    let other = Shop::open(&house, "Other Shop", "JPY").await?;
    let cup = other.product("CUP", 1_500).await?;
    other.guest().buy(&cup, "bob@example.com").await?;
    let owner: Who<'_> = &|method, path| shop.owner.request(method, path);
    let document = send(house.http.request(Method::GET, "/openapi.json")).await?.expect(200)?;
    for (list, count) in [("orders", 2), ("transactions", 2), ("subscriptions", 1), ("open_carts", 1)] {
        let columns = columns(&document, list)?;
        for format in ["csv", "html", "xlsx"] {
            let file = take(&house, owner, &json!({ "type": list, "format": format, "columns": columns })).await?;
            let text = String::from_utf8_lossy(&file);
            match format {
                "csv" => {
                    assert!(text.starts_with(&format!("\u{feff}{}\r\n", columns.join(","))), "{list}: {text}");
                    assert_eq!(text.matches("\r\n").count(), count + 1, "{list}: {text}");
                }
                "html" => assert_eq!(text.matches("<tr><td>").count(), count, "{list}: {text}"),
                _ => assert!(text.starts_with("PK"), "{list}"),
            }
        }
        assert!(!rows(&house, owner, json!({ "type": list, "format": "csv" })).await?.is_empty(), "{list}");
    }
    let orders = rows(&house, owner, csv("orders", &["number", "items", "total", "currency", "email"])).await?;
    assert_eq!(orders, ["1002,1 × =Box,12.00,EUR,eve@example.com", "1001,1 × Product MUG,19.99,EUR,ada@example.com"]);
    let entries = rows(&house, owner, csv("transactions", &["number", "type", "amount", "currency"])).await?;
    assert_eq!(entries, ["1002,payment,12.00,EUR", "1001,payment,19.99,EUR"]);
    let subscriptions = rows(&house, owner, csv("subscriptions", &["name", "status", "amount"])).await?;
    assert_eq!(subscriptions, ["'=Box,active,12.00"]);
    let carts = rows(&house, owner, csv("open_carts", &["pieces", "total", "currency"])).await?;
    assert_eq!(carts, ["2,39.98,EUR"]);
    let yen: Who<'_> = &|method, path| other.owner.request(method, path);
    assert_eq!(rows(&house, yen, csv("orders", &["total", "currency"])).await?, ["1500,JPY"]);
    Ok(())
}

/// EX-1: what narrows a list down narrows its file down; what the list does not take is refused with its place.
#[tokio::test]
async fn a_file_is_narrowed_down_as_its_list_is() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = stocked(&house, "Corner Shop").await?;
    let owner: Who<'_> = &|method, path| shop.owner.request(method, path);
    let narrowed = |list: &str, columns: &[&str], more: Value| {
        let mut wanted = csv(list, columns);
        for (name, value) in more.as_object().into_iter().flatten() {
            wanted[name] = value.clone();
        }
        wanted
    };
    let eq = |field: &str, value: &str| json!({ "field": field, "op": "eq", "value": value });
    let tomorrow = json!({ "from": "2999-01-01T00:00:00Z" });
    let yesterday = json!({ "from": "2001-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z" });
    for (list, column, more, expected) in [
        ("orders", "number", json!({ "filter": { "or": [eq("number", "1001"), eq("number", "7")] } }), vec!["1001"]),
        ("orders", "number", json!({ "q": "#1002" }), vec!["1002"]),
        ("orders", "number", tomorrow.clone(), vec![]),
        ("orders", "number", yesterday.clone(), vec!["1002", "1001"]),
        (
            "transactions",
            "number",
            json!({ "filter": { "field": "amount", "op": "gt", "value": 1_500 } }),
            vec!["1001"],
        ),
        ("transactions", "number", tomorrow.clone(), vec![]),
        ("subscriptions", "sku", json!({ "filter": eq("status", "paused") }), vec![]),
        ("subscriptions", "sku", yesterday.clone(), vec!["BOX"]),
        (
            "open_carts",
            "pieces",
            json!({ "filter": { "and": [eq("currency", "EUR"), eq("abandoned", "false")] } }),
            vec!["2"],
        ),
        ("open_carts", "pieces", tomorrow.clone(), vec![]),
    ] {
        let wanted = narrowed(list, &[column], more);
        assert_eq!(rows(&house, owner, wanted.clone()).await?, expected, "{wanted}");
    }
    for (list, more, pointer) in [
        ("orders", json!({ "filter": eq("email", "ada@example.com") }), "/filter"),
        ("transactions", json!({ "q": "1001" }), "/q"),
        ("open_carts", json!({ "columns": ["number"] }), "/columns"),
        ("subscriptions", json!({ "segment": "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50" }), "/segment"),
        ("wishes", json!({}), "/type"),
    ] {
        let problem = ask(owner, &narrowed(list, &[], more)).await?.problem(400, "invalid")?;
        assert_eq!(problem["violations"][0]["pointer"], pointer, "{problem}");
    }
    Ok(())
}

/// EX-1, EX-3, ID-22, ID-23: each list needs its own permission beside that to export, and no other; personal fields are
/// masked for whoever may not see them; the audit knows who took how many rows of which list.
#[tokio::test]
async fn a_list_needs_its_own_permission() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = stocked(&house, "Corner Shop").await?;
    let make = json!({ "name": "Books", "permissions": ["exports.create", "orders.read"] });
    let key = shop.owner.post("/admin/v1/api-keys", &make).await?.expect(201)?;
    let secret = text(&key, "/secret")?.to_owned();
    let books: Who<'_> = &|method, path| house.http.request(method, path).bearer_auth(&secret);
    let person = rows(&house, books, csv("orders", &["number", "name", "email"])).await?;
    assert!(person[0].starts_with("1002,") && person[0].ends_with(",e***@example.com"), "{person:?}");
    assert!(!person.concat().contains("eve@") && !person.concat().contains("Adams"), "{person:?}");
    for list in ["customers", "leads", "open_carts"] {
        ask(books, &csv(list, &[])).await?.problem(403, "permission_required")?;
    }
    let make = json!({ "name": "Reader", "permissions": ["orders.read"] });
    let key = shop.owner.post("/admin/v1/api-keys", &make).await?.expect(201)?;
    let secret = text(&key, "/secret")?.to_owned();
    let reader: Who<'_> = &|method, path| house.http.request(method, path).bearer_auth(&secret);
    ask(reader, &csv("orders", &[])).await?.problem(403, "permission_required")?;
    eventually("the audit knows", || async {
        let list = shop.owner.get("/admin/v1/audit?filter[action][eq]=export.ended").await?.expect(200)?;
        let told = &list["data"][0]["after"];
        Ok((told["type"] == "orders" && told["rows"] == 2 && told["masked"] == true).then_some(()))
    })
    .await
}

/// A page of the console, or a form of it that is sent.
async fn page(house: &House, who: &Member, (path, form): (&str, Option<&str>)) -> anyhow::Result<(u16, String)> {
    let method = if form.is_some() { Method::POST } else { Method::GET };
    let cookie = format!("__Host-patron_staff={}", who.token);
    let asked = house.http.request(method, path).header("cookie", cookie).header("sec-fetch-site", "same-origin");
    let asked = match form {
        Some(form) => asked.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned()),
        None => asked,
    };
    let answer = asked.send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// EX-1: staff take lists away from their pages in the console, as they are narrowed down; who may not has no form for it.
#[tokio::test]
async fn lists_are_taken_away_in_the_console() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = stocked(&house, "Corner Shop").await?;
    let clerk = Member::hire(&house, &shop.store.id, "sales_agent").await?;
    for (list, post) in [
        ("/console/subscriptions?status=active", "/console/subscriptions/export"),
        ("/console/carts?state=active&from=2001-01-01", "/console/carts/export"),
    ] {
        let (status, shown) = page(&house, &shop.owner, (list, None)).await?;
        assert!(status == 200 && shown.contains(&format!("action=\"{post}\"")), "{list}: {shown}");
        let (status, shown) = page(&house, &clerk, (list, None)).await?;
        assert!(status == 200 && !shown.contains(post), "{list}: {shown}");
    }
    for (path, form) in [
        ("/console/subscriptions/export", "format=csv&key=one&status=active"),
        ("/console/carts/export", "format=xlsx&key=two&state=active&product=&from=2001-01-01&to="),
        ("/console/customers/exports/another", "list=orders&format=html&key=three&from=2001-01-01&to="),
        ("/console/customers/exports/another", "list=transactions&format=csv&key=four&from=&to="),
    ] {
        let (status, refused) = page(&house, &shop.owner, (path, Some(form))).await?;
        assert_eq!(status, 303, "{path}: {refused}");
    }
    let (status, refused) =
        page(&house, &clerk, ("/console/subscriptions/export", Some("format=csv&key=one&status="))).await?;
    assert!(status == 403 || refused.contains("do not have the permission"), "{status} {refused}");
    eventually("they are written", || async {
        let (_, shown) = page(&house, &shop.owner, ("/console/customers/exports", None)).await?;
        Ok((shown.matches("Succeeded").count() == 4).then_some(()))
    })
    .await?;
    let (_, shown) = page(&house, &shop.owner, ("/console/customers/exports", None)).await?;
    for row in ["Subscriptions, CSV", "Open carts, XLSX", "Orders, HTML", "Transactions, CSV", "2 of 2 rows"] {
        assert!(shown.contains(row), "{row}: {shown}");
    }
    Ok(())
}
