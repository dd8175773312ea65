//! Webhooks under test: a service whose peers know who knows whom, and a receiver that keeps what it is sent.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use kit::{
    Db,
    clock::timestamp,
    ids::{CustomerId, OrderId, StoreId},
    inbox::{Consumer, Event},
    permission::Permission,
    secret::keyed_hash,
    service::Service,
};
use notifications::{
    consumer::Events,
    hook_delivery::{Posting, owners::Owners, sweep::Sweeper},
};
use prost::{Message, Name};
use proto::{
    base::v1::Money,
    customers::v1::{
        ChangeContactRequest, Customer, FindKnownRequest, FindKnownResponse, FindShopperRequest, FindShopperResponse,
        person_service_server::{PersonService, PersonServiceServer},
    },
    notifications::v1::{
        CreateWebhookRequest, GetHookDeliveryRequest, GetWebhookRequest, HookDelivery, ListHookDeliveriesRequest,
        Webhook, hook_delivery_service_client::HookDeliveryServiceClient, webhook_service_client::WebhookServiceClient,
    },
    orders::v1::{OrderPlaced, PlacedLine},
};
use tonic::{Request, Response, Status};

use crate::{
    mailroom::Mailroom,
    provider::{Asked, Provider},
};

/// Staff who manage webhooks.
pub const KEEPER: &[Permission] = &[Permission::WebhooksWrite];

/// Stands in for customers: knows which store knows whom.
#[derive(Clone, Default)]
pub struct Acquaintances(Arc<Mutex<BTreeSet<(String, String)>>>);

impl Acquaintances {
    /// From now on `store` knows `customer`.
    pub fn introduce(&self, store: StoreId, customer: CustomerId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((store.into(), customer.into()));
    }
}

#[tonic::async_trait]
impl PersonService for Acquaintances {
    async fn change_contact(&self, _: Request<ChangeContactRequest>) -> Result<Response<Customer>, Status> {
        Err(Status::unimplemented("notifications does not ask this"))
    }

    async fn find_shopper(&self, _: Request<FindShopperRequest>) -> Result<Response<FindShopperResponse>, Status> {
        Err(Status::unimplemented("notifications does not ask this"))
    }

    async fn find_known(&self, request: Request<FindKnownRequest>) -> Result<Response<FindKnownResponse>, Status> {
        let FindKnownRequest { store, customers, .. } = request.into_inner();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let customers = customers.into_iter().filter(|one| known.contains(&(store.clone(), one.clone()))).collect();
        Ok(Response::new(FindKnownResponse { customers }))
    }
}

/// The service with a receiver.
pub struct Hooks {
    pub room: Mailroom,
    pub posting: Posting,
    pub sweeper: Sweeper,
    pub receiver: Provider,
    pub known: Acquaintances,
    pub webhooks: WebhookServiceClient<kit::transport::Transport>,
    pub deliveries: HookDeliveryServiceClient<kit::transport::Transport>,
}

impl Hooks {
    /// An open house: receivers of tests are on this machine.
    pub async fn open() -> anyhow::Result<Self> {
        Self::with(true).await
    }

    pub async fn with(open: bool) -> anyhow::Result<Self> {
        let known = Acquaintances::default();
        let peer = Service::new("customers").rpc(PersonServiceServer::new(known.clone()));
        let room = Mailroom::built(|settings| settings.webhooks_inside = open, |_| vec![peer]).await?;
        let transport = room.rig.env.peer("test", notifications::NAME)?;
        let posting = Posting::new(&room.rig.env, &room.db)?;
        let owners = Owners::new(&room.rig.env, &room.db)?;
        let sweeper = Sweeper { db: room.db.clone(), clock: room.rig.clock.clone(), owners };
        let (webhooks, deliveries) =
            (WebhookServiceClient::new(transport.clone()), HookDeliveryServiceClient::new(transport));
        Ok(Self { room, posting, sweeper, receiver: Provider::open().await?, known, webhooks, deliveries })
    }

    /// A request by staff of the store who proved lately who they are.
    pub fn staff<T>(&self, message: T) -> Request<T> {
        recent(&self.room.rig.actors, message)
    }

