//! Idempotency keys: they commit with the effect, so that a repeated request gets the stored answer (PL-3).
use std::sync::LazyLock;

use base::secret::Secrets;
use mesh::{Error, call::Key};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};
use tonic::Response;

use crate::{
    db::Db,
    outbox::{Events, INSERT},
};

/// Purpose that stored answers are sealed for.
const PURPOSE: &str = "idempotency-answer";

/// Writes the events of a transaction and the answer that goes with them.
static STORE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "with told as ({INSERT})
         insert into idempotency_keys as old (caller, key, fingerprint, answer) values ($5, $6, $7, $8)
         on conflict (caller, key) do update
           set fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = now()
           where old.created_at <= now() - interval '24 hours'"
    )
});

/// What was found for a key. While its transaction lasts, nobody else can claim the same key.
pub(crate) struct Claim {
    key: Key,
    answer: Option<Vec<u8>>,
}

type Stored = (Option<String>, Option<Vec<u8>>);

/// What was answered under `key`, without claiming it.
pub(crate) async fn recall(db: impl PgExecutor<'_>, key: &Key, secrets: &Secrets) -> Result<Claim, Error> {
    check(key)?;
    let stored: Option<Stored> = sqlx::query_as(
        "select fingerprint, answer from idempotency_keys
         where caller = $1 and key = $2 and created_at > now() - interval '24 hours'",
    )
    .bind(&key.caller)
    .bind(&key.key)
    .fetch_optional(db)
    .await?;
    Claim::of(key, stored.unwrap_or_default(), secrets)
}

/// Claims `key` in this transaction. An answer older than a day counts no longer.
pub(crate) async fn claim(tx: &mut PgConnection, key: &Key, secrets: &Secrets) -> Result<Claim, Error> {
    check(key)?;
    let (free, fingerprint, answer): (bool, Option<String>, Option<Vec<u8>>) = sqlx::query_as(
        "select pg_try_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0)), k.fingerprint, k.answer
         from (values (1)) as one left join idempotency_keys k
           on k.caller = $1 and k.key = $2 and k.created_at > now() - interval '24 hours'",
    )
    .bind(&key.caller)
    .bind(&key.key)
    .fetch_one(tx)
    .await?;
    let claim = Claim::of(key, (fingerprint, answer), secrets)?;
    if free || claim.answer.is_some() { Ok(claim) } else { Err(Error::IdempotencyInFlight) }
}

/// Forgets every answer that `tells` says yes to, and answers how many there were. Their keys stay taken: a request that is
/// repeated under one is refused, not carried out again.
pub async fn forget(db: &Db, mut tells: impl FnMut(&[u8]) -> bool) -> Result<u64, Error> {
    let (mut place, mut forgotten) = ((String::new(), String::new()), 0);
    loop {
        let page: Vec<(String, String, Vec<u8>)> = sqlx::query_as(
            "select caller, key, answer from idempotency_keys
             where (caller, key) > ($1, $2) and answer <> '' order by caller, key limit 500",
        )
        .bind(&place.0)
        .bind(&place.1)
        .fetch_all(db.pool())
        .await?;
        let Some((caller, key, _)) = page.last() else { return Ok(forgotten) };
        place = (caller.clone(), key.clone());
        let open = |key: &str, answer: &[u8]| db.secrets().open(PURPOSE, key.as_bytes(), answer);
        // What cannot be opened may tell of anybody.
        let told = page.iter().filter(|(_, key, answer)| open(key, answer).map_or(true, |answer| tells(&answer)));
        let (callers, keys): (Vec<&str>, Vec<&str>) = told.map(|(caller, key, _)| (&**caller, &**key)).unzip();
        let forget = "update idempotency_keys k set fingerprint = '', answer = ''
                      from unnest($1::text[], $2::text[]) as f (caller, key) where k.caller = f.caller and k.key = f.key";
        let forget = sqlx::query(forget).bind(callers).bind(keys).execute(db.pool()).await?;
        forgotten += forget.rows_affected();
    }
}

fn check(key: &Key) -> Result<(), Error> {
    if key.fingerprint.is_empty() {
        // Without it two requests could not be told apart.
        let detail = "send a hash of the request in idempotency-fingerprint with the key";
        return Err(Error::invalid("/idempotency-fingerprint", "required", detail));
    }
    Ok(())
}

impl Claim {
    /// Of a key under which nothing was answered yet.
    pub(crate) fn new(key: &Key) -> Self {
        Self { key: key.clone(), answer: None }
    }

    fn of(key: &Key, (fingerprint, answer): Stored, secrets: &Secrets) -> Result<Self, Error> {
        if fingerprint.is_some_and(|fingerprint| fingerprint != key.fingerprint) {
            return Err(Error::IdempotencyMismatch);
        }
        let open = |answer: Vec<u8>| secrets.open(PURPOSE, key.key.as_bytes(), &answer);
        let answer = answer.map(open).transpose();
        let answer = answer.map_err(|e| Error::Internal(format!("a stored answer cannot be opened: {e}")))?;
        Ok(Self { key: key.clone(), answer })
    }

    /// The stored answer, marked as a replay.
    pub(crate) fn answer<T: prost::Message + Default>(&self) -> Result<Option<Response<T>>, Error> {
        let Some(answer) = &self.answer else { return Ok(None) };
        let answer = T::decode(answer.as_slice())
            .map_err(|e| Error::Internal(format!("a stored answer cannot be decoded: {e}")))?;
        let mut response = Response::new(answer);
        response.metadata_mut().insert("idempotent-replayed", tonic::metadata::MetadataValue::from_static("true"));
        Ok(Some(response))
    }

    /// Stores the answer, and with it what is told of its effect. Whoever stored one first wins; the second learns that
    /// the request was in flight.
    pub(crate) async fn store(
        self,
        tx: &mut PgConnection,
        (answer, events): (&impl prost::Message, Events),
        secrets: &Secrets,
    ) -> Result<(), Error> {
        let sealed = secrets.seal(PURPOSE, self.key.key.as_bytes(), &answer.encode_to_vec());
        let stored = events
            .bind(sqlx::query(AssertSqlSafe(&**STORE)))
            .bind(&self.key.caller)
            .bind(&self.key.key)
            .bind(&self.key.fingerprint)
            .bind(sealed)
            .execute(tx)
            .await?;
        if stored.rows_affected() == 0 { Err(Error::IdempotencyInFlight) } else { Ok(()) }
    }
}
