//! Fresh databases, cloned from a template that is migrated once.
use anyhow::Context;
use kit::secret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};

/// Name of the environment variable with the URL of the test server, which `cargo xtask test` and
/// `cargo xtask services` set.
pub const SERVER: &str = "PATRON_TEST_DATABASE_URL";

/// The URL of a database of its own for one test, with the schemas of `services`.
pub async fn fresh(services: &[(&'static str, &Migrator)]) -> anyhow::Result<String> {
    let server = std::env::var(SERVER).with_context(|| format!("{SERVER} is not set: run `cargo xtask test`"))?;
    let mut connection = PgConnection::connect(&server).await?;
    let template = template(&server, &mut connection, services).await?;
    let name = format!("test_{}", hex(&secret::random::<8>()));
    run(&mut connection, format!("create database {name} template {template}")).await?;
    Ok(at(&server, &name))
}

/// The migrated template, made by whoever comes first. Its name is the hash of all its migrations.
async fn template(
    server: &str,
    connection: &mut PgConnection,
    services: &[(&'static str, &Migrator)],
) -> anyhow::Result<String> {
    let mut all = sqlx::migrate!("../kit/migrations").iter().flat_map(|m| m.checksum.to_vec()).collect::<Vec<u8>>();
    for (service, migrator) in services {
        all.extend_from_slice(service.as_bytes());
        all.extend(migrator.iter().flat_map(|migration| migration.checksum.to_vec()));
    }
    let name = format!("template_{}", hex(&secret::sha256(&all)[..8]));
    sqlx::query("select pg_advisory_lock(hashtextextended($1, 0))").bind(&name).execute(&mut *connection).await?;
    let known: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut *connection)
        .await?;
    if !known {
        let raw = format!("{name}_raw");
        run(connection, format!("drop database if exists {raw}")).await?;
        run(connection, format!("create database {raw}")).await?;
        for (service, migrator) in services {
            kit::db::migrate(&at(server, &raw), service, migrator).await?;
        }
        run(connection, format!("alter database {raw} rename to {name}")).await?;
    }
    sqlx::query("select pg_advisory_unlock(hashtextextended($1, 0))").bind(&name).execute(&mut *connection).await?;
    Ok(name)
}

async fn run(connection: &mut PgConnection, statement: String) -> anyhow::Result<()> {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// The URL of another database of the same server.
fn at(server: &str, database: &str) -> String {
    let (rest, options) = server.split_once('?').map_or((server, String::new()), |(r, o)| (r, format!("?{o}")));
    let base = rest.rsplit_once('/').map_or(rest, |(base, _)| base);
    format!("{base}/{database}{options}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
