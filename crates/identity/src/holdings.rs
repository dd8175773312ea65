//! What the service keeps of people: every column of every table (CU-15, ID-23). Staff are no customers: who they are is
//! theirs and their employer's.
use holdings::{Columns, Table, hidden, nobody, plain, shown, told};

/// All it keeps.
pub const TABLES: &[Table] = &[
    Table {
        name: "sessions",
        whose: Some("kind = 'customer' and realm_id = $1 and subject_id = $2"),
        deleted: Some("true"),
        columns: &[
            plain("id kind realm_id subject_id ends_at act_staff_id act_session_id act_ticket"),
            told("methods authenticated_at touched_at expires_at"),
            shown("ip", "ip", ""),
            shown("agent", "user_agent", ""),
            hidden("token_hash act_reason", ""),
        ],
    },
    of_customer(
        "customer_credentials",
        &[
            plain("realm_id customer_id"),
            told("registered_at last_login_at used_at"),
            shown("ip", "ip", ""),
            shown("agent", "user_agent", ""),
            hidden("password_hash phone_hash", ""),
        ],
    ),
    of_customer(
        "devices",
        &[plain("realm_id id customer_id"), told("platform registered_at"), hidden("token_hash token", "")],
    ),
    of_customer(
        "provider_accounts",
        &[plain("realm_id customer_id"), told("issuer created_at"), hidden("subject", "")],
    ),
    of_customer("shoppers", &[plain("realm_id customer_id"), told("registered_at"), hidden("email_hash", "")]),
    of_customer("audit_reads", &[plain("realm_id actor_id impersonator_id minute customer_id")]),
    Table {
        name: "codes",
        whose: Some("realm_id = $1 and identity_hash = any($6)"),
        deleted: Some("true"),
        columns: &[
            plain("realm_id purpose id tries created_at expires_at used_at"),
            hidden("identity_hash code_hash", ""),
        ],
    },
    Table {
        name: "attempts",
        whose: Some("whose = any($6)"),
        deleted: Some("true"),
        columns: &[plain("kind tries tried_at free_at"), hidden("key whose", "")],
    },
    // Entries are never changed: what is personal in them is sealed with the customer's key, and dies with it.
    nobody("audit_entries", &[plain(ENTRY), hidden("reason before after", "")]),
    nobody("audit_heads", &[plain("realm_id number hash")]),
    nobody("audit_checkpoints", &[plain("realm_id number hash at key signature")]),
    nobody("audit_deeds", &[plain("realm_id actor_kind actor_id action times last_at")]),
    // Kept for a month, so that nobody's session or link outlives its person.
    nobody("session_cutoffs", &[plain("realm_id customer_id at")]),
    // Of a shopper in all customer bases; gone by themselves within minutes and days, and sealed meanwhile.
    nobody("magic_links", &[plain("id created_at expires_at"), hidden("token_hash email", "")]),
    nobody(
        "portal_sessions",
        &[plain("id shopper_id authenticated_at touched_at expires_at"), hidden("token_hash email ip agent", "")],
    ),
    nobody("rates", &[plain("kind full_at"), hidden("key", "")]),
    nobody("provider_nonces", &[plain("issuer nonce_hash expires_at")]),
    nobody("lookup_keys", &[plain("purpose key")]),
    // Whom a store keeps out stays out: the address is a keyed hash, and masked where it is shown.
    nobody(
        "blocks",
        &[
            plain("id realm_id kind network domain reason created_by created_at expires_at"),
            hidden("email_hash shown", ""),
        ],
    ),
    nobody("networks", &[plain("id name key currency reviews_enabled created_at factor_required version")]),
    nobody(
        "stores",
        &[plain(
            "id network_id realm_id name currency timezone country mail_from url key created_at factor_required version",
        )],
    ),
    nobody("signing_keys", &[plain("id seed public_key created_at retired_at active_at")]),
    nobody("staff", &[plain("id name email email_canonical password_hash created_at")]),
    nobody("memberships", &[plain("staff_id store_id network_id role created_at role_id")]),
    nobody("staff_factors", &[plain("staff_id kind secret last_step created_at")]),
    nobody("challenges", &[plain("id token_hash staff_id tries created_at expires_at used_at purpose secret")]),
    nobody("roles", &[plain("id store_id network_id name permissions version created_at")]),
    nobody("recovery_codes", &[plain("staff_id code_hash created_at used_at")]),
    nobody(
        "invitations",
        &[plain(
            "id store_id network_id email email_canonical role role_id token_hash invited_by created_at expires_at",
        )],
    ),
    nobody(
        "api_keys",
        &[plain(
            "id store_id network_id name secret_hash hint permissions allowed_ips created_by created_at expires_at \
             last_used_at revoked_at",
        )],
    ),
];

/// The network address is that of staff or of an integration.
const ENTRY: &str = "realm_id number id at service store_id actor_kind actor_id impersonator_kind impersonator_id session \
    action target_kind target customers ip request_id previous hash";

/// A table whose rows go with their customer.
const fn of_customer(name: &'static str, columns: &'static [Columns]) -> Table {
    Table { name, whose: Some("realm_id = $1 and customer_id = $2"), deleted: Some("true"), columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-15: the list says of everything personal what becomes of it.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(holdings::list::faults(TABLES), Vec::<String>::new());
    }
}
