//! Facts and claims are for the house itself.
use e2e::{House, Shop, house::bearer};
use kit::{
    actor::Kind,
    assertion::{Claims, Signer},
    clock::Clock,
    permission::Permissions,
    secret::Secrets,
};
use proto::base::v1::{
    CheckClaimsRequest, CompareFactsRequest, InspectRequest, ListClaimsRequest, ListFactsRequest, WithdrawClaimsRequest,
};
use testing::rig::SECRET;
use tonic::Code;

/// Calls RPCs of the reconciliation of a service with every credential that is not the house's.
macro_rules! refuse {
    ($house:ident, $tokens:ident, $service:ident: $($method:ident $request:ident),+) => {
        let channel = $house.channel(stringify!($service)).await?;
        let mut peer =
            proto::$service::v1::reconciliation_service_client::ReconciliationServiceClient::new(channel);
        for (whose, token) in &$tokens {
            $(
                let answer = peer.$method(bearer($request::default(), token)?).await;
                let code = answer.expect_err(whose).code();
                assert_eq!(code, Code::PermissionDenied, "{whose}: {} {}", stringify!($service), stringify!($method));
            )+
        }
    };
}

/// ID-30, PL-2: no customer, staff member, key or shop front reads facts or changes what others derived.
#[tokio::test]
async fn only_the_house_reconciles() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let signer = Signer::system(&Secrets::parse(SECRET)?)?;
    let now = Clock::system(chrono::TimeDelta::default()).now();
    let sign = |kind| {
        let (realm, store) = (Some(shop.store.realm.clone()), Some(shop.store.id.clone()));
        signer.sign(&Claims { realm, store, perms: Permissions::all(), ..Claims::new(kind, "somebody", now) })
    };
    let tokens = [
        ("an owner", shop.owner.token.clone()),
        ("a shop front", sign(Kind::Anonymous)?),
        ("a customer", sign(Kind::Customer)?),
        ("a shopper", sign(Kind::Shopper)?),
        ("staff with every permission", sign(Kind::Staff)?),
        ("an integration", sign(Kind::ApiKey)?),
    ];
    refuse!(house, tokens, identity: list_facts ListFactsRequest);
    refuse!(house, tokens, orders: list_facts ListFactsRequest, check_claims CheckClaimsRequest, inspect InspectRequest);
    refuse!(house, tokens, customers: compare_facts CompareFactsRequest, list_claims ListClaimsRequest,
        withdraw_claims WithdrawClaimsRequest, inspect InspectRequest);
    refuse!(house, tokens, carts: compare_facts CompareFactsRequest, list_claims ListClaimsRequest,
        withdraw_claims WithdrawClaimsRequest);
    refuse!(house, tokens, notifications: compare_facts CompareFactsRequest, list_claims ListClaimsRequest,
        withdraw_claims WithdrawClaimsRequest);
    refuse!(house, tokens, reviews: list_facts ListFactsRequest, check_claims CheckClaimsRequest,
        compare_facts CompareFactsRequest, list_claims ListClaimsRequest, withdraw_claims WithdrawClaimsRequest);
    Ok(())
}
