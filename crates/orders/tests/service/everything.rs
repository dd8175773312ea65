//! Library all access: everything that is sold, as long as somebody has it.
use kit::ids::CustomerId;
use orders::consumer::Events;
use proto::{
    catalog::v1::ProductDescription,
    customers::v1::Customer,
    orders::v1::{LibraryItem, ListLibraryRequest, MakeDownloadRequest},
};
use testing::merges::{hear, merged};

use crate::{
    counter::back,
    library::{KEEPER, item},
    shop::{Shop, reason},
};

impl Shop {
    /// Gives access to everything, or takes it.
    fn open_all(&self, customer: CustomerId, library_all: bool) {
        for known in self.people.0.lock().unwrap().values_mut().filter(|known| known.id == String::from(customer)) {
            *known = Customer { library_all, ..known.clone() };
        }
    }

    /// Forgets somebody.
    fn erase(&self, customer: CustomerId) {
        self.people.0.lock().unwrap().retain(|_, known| known.id != String::from(customer));
    }

    async fn seen_by_staff(&self, customer: CustomerId) -> anyhow::Result<Vec<LibraryItem>> {
        let request = self.rig.actors.staff(KEEPER, ListLibraryRequest { customer: customer.into() });
        Ok(self.library_by(request).await?)
    }
}

/// CU-12: whoever has access to everything has each digital product that can be bought, without having bought it, in their
/// own view and in that of staff; nobody else does; no ledger has a word of it, and it is over at once.
#[tokio::test]
async fn everything_is_there_while_the_access_lasts() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, bob) = (shop.customer("ada@example.com"), shop.customer("bob@example.com"));
    let (one, two) = (shop.product("one", &[]), shop.product("two", &[]));
    let old = shop.product("old", &[]);
    shop.stock.put(ProductDescription { active: false, ..old.clone() });
    let mug = shop.product("mug", &[]);
    shop.stock.put(ProductDescription { kind: "physical".to_owned(), ..mug });
    assert_eq!(shop.has(ada).await?, Vec::<String>::new());
    shop.open_all(ada, true);
    assert_eq!(shop.has(ada).await?, ["one", "two"]);
    let seen = shop.seen_by_staff(ada).await?;
    assert!(seen.iter().all(|item| (&*item.state, &*item.source) == ("active", "access") && item.since.is_none()));
    assert_eq!((seen.len(), seen[0].grounds.len(), &*seen[0].grounds[0].source), (2, 1, "access"));
    assert_eq!((seen[0].files.len(), shop.has(bob).await?.len()), (1, 0));
    shop.buy(ada, &one, 1).await?;
    let items = shop.library(ada).await?;
    let sources: Vec<_> = items.iter().map(|item| (&*item.name, &*item.source, item.grounds.len())).collect();
    assert_eq!(sources, [("one", "purchase", 2), ("two", "access", 1)]);
    shop.stock.put(ProductDescription { active: false, ..two });
    assert_eq!(shop.has(ada).await?, ["one"], "what is not sold any more is there for nobody who did not buy it");
    shop.open_all(ada, false);
    assert_eq!(
        (shop.has(ada).await?, shop.count("select count(*) from library_entries").await?),
        (vec!["one".to_owned()], 1)
    );
    Ok(())
}

/// CU-12, OR-5: what was given back or taken away is there again with everything, and no longer than that.
#[tokio::test]
async fn what_was_lost_is_open_meanwhile() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let (one, two) = (shop.product("one", &[]), shop.product("two", &[]));
    let order = shop.buy(ada, &one, 1).await?;
    shop.grant(ada, &two).await?;
    shop.refund(back(&order), "all").await?;
    shop.revoke(ada, &two).await?;
    shop.open_all(ada, true);
    assert_eq!(shop.has(ada).await?, ["one", "two"]);
    shop.open_all(ada, false);
    assert_eq!(shop.has(ada).await?, Vec::<String>::new());
    let states: Vec<_> = shop.seen_by_staff(ada).await?.into_iter().map(|item| item.state).collect();
    assert!(states.contains(&"refunded".to_owned()) && states.contains(&"revoked".to_owned()), "{states:?}");
    Ok(())
}

/// CU-12, OR-9: a link to what somebody has with everything is used and counted like any other, and is dead at once without
/// that access, without the product, and without the person.
#[tokio::test]
async fn links_die_with_the_access() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let (one, two) = (shop.product("one", &[]), shop.product("two", &[]));
    assert_eq!(reason(shop.link(ada, &one).await), "library_item_not_found");
    shop.open_all(ada, true);
    let (link, bought) = (shop.link(ada, &one).await?, shop.buy(ada, &two, 1).await);
    let bought = bought.map(|_| shop.link(ada, &two))?.await?;
    for last in 0..2 {
        shop.fetch(&link, &format!("203.0.113.{last}"), 1_000).await?;
    }
    assert_eq!(shop.count("select count(*) from download_uses").await?, 2);
    shop.open_all(ada, false);
    for length in [0, 1_000] {
        assert_eq!(reason(shop.fetch(&link, "203.0.113.9", length).await), "link_dead");
    }
    shop.fetch(&bought, "203.0.113.9", 1_000).await?;
    shop.open_all(ada, true);
    shop.fetch(&link, "203.0.113.9", 1_000).await?;
    shop.stock.put(ProductDescription { active: false, ..one.clone() });
    assert_eq!(reason(shop.fetch(&link, "203.0.113.9", 1_000).await), "link_dead");
    shop.stock.put(one.clone());
    shop.erase(ada);
    assert_eq!(reason(shop.fetch(&link, "203.0.113.9", 1_000).await), "link_dead");
    Ok(())
}

/// CU-12, CU-13: after a merge the access is that of the record that was kept, also for links of the other one.
#[tokio::test]
async fn the_kept_record_decides_after_a_merge() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (kept, gone) = (shop.customer("kept@example.com"), shop.customer("gone@example.com"));
    let one = shop.product("one", &[]);
    shop.open_all(gone, true);
    let link = shop.link(gone, &one).await?;
    hear(&shop.db, &Events { clock: shop.rig.clock.clone() }, &merged(&shop.rig, kept, gone)).await?;
    shop.erase(gone);
    assert_eq!(reason(shop.fetch(&link, "203.0.113.9", 1).await), "link_dead");
    shop.open_all(kept, true);
    shop.fetch(&link, "203.0.113.9", 1).await?;
    assert_eq!(shop.has(kept).await?, ["one"]);
    Ok(())
}

/// CU-12, OR-8: there is nothing to take away of what is there with everything alone; staff make links to it.
#[tokio::test]
async fn staff_tend_what_is_in_the_ledger() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.customer("ada@example.com");
    let one = shop.product("one", &[]);
    shop.open_all(ada, true);
    assert_eq!(reason(shop.revoke(ada, &one).await), "library_item_not_found");
    let wanted = MakeDownloadRequest { customer: ada.into(), item: item(&one), ..MakeDownloadRequest::default() };
    let link = shop.link_by(shop.rig.actors.staff(KEEPER, wanted)).await?;
    shop.fetch(&link, "203.0.113.9", 1).await?;
    Ok(())
}
