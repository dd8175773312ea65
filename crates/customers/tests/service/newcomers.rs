//! Registrations that look like spam: let be, tagged, or refused.
use customers::account::door::SUSPECTED;
use proto::customers::v1::{ChangeAccountRulesRequest, Customer, RegisterCustomerRequest};
use tonic::Status;

use crate::{
    accounts::{SWEEPER, client, register},
    shop::{PII, Shop, reason},
};

/// Sets what is done about registrations.
async fn rule(shop: &Shop, registrations: &str, score: i32) -> anyhow::Result<()> {
    let change = ChangeAccountRulesRequest {
        registrations: Some(registrations.to_owned()),
        registration_score: Some(score),
        ..ChangeAccountRulesRequest::default()
    };
    client(shop).change_account_rules(shop.actors().staff(SWEEPER, change)).await?;
    Ok(())
}

/// Somebody comes to register.
async fn come(shop: &Shop, (name, email): (&str, &str), ip: &str, proven: &str) -> Result<Customer, Status> {
    let request = RegisterCustomerRequest {
        realm: shop.actors().realm.into(),
        store: shop.actors().store.into(),
        email: email.to_owned(),
        name: name.to_owned(),
        ip: ip.to_owned(),
        proven: proven.to_owned(),
        phone: if proven == "phone" { "+4930901820".to_owned() } else { String::new() },
        prepare: true,
        ..RegisterCustomerRequest::default()
    };
    Ok(shop.client.clone().register_customer(shop.actors().system("identity", request)).await?.into_inner())
}

/// AD-3: a registration that looks like spam is let be, tagged, or refused, as the store says, from its score on; by
/// e-mail and by phone.
#[tokio::test]
async fn registrations_are_judged() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let bot = ("asdfgh", "bot@mailinator.com"); // 100
    assert!(come(&shop, bot, "", "").await?.tags.is_empty(), "nothing is done without being asked for");
    rule(&shop, "flag", 100).await?;
    let flagged = come(&shop, ("asdfgh", "b2@mailinator.com"), "", "phone").await?;
    assert_eq!(shop.get(PII, &flagged.id).await?.tags, [SUSPECTED]);
    let again = come(&shop, ("asdfgh", "b2@mailinator.com"), "", "phone").await?;
    assert_eq!((again.id, again.tags), (flagged.id, vec![SUSPECTED.to_owned()]));
    assert!(come(&shop, ("Ada", "ada@mailinator.com"), "", "").await?.tags.is_empty(), "60 are less than 100");
    rule(&shop, "refuse", 60).await?;
    for proven in ["", "phone"] {
        let refused = come(&shop, ("Ada", "ada2@mailinator.com"), "", proven).await.expect_err("refused");
        assert_eq!(reason(&refused), "registration_refused");
    }
    assert_eq!(reason(&come(&shop, bot, "", "").await.expect_err("refused")), "registration_refused", "also a lead");
    assert!(come(&shop, ("Ada", "ada@shop.test"), "", "").await.is_ok());
    Ok(())
}

/// AD-3, ID-7: whoever has an account or has bought is somebody; what else is known of an address changes nothing.
#[tokio::test]
async fn whoever_bought_is_somebody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let account = register(&shop, "www.pills.top", "old@mailinator.com", "").await?;
    let buyer = shop.meet("buyer@mailinator.com", "www.pills.top").await?;
    shop.hear(&shop.placed(&buyer.id, "1", shop.now())).await?;
    shop.meet("lead@mailinator.com", "www.pills.top").await?;
    rule(&shop, "refuse", 50).await?;
    assert_eq!(come(&shop, ("www.pills.top", "old@mailinator.com"), "", "").await?.id, account);
    assert_eq!(come(&shop, ("www.pills.top", "buyer@mailinator.com"), "", "").await?.id, buyer.id);
    for email in ["lead@mailinator.com", "nobody@mailinator.com"] {
        let refused = come(&shop, ("www.pills.top", email), "", "").await.expect_err("the same for both");
        assert_eq!(
            (reason(&refused), refused.message().to_owned()),
            (
                "registration_refused".to_owned(),
                "this account cannot be made here; write to the store if you think it should be".to_owned()
            )
        );
    }
    Ok(())
}

/// AD-3: honest people on a shared address register, however many they are and by numbers, too; whoever says besides that
/// they are nobody does not, for an hour.
#[tokio::test]
async fn a_shared_address_locks_nobody_out() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    rule(&shop, "refuse", 50).await?;
    for number in 0..60_u8 {
        let letters: String = [number / 26, number % 26].iter().map(|digit| char::from(b'a' + digit)).collect();
        come(&shop, ("Pupil", &format!("{letters}@school.test")), "198.51.100.7", "").await?;
    }
    for number in 0..4 {
        come(&shop, ("Bot", &format!("bot{number}@bots.test")), "198.51.100.8", "").await?;
    }
    assert!(come(&shop, ("Bot", "bot5@bots.test"), "198.51.100.9", "").await.is_ok(), "all of them are neighbours");
    let typed = ("asdfgh", "qwert@bots.test");
    assert_eq!(reason(&come(&shop, typed, "198.51.100.9", "").await.expect_err("one more")), "registration_refused");
    assert!(come(&shop, typed, "203.0.113.9", "").await.is_ok(), "a name alone is not enough");
    shop.rig.clock.advance(chrono::TimeDelta::hours(1));
    let later = ("asdfgh", "yxcvb@bots.test");
    assert!(come(&shop, later, "198.51.100.9", "").await.is_ok(), "the burst is over");
    Ok(())
}
