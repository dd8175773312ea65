//! What is bought for somebody else (OR-1), and what becomes of it in the library of that one (OR-5, OR-8).
use kit::{ids::CustomerId, permission::Permission};
use orders::{
    consumer::Events,
    library::{goods::Goods, work::Worker},
};
use prost::Message;
use proto::{
    carts::v1::{Cart, Gift},
    catalog::v1::ProductDescription,
    orders::v1::{
        BeginRebuildRequest, GetGiftLetterRequest, GetOrderRequest, GiftGiven, GiftLetter, ListLibraryRequest, Order,
        gift_service_client::GiftServiceClient,
    },
};
use testing::merges::{hear, merged};
use tonic::Status;

use crate::{
    counter::{back, units},
    library::KEEPER,
    shop::{Shop, payment, reason, wish},
};

fn to(email: &str) -> Gift {
    Gift { email: email.to_owned(), name: "Bob Secret".to_owned(), message: "Enjoy.\nGus".to_owned() }
}

impl Shop {
    /// A cart with a piece of `product` for each of these.
    fn cart_for(&self, product: &ProductDescription, people: &[&str]) -> Cart {
        let mut cart = self.cart_of(product, 1);
        let line = cart.lines.remove(0);
        cart.lines = people
            .iter()
            .map(|email| proto::carts::v1::Line { gift: (!email.is_empty()).then(|| to(email)), ..line.clone() })
            .collect();
        cart.subtotal = line.subtotal * i64::try_from(people.len()).expect("few");
        cart.total = cart.subtotal;
        self.carts.put(cart.clone());
        cart
    }

    /// A guest, Gus, buys a piece of `product` for each of these.
    async fn give(&self, product: &ProductDescription, people: &[&str]) -> anyhow::Result<Order> {
        let token = self.begin(&self.cart_for(product, people).id).await?.token;
        Ok(self.capture(&token, "pm_test_ok").await?.order.expect("an order"))
    }

    /// What was told of gifts, oldest first.
    async fn given(&self) -> anyhow::Result<Vec<GiftGiven>> {
        let told = "select payload from outbox where subject like '%.GiftGiven' order by id";
        let told: Vec<Vec<u8>> = sqlx::query_scalar(told).fetch_all(self.db.pool()).await?;
        Ok(told.iter().map(|payload| GiftGiven::decode(payload.as_slice())).collect::<Result<_, _>>()?)
    }

    async fn letter(&self, order: &Order, line: usize) -> Result<GiftLetter, Status> {
        let (realm, id, line) = (order.realm.clone(), order.id.clone(), order.lines[line].id.clone());
        let request = self.rig.actors.system("notifications", GetGiftLetterRequest { realm, order: id, line });
        Ok(GiftServiceClient::new(self.transport.clone()).get_gift_letter(request).await?.into_inner())
    }

    fn known(&self, email: &str) -> CustomerId {
        self.people.0.lock().unwrap()[email].id.parse().expect("an id")
    }
}

/// OR-1, OR-8: what is paid is in the library of whom it is for, also of who was nobody before, with what is inside; whoever
/// paid for it has nothing of it but what they bought for themselves.
#[tokio::test]
async fn a_gift_is_its_recipients() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let bob = shop.customer("bob@example.com");
    let one = shop.product("one", &[]);
    let album = shop.product("album", &[&one]);
    let order = shop.give(&album, &["BOB@example.com", "new@example.com", ""]).await?;
    let (gus, new) = (shop.known("gus@example.com"), shop.known("new@example.com"));
    for who in [bob, new, gus] {
        assert_eq!(shop.has(who).await?, ["album", "one"]);
    }
    let theirs = shop.library(bob).await?.into_iter().find(|item| item.name == "album").expect("the album");
    let ground = &theirs.grounds[0];
    assert_eq!((&*theirs.source, &*ground.giver_name, &*ground.giver, &*ground.order), ("gift", "Gus", "", ""));
    let staff = async |permissions: &[Permission], customer: CustomerId| {
        let request = ListLibraryRequest { customer: customer.into() };
        shop.library_by(shop.rig.actors.staff(permissions, request)).await
    };
    let seen = staff(KEEPER, bob).await?.remove(0).grounds.remove(0);
    assert_eq!((&seen.giver, &seen.order, &*seen.source), (&String::from(gus), &order.id, "gift"));
    let masked = staff(&[Permission::CustomersRead], bob).await?.remove(0);
    assert_eq!((&*masked.grounds[0].giver_name, masked.redacted), ("***", vec!["grounds.giver_name".to_owned()]));
    assert_eq!(shop.library(gus).await?[0].source, "purchase");
    let told: Vec<_> = shop.given().await?.into_iter().map(|told| (told.customer, told.giver, told.notify)).collect();
    assert_eq!(told, [(bob.into(), gus.into(), true), (new.into(), gus.into(), true)]);
    Ok(())
}

