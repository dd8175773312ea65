//! `patron reseal`: the last step but one of a change of the secret.
use anyhow::ensure;
use kit::{db, settings::Settings};
use sqlx::{Connection, PgConnection};

/// Seals what is kept for long with the first secret, and says of what there was how much.
pub async fn carry_out(settings: &Settings) -> anyhow::Result<()> {
    let secrets = settings.secrets()?;
    let options = db::options(&settings.database(identity::NAME), identity::NAME)?;
    let mut connection = PgConnection::connect_with(&options).await?;
    let outcomes = identity::reseal::reseal(&mut connection, &secrets).await?;
    connection.close().await?;
    for outcome in &outcomes {
        let (name, anew, already, lost) = (outcome.name, outcome.anew, outcome.already, outcome.lost);
        println!("{}\t{name}\t{anew} sealed anew\t{already} already\t{lost} lost", identity::NAME);
    }
    let lost: u64 = outcomes.iter().map(|outcome| outcome.lost).sum();
    ensure!(lost == 0, "{lost} values open with none of the secrets in PATRON_SECRET: is one of them missing?");
    Ok(())
}
