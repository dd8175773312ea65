//! Links by which others look at an order.
use kit::permission::Permission;
use proto::orders::v1::{
    CreateOrderLinkRequest, EditOrderRequest, ListOrderLinksRequest, Order, OrderLink, PublicOrder,
    RevokeOrderLinkRequest, ViewOrderRequest, order_link_service_client::OrderLinkServiceClient,
};
use testing::actors::keyed;
use tonic::{Request, Status};

use crate::{
    counter::{ALL, back, eur, units},
    shop::{Shop, reason},
};

impl Shop {
    fn links(&self) -> OrderLinkServiceClient<kit::transport::Transport> {
        OrderLinkServiceClient::new(self.transport.clone())
    }

    async fn linked(&self, order: &Order) -> Result<OrderLink, Status> {
        let request = CreateOrderLinkRequest { order: order.id.clone() };
        Ok(self.links().create_order_link(self.rig.actors.staff(&ALL, request)).await?.into_inner())
    }

    async fn look(&self, request: Request<ViewOrderRequest>) -> Result<PublicOrder, Status> {
        Ok(self.links().view_order(request).await?.into_inner())
    }
}

fn with(secret: &str) -> ViewOrderRequest {
    ViewOrderRequest { secret: secret.to_owned() }
}

/// OR-2, ID-23: whoever has the link sees what was bought, what it cost and where it is, and nothing of whose it is; it is
/// kept as a hash, and told once.
#[tokio::test]
async fn a_link_shows_the_order_and_nobody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let note = Some("Gus shouts.".to_owned());
    shop.edit(EditOrderRequest { id: order.id.clone(), note, ..Default::default() }, order.version).await?;
    shop.refund(proto::orders::v1::CreateRefundRequest { amount: eur(100), ..back(&order) }, "k").await?;
    shop.fulfil(&order, vec![units(&order, 0, 1)]).await?;
    let link = shop.linked(&order).await?;
    assert_eq!((&*link.state, &*link.order), ("open", &*order.id));
    assert_eq!(link.url, format!("{}/order/{}", shop.rig.env.settings.public(), link.secret));
    let seen = shop.look(shop.rig.actors.anonymous(with(&link.secret))).await?;
    assert_eq!((&*seen.number, seen.total.clone(), seen.refunded.clone()), (&*order.number, eur(4498), eur(100)));
    assert_eq!((seen.lines.len(), seen.lines[0].fulfilled, seen.shipments.len()), (2, 1, 1));
    let told = format!("{seen:?}").to_lowercase();
    for part in ["gus", "guest street", "4940", "203.0.113", "browser/1", "***", "stf_", "test_", "not happy", "cus_"] {
        assert!(!told.contains(part), "{part} is in {told}");
    }
    assert_eq!(shop.look(shop.rig.actors.system("console", with(&link.secret))).await?, seen);
    let plain = "select count(*) from order_links where position('orderlink' in encode(token_hash, 'escape')) > 0";
    assert_eq!(shop.count(plain).await?, 0);
    let listed = ListOrderLinksRequest { order: order.id.clone() };
    let listed = shop.links().list_order_links(shop.rig.actors.staff(&ALL, listed)).await?.into_inner().links;
    assert_eq!((listed.len(), &*listed[0].id, &*listed[0].secret, &*listed[0].url), (1, &*link.id, "", ""));
    Ok(())
}

/// OR-2: a link that was guessed, cut off or revoked leads nowhere; another of the same order still does.
#[tokio::test]
async fn a_link_ends() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let (one, other) = (shop.linked(&order).await?, shop.linked(&order).await?);
    assert_ne!(one.secret, other.secret);
    let anybody = |secret: &str| shop.rig.actors.anonymous(with(secret));
    for odd in ["", "orderlink_", &one.secret[..one.secret.len() - 1], &one.id, "orderlink_\u{0}"] {
        assert_eq!(reason(shop.look(anybody(odd)).await), "link_not_found", "{odd}");
    }
    let revoke = || RevokeOrderLinkRequest { order: order.id.clone(), id: one.id.clone() };
    let first = shop.links().revoke_order_link(shop.rig.actors.staff(&ALL, revoke())).await?.into_inner();
    shop.rig.clock.advance(chrono::TimeDelta::minutes(1));
    let again = shop.links().revoke_order_link(shop.rig.actors.staff(&ALL, revoke())).await?.into_inner();
    assert_eq!((&*first.state, &first.revoked_at), ("revoked", &again.revoked_at));
    assert_eq!(reason(shop.look(anybody(&one.secret)).await), "link_not_found");
    assert_eq!(shop.look(anybody(&other.secret)).await?.number, order.number);
    let elsewhere = RevokeOrderLinkRequest { order: shop.paid_by("pm_test_ok").await?.id, id: other.id };
    let elsewhere = shop.links().revoke_order_link(shop.rig.actors.staff(&ALL, elsewhere)).await;
    assert_eq!(reason(elsewhere), "link_not_found");
    Ok(())
}

/// OR-2, PL-4: only staff of the store who write orders make and revoke links; only its own shop front shows what they lead
/// to; a repetition makes no second one.
#[tokio::test]
async fn a_link_is_of_its_store() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let order = shop.paid_by("pm_test_ok").await?;
    let (actors, elsewhere) = (&shop.rig.actors, shop.rig.actors.elsewhere());
    let link = shop.linked(&order).await?;
    let make = || CreateOrderLinkRequest { order: order.id.clone() };
    let revoke = || RevokeOrderLinkRequest { order: order.id.clone(), id: link.id.clone() };
    let list = || ListOrderLinksRequest { order: order.id.clone() };
    let reader = [Permission::OrdersRead];
    for (request, expected) in [
        (actors.staff(&reader, make()), "permission_required"),
        (elsewhere.staff(&ALL, make()), "order_not_found"),
        (actors.anonymous(make()), "permission_required"),
    ] {
        assert_eq!(reason(shop.links().create_order_link(request).await), expected);
    }
    assert_eq!(reason(shop.links().revoke_order_link(actors.staff(&reader, revoke())).await), "permission_required");
    assert_eq!(reason(shop.links().revoke_order_link(elsewhere.staff(&ALL, revoke())).await), "order_not_found");
    assert_eq!(reason(shop.links().list_order_links(elsewhere.staff(&ALL, list())).await), "order_not_found");
    assert_eq!(shop.links().list_order_links(actors.staff(&reader, list())).await?.into_inner().links.len(), 1);
    assert_eq!(reason(shop.look(elsewhere.anonymous(with(&link.secret))).await), "link_not_found");
    assert_eq!(reason(shop.look(actors.staff(&ALL, with(&link.secret))).await), "wrong_caller");
    let staff = kit::ids::StaffId::new(shop.rig.clock.now());
    let claims =
        kit::assertion::Claims { perms: ALL.into_iter().collect(), ..actors.claims(kit::actor::Kind::Staff, staff) };
    let keyed = || keyed(actors.request(&claims, make()), "once", "f");
    let first = shop.links().create_order_link(keyed()).await?.into_inner();
    assert_eq!(shop.links().create_order_link(keyed()).await?.into_inner().secret, first.secret);
    assert_eq!(shop.count("select count(*) from order_links").await?, 2);
    Ok(())
}
