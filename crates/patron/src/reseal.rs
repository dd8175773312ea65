//! `patron reseal`: the last step but one of a change of the secret.
use anyhow::ensure;
use kit::{db, settings::Settings};
use sqlx::{Connection, PgConnection};

/// Seals what is kept for long with the first secret, and says of what there was how much.
pub async fn carry_out(settings: &Settings) -> anyhow::Result<()> {
    let lost = identity(settings).await?
        + customers(settings).await?
        + orders(settings).await?
        + notifications(settings).await?;
    ensure!(lost == 0, "{lost} values open with none of the secrets in PATRON_SECRET: is one of them missing?");
    Ok(())
}

async fn connect(settings: &Settings, service: &'static str) -> anyhow::Result<PgConnection> {
    Ok(PgConnection::connect_with(&db::options(&settings.database(service), service)?).await?)
}

async fn identity(settings: &Settings) -> anyhow::Result<u64> {
    let mut connection = connect(settings, identity::NAME).await?;
    let outcomes = identity::reseal::reseal(&mut connection, &settings.secrets()?).await?;
    connection.close().await?;
    for outcome in &outcomes {
        tell(identity::NAME, outcome.name, [outcome.anew, outcome.already, outcome.lost]);
    }
    Ok(outcomes.iter().map(|outcome| outcome.lost).sum())
}

async fn customers(settings: &Settings) -> anyhow::Result<u64> {
    let mut connection = connect(settings, customers::NAME).await?;
    let outcome = customers::reseal::reseal(&mut connection, &settings.secrets()?).await?;
    connection.close().await?;
    tell(customers::NAME, "customers' keys", [outcome.anew, outcome.already, outcome.lost]);
    Ok(outcome.lost)
}

async fn orders(settings: &Settings) -> anyhow::Result<u64> {
    let mut connection = connect(settings, orders::NAME).await?;
    let outcome = orders::gateway_setting::reseal::reseal(&mut connection, &settings.secrets()?).await?;
    connection.close().await?;
    tell(orders::NAME, "keys of gateways", [outcome.anew, outcome.already, outcome.lost]);
    Ok(outcome.lost)
}

async fn notifications(settings: &Settings) -> anyhow::Result<u64> {
    let mut connection = connect(settings, notifications::NAME).await?;
    let outcome = notifications::reseal::reseal(&mut connection, &settings.secrets()?).await?;
    connection.close().await?;
    tell(notifications::NAME, "secrets of webhooks", [outcome.anew, outcome.already, outcome.lost]);
    Ok(outcome.lost)
}

fn tell(service: &str, name: &str, [anew, already, lost]: [u64; 3]) {
    println!("{service}\t{name}\t{anew} sealed anew\t{already} already\t{lost} lost");
}