/// OR-1, ID-23: whoever bought sees to whom it went, staff as far as they see people; a stranger with the checkout's token
/// learns of nobody, and nobody but staff which record it is.
#[tokio::test]
async fn the_order_says_to_whom_it_went() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, book) = (shop.customer("ada@example.com"), shop.product("book", &[]));
    let cart = shop.cart_for(&book, &["bob@example.com"]);
    let token = shop.begin_by(shop.rig.actors.customer(ada, wish(&cart.id, "test"))).await?.token;
    let bought = shop.capture_by(shop.rig.actors.customer(ada, payment(&token, "pm_test_ok"))).await?.order;
    let bought = bought.expect("an order");
    let own = shop.rig.actors.customer(ada, GetOrderRequest { id: bought.id.clone() });
    let own = shop.orders.clone().get_order(own).await?.into_inner();
    assert_eq!((own.lines[0].gift.clone(), &*own.lines[0].recipient), (Some(to("bob@example.com")), ""));
    let seen = shop.seen(&bought).await?;
    assert_eq!(
        (seen.lines[0].gift.clone(), &seen.lines[0].recipient),
        (Some(to("bob@example.com")), &String::from(shop.known("bob@example.com")))
    );
    let request = shop.rig.actors.staff(&[Permission::OrdersRead], GetOrderRequest { id: bought.id.clone() });
    let masked = shop.orders.clone().get_order(request).await?.into_inner();
    assert_eq!(masked.lines[0].gift.clone().unwrap_or_default().email, "b***@example.com");
    assert!(masked.redacted.contains(&"lines.gift".to_owned()) && !format!("{masked:?}").contains("Enjoy"));
    let bob = shop.rig.actors.customer(shop.known("bob@example.com"), GetOrderRequest { id: bought.id.clone() });
    assert_eq!(reason(shop.orders.clone().get_order(bob).await), "order_not_found");
    Ok(())
}

/// OR-1: what is for oneself, by whatever address one is known, is none: saying so would tell whose addresses are one's.
#[tokio::test]
async fn nobody_gives_to_themselves() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let book = shop.product("book", &[]);
    let order = shop.give(&book, &["GUS@example.com"]).await?;
    let gus = shop.known("gus@example.com");
    assert_eq!(
        (shop.has(gus).await?, shop.library(gus).await?[0].source.clone()),
        (vec!["book".to_owned()], "purchase".to_owned())
    );
    assert_eq!(
        (order.lines[0].gift.clone(), shop.given().await?, shop.count("select count(*) from gifts").await?),
        (None, vec![], 0)
    );
    Ok(())
}

/// OR-5, OR-8: a refund takes it from whom it is for, by line and as a whole, and so does a cancellation; a rebuild of either
/// library brings nothing back, and nobody hears of what was taken back.
#[tokio::test]
async fn a_refund_takes_it_from_its_recipient() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let one = shop.product("one", &[]);
    let album = shop.product("album", &[&one]);
    let order = shop.give(&album, &["bob@example.com", "carl@example.com", "dora@example.com"]).await?;
    let people = ["bob@example.com", "carl@example.com", "dora@example.com"].map(|email| shop.known(email));
    let gus = shop.known("gus@example.com");
    let letter = shop.letter(&order, 0).await?;
    let said = (&*letter.email, &*letter.giver_name, &*letter.message, &*letter.product_name);
    assert_eq!(said, ("bob@example.com", "Gus", "Enjoy.\nGus", &*order.lines[0].name));
    let mut line = back(&order);
    line.lines = vec![units(&order, 0, 1)];
    shop.refund(line, "line").await?;
    assert_eq!((shop.has(people[0]).await?.len(), shop.has(people[1]).await?.len()), (0, 2));
    assert_eq!(reason(shop.letter(&order, 0).await), "order_not_found");
    assert_eq!(shop.letter(&order, 1).await?.email, "carl@example.com");
    shop.refund(back(&order), "rest").await?;
    for who in people.into_iter().chain([gus]) {
        assert_eq!(shop.rebuild(who).await?, (0, 0));
        assert_eq!(shop.has(who).await?, Vec::<String>::new());
    }
    let cancelled = shop.give(&album, &["bob@example.com"]).await?;
    assert_eq!(shop.has(people[0]).await?.len(), 2);
    shop.cancel(&cancelled).await?;
    assert_eq!((shop.has(people[0]).await?.len(), shop.rebuild(people[0]).await?), (0, (0, 0)));
    Ok(())
}

