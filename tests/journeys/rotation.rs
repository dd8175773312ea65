//! A new secret, process by process, and a new signing key, while the house works.
use e2e::{
    Form, House, Member, Shop,
    house::{bearer, system},
    http::{send, text},
};
use proto::{
    customers::v1::{ListCustomersRequest, customer_service_client::CustomerServiceClient},
    identity::v1::{ExchangeRequest, assertion_service_client::AssertionServiceClient},
};
use reqwest::Method;
use serde_json::{Value, json};
use testing::rig::SECRET;

const MEMBERS: [&str; 8] =
    ["customers", "catalog", "carts", "orders", "notifications", "reviews", "gateway", "identity"];
/// The secret that comes.
const NEXT: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

/// What one store handed out, and what has to be good as long as the house stands.
struct Standing {
    store: proto::identity::v1::Store,
    owner: Member,
    token: String,
    portal: String,
    mug: String,
}

/// What was handed out before a process got another secret, and has to be good after it.
struct Handed {
    clerk: Member,
    email: String,
    code: String,
    cursor: String,
    redirect: String,
    create: (String, Value),
}

impl Standing {
    async fn make(house: &House) -> anyhow::Result<Self> {
        let shop = Shop::open(house, "Corner Shop", "EUR").await?;
        let mug = shop.product("MUG", 1_000).await?;
        let (ada, account) = shop.register("ada@example.com", "Ada Lovelace").await?;
        ada.buy(&mug, "ada@example.com").await?;
        shop.guest().buy(&mug, "eve@example.com").await?;
        e2e::shop::buyer(&shop, "eve@example.com").await?;
        let webhook = json!({ "url": "https://hooks.example.com/patron" });
        shop.owner.post("/admin/v1/webhooks", &webhook).await?.expect(201)?;
        // Keys that nobody pays by yet.
        let keys = json!({ "enabled": false, "secret_key": "sk_test_12345", "webhook_secret": "whsec_12345" });
        let keys = shop.owner.request(Method::PUT, "/admin/v1/gateways/stripe").json(&keys);
        send(keys).await?.expect(200)?;
        let device = json!({ "token": "a-device-of-ada", "platform": "web" });
        ada.post("customers/register-device", &device).await?.expect(200)?;
        let token = text(&account, "/token")?.to_owned();
        let portal = enter(house, "eve@example.com").await?;
        Ok(Self { store: shop.store.clone(), owner: shop.owner.clone(), token, portal, mug })
    }

    fn shop<'a>(&self, house: &'a House) -> Shop<'a> {
        Shop { house, store: self.store.clone(), owner: self.owner.clone() }
    }

    /// Gets codes, cursors, links and answers that are kept.
    async fn hand_out(&self, house: &House, step: &str) -> anyhow::Result<Handed> {
        let shop = self.shop(house);
        let guest = shop.guest();
        let clerk = Member::hire_only(house, &self.store.id, "owner").await?;
        let email = format!("{step}@example.com");
        let asked = json!({ "mode": "email", "identity": email });
        guest.post("customers/request-creation-code", &asked).await?.expect(200)?;
        let code = e2e::mail::code(house, &email).await?;
        let list = shop.owner.get("/admin/v1/customers?limit=1").await?.expect(200)?;
        let cart = guest.cart(&self.mug, 1).await?;
        let token = guest.checkout(&cart, &email, "test").await?;
        let answer = guest.capture(&token, "pm_test_redirect").await?.expect(200)?;
        let redirect = text(&answer, "/redirect_url")?.replace(house.http.base(), "");
        let product =
            json!({ "name": "Mug", "sku": step, "kind": "physical", "price": { "amount": 1, "currency": "EUR" } });
        let key = format!("create-{step}");
        self.create(&shop, &key, &product).await?;
        Ok(Handed {
            clerk,
            email,
            code,
            cursor: text(&list, "/page/next")?.to_owned(),
            redirect,
            create: (key, product),
        })
    }

    async fn create(&self, shop: &Shop<'_>, key: &str, product: &Value) -> anyhow::Result<bool> {
        let request = shop.owner.request(Method::POST, "/admin/v1/products").header("Idempotency-Key", key);
        let answer = e2e::http::send(request.json(product)).await?;
        let replayed = answer.header("idempotent-replayed") == "true";
        answer.expect(201)?;
        Ok(replayed)
    }

    /// Everybody is still signed in, can sign in, and what was handed out is good.
    async fn check(&self, house: &House, handed: Handed) -> anyhow::Result<()> {
        let shop = self.shop(house);
        shop.guest().with_token(&self.token).get("customers/orders").await?.expect(200)?;
        let me = house.http.request(Method::GET, "/account/v1/me").bearer_auth(&self.portal);
        let me = e2e::http::send(me).await?.expect(200)?;
        anyhow::ensure!(me["email"] == "eve@example.com", "{me}");
        handed.clerk.sign_in().await?;
        shop.owner.get(&format!("/admin/v1/customers?limit=1&after={}", handed.cursor)).await?.expect(200)?;
        anyhow::ensure!(self.create(&shop, &handed.create.0, &handed.create.1).await?, "the answer was kept");
        let page = house.http.request(Method::GET, &handed.redirect).send().await?;
        anyhow::ensure!(page.status() == 200, "{} for the page of a payment", page.status());
        let account = json!({ "identity": handed.email, "code": handed.code, "name": "New", "password": "a long enough password" });
        shop.guest().post("customers", &account).await?.expect(201)?;
        Ok(())
    }
}

