//! The service under test with its stand-ins, and the ways to be somebody in it.
use anyhow::Context;
use chrono::TimeDelta;
use identity::{MIGRATOR, NAME};
use kit::{
    actor::Actor,
    assertion::{self, Claims, PublicKey},
    clock::Clock,
    failure::Told,
    service::{Env, Service},
    transport::Transport,
};
use prost::{Message, Name};
use proto::{
    base::v1::Audited,
    customers::v1::{
        customer_base_service_server::CustomerBaseServiceServer, customer_service_server::CustomerServiceServer,
        person_service_server::PersonServiceServer, sealing_service_server::SealingServiceServer,
    },
    identity::v1::{
        self as pb, account_service_client::AccountServiceClient, assertion_service_client::AssertionServiceClient,
        audit_service_client::AuditServiceClient, network_service_client::NetworkServiceClient,
        staff_service_client::StaffServiceClient, staff_session_service_client::StaffSessionServiceClient,
        store_service_client::StoreServiceClient,
    },
    notifications::v1::{channel_service_server::ChannelServiceServer, message_service_server::MessageServiceServer},
};
use testing::{Rig, actors};
use tonic::{Request, Status};
use totp_rs::{Builder, Secret};

use crate::{letters::Letters, people::People, sealer::Sealer};

/// A password that nobody guesses.
pub const PASSWORD: &str = "correct horse battery";

/// The service under test.
pub struct House {
    pub env: Env,
    pub clock: Clock,
    pub people: People,
    pub letters: Letters,
    pub sealer: Sealer,
    way: Transport,
}

/// What a refusal says: its reason, or that there was none.
pub fn reason<T>(answer: Result<T, Status>) -> String {
    answer.err().map_or_else(|| "it was allowed".to_owned(), |status| Told::read(&status).reason)
}

/// The faults a refusal tells: pointer and code.
pub fn faults<T>(answer: Result<T, Status>) -> Vec<(String, String)> {
    let told = answer.err().map(|status| Told::read(&status).violations).unwrap_or_default();
    told.into_iter().map(|fault| (fault.pointer.into_owned(), fault.code.into_owned())).collect()
}

/// `message` as the one whom `assertion` speaks of.
pub fn by<T>(assertion: &str, message: T) -> Request<T> {
    actors::with(Request::new(message), "authorization", &format!("Bearer {assertion}"))
}

impl House {
    pub async fn build() -> anyhow::Result<Self> {
        let rig = Rig::new(NAME, &MIGRATOR).await?;
        Self::on(rig.env, rig.clock)
    }

    /// A house with other settings.
    pub async fn with(change: impl FnOnce(&mut kit::settings::Settings)) -> anyhow::Result<Self> {
        let rig = Rig::new(NAME, &MIGRATOR).await?;
        let mut settings = (*rig.env.settings).clone();
        change(&mut settings);
        let services = ["identity", "customers", "carts", "notifications"];
        Self::on(Env::new(settings, rig.clock.clone(), &services).await?, rig.clock)
    }

    /// A house in another environment.
    pub fn on(env: Env, clock: Clock) -> anyhow::Result<Self> {
        let (people, letters, sealer) = (People::new(&clock), Letters::default(), Sealer::default());
        let mut services = [
            identity::service(&env)?,
            Service::new("customers")
                .rpc(CustomerServiceServer::new(people.clone()))
                .rpc(CustomerBaseServiceServer::new(people.clone()))
                .rpc(SealingServiceServer::new(sealer.clone()))
                .rpc(PersonServiceServer::new(people.clone())),
            Service::new("notifications")
                .rpc(MessageServiceServer::new(letters.clone()))
                .rpc(ChannelServiceServer::new(letters.clone())),
        ];
        let _rpcs = env.open(&mut services)?;
        let way = env.peer("test", NAME)?;
        Ok(Self { env, clock, people, letters, sealer, way })
    }

    pub fn accounts(&self) -> AccountServiceClient<Transport> {
        AccountServiceClient::new(self.way.clone())
    }

