//! What those who may not see personal data cannot find out by asking cleverly (ID-23): a moderator, and somebody who may
//! do everything else.
use anyhow::{Context, ensure};
use e2e::{Answer, House, Member, Shop, http::text};
use kit::{failure::Told, permission::Permission};
use proto::{
    base::v1::{Condition, Filter, filter::Node},
    carts::v1::{ListCartsRequest, cart_service_client::CartServiceClient},
    customers::v1::{GetCustomerRequest, ListCustomersRequest, customer_service_client::CustomerServiceClient},
    identity::v1::{EntryFilter, ListEntriesRequest, audit_service_client::AuditServiceClient},
    notifications::v1::{ListMessagesRequest, message_service_client::MessageServiceClient},
    orders::v1::{GetOrderRequest, ListOrdersRequest, order_service_client::OrderServiceClient},
    reviews::v1::{ListReviewsRequest, review_service_client::ReviewServiceClient},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    document::{Entrance, Operation, operations},
    driven::house as unhurried,
    personal::hides,
    street::{self, Traces},
};

/// Fields that say who somebody is, by every name a list may know them by.
const PERSONAL: [&str; 14] = [
    "name",
    "email",
    "phone",
    "slug",
    "photo_url",
    "business",
    "ip",
    "meta",
    "to",
    "subject_line",
    "author_name",
    "contact.email",
    "shipping_address",
    "billing.name",
];

/// Those who see nothing personal.
async fn blind(shop: &Shop<'_>) -> anyhow::Result<[(&'static str, Member); 2]> {
    let moderator = Member::hire(shop.house, &shop.store.id, "moderator").await?;
    let all = Permission::ALL.iter().filter(|permission| **permission != Permission::CustomersPii);
    let all: Vec<&str> = all.map(|permission| permission.slug()).collect();
    let role =
        shop.owner.post("/admin/v1/roles", &json!({ "name": "Blind", "permissions": all })).await?.expect(201)?;
    let other = Member::hire(shop.house, &shop.store.id, "moderator").await?;
    let me = other.get("/admin/v1/me").await?.expect(200)?;
    let path = format!("/admin/v1/staff/{}", text(&me, "/id")?);
    shop.owner.patch(&path, &json!({ "role": role["id"] })).await?.expect(200)?;
    let mut other = other;
    // Signed in anew, so that no gateway remembers the former role.
    other.token = shop_session(shop, &other).await?;
    Ok([("moderator", moderator), ("everything but personal data", other)])
}

/// A session by a recovery code: the code of the authenticator was used a moment ago.
async fn shop_session(shop: &Shop<'_>, member: &Member) -> anyhow::Result<String> {
    let codes = member.post("/admin/v1/me/recovery-codes", &Value::Null).await?.expect(201)?;
    let ask = async |path: &str, body: &Value| {
        let request = shop.house.http.request(Method::POST, &format!("/admin/v1/{path}")).json(body);
        anyhow::Ok(e2e::http::send(request).await?.body)
    };
    let asked = ask("sessions", &json!({ "email": member.email, "password": member.password })).await?;
    let proof = json!({ "challenge": asked["challenge"], "code": codes["recovery_codes"][0] });
    Ok(text(&ask("sessions/mfa", &proof).await?, "/token")?.to_owned())
}

/// Every list of the staff's side.
async fn lists(house: &House) -> anyhow::Result<Vec<Operation>> {
    let mut lists = operations(house).await?;
    lists.retain(|operation| {
        let is_staff = operation.entrance().is_ok_and(|entrance| entrance == Entrance::Staff);
        let is_list = operation.text["responses"]["200"].to_string().contains("List_") || has(operation, "limit");
        // Products have names that say nothing of anybody.
        let is_about_people = !operation.path.ends_with("/products");
        is_staff && is_about_people && operation.method == Method::GET && is_list && !operation.path.contains('{')
    });
    ensure!(lists.len() >= 8, "these are all the lists: {:?}", lists.iter().map(|list| &list.id).collect::<Vec<_>>());
    Ok(lists)
}

fn has(operation: &Operation, parameter: &str) -> bool {
    operation.text["parameters"].as_array().into_iter().flatten().any(|known| known["name"] == parameter)
}

/// A body without what differs from request to request.
fn comparable(answer: &Answer, asked: &str) -> String {
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("request_id");
    }
    format!("{} {}", answer.status, body.to_string().replace(asked, "…"))
}

