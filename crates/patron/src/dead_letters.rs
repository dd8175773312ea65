//! `patron dead-letters`: lists events that a service could not apply, and has them applied again.
use clap::Subcommand;
use kit::{db, settings::Settings};
use sqlx::{Connection, PgConnection, types::chrono};
use uuid::Uuid;

use crate::{SERVICES, migrators};

/// What to do with dead letters.
#[derive(Subcommand)]
pub enum Command {
    /// List them: service, event, subject, time, error.
    List {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
    },
    /// Have them applied again by the running service; what fails again stays.
    Replay {
        /// Only of this service.
        #[arg(long)]
        service: Option<String>,
        /// Only this event.
        #[arg(long)]
        event: Option<Uuid>,
    },
}

/// Carries the command out on every service's own database.
pub async fn carry_out(settings: &Settings, command: &Command) -> anyhow::Result<()> {
    let (Command::List { service } | Command::Replay { service, .. }) = command;
    let names = crate::chosen(&service.iter().cloned().collect::<Vec<_>>())?;
    let names = if service.is_some() { names } else { SERVICES.to_vec() };
    for (name, _) in migrators(&names) {
        let mut connection = PgConnection::connect_with(&db::options(&settings.database(name), name)?).await?;
        match command {
            Command::List { .. } => list(&mut connection, name).await?,
            Command::Replay { event, .. } => replay(&mut connection, name, *event).await?,
        }
        connection.close().await?;
    }
    Ok(())
}

async fn list(connection: &mut PgConnection, service: &str) -> anyhow::Result<()> {
    type Letter = (Uuid, String, chrono::DateTime<chrono::Utc>, String);
    let letters: Vec<Letter> =
        sqlx::query_as("select event_id, subject, failed_at, error from dead_letters order by failed_at, event_id")
            .fetch_all(connection)
            .await?;
    for (event, subject, failed_at, error) in letters {
        println!("{service}\t{event}\t{subject}\t{}\t{error}", failed_at.to_rfc3339());
    }
    Ok(())
}

async fn replay(connection: &mut PgConnection, service: &str, event: Option<Uuid>) -> anyhow::Result<()> {
    let marked = sqlx::query("update dead_letters set replay = true where $1 is null or event_id = $1")
        .bind(event)
        .execute(connection)
        .await?
        .rows_affected();
    println!("{service}\t{marked} to be applied again");
    Ok(())
}
