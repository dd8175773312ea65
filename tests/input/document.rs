//! The OpenAPI document of the running house, read for tests.
use anyhow::Context;
use e2e::{House, http::send};
use reqwest::Method;
use serde_json::Value;

/// An operation of the API.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name.
    pub id: String,
    /// How it is called.
    pub method: Method,
    /// Where, with `{}` around parameters.
    pub path: String,
    /// What the document says of it.
    pub text: Value,
    /// An example of its body.
    pub example: Option<Value>,
    /// Whether it takes a file.
    pub takes_file: bool,
}

/// Who an operation lets in at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// Anybody.
    Open,
    /// A shop's key.
    Shop,
    /// A shop's key with a customer who is signed in.
    Customer,
    /// A shopper in the account portal.
    Portal,
    /// Staff.
    Staff,
}

/// Every operation of `house`.
pub async fn operations(house: &House) -> anyhow::Result<Vec<Operation>> {
    let document = send(house.http.request(Method::GET, "/openapi.json")).await?.expect(200)?;
    let paths = document["paths"].as_object().context("paths")?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, text) in item.as_object().context("operations")? {
            let content = text.pointer("/requestBody/content/application~1json");
            operations.push(Operation {
                id: text["operationId"].as_str().context("an operationId")?.to_owned(),
                method: method.to_uppercase().parse()?,
                path: path.clone(),
                text: text.clone(),
                example: content.map(|content| content["example"].clone()),
                takes_file: text.pointer("/requestBody/content/multipart~1form-data").is_some(),
            });
        }
    }
    Ok(operations)
}

impl Operation {
    /// Who is let in, as the document declares it.
    pub fn entrance(&self) -> anyhow::Result<Entrance> {
        let ways = self.text["security"].as_array().with_context(|| format!("{} declares no security", self.id))?;
        let names: Vec<Vec<&str>> = ways
            .iter()
            .map(|way| way.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect())
            .collect();
        let is = |wanted: &[&str]| names.iter().any(|way| way == wanted);
        if is(&[]) {
            Ok(Entrance::Open)
        } else if is(&["shopper"]) {
            Ok(Entrance::Portal)
        } else if is(&["staff"]) {
            Ok(Entrance::Staff)
        } else if is(&["publishable_key"]) {
            Ok(Entrance::Shop)
        } else {
            anyhow::ensure!(is(&["customer_token", "publishable_key"]), "{} is for nobody: {names:?}", self.id);
            Ok(Entrance::Customer)
        }
    }

    /// The permissions that staff need, all of them.
    pub fn permissions(&self) -> anyhow::Result<Vec<String>> {
        let declared = self.text["x-permission"].as_array();
        let declared = declared.with_context(|| format!("{} does not declare its permissions", self.id))?;
        Ok(declared.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Whether the document knows of an answer with this status.
    pub fn documents(&self, status: u16) -> bool {
        self.text["responses"].get(status.to_string()).is_some()
    }
}
