//! Libraries: what purchases, refunds, staff, merges and rebuilds make of them.
use chrono::TimeDelta;
use kit::{
    ids::{CustomerId, LibraryItemId, ProductFileId, ProductId},
    permission::Permission,
};
use orders::{
    consumer::Events,
    library::{goods::Goods, work::Worker},
};
use proto::{
    carts::v1::Cart,
    catalog::v1::{ProductDescription, ProductFile},
    orders::v1::{
        BeginRebuildRequest, EditLibraryItemRequest, GetRebuildRequest, GrantLibraryItemRequest, LibraryItem,
        ListLibraryRequest, Order, RebuildLibraryRequest, RebuildLibraryResponse, RevokeLibraryItemRequest,
        library_service_client::LibraryServiceClient,
    },
};
use testing::merges::{hear, merged, steps};
use tonic::{Request, Status};

use crate::{
    counter::{back, eur, units},
    shop::{Shop, faults, payment, reason, wish},
};

/// What whoever tends libraries may do.
pub const KEEPER: &[Permission] = &[Permission::CustomersRead, Permission::LibraryWrite, Permission::CustomersPii];

impl Shop {
    pub fn libraries(&self) -> LibraryServiceClient<kit::transport::Transport> {
        LibraryServiceClient::new(self.transport.clone())
    }

    /// A product of the actors' store with a file, which the catalog knows.
    pub fn product(&self, name: &str, inside: &[&ProductDescription]) -> ProductDescription {
        let now = self.rig.clock.now();
        let id = ProductId::new(now);
        let file = ProductFile {
            id: ProductFileId::new(now).into(),
            product: id.into(),
            name: format!("{name}.txt"),
            media_type: "text/plain".to_owned(),
            size: 1_000,
            digest: "00".to_owned(),
            ..ProductFile::default()
        };
        let product = ProductDescription {
            product: id.into(),
            store: self.rig.actors.store.into(),
            name: name.to_owned(),
            description: format!("All about {name}."),
            kind: "digital".to_owned(),
            active: true,
            package: if inside.is_empty() { "file" } else { "bundle" }.to_owned(),
            files: vec![file],
            inside: inside.iter().map(|part| part.product.clone()).collect(),
            ..ProductDescription::default()
        };
        self.stock.put(product.clone());
        product
    }

    /// A cart of so many of `product`.
    pub fn cart_of(&self, product: &ProductDescription, quantity: u32) -> Cart {
        let mut cart = self.cart();
        let mut line = cart.lines.pop().expect("a digital line");
        line.product.clone_from(&product.product);
        line.package.clone_from(&product.package);
        (line.quantity, line.subtotal) = (quantity, line.price * i64::from(quantity));
        (cart.subtotal, cart.total) = (line.subtotal, line.subtotal);
        cart.lines = vec![line];
        self.carts.put(cart.clone());
        cart
    }

    /// `customer` buys so many of `product`.
    pub async fn buy(
        &self,
        customer: CustomerId,
        product: &ProductDescription,
        quantity: u32,
    ) -> anyhow::Result<Order> {
        let request = self.rig.actors.customer(customer, wish(&self.cart_of(product, quantity).id, "test"));
        let token = self.begin_by(request).await?.token;
        let capture = self.rig.actors.customer(customer, payment(&token, "pm_test_ok"));
        Ok(self.capture_by(capture).await?.order.expect("an order"))
    }

    pub async fn library_by(&self, request: Request<ListLibraryRequest>) -> Result<Vec<LibraryItem>, Status> {
        Ok(self.libraries().list_library(request).await?.into_inner().items)
    }

    /// What the customer sees.
    pub async fn library(&self, customer: CustomerId) -> Result<Vec<LibraryItem>, Status> {
        self.library_by(self.rig.actors.customer(customer, ListLibraryRequest::default())).await
    }

    /// Names of what the customer has.
    pub async fn has(&self, customer: CustomerId) -> Result<Vec<String>, Status> {
        let mut names: Vec<_> = self.library(customer).await?.into_iter().map(|item| item.name).collect();
        names.sort_unstable();
        Ok(names)
    }

