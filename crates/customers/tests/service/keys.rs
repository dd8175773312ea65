//! Sealing for other services.
use customers::{key::destroy_key, reseal::reseal};
use kit::{
    failure::Told,
    ids::CustomerId,
    secret::{SecretError, Secrets},
    transport::Transport,
};
use proto::customers::v1::{
    OpenRequest, PlainValue, SealRequest, SealedValue, sealing_service_client::SealingServiceClient,
};
use testing::rig::SECRET;

use crate::shop::Shop;

struct Sealer {
    shop: Shop,
    client: SealingServiceClient<Transport>,
}

impl Sealer {
    async fn open() -> anyhow::Result<Self> {
        let shop = Shop::open().await?;
        let client = SealingServiceClient::new(shop.rig.env.peer("identity", customers::NAME)?);
        Ok(Self { shop, client })
    }

    async fn seal(&self, customers: &[&str], plain: &'static str) -> Result<Vec<Vec<u8>>, tonic::Status> {
        let values = customers.iter().map(|c| PlainValue { customer: (*c).to_owned(), plain: plain.into() }).collect();
        let request = SealRequest { realm: self.realm(), purpose: "audit".to_owned(), values };
        let sealed = self.client.clone().seal(request).await?.into_inner().sealed;
        Ok(sealed.into_iter().map(Into::into).collect())
    }

    async fn unseal(&self, purpose: &str, customer: &str, sealed: &[u8]) -> Result<Option<String>, tonic::Status> {
        let value = SealedValue { customer: customer.to_owned(), sealed: sealed.to_vec().into() };
        let request = OpenRequest { realm: self.realm(), purpose: purpose.to_owned(), values: vec![value] };
        let plain = self.client.clone().open(request).await?.into_inner().values.remove(0).plain;
        Ok(plain.map(|plain| String::from_utf8_lossy(&plain).into_owned()))
    }

    fn realm(&self) -> String {
        self.shop.actors().realm.into()
    }
}

/// PL-7: what is sealed for a customer opens for them and for its purpose, and for nobody else; after the key was
/// destroyed it never opens again, and nothing is sealed anew.
#[tokio::test]
async fn a_destroyed_key_takes_along_what_it_sealed() -> anyhow::Result<()> {
    let sealer = Sealer::open().await?;
    let [ada, grace] = ["ada@example.com", "grace@example.com"];
    let (ada, grace) = (sealer.shop.meet(ada, "Ada").await?.id, sealer.shop.meet(grace, "Grace").await?.id);
    let sealed = sealer.seal(&[&ada, &grace, &ada], "London").await?;
    assert!(sealed.iter().all(|value| !value.windows(6).any(|part| part == b"London")) && sealed[0] != sealed[2]);
    assert_eq!(sealer.unseal("audit", &ada, &sealed[0]).await?.as_deref(), Some("London"));
    assert_eq!(sealer.unseal("audit", &ada, &sealed[2]).await?.as_deref(), Some("London"), "one key");
    assert_eq!(sealer.unseal("audit", &grace, &sealed[0]).await?, None);
    assert_eq!(sealer.unseal("messages", &ada, &sealed[0]).await?, None);
    let mut tx = sealer.shop.db.begin_own().await?;
    destroy_key(&mut tx, sealer.shop.actors().realm, ada.parse()?, sealer.shop.now()).await?;
    tx.commit().await?;
    assert_eq!(sealer.unseal("audit", &ada, &sealed[0]).await?, None);
    assert!(sealer.seal(&[&ada], "Paris").await?[0].is_empty());
    assert_eq!(sealer.unseal("audit", &grace, &sealed[1]).await?.as_deref(), Some("London"));
    Ok(())
}

/// PL-4, ID-30: only services have anything sealed or opened, and for customers of the realm they name.
#[tokio::test]
async fn only_services_seal_and_open() -> anyhow::Result<()> {
    let sealer = Sealer::open().await?;
    let ada = sealer.shop.meet("ada@example.com", "Ada").await?.id;
    let request = || OpenRequest { realm: sealer.realm(), purpose: "audit".to_owned(), values: Vec::new() };
    for stranger in [
        sealer.shop.actors().staff(kit::permission::Permission::ALL, request()),
        sealer.shop.actors().customer(ada.parse()?, request()),
    ] {
        let refused = sealer.client.clone().open(stranger).await.expect_err("a refusal");
        assert_eq!(Told::read(&refused).reason, "wrong_caller");
    }
    let nobody = CustomerId::new(sealer.shop.now()).to_string();
    let refused = sealer.seal(&[&ada, &nobody], "x").await.expect_err("nobody of that name");
    assert_eq!(Told::read(&refused).reason, "customer_not_found");
    let foreign = sealer.shop.actors().elsewhere().realm;
    let values = vec![PlainValue { customer: ada, plain: "x".into() }];
    let request = SealRequest { realm: foreign.into(), purpose: "audit".to_owned(), values };
    let refused = sealer.client.clone().seal(request).await.expect_err("another realm's");
    assert_eq!(Told::read(&refused).reason, "customer_not_found");
    Ok(())
}

/// PL-7: keys are sealed anew after a change of the secret, and the former one can go.
#[tokio::test]
async fn keys_follow_a_change_of_the_secret() -> anyhow::Result<()> {
    let sealer = Sealer::open().await?;
    let ada = sealer.shop.meet("ada@example.com", "Ada").await?.id;
    let sealed = sealer.seal(&[&ada], "London").await?;
    let next = SECRET.replace('0', "e");
    let both = Secrets::parse(&format!("{next},{SECRET}"))?;
    let mut connection = sealer.shop.db.pool().acquire().await?;
    let outcome = reseal(&mut connection, &both).await?;
    assert_eq!((outcome.anew, outcome.already, outcome.lost), (1, 0, 0));
    let outcome = reseal(&mut connection, &both).await?;
    assert_eq!((outcome.anew, outcome.already, outcome.lost), (0, 1, 0));
    let keys = customers::key::Keys::new(&Secrets::parse(&next)?);
    let keys = keys.find(&mut connection, sealer.shop.actors().realm, &[ada.parse()?]).await?;
    let opened = keys[&ada.parse()?].open("audit", &sealed[0]);
    assert_eq!(opened, Ok::<_, SecretError>(b"London".to_vec()));
    assert_eq!(reseal(&mut connection, &Secrets::parse(SECRET)?).await?.lost, 1);
    Ok(())
}
