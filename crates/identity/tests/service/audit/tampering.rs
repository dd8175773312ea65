//! Whatever is done to a chain behind the service's back is found, and where.
use identity::audit::{
    chain::{Place, Problem},
    store::stretch,
};
use kit::ids::RealmId;

use super::ledger::Ledger;

/// AD-1: no column of an entry changes unseen.
#[tokio::test]
async fn an_altered_entry_is_named() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    let realm = ledger.chain().await?;
    assert_eq!(ledger.breach(realm, None).await?, None);
    let text = "service actor_kind actor_id impersonator_kind impersonator_id session action target_kind target reason \
                before after ip request_id";
    let others = [
        ("at", "at + interval '1 microsecond'"),
        ("id", "gen_random_uuid()"),
        ("store_id", "gen_random_uuid()"),
        ("customers", "array[gen_random_uuid()]"),
        ("hash", "sha256('other')"),
    ];
    for (column, value) in text.split_whitespace().map(|column| (column, "'x'")).chain(others) {
        let keep = format!("create table kept as select * from audit_entries where realm_id = '{}'", realm.uuid());
        sqlx::query(sqlx::AssertSqlSafe(keep)).execute(ledger.db.pool()).await?;
        let alter = format!("update audit_entries set {column} = {value} where realm_id = $1 and number = 2");
        ledger.spoil(realm, &[&alter]).await?;
        assert_eq!(ledger.breach(realm, None).await?, Some((2, Problem::Altered)), "{column}");
        let put_back = format!(
            "update audit_entries e set {column} = k.{column} from kept k
                                where e.realm_id = $1 and e.number = k.number"
        );
        ledger.spoil(realm, &[&put_back]).await?;
        sqlx::query("drop table kept").execute(ledger.db.pool()).await?;
        assert_eq!(ledger.breach(realm, None).await?, None, "{column} was put back");
    }
    Ok(())
}

/// AD-1: removed, inserted and reordered entries and a tail that was cut off are named.
#[tokio::test]
async fn a_broken_chain_is_named() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    let copy = "insert into audit_entries select (jsonb_populate_record(e, jsonb_build_object('number', 4,
                'id', gen_random_uuid()))).* from audit_entries e where realm_id = $1 and number = 3";
    // By way of far numbers, or the steps would meet on their way.
    let renumber = |from: i64, by: i64| {
        vec![
            format!("update audit_entries set number = number + 1000 where realm_id = $1 and number > {from}"),
            format!("update audit_entries set number = number - 1000 + {by} where realm_id = $1 and number > 1000"),
        ]
    };
    let head = |number: i64| {
        format!(
            "update audit_heads h set number = e.number, hash = e.hash from audit_entries e
             where h.realm_id = $1 and e.realm_id = $1 and e.number = {number}"
        )
    };
    let delete = |which: &str| format!("delete from audit_entries where realm_id = $1 and number {which}");
    let cases: Vec<(&str, Vec<String>, (i64, Problem))> = vec![
        ("removed", vec![delete("= 3")], (3, Problem::Missing)),
        ("the first removed", vec![delete("= 1")], (1, Problem::Missing)),
        (
            "removed and the rest renumbered",
            [vec![delete("= 3")], renumber(3, -1), vec![head(4)]].concat(),
            (3, Problem::Unlinked),
        ),
        ("inserted", [renumber(3, 1), vec![copy.to_owned(), head(6)]].concat(), (4, Problem::Unlinked)),
        (
            "reordered",
            [2, 3]
                .map(|n| format!("update audit_entries set number = {} where realm_id = $1 and number = {n}", n + 100))
                .into_iter()
                .chain([(102, 3), (103, 2)].map(|(from, to)| {
                    format!("update audit_entries set number = {to} where realm_id = $1 and number = {from}")
                }))
                .collect(),
            (2, Problem::Unlinked),
        ),
        ("cut off", vec![delete("= 5")], (5, Problem::Truncated)),
        ("cut off with its end moved", vec![delete("> 2"), head(2)], (3, Problem::Truncated)),
        (
            "all gone",
            vec![delete("> 0"), "delete from audit_heads where realm_id = $1".to_owned()],
            (1, Problem::Truncated),
        ),
        (
            "added behind the end",
            [vec![delete("= 5")], vec![head(4)], vec![copy.replace("'number', 4", "'number', 5")]].concat(),
            (5, Problem::Inserted),
        ),
    ];
    for (name, statements, expected) in cases {
        let realm = ledger.chain().await?;
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        ledger.spoil(realm, &statements).await?;
        assert_eq!(ledger.breach(realm, None).await?, Some(expected), "{name}");
    }
    Ok(())
}

/// Writes the chain of `realm` anew from its second entry on, so that all its hashes fit.
async fn rewrite(ledger: &Ledger, realm: RealmId) -> anyhow::Result<Vec<[u8; 32]>> {
    let mut entries = stretch(ledger.db.pool(), realm, (0, i64::MAX), 100).await?;
    let mut previous = Place::START.hash;
    let mut statements = Vec::new();
    let mut hashes = Vec::new();
    for entry in &mut entries {
        if entry.number == 2 {
            "staff.deceived".clone_into(&mut entry.action);
        }
        let hash = entry.hash_behind(&previous);
        statements.push(format!(
            "update audit_entries set action = '{}', previous = '\\x{}', hash = '\\x{}' where realm_id = $1 and number = {}",
            entry.action,
            hex::encode(previous),
            hex::encode(hash),
            entry.number
        ));
        previous = hash;
        hashes.push(hash);
    }
    statements.push(format!("update audit_heads set hash = '\\x{}' where realm_id = $1", hex::encode(previous)));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    ledger.spoil(realm, &statements).await?;
    Ok(hashes)
}

/// AD-1: a chain that was written anew, with hashes that fit, contradicts what was signed, or written down elsewhere.
#[tokio::test]
async fn a_rewritten_chain_contradicts_what_was_signed() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    let realm = ledger.chain().await?;
    let fourth = ledger.entries(realm).await?[3].clone();
    let noted = Place { number: 4, hash: fourth.hash.as_slice().try_into()? };
    assert_eq!(ledger.breach(realm, Some(noted)).await?, None);
    rewrite(&ledger, realm).await?;
    assert_eq!(ledger.breach(realm, None).await?, Some((3, Problem::Rewritten)));
    assert_eq!(ledger.sign().await?, 0, "what contradicts a signature is not signed");
    ledger.spoil(realm, &["delete from audit_checkpoints where realm_id = $1"]).await?;
    assert_eq!(ledger.breach(realm, None).await?, None, "without the signature nothing in here tells");
    assert_eq!(ledger.breach(realm, Some(noted)).await?, Some((4, Problem::Rewritten)), "what was written down does");
    Ok(())
}

/// AD-1: a checkpoint that somebody else made is no checkpoint.
#[tokio::test]
async fn a_forged_checkpoint_is_named() -> anyhow::Result<()> {
    let ledger = Ledger::open().await?;
    let realm = ledger.chain().await?;
    let forge = format!(
        "insert into audit_checkpoints select realm_id, 5, sha256('other'), at, key, signature from audit_checkpoints
         where realm_id = $1 and key = '{}'",
        ledger.signatory.key()
    );
    ledger.spoil(realm, &[&forge]).await?;
    assert_eq!(ledger.breach(realm, None).await?, Some((5, Problem::Forged)));
    Ok(())
}
