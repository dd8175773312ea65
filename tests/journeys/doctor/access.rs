//! Facts and claims are for the house itself.
use e2e::{
    House, Shop,
    house::{bearer, system},
};
use proto::{
    base::v1::{
        CheckClaimsRequest, CompareFactsRequest, InspectRequest, ListClaimsRequest, ListFactsRequest,
        WithdrawClaimsRequest,
    },
    identity::v1::{ExchangeRequest, assertion_service_client::AssertionServiceClient},
};
use tonic::Code;

/// Calls RPCs of the reconciliation of a service with every credential that is not the house's, and with its own.
macro_rules! refuse {
    ($house:ident, $tokens:ident, $service:ident: $($method:ident $request:ident),+) => {
        let channel = $house.channel(stringify!($service))?;
        let mut peer =
            proto::$service::v1::reconciliation_service_client::ReconciliationServiceClient::new(channel);
        $(
            for (whose, token) in &$tokens {
                let answer = peer.$method(bearer($request::default(), token)?).await;
                let code = answer.expect_err(whose).code();
                assert_eq!(code, Code::PermissionDenied, "{whose}: {} {}", stringify!($service), stringify!($method));
            }
            let answer = peer.$method(system($request::default())?).await;
            assert_ne!(answer.err().map(|status| status.code()), Some(Code::PermissionDenied), "the house itself");
        )+
    };
}

/// ID-30, PL-2: no customer, staff member or shop front reads facts or changes what others derived.
#[tokio::test]
async fn only_the_house_reconciles() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, rita) = shop.register("rita@example.com", "Rita Reader").await?;
    let mut identity = AssertionServiceClient::new(house.channel("identity")?);
    let front = ExchangeRequest { bearer: shop.store.key.clone(), ..ExchangeRequest::default() };
    let token = rita["token"].as_str().unwrap_or_default().to_owned();
    let customer = ExchangeRequest { customer_token: token, ..front.clone() };
    let tokens = [
        ("an owner", shop.owner.token.clone()),
        ("a shop front", identity.exchange(system(front)?).await?.into_inner().assertion),
        ("a customer", identity.exchange(system(customer)?).await?.into_inner().assertion),
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
