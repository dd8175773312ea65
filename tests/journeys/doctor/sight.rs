//! What the doctor needs to look at all.
use e2e::{House, Shop, eventually};
use testing::{broker::Broker, database};

use super::{
    clinic::{call, doctor, healthy, read},
    healing::sell,
};

async fn nothing() -> anyhow::Result<String> {
    database::fresh(&house::migrators(&house::SERVICES)).await
}

/// PL-2: where nothing was ever published there is no stream, and that is well.
#[tokio::test]
async fn a_house_that_never_ran_is_healthy() -> anyhow::Result<()> {
    let (database, broker) = (nothing().await?, Broker::start()?);
    let round = eventually("the broker answers", || async {
        let round = read(&call(&database, &broker.url(), &[]).await?)?;
        Ok((!round.findings().contains_key("broker_unreachable")).then_some(round))
    })
    .await?;
    assert_eq!((round.status, round.findings().len()), (0, 0), "{}", round.report);
    Ok(())
}

/// PL-2: a broker that is there but tells nothing of its streams is no healthy one: the doctor could not look.
#[tokio::test]
async fn a_broker_that_refuses_is_no_healthy_one() -> anyhow::Result<()> {
    let (database, broker) = (nothing().await?, Broker::forgetful()?);
    let said = eventually("the broker answers", || async {
        let output = call(&database, &broker.url(), &[]).await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.code() != Some(1)).then_some((output.status.code(), said)))
    })
    .await?;
    assert_eq!((said.0, said.1.contains("could not look")), (Some(2), true), "{}", said.1);
    Ok(())
}

/// PL-2: whoever is behind hides what they have not heard of, and nothing older: what they do not listen to is not waited
/// for.
#[tokio::test]
async fn whoever_is_behind_hides_nothing_older() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let ada = sell(&shop, &mug, "ada").await?;
    healthy(&house).await?;
    // Catalog listens to placed orders, and to nothing else of them.
    let catalog = house.tables("catalog").await?;
    let mut behind = catalog.begin().await?;
    sqlx::raw_sql("lock table inbox in access exclusive mode").execute(&mut *behind).await?;
    sell(&shop, &mug, "bob").await?;
    sqlx::raw_sql("delete from customer_orders").execute(&house.tables("customers").await?).await?;
    let round = doctor(&house, &["--grace", "0", "--only", "customers"]).await?;
    let findings = round.findings();
    assert!(findings.contains_key("consumer_behind"), "{}", round.report);
    assert_eq!(findings.get("missing_order"), Some(&vec![ada.order]), "{}", round.report);
    behind.rollback().await?;
    Ok(())
}

/// Without a database there is nothing to say.
#[tokio::test]
async fn a_doctor_who_cannot_look_says_so() -> anyhow::Result<()> {
    let output = call("postgres://nobody@127.0.0.1:9/none", "nats://127.0.0.1:9", &[]).await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.contains("could not look")), (Some(2), true), "{said}");
    Ok(())
}
