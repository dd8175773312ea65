//! The one writer.
use std::sync::Arc;

use chrono::TimeDelta;
use identity::audit::checkpoint::{PURPOSE, newest, sign_all};
use kit::{
    clock::timestamp,
    ids::{CustomerId, RealmId},
    secret::Secrets,
    signature::Signatory,
};
use testing::rig::SECRET;

use super::ledger::{Ledger, deed, id};

/// AD-1: entries of several writers at once, each with entries of several chains in any order, all find their place.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_wait_for_each_other() -> anyhow::Result<()> {
    let ledger = Arc::new(Ledger::open().await?);
    let realms: Arc<Vec<RealmId>> = Arc::new((0..3).map(|_| RealmId::from_uuid(id())).collect());
    let writers = (0..4_usize).map(|writer| {
        let (ledger, realms) = (Arc::clone(&ledger), Arc::clone(&realms));
        tokio::spawn(async move {
            for batch in 0..5 {
                let told = |step| deed(realms[(writer + batch + step) % 3], "stf_1", "product.updated");
                ledger.hear_all(&(0..6).map(told).collect::<Vec<_>>()).await?;
            }
            anyhow::Ok(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await??;
    }
    for realm in realms.iter() {
        assert_eq!(ledger.breach(*realm, None).await?, None);
        assert_eq!(ledger.entries(*realm).await?.len(), 40);
    }
    Ok(())
}

/// AD-1: the service's own role neither changes nor removes an entry or a checkpoint: it is not granted that, and a
/// trigger refuses even those who may do everything.
#[tokio::test]
async fn the_table_is_added_to_only() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    ledger.chain().await?;
    for table in ["audit_entries", "audit_checkpoints"] {
        for statement in ["update {} set number = 9", "delete from {}", "truncate {}"] {
            let statement = sqlx::AssertSqlSafe(statement.replace("{}", table));
            let refused = sqlx::query(statement).execute(ledger.db.pool()).await.expect_err("a refusal");
            let code = refused.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            assert_eq!(code.as_deref(), Some("42501"), "{refused}");
        }
        let granted = "select count(*) from pg_class c, aclexplode(c.relacl) g where c.relname = $1
                         and c.relnamespace = 'identity'::regnamespace
                         and g.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')";
        let granted: i64 = sqlx::query_scalar(granted).bind(table).fetch_one(ledger.db.pool()).await?;
        assert_eq!(granted, 0);
        let readable = "select count(*) from pg_class c, aclexplode(c.relacl) g
                        where c.relname = $1 and g.privilege_type = 'INSERT'";
        let readable: i64 = sqlx::query_scalar(readable).bind(table).fetch_one(ledger.db.pool()).await?;
        assert!(readable > 0, "somebody has to write");
    }
    Ok(())
}

/// AD-1: a chain is signed when it has grown, and again with a new secret before the former one goes.
#[tokio::test]
async fn chains_are_signed() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    let realm = ledger.chain().await?;
    assert_eq!((ledger.sign().await?, ledger.sign().await?), (1, 0));
    let signed = newest(&ledger.db, realm, &ledger.signatory).await?.map(|checkpoint| checkpoint.number);
    assert_eq!(signed, Some(5));
    let next = SECRET.replace('0', "e");
    let both = Signatory::new(&Secrets::parse(&format!("{next},{SECRET}"))?, PURPOSE);
    assert_eq!(sign_all(&ledger.db, &both, ledger.house.clock.now()).await?, 1);
    let alone = Signatory::new(&Secrets::parse(&next)?, PURPOSE);
    let signed = newest(&ledger.db, realm, &alone).await?.map(|checkpoint| checkpoint.number);
    assert_eq!(signed, Some(5));
    Ok(())
}

/// AD-1: however many processes and services tell that somebody read a customer's data, it is one entry for each reader,
/// customer and minute, whether it is told of at once or one after the other.
#[tokio::test]
async fn a_reading_is_kept_once_a_minute() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    for at_once in [false, true] {
        keep_readings(&ledger, at_once).await?;
    }
    Ok(())
}

async fn keep_readings(ledger: &Ledger, at_once: bool) -> anyhow::Result<()> {
    let (realm, start) = (RealmId::from_uuid(id()), chrono::DateTime::UNIX_EPOCH);
    let [ada, grace] = [id(), id()].map(CustomerId::from_uuid).map(String::from);
    let read = |reader: &str, customers: &[&String], after: i64| proto::base::v1::Audited {
        at: Some(timestamp(start + TimeDelta::milliseconds(after))),
        customers: customers.iter().map(|customer| (*customer).clone()).collect(),
        ..deed(realm, reader, kit::reads::ACTION)
    };
    let told = [
        read("stf_1", &[&ada], 0),
        read("stf_1", &[&ada], 59_999),
        read("stf_1", &[&ada, &grace], 59_999),
        read("stf_2", &[&ada], 1_000),
        read("stf_1", &[&ada], 60_000),
    ];
    for batch in told.chunks(if at_once { told.len() } else { 1 }) {
        ledger.hear_all(batch).await?;
    }
    let entries = ledger.entries(realm).await?;
    let kept = entries.iter().map(|entry| (entry.actor_id.as_str(), entry.customers.len(), entry.target.as_str()));
    let expected = [
        ("stf_1", 1, ada.as_str()),
        ("stf_1", 1, grace.as_str()),
        ("stf_2", 1, ada.as_str()),
        ("stf_1", 1, ada.as_str()),
    ];
    assert_eq!(kept.collect::<Vec<_>>(), expected);
    assert_eq!(ledger.breach(realm, None).await?, None);
    Ok(())
}
