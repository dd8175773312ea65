//! Staff members, signed in with both factors.
use proto::identity::v1::{CreateStaffRequest, staff_service_client::StaffServiceClient};
use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use crate::{
    Answer, House, Http,
    house::system,
    http::{send, text},
};

/// A staff member who is signed in.
#[derive(Clone)]
pub struct Member {
    http: Http,
    /// The session's token.
    pub token: String,
    /// E-mail address they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their TOTP secret in base 32.
    pub totp_secret: String,
}

impl Member {
    /// Hires somebody for a role in `place` and signs them in.
    pub async fn hire(house: &House, place: &str, role: &str) -> anyhow::Result<Self> {
        let mut member = Self::hire_only(house, place, role).await?;
        member.token = member.sign_in().await?;
        Ok(member)
    }

    /// Hires somebody for a role in `place`; they have not signed in yet.
    pub async fn hire_only(house: &House, place: &str, role: &str) -> anyhow::Result<Self> {
        let email = format!("{role}-{}@staff.example.com", uuid::Uuid::from_u128(rand_suffix()).simple());
        let password = "correct horse battery staple".to_owned();
        let request = CreateStaffRequest {
            name: format!("The {role}"),
            email: email.clone(),
            password: password.clone(),
            enrol_totp: true,
            place: place.to_owned(),
            role: role.to_owned(),
            more_places: Vec::new(),
        };
        let mut staff = StaffServiceClient::new(house.channel("identity")?);
        let totp_secret = staff.create_staff(system(request)?).await?.into_inner().totp_secret;
        Ok(Self { http: house.http.clone(), token: String::new(), email, password, totp_secret })
    }

    /// Signs in with password and factor; answers the session's token.
    pub async fn sign_in(&self) -> anyhow::Result<String> {
        let body = json!({ "email": self.email, "password": self.password });
        let answer = send(self.http.request(Method::POST, "/admin/v1/sessions").json(&body)).await?.expect(200)?;
        let body = json!({ "challenge": text(&answer, "/challenge")?, "code": totp(&self.totp_secret)? });
        let answer = send(self.http.request(Method::POST, "/admin/v1/sessions/mfa").json(&body)).await?.expect(201)?;
        Ok(text(&answer, "/token")?.to_owned())
    }

    /// A request of `path`, to be completed.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, path).bearer_auth(&self.token)
    }

    /// GETs `path`.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        send(self.request(Method::GET, path)).await
    }

    /// POSTs `body` to `path`.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// Uploads a file of customers.
    pub async fn import(&self, file: impl Into<reqwest::Body>) -> anyhow::Result<Answer> {
        let upload = self.request(Method::POST, "/admin/v1/imports").header("Content-Type", "text/csv");
        send(upload.body(file)).await
    }

    /// Sends a PATCH of `path` with `body`.
    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        send(self.request(Method::PATCH, path).json(body)).await
    }
}

/// The present code of a TOTP secret in base 32.
pub fn totp(secret: &str) -> anyhow::Result<String> {
    let secret = Secret::try_from_base32(secret).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let totp = totp.with_secret(secret).build().map_err(|e| anyhow::anyhow!("{e:?}"))?;
    Ok(totp.generate_current().to_string())
}

fn rand_suffix() -> u128 {
    u128::from_be_bytes(kit::secret::random())
}