    /// A webhook of the store that asks for `events` at `path` of the receiver.
    pub async fn make(&self, path: &str, events: &[&str]) -> anyhow::Result<Webhook> {
        let request = self.asking(path, events);
        Ok(self.webhooks.clone().create_webhook(self.staff(request)).await?.into_inner())
    }

    pub fn asking(&self, path: &str, events: &[&str]) -> CreateWebhookRequest {
        let events = events.iter().map(|&name| name.to_owned()).collect();
        CreateWebhookRequest { url: format!("{}{path}", self.receiver.url), description: String::new(), events }
    }

    pub async fn look(&self, id: &str) -> anyhow::Result<Webhook> {
        let request = GetWebhookRequest { id: id.to_owned() };
        Ok(self.webhooks.clone().get_webhook(self.staff(request)).await?.into_inner())
    }

    /// The deliveries to a webhook, newest first.
    pub async fn log(&self, webhook: &str) -> anyhow::Result<Vec<HookDelivery>> {
        let request = ListHookDeliveriesRequest { webhook: webhook.to_owned(), ..Default::default() };
        Ok(self.deliveries.clone().list_hook_deliveries(self.staff(request)).await?.into_inner().deliveries)
    }

    pub async fn detail(&self, one: &HookDelivery) -> anyhow::Result<HookDelivery> {
        let request = GetHookDeliveryRequest { webhook: one.webhook.clone(), id: one.id.clone() };
        Ok(self.deliveries.clone().get_hook_delivery(self.staff(request)).await?.into_inner())
    }

    /// Applies `event` as if it came from the broker.
    pub async fn hear<E: Message + Name>(&self, event: &E) -> anyhow::Result<Event> {
        let event = Event::new(uuid::Uuid::from_bytes(kit::secret::random()), event);
        self.hear_again(&event).await?;
        Ok(event)
    }

    pub async fn hear_again(&self, event: &Event) -> anyhow::Result<()> {
        let clock = self.room.rig.clock.clone();
        let consumer = Events { clock, queued: Arc::default(), hooks: Arc::default() };
        let mut tx = self.db().begin_own().await?;
        consumer.apply_all(&mut tx, &[event]).await?;
        Ok(tx.commit().await?)
    }

    pub fn db(&self) -> &Db {
        &self.room.db
    }

    /// An order that was placed in the store.
    pub fn placed(&self) -> OrderPlaced {
        let (now, actors) = (self.room.rig.clock.now(), &self.room.rig.actors);
        let line = PlacedLine {
            product: "prd_1".to_owned(),
            quantity: 1,
            subtotal: 1999,
            kind: "physical".to_owned(),
            ..PlacedLine::default()
        };
        OrderPlaced {
            realm: actors.realm.into(),
            store: actors.store.into(),
            order: OrderId::new(now).into(),
            customer: CustomerId::new(now).into(),
            total: Some(Money { amount: 1999, currency: "EUR".to_owned() }),
            lines: vec![line],
            at: Some(timestamp(now)),
            ..OrderPlaced::default()
        }
    }
}

/// A request by staff of `actors`' place who proved lately who they are.
pub fn recent<T>(actors: &testing::Actors, message: T) -> Request<T> {
    let claims = actors.claims(kit::actor::Kind::Staff, kit::ids::StaffId::from_uuid(actors.store.uuid()));
    let auth_time = Some(claims.iat);
    let perms = KEEPER.iter().copied().collect();
    actors.request(&kit::assertion::Claims { perms, auth_time, ..claims }, message)
}

/// Whether `asked` is signed with `secret`, by the rule of Standard Webhooks.
pub fn is_signed(asked: &Asked, secret: &str) -> bool {
    let key = secret.strip_prefix("whsec_").and_then(|text| BASE64_STANDARD.decode(text).ok());
    let Some(key) = key.and_then(|key| <[u8; 32]>::try_from(key).ok()) else { return false };
    let signed = [asked.header("webhook-id"), asked.header("webhook-timestamp"), &asked.body].join(".");
    let expected = format!("v1,{}", BASE64_STANDARD.encode(keyed_hash(&key, signed.as_bytes())));
    asked.header("webhook-signature").split(' ').any(|signature| signature == expected)
}