    pub async fn grant(&self, customer: CustomerId, product: &ProductDescription) -> Result<LibraryItem, Status> {
        let request = self.rig.actors.staff(KEEPER, given(customer, product));
        Ok(self.libraries().grant_library_item(request).await?.into_inner())
    }

    pub async fn revoke(&self, customer: CustomerId, product: &ProductDescription) -> Result<LibraryItem, Status> {
        let (item, reason) = (item(product), "A chargeback.".to_owned());
        let request = RevokeLibraryItemRequest { customer: customer.into(), item, reason };
        Ok(self.libraries().revoke_library_item(self.rig.actors.staff(KEEPER, request)).await?.into_inner())
    }

    pub async fn rebuild(&self, customer: CustomerId) -> Result<(u32, u32), Status> {
        let request = RebuildLibraryRequest { customer: customer.into() };
        let request = self.rig.actors.staff(KEEPER, request);
        let RebuildLibraryResponse { restored, corrected } =
            self.libraries().rebuild_library(request).await?.into_inner();
        Ok((restored, corrected))
    }

    async fn run(&self, sql: &'static str) -> anyhow::Result<u64> {
        Ok(sqlx::query(sql).execute(self.db.pool()).await?.rows_affected())
    }
}

pub fn item(product: &ProductDescription) -> String {
    let id: ProductId = product.product.parse().expect("an id");
    LibraryItemId::from_uuid(id.uuid()).into()
}

fn given(customer: CustomerId, product: &ProductDescription) -> GrantLibraryItemRequest {
    GrantLibraryItemRequest {
        customer: customer.into(),
        product: product.product.clone(),
        reason: "Ada won it.".to_owned(),
        note: "Likes lids.".to_owned(),
        ..GrantLibraryItemRequest::default()
    }
}

/// OR-8: what is paid is in the library, with what was inside at the time, whatever the bundle holds later; what is only
/// ordered on invoice comes with the money.
#[tokio::test]
async fn what_is_paid_is_in_the_library() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let (one, two, three) = (shop.product("one", &[]), shop.product("two", &[]), shop.product("three", &[]));
    let album = shop.product("album", &[&one, &two]);
    shop.buy(ada, &album, 1).await?;
    shop.stock.put(ProductDescription { inside: vec![three.product.clone()], ..album.clone() });
    assert_eq!(shop.has(ada).await?, ["album", "one", "two"]);
    let items = shop.library(ada).await?;
    let song = items.iter().find(|item| item.name == "one").expect("a song");
    assert_eq!((&*song.source, &*song.state, &*song.package), ("purchase", "active", "file"));
    assert_eq!((&song.grounds[0].inside, song.files.len(), &*song.description), (&album.product, 1, "All about one."));
    assert_eq!(shop.rebuild(ada).await?, (0, 0));
    let invoiced = shop.begin_by(shop.rig.actors.customer(ada, wish(&shop.cart_of(&three, 1).id, "manual"))).await?;
    let order = shop.capture_by(shop.rig.actors.customer(ada, payment(&invoiced.token, ""))).await?.order;
    assert_eq!(shop.has(ada).await?.len(), 3);
    let order = order.expect("an order");
    shop.mark_paid(&order, eur(100)).await?;
    assert_eq!(shop.has(ada).await?.len(), 3);
    shop.mark_paid(&order, None).await?;
    assert_eq!(shop.has(ada).await?, ["album", "one", "three", "two"]);
    Ok(())
}