    /// A client of another noun of the service.
    pub fn client<C>(&self, of: impl FnOnce(Transport) -> C) -> C {
        of(self.way.clone())
    }

    pub fn assertions(&self) -> AssertionServiceClient<Transport> {
        AssertionServiceClient::new(self.way.clone())
    }

    pub fn audit(&self) -> AuditServiceClient<Transport> {
        AuditServiceClient::new(self.way.clone())
    }

    pub fn stores(&self) -> StoreServiceClient<Transport> {
        StoreServiceClient::new(self.way.clone())
    }

    pub fn networks(&self) -> NetworkServiceClient<Transport> {
        NetworkServiceClient::new(self.way.clone())
    }

    pub fn staff(&self) -> StaffServiceClient<Transport> {
        StaffServiceClient::new(self.way.clone())
    }

    pub fn sessions(&self) -> StaffSessionServiceClient<Transport> {
        StaffSessionServiceClient::new(self.way.clone())
    }

    /// A new store, a moment younger than those before it.
    pub async fn store(&self, name: &str) -> anyhow::Result<pb::Store> {
        self.clock.advance(TimeDelta::milliseconds(1));
        Ok(self.stores().create_store(plan(name)).await?.into_inner())
    }

    /// A new network of new stores.
    pub async fn network(&self, names: &[&str]) -> anyhow::Result<pb::Network> {
        let mut stores = Vec::new();
        for name in names {
            stores.push(self.store(name).await?.id);
        }
        let (name, currency) = ("Old Town".to_owned(), "EUR".to_owned());
        let request = pb::CreateNetworkRequest { name, stores, currency, reviews_enabled: true };
        Ok(self.networks().create_network(request).await?.into_inner())
    }

    /// A new staff member who has signed in with both factors, and their token.
    pub async fn clerk(&self, email: &str, place: &str, role: &str) -> anyhow::Result<String> {
        Ok(self.hire(email, place, role).await?.0)
    }

    /// The same with their TOTP secret.
    pub async fn hire(&self, email: &str, place: &str, role: &str) -> anyhow::Result<(String, String)> {
        let request = pb::CreateStaffRequest { enrol_totp: true, ..clerk(email, place, role) };
        let secret = self.staff().create_staff(request).await?.into_inner().totp_secret;
        Ok((self.sign_in(email, &secret).await?, secret))
    }

    /// Signs in with [`PASSWORD`] and a code of `secret`.
    pub async fn sign_in(&self, email: &str, secret: &str) -> anyhow::Result<String> {
        let request = pb::CreateSessionRequest { email: email.to_owned(), password: PASSWORD.to_owned() };
        let challenge = match self.sessions().create_session(request).await?.into_inner().outcome {
            Some(pb::create_session_response::Outcome::Challenge(challenge)) => challenge,
            other => anyhow::bail!("no challenge: {other:?}"),
        };
        let request = pb::VerifyFactorRequest { challenge, code: self.totp(secret, 0)? };
        Ok(self.sessions().verify_factor(request).await?.into_inner().token)
    }

    /// The code of a TOTP secret `seconds` from now.
    pub fn totp(&self, secret: &str, seconds: i64) -> anyhow::Result<String> {
        let secret = Secret::try_from_base32(secret).ok().context("it is base 32")?;
        let totp = Builder::new().with_secret(secret).build().ok().context("it is a secret")?;
        let at = u64::try_from(self.clock.now().timestamp() + seconds)?;
        Ok(totp.generate(at).to_string())
    }

    /// The assertion of a new staff member in `place`.
    pub async fn at_work(&self, email: &str, place: &str, role: &str) -> anyhow::Result<String> {
        let token = self.clerk(email, place, role).await?;
        Ok(self.exchange(&token, "", "").await?)
    }

    /// The way to the service, for any client.
    pub fn way(&self) -> Transport {
        self.way.clone()
    }

    /// The assertion that credentials come to.
    pub async fn exchange(&self, bearer: &str, customer: &str, store: &str) -> Result<String, Status> {
        let request = pb::ExchangeRequest {
            bearer: bearer.to_owned(),
            customer_token: customer.to_owned(),
            store: store.to_owned(),
            ip: String::new(),
        };
        Ok(self.assertions().exchange(request).await?.into_inner().assertion)
    }

