//! Actors of every kind, with assertions signed by the test's own key.
use kit::{
    actor::Kind,
    assertion::{Claims, Signer},
    call::header,
    clock::Clock,
    ids::{CustomerId, NetworkId, RealmId, StaffId, StoreId},
    permission::{Permission, Permissions},
    secret::Secrets,
};
use tonic::{Request, metadata::MetadataValue};

/// Signs for actors of one realm and store.
#[derive(Clone)]
pub struct Actors {
    signer: Signer,
    system: Signer,
    clock: Clock,
    /// Customer base of the actors.
    pub realm: RealmId,
    /// Store of the actors.
    pub store: StoreId,
    /// Network of the actors, for stores in one.
    pub network: Option<NetworkId>,
}

impl Actors {
    /// Actors of a fresh store in a realm of its own.
    pub fn new(clock: &Clock, secrets: &Secrets) -> anyhow::Result<Self> {
        let store = StoreId::new(clock.now());
        Ok(Self {
            signer: Signer::new("test", &secrets.key("test-assertions"))?,
            system: Signer::system(secrets)?,
            clock: clock.clone(),
            realm: RealmId::from_uuid(store.uuid()),
            store,
            network: None,
        })
    }

    /// The same signer with actors of another store, in a realm of its own.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        let store = StoreId::new(self.clock.now());
        Self { realm: RealmId::from_uuid(store.uuid()), store, network: None, ..self.clone() }
    }

    /// The key that the actors' assertions are verified with.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// A request by a shop front without a signed-in customer.
    #[must_use]
    pub fn anonymous<T>(&self, message: T) -> Request<T> {
        self.request(&self.claims(Kind::Anonymous, self.store), message)
    }

    /// A request by a signed-in customer.
    #[must_use]
    pub fn customer<T>(&self, customer: CustomerId, message: T) -> Request<T> {
        self.request(&self.claims(Kind::Customer, customer), message)
    }

    /// A request by a staff member with `permissions` in this store.
    #[must_use]
    pub fn staff<T>(&self, permissions: &[Permission], message: T) -> Request<T> {
        let perms = permissions.iter().copied().collect::<Permissions>();
        let claims = self.claims(Kind::Staff, StaffId::new(self.clock.now()));
        self.request(&Claims { perms, ..claims }, message)
    }

    /// A request by the service `name` for itself.
    #[must_use]
    pub fn system<T>(&self, name: &str, message: T) -> Request<T> {
        sign(&self.system, &Claims::new(Kind::System, name, self.clock.now()), message)
    }

    /// A request with these claims.
    #[must_use]
    pub fn request<T>(&self, claims: &Claims, message: T) -> Request<T> {
        sign(&self.signer, claims, message)
    }

    /// Claims of an actor of this store.
    #[must_use]
    pub fn claims(&self, kind: Kind, subject: impl Into<String>) -> Claims {
        Claims {
            realm: Some(self.realm.into()),
            store: Some(self.store.into()),
            network: self.network.map(String::from),
            sid: Some("ses_test".to_owned()),
            ..Claims::new(kind, subject, self.clock.now())
        }
    }
}

fn sign<T>(signer: &Signer, claims: &Claims, message: T) -> Request<T> {
    let token = signer.sign(claims).expect("test claims can be signed");
    with(Request::new(message), "authorization", &format!("Bearer {token}"))
}

/// `request` with an idempotency key; `fingerprint` stands for what it asks.
#[must_use]
pub fn keyed<T>(request: Request<T>, key: &str, fingerprint: &str) -> Request<T> {
    with(with(request, header::IDEMPOTENCY_KEY, key), header::FINGERPRINT, fingerprint)
}

/// `request` that expects `version`.
#[must_use]
pub fn if_match<T>(request: Request<T>, version: i64) -> Request<T> {
    with(request, header::IF_MATCH, &version.to_string())
}

/// `request` with one more piece of metadata.
///
/// # Panics
/// When `value` is not printable.
#[must_use]
pub fn with<T>(mut request: Request<T>, name: &'static str, value: &str) -> Request<T> {
    request.metadata_mut().insert(name, MetadataValue::try_from(value).expect("test metadata is printable"));
    request
}
