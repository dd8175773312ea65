//! Whom an event is told: each store its own, a network everything, a store of a network those that it knows (ID-21).
use kit::{
    clock::timestamp,
    ids::{CustomerId, NetworkId, RealmId, StoreId},
};
use proto::{
    customers::v1::{CustomerChanged, CustomerErased, CustomersMerged},
    identity::v1::CustomerRegistered,
    notifications::v1::{CreateWebhookRequest, Webhook},
};

use crate::hooks::{Hooks, recent};

/// A network with two stores and a webhook of each.
struct Town {
    hooks: Hooks,
    realm: RealmId,
    stores: [StoreId; 2],
}

impl Town {
    async fn found() -> anyhow::Result<Self> {
        let mut hooks = Hooks::open().await?;
        let now = hooks.room.rig.clock.now();
        let (network, other) = (NetworkId::new(now), StoreId::new(now));
        let actors = &mut hooks.room.rig.actors;
        (actors.realm, actors.network) = (RealmId::from_uuid(network.uuid()), Some(network));
        let (realm, stores) = (actors.realm, [actors.store, other]);
        let town = Self { hooks, realm, stores };
        town.make("/north", Some(stores[0])).await?;
        town.make("/south", Some(stores[1])).await?;
        town.make("/town", None).await?;
        Ok(town)
    }

    async fn make(&self, path: &str, store: Option<StoreId>) -> anyhow::Result<Webhook> {
        let mut actors = self.hooks.room.rig.actors.clone();
        if let Some(store) = store {
            actors.store = store;
        }
        let request: CreateWebhookRequest = self.hooks.asking(path, &[]);
        let request = if store.is_some() {
            recent(&actors, request)
        } else {
            let claims = actors.claims(kit::actor::Kind::Staff, "stf_1");
            let perms = crate::hooks::KEEPER.iter().copied().collect();
            let auth_time = Some(claims.iat);
            actors.request(&kit::assertion::Claims { store: None, perms, auth_time, ..claims }, request)
        };
        Ok(self.hooks.webhooks.clone().create_webhook(request).await?.into_inner())
    }

    /// The paths that were told since the last time, in order.
    async fn told(&self, before: &mut usize) -> anyhow::Result<Vec<String>> {
        while self.hooks.posting.send_due().await? > 0 {}
        let all = self.hooks.receiver.messages();
        let mut paths: Vec<String> = all[*before..].iter().map(|asked| asked.path.clone()).collect();
        *before = all.len();
        paths.sort_unstable();
        Ok(paths)
    }
}

/// NO-5, ID-21: what happens in a store is told to it and to its network; what concerns a customer, to the network and
/// to those stores that know them. Nobody hears of another's.
#[tokio::test]
async fn a_store_hears_of_those_it_knows() -> anyhow::Result<()> {
    let town = Box::pin(Town::found()).await?;
    let (hooks, mut before) = (&town.hooks, 0);
    let now = hooks.room.rig.clock.now();
    let (ada, bob) = (CustomerId::new(now), CustomerId::new(now));
    hooks.known.introduce(town.stores[1], ada);
    let realm = String::from(town.realm);

    hooks.hear(&hooks.placed()).await?;
    assert_eq!(town.told(&mut before).await?, ["/north", "/town"]);
    for (customer, paths) in [(ada, vec!["/south", "/town"]), (bob, vec!["/town"])] {
        let changed = CustomerChanged {
            realm: realm.clone(),
            customer: customer.into(),
            at: Some(timestamp(now)),
            ..CustomerChanged::default()
        };
        hooks.hear(&changed).await?;
        assert_eq!(town.told(&mut before).await?, paths);
    }
    let merged = CustomersMerged {
        realm: realm.clone(),
        job: kit::ids::JobId::new(now).into(),
        kept: ada.into(),
        gone: bob.into(),
        at: Some(timestamp(now)),
        ..CustomersMerged::default()
    };
    hooks.hear(&merged).await?;
    assert_eq!(town.told(&mut before).await?, ["/south", "/town"]);
    let registered = CustomerRegistered {
        realm: realm.clone(),
        customer: bob.into(),
        store: town.stores[0].into(),
        at: Some(timestamp(now)),
    };
    hooks.hear(&registered).await?;
    assert_eq!(town.told(&mut before).await?, ["/north", "/town"]);
    let erased = CustomerErased {
        realm: realm.clone(),
        job: kit::ids::JobId::new(now).into(),
        customer: bob.into(),
        at: Some(timestamp(now)),
        stores: vec![town.stores[1].into()],
    };
    hooks.hear(&erased).await?;
    assert_eq!(town.told(&mut before).await?, ["/south", "/town"]);
    // Another realm's, and another store's, are told to none of them.
    let mut foreign = hooks.placed();
    (foreign.realm, foreign.store) = (RealmId::new(now).into(), StoreId::new(now).into());
    hooks.hear(&foreign).await?;
    assert!(town.told(&mut before).await?.is_empty());
    let kept: i64 = sqlx::query_scalar("select count(*) from hook_deliveries where unproved is not null")
        .fetch_one(hooks.db().pool())
        .await?;
    assert_eq!(kept, 0, "what a store may not know is forgotten");
    Ok(())
}

/// NO-5: a store in no network is the whole realm, and hears of every customer in it.
#[tokio::test]
async fn a_store_by_itself_hears_of_everybody() -> anyhow::Result<()> {
    let hooks = Hooks::open().await?;
    hooks.make("/x", &["customer.updated"]).await?;
    let now = hooks.room.rig.clock.now();
    let changed = CustomerChanged {
        realm: hooks.room.rig.actors.realm.into(),
        customer: CustomerId::new(now).into(),
        fields: vec!["phone".to_owned()],
        version: 2,
        at: Some(timestamp(now)),
    };
    hooks.hear(&changed).await?;
    assert_eq!(hooks.posting.send_due().await?, 1);
    let told = hooks.receiver.messages()[0].json();
    assert_eq!((told["store"].is_null(), &told["data"]["fields"][0]), (true, &serde_json::json!("phone")));
    Ok(())
}
