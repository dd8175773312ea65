//! What the service keeps of people: every column of every table (CU-15, ID-23).
use holdings::{Table, hidden, nobody, plain, shown, told};

/// All it keeps. An erasure takes what waits out of the queue, and leaves in the log that something was sent. What went
/// to an address before anybody knew whose it is, such as the code of a registration, is theirs by the address; so is
/// what the house itself sent there.
pub const TABLES: &[Table] = &[
    Table {
        name: "message_events",
        whose: Some(
            "realm_id = $1 and message_id in (
               select m.id from messages m where m.realm_id = $1 and m.customer_id = $2)",
        ),
        deleted: None,
        columns: &[plain("realm_id message_id id"), told("status at")],
    },
    Table {
        name: "messages",
        whose: Some(
            "(realm_id = $1 and customer_id = $2
              or (realm_id = $1 or $8 and realm_id = '00000000-0000-0000-0000-000000000000') and customer_id is null
                 and created_at <= $5 and lower(recipient) = any($3::text[] || $4::text[]))
             and not (status = 'queued' and template = 'account_closed'
                      and created_at > statement_timestamp() - interval '5 minutes')",
        ),
        deleted: Some("status = 'queued'"),
        columns: &[
            plain("realm_id id store_id customer_id campaign_id reference attempts next_attempt_at"),
            told("channel template purpose status failure created_at"),
            shown("recipient", "to", "null"),
            shown("subject", "subject", "''"),
            shown("content", "content", "''"),
            hidden("data", "'{}'::jsonb"),
            hidden("secrets", "null"),
        ],
    },
    // What came back from somebody's address says that it is theirs.
    Table {
        name: "suppressions",
        whose: Some(
            "realm_id = $1 and (customer_id = $2
              or customer_id is null and created_at <= $5 and recipient = any($3::text[] || $4::text[]))",
        ),
        deleted: Some("true"),
        columns: &[
            plain("realm_id id customer_id store_id message_id"),
            told("channel cause created_at"),
            shown("recipient", "to", ""),
        ],
    },
    // Written to many, so that it is about nobody; whom a filter is to find is forgotten when it was.
    nobody(
        "campaigns",
        &[
            plain("realm_id id store_id name channel purpose subject text segment_id state failure found looked_at"),
            plain("inactive no_address no_consent after_id is_listed send_at due_at attempts created_by created_at"),
            plain("tally ended_at"),
            hidden("filter", ""),
        ],
    ),
    nobody("channels", &[plain("channel failed_at")]),
    nobody(
        "webhooks",
        &[plain(
            "place_id id is_network realm_id url description events disabled_reason failing_since tell_owners secret
             former_secret former_until created_by created_at updated_at version deleted_at",
        )],
    ),
    // Ids, amounts and states alone (ID-23), for thirty days: like the audit, a history that erasures leave as it is.
    nobody("hook_events", &[plain("id realm_id name body created_at")]),
    nobody(
        "hook_deliveries",
        &[plain(
            "webhook_id id event_id name state attempts next_attempt_at unproved created_at settled_at status error",
        )],
    ),
    nobody("hook_attempts", &[plain("webhook_id delivery_id id at status ms error")]),
];

#[cfg(test)]
mod tests {
    use holdings::list::{faults, unkept};
    use proto::notifications::v1::Message;

    use super::*;

    /// CU-15, ID-23: what is masked is what is kept, exported and erased.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(faults(TABLES), Vec::<String>::new());
        assert_eq!(unkept::<Message>(TABLES), Vec::<&str>::new());
    }
}
