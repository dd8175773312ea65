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
            plain("realm_id id store_id customer_id reference attempts next_attempt_at"),
            told("channel template status failure created_at"),
            shown("recipient", "to", "null"),
            shown("subject", "subject", "''"),
            shown("content", "content", "''"),
            hidden("data", "'{}'::jsonb"),
            hidden("secrets", "null"),
        ],
    },
    nobody("channels", &[plain("channel failed_at")]),
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