/// ID-23: filters, sorts, searches, counts and their refusals tell nobody who may not see personal data anything of it, at
/// every list there is: a field that says who somebody is cannot be filtered or sorted by, and a search answers the same
/// whether somebody is there or not.
#[tokio::test]
async fn lists_are_no_oracle() -> anyhow::Result<()> {
    let house = unhurried().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    street::settle(&shop).await?;
    for (who, member) in blind(&shop).await? {
        for list in lists(&house).await? {
            let told = || format!("{} as {who}", list.id);
            for field in PERSONAL {
                for query in [
                    format!("filter[{field}][eq]=ada.lovelace@example.com"),
                    format!("filter[{field}][contains]=ada"),
                    format!("filter[{field}][exists]=true"),
                    format!("sort={field}"),
                    format!("sort=-{field}"),
                    format!("include=total&filter[{field}][starts]=ada"),
                ] {
                    let answer = member.get(&format!("{}?{query}", list.path)).await?;
                    ensure!([400, 403].contains(&answer.status), "{}: {query}: {}", told(), answer.body);
                    hides(&json!(answer.body.to_string().replace("ada.lovelace@example.com", "…")))
                        .with_context(told)?;
                }
            }
            for (real, made_up) in
                [("ada.lovelace", "eve.nobody"), ("4930901820", "4930901821"), ("Lovelace", "Nowhere")]
            {
                let ask = async |q: &str| member.get(&format!("{}?include=total&q={q}", list.path)).await;
                let (known, unknown) = (ask(real).await?, ask(made_up).await?);
                ensure!(comparable(&known, real) == comparable(&unknown, made_up), "{}: {}", told(), known.body);
            }
        }
    }
    Ok(())
}

/// ID-23: a tree of conditions, as segments keep it, is no way around that, however deep the field is in it.
#[tokio::test]
async fn trees_are_no_oracle() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    street::settle(&shop).await?;
    let search = "/admin/v1/customers/search";
    for (who, member) in blind(&shop).await? {
        for field in ["name", "email", "phone"] {
            let asked = json!({ "field": field, "op": "contains", "value": "love" });
            let harmless = json!({ "field": "status", "op": "eq", "value": "active" });
            for tree in [
                asked.clone(),
                json!({ "not": asked }),
                json!({ "and": [harmless, asked] }),
                json!({ "or": [harmless, { "not": { "and": [harmless, asked] } }] }),
            ] {
                let refused = member.post(search, &json!({ "filter": tree })).await?.problem(403, "pii_required")?;
                ensure!(refused["required_permission"] == "customers.pii", "{who}: {refused}");
            }
            member.post(search, &json!({ "filter": harmless, "sort": field })).await?.problem(403, "pii_required")?;
        }
    }
    Ok(())
}

/// ID-23: expansions, versions, exports and cursors of those who see more tell nothing either.
#[tokio::test]
async fn other_ways_tell_nothing() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let ada = format!("/admin/v1/customers/{}", traces.id("cus")?);
    let sorted = shop.owner.get("/admin/v1/customers?sort=name&limit=1").await?.expect(200)?;
    let seen = shop.owner.get("/admin/v1/customers?limit=1").await?.expect(200)?;
    let people = blind(&shop).await?;
    for (who, member) in &people {
        for expand in ["orders", "default_address", "orders,default_address"] {
            hides(&member.get(&format!("{ada}?expand={expand}")).await?.body).with_context(|| (*who).to_owned())?;
        }
        let tag = member.get(&ada).await?.header("etag").to_owned();
        ensure!(tag == shop.owner.get(&ada).await?.header("etag") && tag.len() < 10, "a version says no more: {tag}");
        let unchanged = member.request(Method::GET, &ada).header("If-None-Match", &tag);
        ensure!(e2e::http::send(unchanged).await?.status == 304, "{who}");
        let sorted = format!("/admin/v1/customers?sort=name&limit=1&after={}", text(&sorted, "/page/next")?);
        member.get(&sorted).await?.problem(403, "pii_required")?;
        let unsorted = sorted.replace("sort=name&", "");
        member.get(&unsorted).await?.problem(400, "invalid")?;
        let next = format!("/admin/v1/customers?limit=1&after={}", text(&seen, "/page/next")?);
        hides(&member.get(&next).await?.expect(200)?)?;
    }
    let [_, (_, auditor)] = people;
    for format in ["csv", "jsonl"] {
        hides(&auditor.get(&format!("/admin/v1/audit/export?format={format}")).await?.expect(200)?)?;
    }
    // Whoever is logged in as somebody sees everything of theirs.
    let why = json!({ "reason": "To have a look." });
    let refused = auditor.post(&format!("{ada}/impersonations"), &why).await?.problem(403, "permission_required")?;
    ensure!(refused["required_permission"] == "customers.pii", "{refused}");
    // Whom an address belongs to cannot be found out by blocking it and reading the audit.
    let block = json!({ "kind": "email", "value": "ada.lovelace@example.com", "reason": "Is it hers?" });
    auditor.post("/admin/v1/blocks", &block).await?.expect(201)?;
    let entry = e2e::eventually("the block is in the audit", || async {
        let list = auditor.get("/admin/v1/audit?filter[action][eq]=block.created&limit=1").await?.expect(200)?;
        Ok(list["data"].get(0).filter(|entry| entry["after"]["kind"] == "email").cloned())
    })
    .await?;
    ensure!(entry["customers"] == json!([]), "{entry}");
    Ok(())
}

