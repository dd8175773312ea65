//! Services that are killed while a person is erased.
use e2e::{Form, House, Shop, http::text};

use super::{
    gone::{done, erase},
    rich::Rich,
    traces::found,
};

/// CU-15, PL-2: an erasure goes on after every service was killed between its steps, and leaves nothing either.
#[tokio::test]
async fn an_erasure_outlives_those_who_carry_it_out() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    let (id, store, owner) = {
        let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
        let rich = Rich::lives(&shop).await?;
        (rich.id.clone(), shop.store.clone(), shop.owner.clone())
    };
    for service in ["identity", "carts", "notifications", "reviews"] {
        house.kill(service)?;
    }
    house.revive("identity")?; // who verifies callers
    house.ready_but(&["carts", "notifications", "reviews"]).await?;
    let job = {
        let shop = Shop { house: &house, store: store.clone(), owner: owner.clone() };
        text(&erase(&shop, &id, "once").await?.expect(202)?, "/id")?.to_owned()
    };
    house.kill("identity")?;
    house.kill("orders")?;
    house.kill("customers")?;
    for service in ["carts", "notifications", "orders", "customers", "reviews", "identity"] {
        house.revive(service)?;
        house.kill(service)?;
        house.revive(service)?;
    }
    house.ready().await?;
    let shop = Shop { house: &house, store, owner };
    let certificate = done(&shop, &job).await?;
    assert_eq!(certificate["steps"].as_array().map(Vec::len), Some(6), "{certificate}");
    assert_eq!(found(&house).await?, Vec::<String>::new());
    Ok(())
}
