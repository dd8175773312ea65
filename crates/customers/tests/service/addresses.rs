//! Saved addresses.
use kit::permission::Permission;
use proto::{
    base::v1::Address,
    customers::v1::{
        AddAddressRequest, DeleteAddressRequest, GivenAddress, ListAddressesRequest, ReplaceAddressRequest,
        SavedAddress, address_service_client::AddressServiceClient,
    },
};
use testing::actors::{if_match, keyed};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, NO_PII, PII, Shop, faults, id, reason};

fn addresses(shop: &Shop) -> AddressServiceClient<kit::transport::Transport> {
    AddressServiceClient::new(shop.way.clone())
}

fn at(street: &str) -> GivenAddress {
    let address = Address {
        name: "Ada Lovelace".to_owned(),
        line1: street.to_owned(),
        city: "Berlin".to_owned(),
        postal_code: "10969".to_owned(),
        country: "DE".to_owned(),
        phone: "030 901820".to_owned(),
        ..Address::default()
    };
    GivenAddress { address: Some(address), ..GivenAddress::default() }
}

fn adding(customer: &str, address: GivenAddress) -> AddAddressRequest {
    AddAddressRequest { customer: customer.to_owned(), address: Some(address) }
}

async fn add(shop: &Shop, request: Request<AddAddressRequest>) -> Result<SavedAddress, Status> {
    Ok(addresses(shop).add_address(request).await?.into_inner())
}

fn replacing(address: &SavedAddress, by: GivenAddress) -> ReplaceAddressRequest {
    ReplaceAddressRequest { customer: address.customer.clone(), id: address.id.clone(), address: Some(by) }
}

fn deleting(address: &SavedAddress) -> DeleteAddressRequest {
    DeleteAddressRequest { customer: address.customer.clone(), id: address.id.clone() }
}

async fn list(shop: &Shop, customer: &str) -> Result<Vec<SavedAddress>, Status> {
    let request = shop.actors().staff(DESK, ListAddressesRequest { customer: customer.to_owned() });
    Ok(addresses(shop).list_addresses(request).await?.into_inner().addresses)
}

/// Streets of the defaults for bills and for parcels.
async fn defaults(shop: &Shop, customer: &str) -> anyhow::Result<[Vec<String>; 2]> {
    let all = list(shop, customer).await?;
    let street = |address: &SavedAddress| address.address.clone().unwrap_or_default().line1;
    let billing = all.iter().filter(|address| address.default_billing).map(street).collect();
    Ok([billing, all.iter().filter(|address| address.default_shipping).map(street).collect()])
}

/// CU-9: the first address is the default for bills and parcels alike; another takes over when it is said so; what is
/// deleted leaves its place to the newest.
#[tokio::test]
async fn there_is_one_default_of_each_kind() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let first = add(&shop, shop.actors().staff(DESK, adding(&ada.id, at("First 1")))).await?;
    assert!(first.default_billing && first.default_shipping && first.residential);
    assert_eq!(first.label, ["Ada Lovelace", "First 1", "10969 Berlin", "GERMANY"]);
    assert_eq!(first.address.clone().unwrap_or_default().phone, "+4930901820");
    shop.rig.clock.advance(chrono::TimeDelta::seconds(1));
    let parcels = GivenAddress { default_shipping: Some(true), residential: Some(false), ..at("Second 2") };
    let second = add(&shop, shop.actors().staff(DESK, adding(&ada.id, parcels))).await?;
    let one = |street: &str| vec![street.to_owned()];
    assert_eq!(defaults(&shop, &ada.id).await?, [one("First 1"), one("Second 2")]);
    assert_eq!(shop.get(PII, &ada.id).await?.address.unwrap_or_default().line1, "Second 2");
    let given_up = GivenAddress { default_billing: Some(false), ..at("First 1") };
    let status = addresses(&shop).replace_address(shop.actors().staff(DESK, replacing(&first, given_up))).await;
    assert_eq!(reason(&status.expect_err("nothing takes over")), "default_needed");
    addresses(&shop).delete_address(shop.actors().staff(DESK, deleting(&second))).await?;
    assert_eq!(defaults(&shop, &ada.id).await?, [one("First 1"), one("First 1")]);
    addresses(&shop).delete_address(shop.actors().staff(DESK, deleting(&first))).await?;
    assert!(list(&shop, &ada.id).await?.is_empty() && shop.get(PII, &ada.id).await?.address.is_none());
    Ok(())
}

/// CU-9: the database itself holds that there is exactly one default of each kind, whoever writes.
#[tokio::test]
async fn the_database_holds_the_defaults() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    for street in ["First 1", "Second 2"] {
        add(&shop, shop.actors().staff(DESK, adding(&ada.id, at(street)))).await?;
    }
    for (broken, constraint) in [
        ("update customer_addresses set default_billing = true", "customer_addresses_billing_key"),
        ("update customer_addresses set default_shipping = true", "customer_addresses_shipping_key"),
        ("update customer_addresses set default_billing = false", "customer_addresses_default_check"),
        ("delete from customer_addresses where default_billing", "customer_addresses_default_check"),
    ] {
        let refused = sqlx::query(broken).execute(shop.db.pool()).await.expect_err(broken);
        assert_eq!(refused.as_database_error().and_then(|error| error.constraint()), Some(constraint), "{broken}");
    }
    sqlx::query("delete from customers").execute(shop.db.pool()).await?; // all of them may go
    Ok(())
}

