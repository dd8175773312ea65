//! Marketing consent and the member directory.
use std::collections::HashMap;

use chrono::TimeDelta;
use kit::{actor::Kind, assertion::Act};
use proto::customers::v1::{
    BrowseMembersRequest, ChangeCustomerRequest, Consents, Details, GetConsentsRequest, SetConsentsRequest,
    consent_service_client::ConsentServiceClient, directory_service_client::DirectoryServiceClient,
    record_service_client::RecordServiceClient,
};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, NO_PII, PII, Shop, id, reason};

async fn set(shop: &Shop, request: Request<SetConsentsRequest>) -> Result<Consents, Status> {
    Ok(ConsentServiceClient::new(shop.way.clone()).set_consents(request).await?.into_inner())
}

fn deciding(customer: &str, decisions: &[(&str, bool)], source: &str) -> SetConsentsRequest {
    let consents: HashMap<_, _> = decisions.iter().map(|(channel, given)| ((*channel).to_owned(), *given)).collect();
    SetConsentsRequest { customer: customer.to_owned(), consents, source: source.to_owned() }
}

fn history(consents: &Consents) -> Vec<(&str, bool, &str)> {
    consents.history.iter().map(|known| (&*known.channel, known.granted, &*known.source)).collect()
}

/// CU-16: per channel, with time, source and history; saying the same again adds nothing.
#[tokio::test]
async fn decisions_are_kept_with_their_history() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    set(&shop, shop.actors().customer(id(&ada), deciding(&ada.id, &[("email", true)], "trade_fair"))).await?;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    set(&shop, shop.actors().staff(DESK, deciding(&ada.id, &[("sms", true), ("email", true)], "trade_fair"))).await?;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    let seen = set(&shop, shop.actors().customer(id(&ada), deciding(&ada.id, &[("email", false)], ""))).await?;
    let expected = [("email", false, "storefront"), ("sms", true, "trade_fair"), ("email", true, "storefront")];
    assert_eq!(history(&seen), expected);
    assert_eq!(seen.history[2].actor, ada.id);
    let at = seen.history[0].at.as_ref().and_then(kit::clock::datetime);
    assert_eq!(at, Some(shop.now()));
    let present: Vec<_> = seen.consents.iter().map(|known| (&*known.channel, known.granted)).collect();
    assert_eq!(present, [("email", false), ("sms", true)]);
    let record = shop.get(PII, &ada.id).await?;
    assert_eq!(record.consents, HashMap::from([("email".to_owned(), false), ("sms".to_owned(), true)]));
    assert_eq!(shop.published("patron.customers.v1.ConsentChanged").await?, 3);
    let request = shop.actors().staff(NO_PII, GetConsentsRequest { customer: ada.id });
    assert_eq!(ConsentServiceClient::new(shop.way.clone()).get_consents(request).await?.into_inner(), seen);
    Ok(())
}

/// CU-16: the history is only ever added to.
#[tokio::test]
async fn the_history_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    set(&shop, shop.actors().staff(DESK, deciding(&ada.id, &[("email", true)], ""))).await?;
    for column in ["granted = false", "source = 'x'", "at = now()", "channel = 'sms'", "actor = 'x'"] {
        let update = sqlx::AssertSqlSafe(format!("update customer_consents set {column}"));
        let refused = sqlx::query(update).execute(shop.db.pool()).await.expect_err(column);
        let constraint = refused.as_database_error().and_then(|error| error.constraint());
        assert_eq!(constraint, Some("customer_consents_history_check"), "{column}");
    }
    Ok(())
}

/// CU-16: of decisions made at once none is lost.
#[tokio::test]
async fn decisions_made_at_once_are_all_kept() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let channels = ["email", "sms", "push", "phone", "post"];
    let made = channels.map(|channel| set(&shop, shop.actors().staff(DESK, deciding(&ada.id, &[(channel, true)], ""))));
    futures_util::future::try_join_all(made).await?;
    assert_eq!(shop.get(PII, &ada.id).await?.consents.len(), 5);
    Ok(())
}

/// CU-16, ID-25, ID-30: nobody agrees for another: neither another customer, nor whoever is logged in as them.
#[tokio::test]
async fn nobody_agrees_for_another() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, eve) = (shop.register("ada@example.com").await?, shop.register("eve@example.com").await?);
    let agree = || deciding(&ada.id, &[("email", true)], "");
    for request in [shop.actors().customer(id(&eve), agree()), shop.actors().elsewhere().staff(DESK, agree())] {
        assert_eq!(set(&shop, request).await.expect_err("another's").code(), Code::NotFound);
    }
    assert_eq!(
        set(&shop, shop.actors().staff(NO_PII, agree())).await.expect_err("reads").code(),
        Code::PermissionDenied
    );
    let mut claims = shop.actors().claims(Kind::Customer, id(&ada));
    let (session, why) = ("ses_1".to_owned(), "asked on the phone".to_owned());
    claims.act = Some(Act { kind: Kind::Staff, sub: "stf_1".to_owned(), session, reason: why });
    let status = set(&shop, shop.actors().request(&claims, agree())).await.expect_err("on behalf");
    assert_eq!(reason(&status), "impersonated");
    let status = set(&shop, shop.actors().staff(DESK, deciding(&ada.id, &[("fax", true)], "a b"))).await;
    assert_eq!(status.expect_err("malformed").code(), Code::InvalidArgument);
    Ok(())
}

async fn members(shop: &Shop, request: Request<BrowseMembersRequest>) -> Result<Vec<String>, Status> {
    let answer = DirectoryServiceClient::new(shop.way.clone()).browse_members(request).await?.into_inner();
    Ok(answer.members.into_iter().map(|member| member.name).collect())
}

/// CU-12: members see the names of members, in alphabetical order; nobody else sees it, and the inactive are not in it.
#[tokio::test]
async fn the_directory_is_for_members() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut known = Vec::new();
    for (email, name) in [("a@example.com", "Grace"), ("b@example.com", "ada"), ("c@example.com", "Eve")] {
        known.push(shop.meet(email, name).await?);
    }
    for customer in &known[..2] {
        let details = Some(Details { directory: Some(true), ..Details::default() });
        let request = shop.actors().staff(DESK, ChangeCustomerRequest { id: customer.id.clone(), details });
        RecordServiceClient::new(shop.way.clone()).change_customer(request).await?;
    }
    let all = BrowseMembersRequest::default();
    assert_eq!(members(&shop, shop.actors().customer(id(&known[0]), all)).await?, ["ada", "Grace"]);
    let second = BrowseMembersRequest { limit: 1, offset: 1 };
    assert_eq!(members(&shop, shop.actors().customer(id(&known[0]), second)).await?, ["Grace"]);
    let status = members(&shop, shop.actors().customer(id(&known[2]), all)).await.expect_err("no member");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "no_member"));
    for request in [shop.actors().anonymous(all), shop.actors().staff(DESK, all)] {
        assert_eq!(members(&shop, request).await.expect_err("nobody").code(), Code::Unauthenticated);
    }
    sqlx::query("update customers set status = 'inactive' where name = 'Grace'").execute(shop.db.pool()).await?;
    assert_eq!(members(&shop, shop.actors().customer(id(&known[1]), all)).await?, ["ada"]);
    Ok(())
}