/// OR-5, OR-8: a refund takes what it covers: the last unit of a line takes the item, with what came inside; money that
/// goes back for no line takes nothing before all of it has gone back.
#[tokio::test]
async fn a_refund_takes_what_it_covers() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let one = shop.product("one", &[]);
    let album = shop.product("album", &[&one]);
    let order = shop.buy(ada, &album, 2).await?;
    let mut half = back(&order);
    half.lines = vec![units(&order, 0, 1)];
    shop.refund(half.clone(), "half").await?;
    assert_eq!(shop.has(ada).await?, ["album", "one"]);
    assert_eq!(shop.library(ada).await?[0].grounds[0].units, 1);
    let again = shop.buy(ada, &one, 1).await?;
    shop.refund(half, "rest").await?;
    assert_eq!(shop.has(ada).await?, ["one"]);
    let mut goodwill = back(&again);
    goodwill.amount = eur(100);
    shop.refund(goodwill.clone(), "goodwill").await?;
    assert_eq!(shop.has(ada).await?, ["one"]);
    goodwill.amount = eur(400);
    shop.refund(goodwill, "all").await?;
    assert_eq!(shop.has(ada).await?, Vec::<String>::new());
    assert_eq!(shop.rebuild(ada).await?, (0, 0));
    let staff = shop.rig.actors.staff(KEEPER, ListLibraryRequest { customer: ada.into() });
    let seen = shop.library_by(staff).await?;
    assert_eq!(seen.iter().map(|item| &*item.state).collect::<Vec<_>>(), ["refunded", "refunded"]);
    Ok(())
}

/// OR-8: staff give, change and take; each with a reason, an entry of the audit and an event, and none of it is undone by a
/// rebuild. Buying it anew brings it back.
#[tokio::test]
async fn staff_give_change_and_take() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let (book, song) = (shop.product("book", &[]), shop.product("song", &[]));
    shop.buy(ada, &song, 1).await?;
    let granted = shop.grant(ada, &book).await?;
    assert_eq!(
        (&*granted.source, &*granted.note, &*granted.grounds[0].reason),
        ("manual", "Likes lids.", "Ada won it.")
    );
    let own = shop.library(ada).await?;
    assert_eq!((&*own[0].note, &*own[0].grounds[0].reason), ("", ""));
    let mut edit = EditLibraryItemRequest {
        customer: ada.into(),
        item: item(&book),
        reason: "Ada asked for it.".to_owned(),
        download_limit: Some(3),
        until: Some(kit::clock::timestamp(shop.rig.clock.now() + TimeDelta::hours(1))),
        ..EditLibraryItemRequest::default()
    };
    let change = |edit: &EditLibraryItemRequest| {
        let (mut client, request) = (shop.libraries(), shop.rig.actors.staff(KEEPER, edit.clone()));
        async move { Ok::<_, Status>(client.edit_library_item(request).await?.into_inner()) }
    };
    let edited: LibraryItem = change(&edit).await?;
    assert_eq!((edited.download_limit, edited.has_own_limit, &*edited.note), (3, true, "Likes lids."));
    shop.rig.clock.advance(TimeDelta::hours(1));
    assert_eq!(shop.library(ada).await?.iter().filter(|item| item.state == "expired").count(), 1);
    (edit.until, edit.no_until, edit.download_limit, edit.no_download_limit) = (None, true, None, true);
    let edited: LibraryItem = change(&edit).await?;
    assert_eq!((&*edited.state, edited.has_own_limit), ("active", false));
    shop.revoke(ada, &book).await?;
    shop.revoke(ada, &song).await?;
    assert_eq!((shop.has(ada).await?.len(), shop.rebuild(ada).await?), (0, (0, 0)));
    shop.rig.clock.advance(TimeDelta::seconds(1));
    shop.buy(ada, &song, 1).await?;
    assert_eq!(shop.has(ada).await?, ["song"]);
    let events = shop.events().await?;
    assert_eq!(events.iter().filter(|event| *event == "LibraryChanged").count(), 7);
    assert_eq!(events.iter().filter(|event| *event == "Audited").count(), 6);
    Ok(())
}