    /// The assertion of a shop front.
    pub async fn front(&self, key: &str) -> anyhow::Result<String> {
        Ok(self.exchange(key, "", "").await?)
    }

    /// The claims that credentials come to, verified by the published key.
    pub async fn claims(&self, bearer: &str, customer: &str, store: &str) -> anyhow::Result<Claims> {
        let assertion = self.exchange(bearer, customer, store).await?;
        let id = assertion::key_id(&assertion).context("it names a key")?;
        let keys = self.assertions().list_keys(pb::ListKeysRequest {}).await?.into_inner().keys;
        let key = keys.into_iter().find(|key| key.id == id).context("its key is published")?;
        let key = PublicKey { id, bytes: key.public_key.as_ref().try_into()? };
        Ok(key.verify(&assertion, &self.clock)?)
    }

    /// Who credentials make one.
    pub async fn actor(&self, bearer: &str, customer: &str, store: &str) -> anyhow::Result<Actor> {
        Ok(self.claims(bearer, customer, store).await?.try_into()?)
    }

    /// Has a code sent to an e-mail address and answers it.
    pub async fn code(&self, front: &str, email: &str) -> anyhow::Result<String> {
        let request = pb::RequestCreationCodeRequest { mode: "email".to_owned(), identity: email.to_owned() };
        self.accounts().request_creation_code(by(front, request)).await?;
        Ok(self.letters.code())
    }

    /// Registers an e-mail address with [`PASSWORD`].
    pub async fn register(&self, front: &str, email: &str) -> anyhow::Result<pb::SignedInAccount> {
        let code = self.code(front, email).await?;
        Ok(self.accounts().register(by(front, form(email, &code))).await?.into_inner())
    }

    /// Signs in with an identity and a password.
    pub async fn log_in(&self, front: &str, identity: &str, password: &str) -> Result<pb::SignedInAccount, Status> {
        let request = pb::LogInRequest { identity: identity.to_owned(), password: password.to_owned() };
        Ok(self.accounts().log_in(by(front, request)).await?.into_inner())
    }

    /// What the audit was told of an action, in order.
    pub async fn audited(&self, action: &str) -> anyhow::Result<Vec<Audited>> {
        let mut told = self.events::<Audited>().await?;
        told.retain(|told| told.action == action);
        Ok(told)
    }

    /// The events of kind `E` that were published, in order.
    pub async fn events<E: Message + Name + Default>(&self) -> anyhow::Result<Vec<E>> {
        let payloads: Vec<Vec<u8>> = sqlx::query_scalar("select payload from outbox where subject = $1 order by id")
            .bind(E::full_name().replacen("patron.base.", "patron.identity.", 1))
            .fetch_all(self.env.db(NAME)?.pool())
            .await?;
        Ok(payloads.into_iter().map(|payload| E::decode(&*payload)).collect::<Result<_, _>>()?)
    }
}

/// A store to create.
pub fn plan(name: &str) -> pb::CreateStoreRequest {
    pb::CreateStoreRequest {
        name: name.to_owned(),
        currency: "EUR".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        country: "DE".to_owned(),
        mail_from: "shop@example.com".to_owned(),
        url: "https://shop.example.com".to_owned(),
    }
}

/// A staff member to create, without a second factor.
pub fn clerk(email: &str, place: &str, role: &str) -> pb::CreateStaffRequest {
    pb::CreateStaffRequest {
        name: "Grace".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        enrol_totp: false,
        place: place.to_owned(),
        role: role.to_owned(),
        more_places: Vec::new(),
    }
}

/// An account to create with an e-mail address and [`PASSWORD`].
pub fn form(email: &str, code: &str) -> pb::RegisterRequest {
    pb::RegisterRequest {
        identity: email.to_owned(),
        code: code.to_owned(),
        name: "Ada".to_owned(),
        password: PASSWORD.to_owned(),
        email: String::new(),
        phone: String::new(),
    }
}