/// CU-9: whoever makes addresses the default at the same time, one of each kind is it in the end, and none is lost.
#[tokio::test]
async fn defaults_chosen_at_once_leave_one() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let both = GivenAddress { default_billing: Some(true), default_shipping: Some(true), ..at("Street") };
    let added = (0..6).map(|_| add(&shop, shop.actors().staff(DESK, adding(&ada.id, both.clone()))));
    let added = futures_util::future::try_join_all(added).await?;
    let changed = added.iter().map(|address| {
        let request = shop.actors().staff(DESK, replacing(address, both.clone()));
        let mut client = addresses(&shop);
        async move { client.replace_address(request).await }
    });
    futures_util::future::try_join_all(changed).await?;
    let [billing, shipping] = defaults(&shop, &ada.id).await?;
    assert_eq!((billing.len(), shipping.len(), list(&shop, &ada.id).await?.len()), (1, 1, 6));
    let deleted = added.iter().map(|address| {
        let request = shop.actors().staff(DESK, deleting(address));
        let mut client = addresses(&shop);
        async move { client.delete_address(request).await }
    });
    futures_util::future::try_join_all(deleted).await?;
    assert!(list(&shop, &ada.id).await?.is_empty());
    Ok(())
}

/// CU-9, ID-8: registered customers keep their own; guests keep none, and nobody sees another's.
#[tokio::test]
async fn customers_keep_their_own() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, guest) = (shop.register("ada@example.com").await?, shop.meet("eve@example.com", "Eve").await?);
    let own = add(&shop, shop.actors().customer(id(&ada), adding(&ada.id, at("Own 1")))).await?;
    let listed = ListAddressesRequest { customer: ada.id.clone() };
    let seen = addresses(&shop).list_addresses(shop.actors().customer(id(&ada), listed.clone())).await?.into_inner();
    assert_eq!(seen.addresses, std::slice::from_ref(&own));
    let status = add(&shop, shop.actors().customer(id(&guest), adding(&guest.id, at("Guest 1")))).await;
    assert_eq!(reason(&status.expect_err("a guest")), "registration_required");
    let status = add(&shop, shop.actors().customer(id(&guest), adding(&ada.id, at("Guest 1")))).await;
    assert_eq!(reason(&status.expect_err("another's")), "customer_not_found");
    let other = shop.register("grace@example.com").await?;
    let foreign = DeleteAddressRequest { customer: other.id.clone(), id: own.id.clone() };
    let status = addresses(&shop).delete_address(shop.actors().customer(id(&other), foreign)).await;
    assert_eq!(reason(&status.expect_err("of Ada")), "address_not_found");
    for request in [shop.actors().elsewhere().staff(DESK, listed.clone()), shop.actors().customer(id(&other), listed)] {
        assert_eq!(addresses(&shop).list_addresses(request).await.expect_err("another's").code(), Code::NotFound);
    }
    Ok(())
}

/// ID-22, ID-23: masked without customers.pii, label and all; to change one, one has to see it.
#[tokio::test]
async fn addresses_are_masked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    add(&shop, shop.actors().staff(DESK, adding(&ada.id, at("Lindenstraße 9")))).await?;
    let request = shop.actors().staff(NO_PII, ListAddressesRequest { customer: ada.id.clone() });
    let seen = addresses(&shop).list_addresses(request).await?.into_inner().addresses;
    assert_eq!(seen[0].label, ["A***", "***", "10969 Berlin", "GERMANY"]);
    assert!(!format!("{seen:?}").contains("Linden") && seen[0].redacted == ["address", "label"]);
    let write = &[Permission::CustomersRead, Permission::CustomersWrite];
    let status = add(&shop, shop.actors().staff(write, adding(&ada.id, at("Lindenstraße 10")))).await;
    assert_eq!(status.expect_err("sees nothing").code(), Code::PermissionDenied);
    let told = shop.audited("address.added").await?;
    assert!(told.after.contains("sealed") && !format!("{told:?}").contains("Linden"), "{told:?}");
    Ok(())
}

/// PL-3, CU-9: stale versions are refused, a repetition adds nothing; what no parcel could go to is refused.
#[tokio::test]
async fn versions_and_faults_are_told() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let request = || keyed(shop.clerk(adding(&ada.id, at("First 1"))), "k1", "first");
    let first = add(&shop, request()).await?;
    assert_eq!(add(&shop, request()).await?, first);
    let change = |street: &str| shop.actors().staff(DESK, replacing(&first, at(street)));
    let moved = addresses(&shop).replace_address(if_match(change("Second 2"), 1)).await?.into_inner();
    assert_eq!((moved.version, moved.default_billing), (2, true));
    let status = addresses(&shop).replace_address(if_match(change("Third 3"), 1)).await.expect_err("stale");
    assert_eq!(reason(&status), "stale_version");
    let status = addresses(&shop).delete_address(if_match(shop.actors().staff(DESK, deleting(&first)), 1)).await;
    assert_eq!(reason(&status.expect_err("stale")), "stale_version");
    let nowhere = GivenAddress { address: Some(Address { phone: "x".to_owned(), ..Address::default() }), ..at("") };
    let status = add(&shop, shop.actors().staff(DESK, adding(&ada.id, nowhere))).await.expect_err("nowhere");
    let told: Vec<_> = faults(&status).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(told, ["/line1", "/city", "/country", "/phone"]);
    Ok(())
}