/// OR-1: on invoice a gift comes with the money, and nothing is told before; once, however often it is paid. Of what cost
/// nothing nobody is written to: anybody could have us mail anybody.
#[tokio::test]
async fn a_gift_comes_with_the_money() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let book = shop.product("book", &[]);
    let cart = shop.cart_for(&book, &["bob@example.com"]);
    let invoiced = shop.begin_by(shop.rig.actors.anonymous(wish(&cart.id, "manual"))).await?;
    let order = shop.capture_by(shop.rig.actors.anonymous(payment(&invoiced.token, ""))).await?.order;
    let order = order.expect("an order");
    let bob = shop.known("bob@example.com");
    assert_eq!((shop.has(bob).await?.len(), shop.given().await?.len()), (0, 0));
    assert_eq!(reason(shop.letter(&order, 0).await), "order_not_found");
    shop.mark_paid(&order, None).await?;
    assert_eq!((shop.has(bob).await?, shop.given().await?.len()), (vec!["book".to_owned()], 1));
    let mut free = shop.cart_for(&book, &["bob@example.com"]);
    (free.lines[0].price, free.lines[0].subtotal, free.subtotal, free.total) = (0, 0, 0, 0);
    shop.carts.put(free.clone());
    let token = shop.begin(&free.id).await?.token;
    shop.capture(&token, "pm_test_ok").await?;
    let told: Vec<_> = shop.given().await?.into_iter().map(|told| told.notify).collect();
    assert!(matches!(told.as_slice(), [true] | [true, false]), "{told:?}");
    Ok(())
}

/// OR-8: a rebuild restores what a ledger lost, as a gift, in the library it belongs to and in no other; behind the request,
/// too, for those who never bought anything.
#[tokio::test]
async fn a_rebuild_knows_gifts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let one = shop.product("one", &[]);
    let album = shop.product("album", &[&one]);
    shop.give(&album, &["bob@example.com"]).await?;
    let (gus, bob) = (shop.known("gus@example.com"), shop.known("bob@example.com"));
    let seen = shop.library(bob).await?;
    let lose = async || sqlx::query("delete from library_entries").execute(shop.db.pool()).await;
    lose().await?;
    assert_eq!((shop.rebuild(gus).await?, shop.rebuild(bob).await?), ((0, 0), (2, 0)));
    assert_eq!((shop.library(bob).await?, shop.library(gus).await?), (seen.clone(), vec![]));
    lose().await?;
    let begun = shop.rig.actors.staff(&[Permission::LibraryWrite], BeginRebuildRequest {});
    shop.libraries().begin_rebuild(begun).await?;
    let goods = Goods::new(shop.rig.env.peer("orders", "catalog")?);
    let worker = Worker { db: shop.db.clone(), clock: shop.rig.clock.clone(), goods };
    while worker.round().await? {}
    assert_eq!(shop.library(bob).await?, seen);
    let done: (i64, i64) = sqlx::query_as("select done, total from library_rebuilds").fetch_one(shop.db.pool()).await?;
    assert_eq!((done, shop.given().await?.len()), ((2, 2), 1));
    Ok(())
}