/// OR-8, ID-22, ID-23, PL-4: who may, and what everybody else is told.
#[tokio::test]
async fn who_tends_libraries() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.customer("ada@example.com"), shop.customer("bob@example.com"));
    let book = shop.product("book", &[]);
    let by = |permissions: &[Permission], request| shop.rig.actors.staff(permissions, request);
    let grant = async |request| shop.libraries().grant_library_item(request).await;
    assert_eq!(reason(grant(by(&[Permission::CustomersRead], given(ada, &book))).await), "permission_required");
    assert_eq!(reason(grant(shop.rig.actors.customer(ada, given(ada, &book))).await), "permission_required");
    let mug = ProductDescription { kind: "physical".to_owned(), ..shop.product("mug", &[]) };
    shop.stock.put(mug.clone());
    assert_eq!(reason(shop.grant(ada, &mug).await), "product_not_digital");
    let other = ProductDescription { product: item(&book), ..book.clone() };
    assert_eq!(reason(shop.grant(ada, &other).await), "product_not_found");
    let odd = GrantLibraryItemRequest {
        source: "found".to_owned(),
        reason: String::new(),
        download_limit: Some(10_001),
        until: Some(kit::clock::timestamp(shop.rig.clock.now())),
        ..given(ada, &book)
    };
    let expected = ["/source unknown", "/download_limit out_of_range", "/until out_of_range", "/reason required"];
    assert_eq!(faults(grant(by(KEEPER, odd)).await), expected);
    shop.grant(ada, &book).await?;
    assert_eq!(reason(shop.revoke(bob, &book).await), "library_item_not_found");
    let theirs = shop.rig.actors.customer(bob, ListLibraryRequest { customer: ada.into() });
    assert_eq!(reason(shop.library_by(theirs).await), "customer_not_found");
    let masked = ListLibraryRequest { customer: ada.into() };
    let masked = shop.rig.actors.staff(&[Permission::CustomersRead], masked);
    let masked = shop.library_by(masked).await?.remove(0);
    assert_eq!(masked.redacted, ["note", "grounds.reason"]);
    assert!(!format!("{masked:?}").contains("Ada") && !masked.note.contains("lids"));
    let elsewhere = shop.rig.actors.elsewhere().staff(KEEPER, ListLibraryRequest { customer: ada.into() });
    assert_eq!(shop.library_by(elsewhere).await?, []);
    Ok(())
}

/// OR-8: a rebuild restores what is missing, corrects what is wrong, and keeps what was given, refunded and revoked as it
/// is; a second one finds nothing to do.
#[tokio::test]
async fn a_rebuild_puts_right() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let one = shop.product("one", &[]);
    let (album, gift) = (shop.product("album", &[&one]), shop.product("gift", &[]));
    let (gone, taken) = (shop.product("gone", &[]), shop.product("taken", &[]));
    shop.buy(ada, &album, 2).await?;
    let order = shop.buy(ada, &gone, 1).await?;
    shop.refund(back(&order), "all").await?;
    shop.buy(ada, &taken, 1).await?;
    shop.grant(ada, &gift).await?;
    shop.revoke(ada, &taken).await?;
    let seen = shop.library(ada).await?;
    // As if a purchase were of before there were libraries.
    assert!(shop.run("delete from library_entries where what in ('purchase', 'refund')").await? > 3);
    shop.run("update order_lines set contents = null").await?;
    assert_eq!(shop.has(ada).await?, ["gift"]);
    assert_eq!(shop.rebuild(ada).await?, (3, 1));
    assert_eq!(shop.library(ada).await?, seen);
    assert_eq!(shop.rebuild(ada).await?, (0, 0));
    let wrong = "insert into library_entries (realm_id, store_id, customer_id, origin_id, product_id, root_id, what,
                   order_id, line_id, units, name, actor, at)
                 select realm_id, store_id, customer_id, origin_id, product_id, root_id, 'correction', order_id, line_id,
                   7, name, actor, at from library_entries where what = 'purchase' limit 1";
    shop.run(wrong).await?;
    assert_eq!(shop.rebuild(ada).await?, (0, 1));
    assert_eq!(shop.library(ada).await?, seen);
    let error = shop.run("update library_entries set units = 9").await.expect_err("append-only").to_string();
    assert!(error.contains("append-only"), "{error}");
    Ok(())
}

