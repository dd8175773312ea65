//! The examples of the OpenAPI document work: each is sent to a running house, with real ids in place of made-up ones.
use e2e::{
    Buyer, House, Http, Shop,
    http::{form, send},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// What there is to work with.
struct Place<'a> {
    shop: &'a Shop<'a>,
    buyer: Buyer<'a>,
    product: String,
    customer: String,
}

impl Place<'_> {
    /// The real id for a made-up one or a path parameter, by what it is called.
    async fn real(&self, name: &str) -> anyhow::Result<Option<String>> {
        Ok(match name {
            "product" | "subject" | "prd" => Some(self.product.clone()),
            "customer" | "cus" => Some(self.customer.clone()),
            "cart" => Some(self.buyer.cart(&self.product, 1).await?),
            "store" | "sto" => Some(self.shop.store.id.clone()),
            _ => None,
        })
    }

    /// The examples of an operation's query parameters. A cursor cannot be made up.
    async fn query(&self, operation: &Value) -> anyhow::Result<Vec<(String, String)>> {
        let mut query = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "query" && !["after", "before"].contains(&name) && !parameter["example"].is_null() {
                let example = self.with_real_ids(&parameter["example"]).await?;
                query.push((name.to_owned(), example.as_str().map_or_else(|| example.to_string(), str::to_owned)));
            }
        }
        Ok(query)
    }

    /// `example` with real ids in place of made-up ones.
    async fn with_real_ids(&self, example: &Value) -> anyhow::Result<Value> {
        let mut text = example.to_string();
        for prefix in ["prd", "cus", "cart", "sto"] {
            while let Some(at) = text.find(&format!("\"{prefix}_019")) {
                let end = text[at + 1..].find('"').map_or(text.len(), |length| at + 1 + length);
                let real = self.real(prefix).await?.unwrap_or_default();
                text.replace_range(at + 1..end, &real);
            }
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// `request` with an example in it, which is of this `kind`.
    async fn with_body(
        &self,
        request: RequestBuilder,
        (kind, example): (&str, Option<&Value>),
    ) -> anyhow::Result<RequestBuilder> {
        let example = self.with_real_ids(example.unwrap_or(&json!({}))).await?;
        Ok(match kind {
            "application/json" => request.json(&example),
            "multipart/form-data" => {
                form(request, "example.txt", example["file"].as_str().unwrap_or_default().as_bytes())
            }
            _ => request.header("content-type", kind).body(example.as_str().unwrap_or_default().to_owned()),
        })
    }
}

/// Of what kind an operation's request body is, with its example, following references.
fn example<'a>(document: &'a Value, operation: &'a Value) -> Option<(&'a str, Option<&'a Value>)> {
    let (kind, media) = operation.pointer("/requestBody/content")?.as_object()?.iter().next()?;
    let schema = &media["schema"];
    let schema = schema["$ref"].as_str().map_or(Some(schema), |path| document.pointer(path.trim_start_matches('#')));
    let known = [media.get("example"), schema.and_then(|schema| schema.get("example"))];
    let listed = schema.and_then(|schema| schema.pointer("/examples/0"));
    Some((kind, known.into_iter().chain([listed]).flatten().next()))
}

/// Every operation: method, path, what is said about it.
fn operations(document: &Value) -> Vec<(Method, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes())
                && operation["responses"].is_object()
            {
                all.push((method, path.clone(), operation));
            }
        }
    }
    all
}

async fn document(http: &Http) -> anyhow::Result<Value> {
    send(http.request(Method::GET, "/openapi.json")).await?.expect(200)
}

/// API §1: each operation answers its own example with a status that it documents, never finds it malformed, and needs no
/// second connection to its database while it holds one.
#[tokio::test]
async fn every_example_is_understood() -> anyhow::Result<()> {
    let house = House::narrow().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let product = shop.product("MUG", 1_000).await?;
    let (buyer, account) = shop.register("jane@example.com", "Jane Doe").await?;
    let customer = account["id"].as_str().unwrap_or_default().to_owned();
    let place = Place { shop: &shop, buyer, product, customer };
    let document = document(&house.http).await?;
    let mut sent = 0;
    // Signing out comes last: the others need the session.
    let (last, first): (Vec<_>, Vec<_>) = operations(&document).into_iter().partition(|(method, path, _)| {
        let ends_sessions = *method == Method::DELETE && path.contains("sessions");
        let moves_login = *method == Method::PATCH && path == "/admin/v1/customers/{id}";
        let erases = *method == Method::DELETE
            && ["/admin/v1/customers/{id}", "/admin/v1/products/{id}"].contains(&path.as_str());
        let ends = ["/logout", "/inactivate", "/erasure"].iter().any(|end| path.ends_with(end));
        ends_sessions || moves_login || erases || ends
    });
    for (method, path, operation) in first.into_iter().chain(last) {
        let mut real = path.clone();
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path") {
            let name = parameter["name"].as_str().unwrap_or_default();
            let noun = if name == "id" { noun(&path) } else { name };
            let id = place.real(noun).await?.unwrap_or_else(|| parameter["example"].as_str().unwrap_or("x").to_owned());
            real = real.replace(&format!("{{{name}}}"), &id);
        }
        let storefront = path.starts_with("/storefront/v1/");
        let request = if storefront {
            place.buyer.request(method.clone(), real.trim_start_matches("/storefront/v1/"))
        } else {
            shop.owner.request(method.clone(), &real)
        };
        let request =
            request.query(&place.query(operation).await?).header("idempotency-key", format!("example-{sent}"));
        let request = match example(&document, operation) {
            Some(body) => place.with_body(request, body).await?,
            None => request,
        };
        let status = request.send().await?.status().as_u16();
        let documented = operation["responses"].get(status.to_string()).is_some();
        assert!(documented, "{method} {real} answered {status}, which it does not document");
        assert!(status < 500 && ![400, 415].contains(&status), "{method} {real}: {status}");
        sent += 1;
    }
    assert!(sent > 40, "only {sent} operations");
    Ok(())
}

/// What an `{id}` in this path stands for: the singular of the segment in front of it.
fn noun(path: &str) -> &str {
    let front = path.split("/{id}").next().unwrap_or(path);
    let last = front.rsplit('/').next().unwrap_or(front);
    last.strip_suffix('s').unwrap_or(last)
}