/// CU-13, OR-8: gifts follow whom they are for, also those that are paid afterwards; once giver and recipient are one, it is
/// theirs, and a refund takes it.
#[tokio::test]
async fn gifts_follow_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (events, book) = (Events { clock: shop.rig.clock.clone() }, shop.product("book", &[]));
    let order = shop.give(&book, &["bob@example.com"]).await?;
    let (gus, bob) = (shop.known("gus@example.com"), shop.known("bob@example.com"));
    let carl = shop.customer("carl@example.com");
    let song = shop.product("song", &[]);
    let invoiced =
        shop.begin_by(shop.rig.actors.anonymous(wish(&shop.cart_for(&song, &["bob@example.com"]).id, "manual")));
    let later = shop.capture_by(shop.rig.actors.anonymous(payment(&invoiced.await?.token, ""))).await?.order;
    hear(&shop.db, &events, &merged(&shop.rig, carl, bob)).await?;
    shop.mark_paid(&later.expect("an order"), None).await?;
    assert_eq!(shop.has(carl).await?, ["book", "song"]);
    assert_eq!((shop.rebuild(carl).await?, shop.rebuild(gus).await?), ((0, 0), (0, 0)));
    hear(&shop.db, &events, &merged(&shop.rig, gus, carl)).await?;
    assert_eq!((shop.has(gus).await?.len(), shop.rebuild(gus).await?), (2, (0, 0)));
    shop.refund(back(&order), "all").await?;
    assert_eq!((shop.has(gus).await?, shop.rebuild(gus).await?), (vec!["song".to_owned()], (0, 0)));
    Ok(())
}

/// CU-15, OR-10: whoever it was for is forgotten in the order of whoever bought it, and so are they in the other's library;
/// whose it was is known, so that it becomes nobody else's.
#[tokio::test]
async fn an_erasure_forgets_either() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let book = shop.product("book", &[]);
    let order = shop.give(&book, &["bob@example.com", "carl@example.com"]).await?;
    let [gus, bob, carl] = ["gus@example.com", "bob@example.com", "carl@example.com"].map(|email| shop.known(email));
    let erase = async |who: CustomerId| {
        let now = shop.rig.clock.now();
        let note = "insert into erasures (realm_id, customer_id, job_id, at) values ($1, $2, 'job', $3)";
        sqlx::query(note).bind(shop.rig.actors.realm).bind(who).bind(now).execute(shop.db.pool()).await?;
        let person = holdings::Person::unknown(shop.rig.actors.realm, who, now);
        let mut tx = shop.db.begin_own().await?;
        holdings::erase(&mut tx, orders::holdings::TABLES, &person).await?;
        tx.commit().await?;
        anyhow::Ok(())
    };
    let texts = async || {
        let all = "select coalesce(string_agg(g::text, ' '), '') from gifts g";
        sqlx::query_scalar::<_, String>(all).fetch_one(shop.db.pool()).await
    };
    erase(bob).await?;
    assert!(!texts().await?.contains("bob@example.com") && texts().await?.contains("carl@example.com"));
    let seen = shop.seen(&order).await?;
    assert_eq!((seen.lines[0].gift.clone(), &seen.lines[0].recipient), (Some(Gift::default()), &String::from(bob)));
    assert_eq!((shop.rebuild(gus).await?, shop.has(gus).await?), ((0, 0), vec![]));
    assert_eq!(reason(shop.letter(&order, 0).await), "order_not_found");
    erase(gus).await?;
    assert!(!texts().await?.contains("Enjoy") && !texts().await?.contains("Secret"));
    let theirs = shop.library(carl).await?.remove(0);
    assert_eq!((&*theirs.name, &*theirs.source, &*theirs.grounds[0].giver_name), ("book", "gift", ""));
    assert_eq!(shop.rebuild(carl).await?, (0, 0));
    Ok(())
}

/// OR-1: a payment that is tried again with another cart takes the newest recipients; what is raced is given once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gift_is_given_once() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let book = shop.product("book", &[]);
    let cart = shop.cart_for(&book, &["bob@example.com"]);
    let token = shop.begin(&cart.id).await?.token;
    assert_eq!(shop.capture(&token, "pm_test_declined").await?.status, "declined");
    shop.carts.change(&cart.id, |cart| cart.lines[0].gift = Some(to("carl@example.com")));
    let pay = || shop.capture(&token, "pm_test_ok");
    let (one, other) = tokio::join!(pay(), pay());
    let (_, _) = (one?, other?);
    let (bob, carl) = (shop.known("bob@example.com"), shop.known("carl@example.com"));
    assert_eq!((shop.has(bob).await?.len(), shop.has(carl).await?.len()), (0, 1));
    assert_eq!((shop.given().await?.len(), shop.count("select count(*) from gifts").await?), (1, 1));
    Ok(())
}
