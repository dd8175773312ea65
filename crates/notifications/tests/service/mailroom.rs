//! The service under test with its folders, its delivery and its stand-in for orders.
use std::{collections::HashMap, fs, path::PathBuf, sync::Arc};

use kit::{
    Db,
    ids::{MessageId, OrderId},
    inbox::{Consumer, Event},
    permission::Permission,
    service::Service,
    settings::Settings,
    tls::TlsSettings,
    transport::Transport,
};
use mailparse::{MailHeaderMap, ParsedMail};
use notifications::{consumer::Events, delivery::Delivery};
use prost::Message as _;
use proto::{
    base::v1::Audited,
    notifications::v1::{GetMessageRequest, Message, SendMessageRequest, message_service_client::MessageServiceClient},
    orders::v1::{Order, order_service_server::OrderServiceServer},
};
use tempfile::TempDir;
use testing::Rig;

use crate::orders::{Book, order, placed};

/// Staff who see everything in the log.
pub const READER: &[Permission] = &[Permission::MessagesRead, Permission::CustomersPii];

pub struct Mailroom {
    pub rig: Rig,
    pub client: MessageServiceClient<Transport>,
    /// The way to put other clients on.
    pub way: Transport,
    pub db: Db,
    pub delivery: Delivery,
    pub orders: Book,
    folders: TempDir,
}

impl Mailroom {
    pub async fn open() -> anyhow::Result<Self> {
        Self::with_smtp(None).await
    }

    /// A mailroom whose mail goes to this server.
    pub async fn with_smtp(url: Option<String>) -> anyhow::Result<Self> {
        Self::trusting(url, None).await
    }

    /// The same whose authorities are in the file `roots`.
    pub async fn trusting(url: Option<String>, roots: Option<PathBuf>) -> anyhow::Result<Self> {
        Self::with(|settings| {
            settings.smtp_url = url;
            settings.tls = TlsSettings { tls_ca: roots, ..TlsSettings::default() };
        })
        .await
    }

    /// A mailroom with other settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> anyhow::Result<Self> {
        Self::built(change, |_| Vec::new()).await
    }

    /// A mailroom beside further services.
    pub async fn beside(peers: impl FnOnce(&Rig) -> Vec<Service>) -> anyhow::Result<Self> {
        Self::built(|_| {}, peers).await
    }

    pub async fn built(
        change: impl FnOnce(&mut Settings),
        peers: impl FnOnce(&Rig) -> Vec<Service>,
    ) -> anyhow::Result<Self> {
        let mut rig = Rig::new(notifications::NAME, &notifications::MIGRATOR).await?;
        let folders = TempDir::new()?;
        let mut settings = Settings {
            mail_dir: folders.path().join("mail"),
            sms_dir: folders.path().join("sms"),
            push_dir: folders.path().join("push"),
            ..Settings::clone(&rig.env.settings)
        };
        change(&mut settings);
        rig.env.settings = Arc::new(settings);
        let orders = Book::default();
        let mut peers = peers(&rig);
        peers.push(Service::new("orders").rpc(OrderServiceServer::new(orders.clone())));
        let transport = rig.serve_with(notifications::service(&rig.env)?, Vec::new(), peers)?;
        let db = rig.env.db(notifications::NAME)?;
        let delivery = Delivery::new(&rig.env, &db)?;
        let client = MessageServiceClient::new(transport.clone());
        Ok(Self { client, way: transport, rig, db, delivery, orders, folders })
    }

    /// A registration code to `to` by `channel`.
    pub fn code(&self, channel: &str, to: &str) -> SendMessageRequest {
        SendMessageRequest {
            id: MessageId::new(self.rig.clock.now()).into(),
            realm: self.rig.actors.realm.into(),
            store: self.rig.actors.store.into(),
            channel: channel.to_owned(),
            to: to.to_owned(),
            template: "registration_code".to_owned(),
            secrets: HashMap::from([("code".to_owned(), "314159".to_owned())]),
            ..SendMessageRequest::default()
        }
    }

    pub async fn send(&self, request: SendMessageRequest) -> Result<Message, tonic::Status> {
        let request = self.rig.actors.system("identity", request);
        Ok(self.client.clone().send_message(request).await?.into_inner())
    }

    pub async fn read(&self, id: &str) -> Result<Message, tonic::Status> {
        let request = self.rig.actors.staff(READER, GetMessageRequest { id: id.to_owned() });
        Ok(self.client.clone().get_message(request).await?.into_inner())
    }

    /// Applies the event that `order` was placed, as if it came from the broker.
    pub async fn place(&self, order: &Order) -> anyhow::Result<()> {
        self.place_all(&[order]).await
    }

    /// The same of several, as if they came together.
    pub async fn place_all(&self, orders: &[&Order]) -> anyhow::Result<()> {
        let consumer = Events { clock: self.rig.clock.clone(), queued: Arc::default(), hooks: Arc::default() };
        let mut tx = self.db.begin_own().await?;
        let event = |order: &&Order| Event::new(kit::ids::uuid(self.rig.clock.now()), &placed(order));
        let events: Vec<Event> = orders.iter().map(event).collect();
        consumer.apply_all(&mut tx, &events.iter().collect::<Vec<_>>()).await?;
        Ok(tx.commit().await?)
    }

    /// An order of the actors' store.
    pub fn order(&self) -> Order {
        order(&self.rig.actors, OrderId::new(self.rig.clock.now()))
    }

    /// The only message there is.
    pub async fn only(&self) -> anyhow::Result<Message> {
        let id: uuid::Uuid = sqlx::query_scalar("select id from messages").fetch_one(self.db.pool()).await?;
        Ok(self.read(&MessageId::from_uuid(id).to_string()).await?)
    }

    /// How many events of this name were published.
    pub async fn published(&self, name: &str) -> anyhow::Result<i64> {
        let subject = format!("patron.notifications.v1.{name}");
        let count = sqlx::query_scalar("select count(*) from outbox where subject = $1").bind(subject);
        Ok(count.fetch_one(self.db.pool()).await?)
    }

    /// What the audit is told was done, in order.
    pub async fn recorded(&self) -> anyhow::Result<Vec<String>> {
        let told = "select payload from outbox where subject = 'patron.notifications.v1.Audited' order by id";
        let told: Vec<Vec<u8>> = sqlx::query_scalar(told).fetch_all(self.db.pool()).await?;
        let told = told.iter().map(|payload| Ok(Audited::decode(&payload[..])?.action));
        told.collect()
    }

    /// The folder of a channel.
    pub fn folder(&self, channel: &str) -> PathBuf {
        self.folders.path().join(channel)
    }

    /// The files of a channel, whole ones only.
    pub fn files(&self, channel: &str) -> anyhow::Result<Vec<String>> {
        let Ok(folder) = fs::read_dir(self.folder(channel)) else { return Ok(Vec::new()) };
        let files = folder.map(|entry| fs::read_to_string(entry?.path()));
        Ok(files.collect::<Result<_, _>>()?)
    }
}

/// Header and the two parts of a mail: subject, from, text, HTML.
pub fn parts(mail: &ParsedMail<'_>) -> anyhow::Result<[String; 4]> {
    let header = |name| mail.headers.get_first_value(name).unwrap_or_default();
    let [text, html] = mail.subparts.as_slice() else { anyhow::bail!("the mail has not two parts") };
    let lines = |part: &ParsedMail<'_>| part.get_body().map(|body| body.replace("\r\n", "\n"));
    Ok([header("Subject"), header("From"), lines(text)?, lines(html)?])
}