/// OR-8: all libraries are made anew behind the request, with progress; a process that dies is followed by another, and
/// whoever was erased stays forgotten.
#[tokio::test]
async fn all_are_rebuilt_with_progress() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let book = shop.product("book", &[]);
    let mut people = Vec::new();
    for n in 0..4 {
        let person = shop.customer(&format!("{n}@example.com"));
        shop.buy(person, &book, 1).await?;
        people.push(person);
    }
    shop.run("delete from library_entries").await?;
    let erased = "insert into erasures (realm_id, customer_id, job_id, at) values ($1, $2, 'job', now())";
    sqlx::query(erased).bind(shop.rig.actors.realm).bind(people[3]).execute(shop.db.pool()).await?;
    let begun = shop.rig.actors.staff(&[Permission::LibraryWrite], BeginRebuildRequest {});
    let begun = shop.libraries().begin_rebuild(begun).await?.into_inner();
    assert_eq!(begun.state, "queued");
    let get = async |actors: &testing::Actors| {
        let request = actors.staff(&[Permission::CustomersRead], GetRebuildRequest { id: begun.id.clone() });
        Ok::<_, Status>(shop.libraries().get_rebuild(request).await?.into_inner())
    };
    // Somebody took it and died: it is taken up when their time is over.
    let died = "update library_rebuilds set state = 'running', lease_until = lease_until + interval '30 seconds'";
    shop.run(died).await?;
    let goods = Goods::new(shop.rig.env.peer("orders", "catalog")?);
    let worker = Worker { db: shop.db.clone(), clock: shop.rig.clock.clone(), goods };
    assert!(!worker.round().await?);
    shop.rig.clock.advance(TimeDelta::seconds(30));
    assert!(worker.round().await?);
    let done = get(&shop.rig.actors).await?;
    assert_eq!((&*done.state, done.done, done.total, done.changed), ("succeeded", 4, 4, 3));
    assert!(!worker.round().await?);
    assert_eq!((shop.has(people[0]).await?, shop.has(people[3]).await?), (vec!["book".to_owned()], vec![]));
    assert_eq!(reason(get(&shop.rig.actors.elsewhere()).await), "job_not_found");
    Ok(())
}

/// CU-13, OR-8: libraries become one: what either had is there once, what was taken from one stays taken, and taking it
/// afterwards takes it all.
#[tokio::test]
async fn libraries_follow_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let events = Events { clock: shop.rig.clock.clone() };
    let (kept, gone) = (shop.customer("kept@example.com"), shop.customer("gone@example.com"));
    let (both, one, other) = (shop.product("both", &[]), shop.product("one", &[]), shop.product("other", &[]));
    for (who, what) in [(kept, &both), (gone, &both), (kept, &one), (gone, &one), (gone, &other)] {
        shop.buy(who, what, 1).await?;
    }
    shop.revoke(kept, &one).await?;
    hear(&shop.db, &events, &merged(&shop.rig, kept, gone)).await?;
    assert_eq!(steps(&shop.db).await?[0].counts["library entries"], 3);
    assert_eq!(shop.has(kept).await?, ["both", "one", "other"]);
    assert_eq!(shop.has(gone).await?, shop.has(kept).await?);
    assert_eq!(shop.rebuild(kept).await?, (0, 0));
    shop.revoke(kept, &one).await?;
    shop.revoke(kept, &both).await?;
    assert_eq!((shop.has(kept).await?, shop.rebuild(kept).await?), (vec!["other".to_owned()], (0, 0)));
    Ok(())
}

/// OR-8, OR-1: a purchase that is finished twice at once, or by the reaper, is entered once; a rebuild at the same time
/// adds nothing to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_entered_twice() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let book = shop.product("book", &[]);
    for _ in 0..4 {
        let token = shop.begin_by(shop.rig.actors.customer(ada, wish(&shop.cart_of(&book, 1).id, "test"))).await?.token;
        let pay = || shop.capture_by(shop.rig.actors.customer(ada, payment(&token, "pm_test_ok")));
        let (one, other, rebuilt) = tokio::join!(pay(), pay(), shop.rebuild(ada));
        let (_, _, _) = (one?, other?, rebuilt?);
    }
    assert_eq!(shop.library(ada).await?[0].grounds.len(), 4);
    assert_eq!(shop.count("select count(*) from library_entries").await?, 4);
    Ok(())
}
