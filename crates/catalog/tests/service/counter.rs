//! A catalog to test, and what staff do with it.
use kit::{Db, inbox::Consumer, inbox::Event, permission::Permission};
use proto::{
    base::v1::Money,
    catalog::v1::{
        CreateProductRequest, DeleteProductRequest, Plan, Product, Texts, UpdateProductRequest,
        product_service_client::ProductServiceClient,
    },
    identity::v1::Store,
    orders::v1::{OrderPlaced, PlacedLine},
};
use testing::{Actors, Rig};
use tonic::Status;
use uuid::Uuid;

pub type Client = ProductServiceClient<kit::transport::Transport>;

pub const EDITOR: &[Permission] = &[Permission::CatalogRead, Permission::CatalogWrite];

/// A catalog behind its counter.
pub struct Counter {
    pub rig: Rig,
    pub client: Client,
    pub transport: kit::transport::Transport,
    /// People of another store.
    pub elsewhere: Actors,
}

impl Counter {
    pub async fn open() -> anyhow::Result<Self> {
        Self::open_with(|_| ()).await
    }

    /// With other settings than usual.
    pub async fn open_with(change: impl FnOnce(&mut kit::settings::Settings)) -> anyhow::Result<Self> {
        let mut rig = Rig::new(catalog::NAME, &catalog::MIGRATOR).await?;
        let mut settings = (*rig.env.settings).clone();
        change(&mut settings);
        rig.env.settings = std::sync::Arc::new(settings);
        let elsewhere = rig.actors.elsewhere();
        let other = Store { id: elsewhere.store.into(), ..rig.store() };
        let transport = rig.serve(catalog::service(&rig.env)?, vec![other])?;
        Ok(Self { rig, client: Client::new(transport.clone()), transport, elsewhere })
    }

    pub async fn create(&self, request: CreateProductRequest) -> Result<Product, Status> {
        let request = self.rig.actors.staff(EDITOR, request);
        Ok(self.client.clone().create_product(request).await?.into_inner())
    }

    pub async fn update(&self, request: UpdateProductRequest) -> Result<Product, Status> {
        let request = self.rig.actors.staff(EDITOR, request);
        Ok(self.client.clone().update_product(request).await?.into_inner())
    }

    pub async fn delete(&self, id: &str) -> Result<(), Status> {
        let request = self.rig.actors.staff(EDITOR, DeleteProductRequest { id: id.to_owned() });
        self.client.clone().delete_product(request).await.map(drop)
    }

    /// A bundle of `contents`.
    pub async fn bundle(&self, sku: &str, contents: &[&str]) -> Result<Product, Status> {
        let contents = texts(contents).texts;
        self.create(CreateProductRequest { package: "bundle".to_owned(), contents, ..song(sku) }).await
    }

    /// Puts `contents` into `product` in place of what is inside.
    pub async fn fill(&self, product: &Product, contents: &[&str]) -> Result<Product, Status> {
        let contents = Some(texts(contents));
        self.update(UpdateProductRequest { id: product.id.clone(), contents, ..Default::default() }).await
    }

    /// Tells the catalog that `product` was sold.
    pub async fn sell(&self, product: &Product) -> anyhow::Result<()> {
        let line = PlacedLine { product: product.id.clone(), quantity: 1, ..PlacedLine::default() };
        let placed = OrderPlaced { store: product.store.clone(), lines: vec![line], ..OrderPlaced::default() };
        let mut tx = self.db()?.begin_own().await?;
        catalog::consumer::Events.apply(&mut tx, &Event::new(Uuid::nil(), &placed)).await?;
        Ok(tx.commit().await?)
    }

    /// Names of the events in the outbox, in order.
    pub async fn events(&self) -> anyhow::Result<Vec<String>> {
        let subjects = sqlx::query_scalar("select subject from outbox order by id");
        let subjects: Vec<String> = subjects.fetch_all(self.db()?.pool()).await?;
        let names = subjects.iter().map(|subject| subject.rsplit('.').next().unwrap_or_default().to_owned());
        Ok(names.filter(|name| name != "Audited").collect())
    }

    pub fn db(&self) -> anyhow::Result<Db> {
        self.rig.env.db(catalog::NAME)
    }
}

pub fn texts(texts: &[&str]) -> Texts {
    Texts { texts: texts.iter().map(|&text| text.to_owned()).collect() }
}

pub fn euros(amount: i64) -> Money {
    Money { amount, currency: "EUR".to_owned() }
}

/// A digital product of one file.
pub fn song(sku: &str) -> CreateProductRequest {
    CreateProductRequest {
        sku: sku.to_owned(),
        name: format!("Song {sku}"),
        price: Some(euros(99)),
        kind: "digital".to_owned(),
        ..CreateProductRequest::default()
    }
}

/// A new plan of so many months.
pub fn months(count: u32, amount: i64) -> Plan {
    let (name, interval) = (format!("Every {count} months"), "month".to_owned());
    Plan { name, interval, count, price: Some(euros(amount)), active: true, ..Plan::default() }
}

pub fn reason(status: &Status) -> String {
    kit::failure::Told::read(status).reason
}

/// Where the faults of an input are.
pub fn pointers(status: &Status) -> Vec<String> {
    let told = kit::failure::Told::read(status);
    told.violations.into_iter().map(|violation| violation.pointer.into_owned()).collect()
}
