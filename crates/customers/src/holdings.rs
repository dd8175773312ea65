//! What the service keeps of people: every column of every table (CU-15, ID-23). What hangs on a record comes before it,
//! so that an erasure counts it.
use holdings::{Columns, Table, hidden, nobody, plain, shown, told};

/// All it keeps.
pub const TABLES: &[Table] = &[
    hanging(
        "customer_addresses",
        &[
            plain("realm_id id customer_id version"),
            told("residential default_billing default_shipping created_at updated_at"),
            shown("address", "address", ""),
        ],
    ),
    hanging("customer_consents", &[plain("realm_id id customer_id actor"), told("channel granted source at")]),
    hanging(
        "customer_notes",
        &[
            plain("realm_id id customer_id author written_by version"),
            told("created_at edited_at"),
            shown("text", "text", ""),
        ],
    ),
    // Of a purchase; the purchases themselves are told by those who keep them.
    Table {
        name: "customer_products",
        whose: Some(
            "realm_id = $1 and order_id in (select order_id from customer_orders where realm_id = $1 and customer_id = $2)",
        ),
        deleted: Some("true"),
        columns: &[plain("realm_id product_id order_id")],
    },
    hanging("customer_orders", &[plain("realm_id order_id customer_id store_id"), told("number placed_at currency")]),
    hanging(
        "customer_payments",
        &[plain("realm_id transaction_id customer_id store_id order_id"), told("currency amount captured_at")],
    ),
    hanging(
        "customer_places",
        &[plain("realm_id id customer_id"), hidden("country city region postal_code street", "")],
    ),
    // A job that was begun goes by the ids it began with; a merged one leads on from there.
    hanging("bulk_targets", &[plain("realm_id job_id customer_id outcome")]),
    hanging("registrations", &[plain("realm_id customer_id at"), hidden("network series", "")]),
    // What was found of an account goes with it; what became of it in a clean-up says nothing of who it was.
    hanging("account_verdicts", &[plain("realm_id audit_id customer_id kind score reasons")]),
    nobody("account_audits", &[plain("realm_id id quiet_days threshold place accounts unused spam")]),
    nobody("account_rules", &[plain("realm_id schedule quiet_days threshold next_at registrations registration_score version")]),
    nobody(
        "account_cleanups",
        // Whoever is gone and still to be kept out, sealed, for a moment.
        &[
            plain("realm_id job_id audit_id kind quiet_days threshold block_emails block_domains block_days"),
            hidden("gone", ""),
        ],
    ),
    nobody("account_cleanup_lines", &[plain("realm_id job_id customer_id score reasons outcome at")]),
    // A report tells what became of a line, and of whom; it goes by the ids that it began with.
    hanging("import_lines", &[plain("realm_id import_id line customer_id outcome reason")]),
    hanging(
        "timeline",
        &[plain("realm_id customer_id store_id actor_kind actor impersonator"), told("at kind subject state")],
    ),
    hanging("customer_reviews", &[plain("realm_id review_id customer_id store_id deleted")]),
    // What it shows lies beside, sealed with a key that an erasure destroys; where that is the record says.
    hanging(
        "customer_photos",
        &[plain("realm_id id customer_id sealed_for"), told("media_type size created_at")],
    ),
    // Told by those who keep them.
    hanging(
        "customer_subscriptions",
        &[plain("realm_id subscription_id customer_id store_id product_id status version")],
    ),
    hanging("customer_carts", &[plain("realm_id cart_id customer_id store_id held version")]),
    hanging(
        "customer_spend",
        &[plain("realm_id customer_id store_id"), told("currency captured refunded orders_count")],
    ),
    hanging(
        "customer_stores",
        &[
            plain("realm_id store_id customer_id spent_base"),
            told("orders_count first_order_at last_order_at reviews_count gifted_at"),
        ],
    ),
    hanging("email_aliases", &[plain("realm_id customer_id"), hidden("email_canonical", "")]),
    hanging("customer_likeness", &[plain("realm_id customer_id"), hidden("phone home mail mail_start", "")]),
    Table {
        name: "duplicates",
        whose: Some("realm_id = $1 and (one_id = $2 or other_id = $2)"),
        deleted: Some("true"),
        columns: &[plain("realm_id one_id other_id reasons found_at")],
    },
    nobody("duplicate_searches", &[plain("realm_id changed_at customer_id")]),
    // Handed in, and named by nothing yet; gone after a day.
    file_of_ticket("ticket_uploads", &[plain(FILE), plain("media_type size created_at"), hidden("name", "")]),
    file_of_ticket(
        "ticket_attachments",
        &[plain(FILE), plain("comment_id"), told("media_type size created_at"), shown("name", "attachments.name", "")],
    ),
    file_of_ticket(
        "ticket_note_attachments",
        &[plain(FILE), plain("comment_id media_type size created_at"), hidden("name", "")],
    ),
    // Places are made of ids; the bytes there are sealed with a key that an erasure destroys.
    nobody("loose_files", &[plain("place due_at")]),
    in_ticket(
        "ticket_comments",
        &[
            plain("realm_id id ticket_id author written_by"),
            told("by_customer created_at"),
            shown("text", "text", "''"),
        ],
    ),
    // What staff note among themselves about how to answer is shown to nobody else, and so is in no export.
    in_ticket("ticket_notes", &[plain("realm_id id ticket_id author written_by created_at"), hidden("text", "''")]),
    // A shell stays, which says that somebody asked something and when it was over.
    Table {
        name: "tickets",
        whose: Some("realm_id = $1 and customer_id = $2"),
        deleted: None,
        columns: &[
            plain("realm_id id store_id customer_id assignee_id follows_id version updated_at closes_at"),
            told("number status priority channel order_id products created_at solved_at"),
            shown("subject", "subject", "''"),
            shown("tags", "tags", "'{}'::text[]"),
        ],
    },
    nobody("ticket_numbers", &[plain("realm_id store_id last")]),
    Table {
        name: "customer_search",
        whose: Some("realm_id = $1 and id = $2"),
        deleted: Some("true"),
        columns: &[plain("realm_id id created_at"), hidden("search", "")],
    },
    Table { name: "customers", whose: Some("realm_id = $1 and id = $2"), deleted: Some("true"), columns: RECORD },
    // A key is destroyed in its own way, and that it was stays known.
    nobody("customer_keys", &[plain("realm_id customer_id created_at destroyed_at"), hidden("key", "")]),
    nobody("base_currencies", &[plain("realm_id owner_id currency")]),
    nobody(
        "jobs",
        &[plain(
            "realm_id id kind state customer_id done total refused services failure created_by created_at updated_at ended_at",
        )],
    ),
    // Who asked for it, why and which tags is gone when it has ended.
    nobody(
        "bulk_changes",
        &[plain("realm_id job_id action attempts due_at forget_at"), hidden("added removed reason asker", "")],
    ),
    nobody("job_steps", &[plain("realm_id job_id service counts at")]),
    // Whom goes with the end of the job.
    nobody("erased_customers", &[plain("realm_id id at job_id"), hidden("whom", "")]),
    // What is asked for, in the words of the staff. One that names somebody who is gone, by an address, a number, their
    // whole name or their id, goes with them.
    Table {
        name: "segments",
        whose: Some(
            "realm_id = $1 and exists (
               select from unnest($3::text[] || $4::text[] || array(select w from unnest($7::text[]) w where w like '% %')
                                  || ('cus_' || replace($2::text, '-', ''))) as part
               where position(part in lower(name)) > 0
                 or position(part in lower(convert_from(filter, 'UTF8'))) > 0)",
        ),
        deleted: Some("true"),
        columns: &[plain("realm_id id place_id name personal version created_at updated_at"), hidden("filter", "")],
    },
    // Gone after a day, and as soon as somebody is forgotten.
    nobody(
        "exports",
        &[
            plain("realm_id id store_id kind format columns pii state done total failure attempts due_at file size"),
            plain("created_by created_at ended_at expires_at"),
            hidden("search filter", ""),
        ],
    ),
    // Their files are gone after a day, and as soon as somebody is forgotten; faults tell what is wrong, never of whom.
    nobody(
        "imports",
        &[
            plain("realm_id id store_id state fields empty country encoding delimiter rows done created changed unchanged"),
            plain("refused superseded warnings first_byte first_line next_byte next_line failure started_by attempts"),
            plain("due_at file size version created_by created_at ended_at expires_at forget_at"),
            hidden("columns tags", ""),
        ],
    ),
    nobody("import_faults", &[plain("realm_id import_id line place code refuses")]),
    nobody("closures", &[plain("realm_id customer_id at next_try_at")]),
];

