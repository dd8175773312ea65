//! What the house keeps for every service beside its own tables. Events hold no personal data, and answers to repeated
//! requests are sealed and go with an erasure.
use crate::{Table, nobody, plain};

/// These tables.
pub const TABLES: &[Table] = &[
    nobody("_sqlx_migrations", &[plain(MIGRATIONS)]),
    nobody("_kit_migrations", &[plain(MIGRATIONS)]),
    nobody("outbox", &[plain("id event_id subject payload headers created_at published_at stream_seq")]),
    nobody("inbox", &[plain("event_id applied_at")]),
    nobody("dead_letters", &[plain("event_id subject payload headers error failed_at replay")]),
    nobody("idempotency_keys", &[plain("caller key fingerprint created_at"), crate::hidden("answer", "")]),
    nobody("merged_customers", &[plain("realm_id gone_id kept_id merged_at")]),
    nobody("erasures", &[plain("realm_id customer_id job_id at looks next_look_at")]),
];

const MIGRATIONS: &str = "version description installed_on success checksum execution_time";
