//! The load that speed is measured with: every flow of it does what it should.
use std::{process::Command, sync::Arc, time::Duration};

use anyhow::Context;
use e2e::{House, house::Form};
use load::{
    access::Access,
    measurement::{Plan, measure},
    prepare::{Place, prepare},
    scenario::{Scenario, Visitor},
};
use testing::rig::SECRET;

fn make_demo(house: &House, file: &str) -> anyhow::Result<()> {
    let mut command = Command::new(std::env::var("PATRON_BIN")?);
    command.args(["seed", "--demo", file, "--customers", "300"]).current_dir(house.folder());
    command.env("PATRON_DATABASE_URL", house.database()).env("PATRON_NATS_URL", house.broker.url());
    command.env("PATRON_SECRET", SECRET).env("PATRON_PUBLIC_URL", house.http.base());
    let output = command.env("PATRON_MAIL_DIR", house.sent("mail")).output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[tokio::test]
async fn every_flow_succeeds() -> anyhow::Result<()> {
    let house = House::start(Form::One, vec![("PATRON_RATE_LIMIT", "0".to_owned())]).await?;
    let (demo, access) = (house.folder().join("demo.json"), house.folder().join("access.json"));
    make_demo(&house, &demo.display().to_string())?;
    let (database_url, nats_url) = (house.database().to_owned(), house.broker.url());
    prepare(&Place { demo, access: access.clone(), database_url, nats_url, accounts: 4 }).await?;

    let access = Arc::new(Access::read(&access)?);
    assert!(access.customers.len() > 100);
    assert_eq!(access.accounts.len(), 4);
    let mut visitor = Visitor::arrive(&access, (0, 1)).await?;
    for scenario in Scenario::ALL {
        scenario.flow(&mut visitor).await.with_context(|| format!("{scenario:?}"))?;
    }
    let (warm_up, duration) = (Duration::ZERO, Duration::from_millis(500));
    let plan = Plan { scenario: Scenario::Purchase, connections: 4, warm_up, duration };
    let measured = measure(&access, plan, &[]).await?;
    assert_eq!((measured.errors, measured.error), (0, None));
    assert!(measured.settled_ms.is_some());
    Ok(())
}