/// ID-23, ID-30: the services themselves mask and refuse, whoever asks them without the gateway.
#[tokio::test]
async fn services_mask_by_themselves() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let [_, (_, member)] = blind(&shop).await?;
    let told = direct(&house, &member, &traces).await?;
    for answer in &told {
        hides(&json!(answer))?;
    }
    // The same answers do tell those who may see it.
    let clear = direct(&house, &shop.owner, &traces).await?;
    let clear = clear.iter().filter(|answer| hides(&json!(answer)).is_err()).count();
    ensure!(clear >= 6, "{clear} of {} answers tell anything", told.len());
    let mut customers = CustomerServiceClient::new(house.channel("customers")?);
    let values = vec!["ada.lovelace@example.com".to_owned()];
    let condition = Condition { field: "email".to_owned(), op: "eq".to_owned(), values };
    let filter = Some(Filter { node: Some(Node::Condition(condition)) });
    for request in [
        ListCustomersRequest { filter, ..Default::default() },
        ListCustomersRequest { sort: vec!["-name".to_owned()], ..Default::default() },
    ] {
        let refused = customers.list_customers(e2e::house::bearer(request, &member.token)?).await;
        assert_eq!(Told::read(&refused.expect_err("it is personal")).reason, "pii_required");
    }
    let filter = EntryFilter { ip: "127.0.0.1".to_owned(), ..EntryFilter::default() };
    let request = ListEntriesRequest { filter: Some(filter), page: None };
    let refused = AuditServiceClient::new(house.channel("identity")?)
        .list_entries(e2e::house::bearer(request, &member.token)?)
        .await;
    assert_eq!(Told::read(&refused.expect_err("it is personal")).reason, "pii_required");
    Ok(())
}

/// Whatever services answer `member` directly that tells of people.
async fn direct(house: &House, member: &Member, traces: &Traces) -> anyhow::Result<Vec<String>> {
    macro_rules! ask {
        ($service:literal, $client:ident, $method:ident, $request:expr) => {{
            let request = e2e::house::bearer($request, &member.token)?;
            let answer = $client::new(house.channel($service)?).$method(request).await?;
            format!("{:?}", answer.into_inner())
        }};
    }
    let (customer, order) = (traces.id("cus")?.to_owned(), traces.id("ord")?.to_owned());
    Ok(vec![
        ask!("customers", CustomerServiceClient, list_customers, ListCustomersRequest::default()),
        ask!("customers", CustomerServiceClient, get_customer, GetCustomerRequest { id: customer }),
        ask!("orders", OrderServiceClient, list_orders, ListOrdersRequest::default()),
        ask!("orders", OrderServiceClient, get_order, GetOrderRequest { id: order }),
        ask!("carts", CartServiceClient, list_carts, ListCartsRequest::default()),
        ask!("notifications", MessageServiceClient, list_messages, ListMessagesRequest::default()),
        ask!("reviews", ReviewServiceClient, list_reviews, ListReviewsRequest::default()),
        ask!("identity", AuditServiceClient, list_entries, ListEntriesRequest::default()),
    ])
}

/// ID-23: the pages of the console show those who may not see personal data none of it, in no list, record or audit, and
/// find nobody by it.
#[tokio::test]
async fn pages_are_no_oracle() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let page = async |member: &Member, path: &str| {
        let request = house.http.request(Method::GET, &format!("/console/{path}"));
        let answer = request.header("cookie", format!("__Host-patron_staff={}", member.token)).send().await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        anyhow::Ok(answer.text().await?)
    };
    let pages = [
        "customers".to_owned(),
        "customers?tab=leads".to_owned(),
        format!("customers/{}", traces.id("cus")?),
        format!("orders/{}", traces.id("ord")?),
        format!("carts/{}", traces.id("cart")?),
        "audit".to_owned(),
    ];
    for (who, member) in blind(&shop).await? {
        for path in
            pages.iter().filter(|path| who != "moderator" || !["audit", "carts"].iter().any(|of| path.starts_with(of)))
        {
            let masked = page(&member, path).await?;
            hides(&json!(masked)).with_context(|| format!("{path} as {who}"))?;
        }
        let found = page(&member, "customers?tab=all&q=ada.lovelace").await?;
        ensure!(found.contains("Nobody matches"), "{who}: {found}");
    }
    for path in &pages[..1] {
        ensure!(hides(&json!(page(&shop.owner, path).await?)).is_err(), "{path} tells the owner nothing");
    }
    Ok(())
}
