//! Opening and closing every door.
use kit::{
    actor::Kind,
    ids::{NetworkId, RealmId},
    permission::Permission,
};
use proto::{
    customers::v1::{
        ActivateCustomerRequest, Customer, InactivateCustomerRequest, record_service_client::RecordServiceClient,
    },
    identity::v1::Network,
};
use testing::{Rig, actors::if_match};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, NO_PII, Shop, reason};

async fn close(shop: &Shop, request: Request<InactivateCustomerRequest>) -> Result<Customer, Status> {
    Ok(RecordServiceClient::new(shop.way.clone()).inactivate_customer(request).await?.into_inner())
}

fn naming(id: &str) -> InactivateCustomerRequest {
    InactivateCustomerRequest { id: id.to_owned(), reason: "Charged back twice.".to_owned() }
}

/// CU-8, ID-9: closing and opening is told once, recorded with its reason, and a repetition changes nothing.
#[tokio::test]
async fn doors_are_closed_and_opened() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let closed = close(&shop, if_match(shop.actors().staff(DESK, naming(&ada.id)), 1)).await?;
    assert_eq!((closed.status.as_str(), closed.version), ("inactive", 2));
    assert_eq!(close(&shop, shop.actors().staff(DESK, naming(&ada.id))).await?.version, 2);
    let stale = close(&shop, if_match(shop.actors().staff(DESK, naming(&ada.id)), 1)).await;
    assert_eq!(reason(&stale.expect_err("stale")), "stale_version");
    assert_eq!(shop.published("patron.customers.v1.CustomerInactivated").await?, 1);
    let told = shop.audited("customer.inactivated").await?;
    assert_eq!((told.before.as_str(), told.after.as_str()), (r#"{"status":"active"}"#, r#"{"status":"inactive"}"#));
    assert!(told.reason.contains("sealed"), "{}", told.reason);
    let request = ActivateCustomerRequest { id: ada.id, reason: String::new() };
    let open = RecordServiceClient::new(shop.way.clone()).activate_customer(shop.actors().staff(DESK, request)).await?;
    assert_eq!(open.into_inner().status, "active");
    assert_eq!(shop.published("patron.customers.v1.CustomerActivated").await?, 1);
    Ok(())
}

/// ID-22, ID-30: nobody does it without the permission, nor to another realm's customer.
#[tokio::test]
async fn only_those_close_doors_who_may() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let status = close(&shop, shop.actors().staff(NO_PII, naming(&ada.id))).await.expect_err("may not");
    assert_eq!(status.code(), Code::PermissionDenied);
    let status = close(&shop, shop.actors().elsewhere().staff(DESK, naming(&ada.id))).await.expect_err("another's");
    assert_eq!(status.code(), Code::NotFound);
    Ok(())
}

/// ID-21: in a network it takes a membership of the network, whichever store it is done in.
#[tokio::test]
async fn a_network_decides_about_its_customers() -> anyhow::Result<()> {
    let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
    let network = NetworkId::new(rig.clock.now());
    rig.actors.realm = RealmId::from_uuid(network.uuid());
    rig.actors.network = Some(network);
    rig.networks.push(Network { id: network.into(), currency: "EUR".to_owned(), ..Network::default() });
    let shop = Shop::of(rig)?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let status = close(&shop, shop.actors().staff(DESK, naming(&ada.id))).await.expect_err("store staff");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "network_membership_required"));
    let mut claims = shop.actors().claims(Kind::Staff, "stf_1");
    (claims.store, claims.perms) = (None, DESK.iter().copied().collect());
    assert_eq!(close(&shop, shop.actors().request(&claims, naming(&ada.id))).await?.status, "inactive");
    let of_network = [DESK, &[Permission::CustomersMerge]].concat();
    let request = ActivateCustomerRequest { id: ada.id, reason: String::new() };
    let request = shop.actors().staff(&of_network, request);
    let open = RecordServiceClient::new(shop.way.clone()).activate_customer(request).await?.into_inner();
    assert_eq!(open.status, "active");
    Ok(())
}