/// A session in the account portal.
async fn enter(house: &House, email: &str) -> anyhow::Result<String> {
    let ask = house.http.request(Method::POST, "/account/v1/magic-links").json(&json!({ "email": email }));
    e2e::http::send(ask).await?.expect(202)?;
    let link = e2e::mail::link(house, email, "Patron").await?;
    let enter = house.http.request(Method::POST, "/account/v1/sessions").json(&json!({ "token": link }));
    Ok(text(&e2e::http::send(enter).await?.expect(201)?, "/token")?.to_owned())
}

/// PL-7: the secret is changed without anybody noticing: added everywhere, put first everywhere, and after the sealing
/// anew the former one is dropped. Between any two restarts sessions, second factors, codes, cursors, links and kept
/// answers are good.
#[tokio::test]
async fn a_secret_is_rotated_process_by_process() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    let standing = Standing::make(&house).await?;
    for (step, secrets) in [("add", format!("{SECRET},{NEXT}")), ("swap", format!("{NEXT},{SECRET}"))] {
        for member in MEMBERS {
            let handed = standing.hand_out(&house, &format!("{step}-{member}")).await?;
            change(&mut house, member, &secrets).await?;
            standing.check(&house, handed).await?;
        }
    }
    let said = reseal(&house, &format!("{NEXT},{SECRET}"))?;
    // Nobody's key was needed yet, of the rest there is some of each.
    let rest = said.lines().filter(|line| !line.contains("customers' keys"));
    assert!(rest.clone().count() > 0 && rest.clone().all(|line| !line.contains("\t0 sealed anew")), "{said}");
    assert!(said.contains("look-up keys\t2 sealed anew"), "{said}");
    let said = reseal(&house, &format!("{NEXT},{SECRET}"))?;
    assert!(said.contains("look-up keys\t0 sealed anew\t2 already"), "{said}");
    for member in MEMBERS {
        let handed = standing.hand_out(&house, &format!("drop-{member}")).await?;
        change(&mut house, member, NEXT).await?;
        standing.check(&house, handed).await?;
    }
    // Known again by what was stored under the first secret.
    let shop = standing.shop(&house);
    let asked = json!({ "mode": "email", "identity": "ada@example.com" });
    shop.guest().post("customers/request-creation-code", &asked).await?.expect(200)?;
    e2e::mail::arrival(&house, "ada@example.com", "already").await?;
    let said = reseal(&house, SECRET).expect_err("nothing is sealed with it any more").to_string();
    assert!(said.contains("open with none of the secrets"), "{said}");
    Ok(())
}

/// Restarts a process with other secrets.
async fn change(house: &mut House, member: &'static str, secrets: &str) -> anyhow::Result<()> {
    house.equip(member, vec![("PATRON_SECRET", secrets.to_owned())])?;
    house.stop(member).await?;
    house.revive(member)?;
    house.ready().await
}

/// What `patron reseal` says.
fn reseal(house: &House, secrets: &str) -> anyhow::Result<String> {
    run(house, "reseal", secrets)
}

/// What a command of the binary says.
fn run(house: &House, command: &str, secrets: &str) -> anyhow::Result<String> {
    let output = std::process::Command::new(std::env::var("PATRON_BIN")?)
        .arg(command)
        .env("PATRON_DATABASE_URL", house.database())
        .env("PATRON_NATS_URL", house.broker.url())
        .env("PATRON_SECRET", secrets)
        .output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// ID-30: `patron rotate-keys` while a house of many processes works: the key that signs then was published before, and
/// no call fails meanwhile, by whichever way it comes.
#[tokio::test]
async fn a_signing_key_is_replaced_under_way() -> anyhow::Result<()> {
    let house = House::start(Form::Separate, Vec::new()).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    shop.product("MUG", 1_000).await?;
    let published = async || {
        let keys = house.http.request(Method::GET, "/.well-known/jwks.json");
        let keys = e2e::http::send(keys).await?.expect(200)?;
        let ids = keys["keys"].as_array().into_iter().flatten().filter_map(|key| Some(key["kid"].as_str()?.to_owned()));
        anyhow::Ok(ids.collect::<Vec<_>>())
    };
    let customers = CustomerServiceClient::new(house.channel("customers")?);
    let assertions = AssertionServiceClient::new(house.channel("identity")?);
    let before = published().await?;
    run(&house, "rotate-keys", SECRET)?;
    let mut done = 0;
    e2e::eventually("the next key signs", || {
        let (mut customers, mut assertions, shop) = (customers.clone(), assertions.clone(), &shop);
        done += 1;
        let before = &before;
        async move {
            // A failure here is looked at below; `eventually` would try again.
            let called = async {
                shop.owner.get("/admin/v1/customers").await?.expect(200)?;
                shop.guest().get("products").await?.expect(200)?;
                let list = bearer(ListCustomersRequest::default(), &shop.owner.token)?;
                customers.list_customers(list).await?;
                let bearer = shop.store.key.clone();
                let front = ExchangeRequest { bearer, ..ExchangeRequest::default() };
                let assertion = assertions.exchange(system(front)?).await?.into_inner().assertion;
                anyhow::Ok(kit::assertion::key_id(&assertion))
            };
            Ok(match called.await {
                Ok(key) => (key.as_deref() == before.get(1).map(String::as_str)).then_some(Ok(())),
                Err(error) => Some(Err(error)),
            })
        }
    })
    .await??;
    anyhow::ensure!(done > 1, "the key was another one at once, which leaves nothing to see");
    let after = published().await?;
    anyhow::ensure!(after.len() == 3 && after[..2] == before, "{before:?}, then {after:?}");
    Ok(())
}
