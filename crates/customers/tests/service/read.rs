//! Reading one record: whose, by whom.
use proto::customers::v1::{Customer, GetCustomerRequest};
use tonic::{Code, Request, Status};

use crate::shop::{PII, Shop, id, reason};

async fn get(shop: &Shop, request: Request<GetCustomerRequest>) -> Result<Customer, Status> {
    Ok(shop.client.clone().get_customer(request).await?.into_inner())
}

/// CU-7, ID-30: customers read their own record, staff with the permission and services any of the realm.
#[tokio::test]
async fn a_record_is_read_by_those_it_concerns() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let named = || GetCustomerRequest { id: ada.id.clone() };
    for request in [
        shop.actors().customer(id(&ada), named()),
        shop.actors().staff(PII, named()),
        shop.actors().system("orders", named()),
    ] {
        assert_eq!(get(&shop, request).await?, ada);
    }
    Ok(())
}

/// ID-30: another's record, another realm's and one that never was look the same.
#[tokio::test]
async fn a_record_of_others_is_not_found() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, grace) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("grace@example.com", "Grace").await?);
    let named = |id: &str| GetCustomerRequest { id: id.to_owned() };
    let elsewhere = shop.actors().elsewhere();
    let unknown = kit::ids::CustomerId::new(shop.now()).to_string();
    for request in [
        shop.actors().customer(id(&grace), named(&ada.id)),
        elsewhere.customer(id(&ada), named(&ada.id)),
        elsewhere.staff(PII, named(&ada.id)),
        shop.actors().staff(PII, named(&unknown)),
        shop.actors().staff(PII, named("cus_1")),
        shop.actors().customer(id(&ada), named("1 or 1=1")),
        shop.actors().system("orders", named(&unknown)),
    ] {
        let status = get(&shop, request).await.expect_err("not theirs");
        assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "customer_not_found"));
    }
    Ok(())
}

/// ID-22, ID-30: without the permission nobody learns whether there is a record.
#[tokio::test]
async fn reading_needs_the_permission() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    for id in [ada.id.as_str(), "cus_1"] {
        let named = GetCustomerRequest { id: id.to_owned() };
        for request in [shop.actors().anonymous(named.clone()), shop.actors().staff(&[], named)] {
            let status = get(&shop, request).await.expect_err("no permission");
            assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "permission_required"));
        }
    }
    Ok(())
}