const RECORD: &[Columns] = &[
    plain("realm_id version email_identifies spent_base active_on"),
    told("id lifecycle registration status phone_verified_at language library_all directory consents"),
    told(
        "orders_count first_order_at last_order_at reviews_count registered_at last_activity_at created_at updated_at",
    ),
    shown("name", "name customer_name", ""),
    shown("email", "email customer_email", ""),
    shown("phone", "phone", ""),
    // Lists show these to everybody; histories do not.
    shown("username", "username", ""),
    shown("tags", "tags", ""),
    shown("photo_url", "photo_url", ""),
    shown("business", "business", ""),
    shown("fax", "fax", ""),
    shown("contacts", "contacts", ""),
    shown("slug", "slug", ""),
    shown("meta", "meta", ""),
    shown("ip", "ip", ""),
    shown("address", "address label", ""),
    hidden("email_canonical search", ""),
];

/// What is in the tickets of a customer.
const IN_TICKETS: &str =
    "realm_id = $1 and ticket_id in (select t.id from tickets t where t.realm_id = $1 and t.customer_id = $2)";
/// What every row of a file has.
const FILE: &str = "realm_id id ticket_id uploaded_by sealed_for";

/// A table of what is written in tickets, whose words go.
const fn in_ticket(name: &'static str, columns: &'static [Columns]) -> Table {
    Table { name, whose: Some(IN_TICKETS), deleted: None, columns }
}

/// A table of files, whose bytes go with their rows.
const fn file_of_ticket(name: &'static str, columns: &'static [Columns]) -> Table {
    Table { name, whose: Some(IN_TICKETS), deleted: Some("true"), columns }
}

/// A table that goes with the record.
const fn hanging(name: &'static str, columns: &'static [Columns]) -> Table {
    Table { name, whose: Some("realm_id = $1 and customer_id = $2"), deleted: Some("true"), columns }
}

#[cfg(test)]
mod tests {
    use holdings::list::{faults, unkept};
    use proto::customers::v1::{Customer, Note, SavedAddress, Ticket, TicketComment};

    use super::*;

    /// CU-15, ID-23: what is masked is what is kept, exported and erased.
    #[test]
    fn the_list_is_whole() {
        assert_eq!(faults(TABLES), Vec::<String>::new());
        let missing = [unkept::<Customer>(TABLES), unkept::<Note>(TABLES), unkept::<SavedAddress>(TABLES)];
        assert_eq!(missing.concat(), Vec::<&str>::new());
        assert_eq!([unkept::<Ticket>(TABLES), unkept::<TicketComment>(TABLES)].concat(), Vec::<&str>::new());
    }
}
