//! Lets PostgreSQL do now what it would do by itself within minutes of being filled, in the middle of a measurement.
use sqlx::{Connection, PgConnection};

/// Vacuums, and writes everything down.
pub async fn rest(database_url: &str) -> anyhow::Result<()> {
    let mut database = PgConnection::connect(database_url).await?;
    sqlx::raw_sql("vacuum (analyze)").execute(&mut database).await?;
    // Only a superuser may; of a private server everybody is.
    let _ = sqlx::raw_sql("checkpoint").execute(&mut database).await;
    Ok(database.close().await?)
}
