//! The entrance of the console, as an attacker would use it who can plant a cookie.
use anyhow::{Context, ensure};
use e2e::{House, Member, Shop, http::text};
use reqwest::{Method, Response};
use serde_json::Value;

const SESSION: &str = "__Host-patron_staff";
const CHALLENGE: &str = "__Host-patron_challenge";

/// A browser's cookies, of which an attacker may have planted some.
#[derive(Default)]
struct Jar(Vec<(String, String)>);

impl Jar {
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Sends `form` as a page of the console does; keeps the cookies of the answer.
    async fn post(&mut self, house: &House, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Response> {
        let body = form.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&");
        let request = house.http.request(Method::POST, path).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        self.keep(request).await
    }

    async fn get_page(&mut self, house: &House, path: &str) -> anyhow::Result<Response> {
        self.keep(house.http.request(Method::GET, path)).await
    }

    async fn keep(&mut self, request: reqwest::RequestBuilder) -> anyhow::Result<Response> {
        let cookies: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header("cookie", cookies.join("; ")).send().await?;
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str()?.split_once('=').context("a cookie")?;
            self.set(name, rest.split(';').next().unwrap_or_default());
        }
        Ok(answer)
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

/// A recovery code for each time that somebody proves who they are.
async fn codes(member: &Member) -> anyhow::Result<Vec<String>> {
    let codes = member.post("/admin/v1/me/recovery-codes", &Value::Null).await?.expect(201)?;
    let codes = codes["recovery_codes"].as_array().context("codes")?;
    Ok(codes.iter().filter_map(|code| Some(code.as_str()?.to_owned())).collect())
}

/// Whether `token` opens the API.
async fn opens(house: &House, token: &str) -> anyhow::Result<bool> {
    let request = house.http.request(Method::GET, "/admin/v1/me").bearer_auth(token);
    Ok(request.send().await?.status() == 200)
}

/// ID-20: a planted cookie is never the session of whoever signs in: password, factor and every new proof of who one is
/// come with a token of their own, and the one before is over.
#[tokio::test]
async fn a_planted_session_is_never_entered() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (owner, attacker) = (&shop.owner, Member::hire(&house, &shop.store.id, "moderator").await?);
    let mut codes = codes(owner).await?;
    let mut jar = Jar::default();
    let made_up = format!("staff_{}", "A".repeat(43));
    let login = [("email", owner.email.as_str()), ("password", &owner.password), ("next", "/console/account")];
    for planted in [made_up.as_str(), &attacker.token] {
        // One that nobody has, and the attacker's own, whose challenge is planted, too.
        jar.set(SESSION, planted);
        jar.set(CHALLENGE, "challenge_planted");
        jar.post(&house, "/console/sign-in", &login).await?;
        let asked = jar.get(CHALLENGE).to_owned();
        ensure!(asked.starts_with("challenge_") && asked != "challenge_planted", "the challenge is {asked}");
        let code = codes.pop().context("a code")?;
        jar.post(&house, "/console/sign-in/code", &[("code", &code), ("next", "")]).await?;
        let entered = jar.get(SESSION).to_owned();
        ensure!(entered.starts_with("staff_") && entered != planted && entered != asked, "{entered}");
        ensure!(jar.get(CHALLENGE).is_empty(), "the challenge is over");
        ensure!(opens(&house, &entered).await? && !opens(&house, &made_up).await?, "who is in");
        // Whoever has seen the challenge comes in by it no second time.
        let again = codes.last().context("a code")?.clone();
        let mut thief = Jar(vec![(CHALLENGE.to_owned(), asked)]);
        thief.post(&house, "/console/sign-in/code", &[("code", &again), ("next", "")]).await?;
        ensure!(thief.get(SESSION).is_empty(), "a challenge was good twice");

        let code = codes.pop().context("a code")?;
        let proof = [("code", code.as_str()), ("next", "/console/account")];
        jar.post(&house, "/console/account/confirm", &proof).await?;
        let confirmed = jar.get(SESSION).to_owned();
        ensure!(confirmed.starts_with("staff_") && confirmed != entered, "the same token after a new proof");
        e2e::eventually("the token of before is over", || async {
            Ok((!opens(&house, &entered).await?).then_some(()))
        })
        .await?;
        ensure!(opens(&house, &confirmed).await?, "the new one is not");
        let page = jar.get_page(&house, "/console/account").await?.text().await?;
        ensure!(page.contains("Where you are signed in"), "{page}");
    }
    let me = attacker.get("/admin/v1/me").await?.expect(200)?;
    ensure!(text(&me, "/email")? == attacker.email, "the planted session is still the attacker's: {me}");
    Ok(())
}
