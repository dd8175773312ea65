//! What can go wrong with customers.
use kit::{
    failure::{Code, Failure},
    ids::CustomerId,
    permission::Permission,
};

/// What can go wrong with customers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, of another realm, or not the caller's to see.
    #[error("there is no such customer")]
    CustomerNotFound,
    /// Guests have no profile of their own (ID-8).
    #[error("register first to keep a profile")]
    RegistrationRequired,
    /// Another account has proven this e-mail address.
    #[error("this e-mail address belongs to another account")]
    EmailTaken,
    /// A proven phone belongs to one person (ID-2).
    #[error("this phone number belongs to another account")]
    PhoneTaken,
    /// A phone that signs somebody in changes by proving the new one only (ID-11).
    #[error("this phone number signs you in; prove the new one to change it")]
    PhoneSignsIn,
    /// What is done to many is not done without a key to repeat it by.
    #[error("send an Idempotency-Key with this")]
    KeyRequired,
    /// A customer has as many tags as anybody needs.
    #[error("a customer has at most 50 tags")]
    TooManyTags,
    /// Opening and closing doors is a matter of the whole network (ID-21).
    #[error("this concerns every store of the network: it needs a membership of the network")]
    NetworkMembershipRequired,
    /// Money may be on its way: what comes of it is needed first (CU-15).
    #[error("a payment of this customer is on its way; try again when it came about or failed")]
    PaymentOpen,
    /// Why somebody was erased stays; who it was must not (CU-15).
    #[error("the reason is kept for ever: do not name the person in it")]
    ReasonNamesCustomer,
    /// The record became another one (CU-13), which is to be named.
    #[error("this record was merged into {0}: name that one")]
    Merged(CustomerId),
    /// Unknown, or about another customer.
    #[error("there is no such note")]
    NoteNotFound,
    /// Nobody changes what somebody else noted (CU-10).
    #[error("only its author may change a note")]
    NotAuthor,
    /// Five minutes after it was added a note is fixed (CU-10).
    #[error("a note can be changed for five minutes only; add another one")]
    NoteFixed,
    /// Unknown, or another customer's.
    #[error("there is no such address")]
    AddressNotFound,
    /// A customer has as many addresses as anybody needs.
    #[error("a customer has at most 50 addresses")]
    TooManyAddresses,
    /// There is one default of each kind (CU-9).
    #[error("this is the default; make another address the default instead")]
    DefaultNeeded,
    /// What cannot be undone names what was seen (CU-13).
    #[error("send the version that you saw in If-Match")]
    VersionRequired,
    /// The id was not typed as it is.
    #[error("confirm with the id of the record that goes")]
    ConfirmationMismatch,
    /// One record is not two.
    #[error("a record cannot be merged with itself")]
    SameCustomer,
    /// One of the two is the other by now.
    #[error("these two have been merged already")]
    AlreadyMerged,
    /// Merging would open a door that was closed, or close one.
    #[error("one of the two is inactive; let them in first, or keep them apart")]
    CustomerInactive,
    /// Both say more than one record holds.
    #[error("the meta of both is too long for one record")]
    MetaTooLong,
    /// `other_version` named an older version.
    #[error("the other record was changed in the meantime; its version is now {current}")]
    OtherStale {
        /// The version as it is.
        current: i64,
    },
    /// Unknown, or not the caller's to see.
    #[error("there is no such job")]
    JobNotFound,
    /// Jobs that change many have one when they have ended.
    #[error("this job has no report")]
    ReportNotFound,
    /// Others wait for this one: it ends by itself.
    #[error("this job cannot be cancelled")]
    JobNotCancellable,
    /// What has ended is not stopped any more.
    #[error("this job has ended already")]
    JobEnded,
    /// Whoever asks for everything at once waits for a while (CU-8).
    #[error("ten jobs are waiting already; wait for one of them")]
    TooManyJobs,
    /// A filter found more than one job takes (CU-8).
    #[error("this concerns more than 100,000 customers; narrow it down")]
    TooManyCustomers,
    /// The number of customers was not typed as it is (CU-8).
    #[error("confirm with the number of customers concerned, which is {customers}")]
    CountMismatch {
        /// How many they are.
        customers: i64,
    },
    /// A registration looks like spam, and the store refuses such (AD-3).
    #[error("this account cannot be made here; write to the store if you think it should be")]
    RegistrationRefused,
    /// Unknown, or of another customer base (AD-2).
    #[error("there is no such audit of accounts")]
    AuditNotFound,
    /// Accounts are looked through once at a time (AD-2).
    #[error("the accounts are being looked through already")]
    AuditRunning,
    /// Nobody is removed on half of an audit (AD-3).
    #[error("this audit has not come to its end; take one that has")]
    AuditUnfinished,
    /// The member directory is for members (CU-12).
    #[error("the member directory is for members")]
    NoMember,
    /// Unknown, or of a place that the caller does not work in.
    #[error("there is no such segment")]
    SegmentNotFound,
    /// Names are unique in their place (CU-6).
    #[error("another segment has this name")]
    SegmentNameTaken,
    /// A place has as many segments as anybody finds their way in.
    #[error("there are 200 segments already; drop one that nobody uses")]
    TooManySegments,
    /// Unknown, or somebody else's.
    #[error("there is no such export")]
    ExportNotFound,
    /// Whoever asks for everything at once waits for a while (EX-2).
    #[error("ten exports are being written already; wait for one of them")]
    TooManyExports,
    /// Unknown, or of a place that the caller does not work in.
    #[error("there is no such import")]
    ImportNotFound,
    /// Nothing is changed or started that is under way, over, or not checked.
    #[error("this import is not in a state for that: it is uploaded, then checked, then started")]
    ImportNotReady,
    /// Without an id, an e-mail address or a phone, rows are about nobody.
    #[error("say which column holds the e-mail addresses, ids or phones")]
    ImportNamesNobody,
    /// Each column is one thing, and each thing one column.
    #[error("say of each column once what it is: as many as the file has, each thing only once")]
    MappingMismatch,
    /// What was uploaded is no list of customers.
    #[error("{0}")]
    FileUnreadable(&'static str),
    /// Whoever uploads everything at once waits for a while.
    #[error("ten imports are open already; start or cancel one of them")]
    TooManyImports,
    /// Links and files end (EX-2).
    #[error("this link is no longer good; ask for another one")]
    LinkExpired,
    /// Unknown, or not the caller's to see.
    #[error("there is no such ticket")]
    TicketNotFound,
    /// What is closed takes no word and no change (ST-2).
    #[error("this ticket is closed; open one that follows it up")]
    TicketClosed,
    /// Unknown, somebody else's, of another ticket, or gone after a day (ST-2).
    #[error("there is no such file")]
    AttachmentNotFound,
    /// Unknown, replaced, or taken off its record (CU-4).
    #[error("there is no such photo")]
    PhotoNotFound,
    /// A file goes with one comment (ST-2).
    #[error("this file went with another comment already")]
    AttachmentUsed,
    /// Storage is not for whoever has most to say (ST-2).
    #[error("you have handed in many files; wait for a while")]
    TooManyAttachments,
    /// Programs and pages could do harm to whoever opens them (ST-2).
    #[error("this kind of file is not taken: send a picture, a PDF, text or a ZIP archive")]
    FileTypeRefused,
    /// A ticket that takes a reply needs no other (ST-2).
    #[error("this ticket is not closed; reply to it")]
    TicketNotClosed,
    /// A customer opens a few tickets in an hour.
    #[error("you have opened several tickets already; try again later")]
    TooManyTickets,
    /// And writes a few times in each.
    #[error("you have written very often; try again later")]
    TooManyComments,
    /// Personal fields neither filter nor sort without customers.pii (ID-23).
    #[error("searching by {0} needs the permission customers.pii")]
    PiiRequired(&'static str),
    /// What any service can run into.
    #[error(transparent)]
    Kit(kit::Error),
}

kit::failure!(Error);

impl From<files::FileError> for Error {
    fn from(error: files::FileError) -> Self {
        Self::Kit(kit::Error::Internal(error.to_string()))
    }
}

impl Failure for Error {
    fn code(&self) -> Code {
        match self {
            Self::CustomerNotFound
            | Self::NoteNotFound
            | Self::AddressNotFound
            | Self::JobNotFound
            | Self::ReportNotFound
            | Self::SegmentNotFound
            | Self::ExportNotFound
            | Self::AttachmentNotFound
            | Self::PhotoNotFound
            | Self::AuditNotFound
            | Self::ImportNotFound
            | Self::TicketNotFound => Code::NotFound,
            Self::TooManyTickets | Self::TooManyComments | Self::TooManyAttachments => Code::Limited,
            Self::LinkExpired => Code::Expired,
            Self::RegistrationRequired
            | Self::RegistrationRefused
            | Self::NetworkMembershipRequired
            | Self::NotAuthor
            | Self::NoMember
            | Self::PiiRequired(_) => Code::Forbidden,
            Self::KeyRequired => Code::Invalid,
            Self::VersionRequired => Code::Required,
            Self::OtherStale { .. } => Code::Stale,
            Self::EmailTaken
            | Self::PhoneTaken
            | Self::PaymentOpen
            | Self::Merged(_)
            | Self::AlreadyMerged
            | Self::JobEnded
            | Self::AttachmentUsed
            | Self::AuditRunning
            | Self::AuditUnfinished
            | Self::ImportNotReady
            | Self::SegmentNameTaken => Code::Conflict,
            Self::SameCustomer
            | Self::ConfirmationMismatch
            | Self::JobNotCancellable
            | Self::TooManyJobs
            | Self::TooManyCustomers
            | Self::CountMismatch { .. }
            | Self::CustomerInactive
            | Self::MetaTooLong
            | Self::PhoneSignsIn
            | Self::TooManyTags
            | Self::ReasonNamesCustomer
            | Self::NoteFixed
            | Self::TooManyAddresses
            | Self::DefaultNeeded
            | Self::TooManySegments
            | Self::TooManyExports
            | Self::FileTypeRefused
            | Self::ImportNamesNobody
            | Self::MappingMismatch
            | Self::FileUnreadable(_)
            | Self::TooManyImports
            | Self::TicketClosed
            | Self::TicketNotClosed => Code::Refused,
            Self::Kit(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::CustomerNotFound => "customer_not_found",
            Self::RegistrationRequired => "registration_required",
            Self::RegistrationRefused => "registration_refused",
            Self::EmailTaken => "email_taken",
            Self::PhoneTaken => "phone_taken",
            Self::PhoneSignsIn => "phone_signs_in",
            Self::KeyRequired => "idempotency_key_required",
            Self::TooManyTags => "too_many_tags",
            Self::NetworkMembershipRequired => "network_membership_required",
            Self::PaymentOpen => "payment_open",
            Self::ReasonNamesCustomer => "reason_names_customer",
            Self::Merged(_) => "customer_merged",
            Self::NoteNotFound => "note_not_found",
            Self::NotAuthor => "not_author",
            Self::NoteFixed => "note_fixed",
            Self::AddressNotFound => "address_not_found",
            Self::TooManyAddresses => "too_many_addresses",
            Self::DefaultNeeded => "default_needed",
            Self::VersionRequired => "version_required",
            Self::SameCustomer => "same_customer",
            Self::ConfirmationMismatch | Self::CountMismatch { .. } => "confirmation_mismatch",
            Self::ReportNotFound => "report_not_found",
            Self::JobNotCancellable => "job_not_cancellable",
            Self::JobEnded => "job_ended",
            Self::TooManyJobs => "too_many_jobs",
            Self::TooManyCustomers => "too_many_customers",
            Self::AlreadyMerged => "already_merged",
            Self::CustomerInactive => "customer_inactive",
            Self::MetaTooLong => "meta_too_long",
            Self::OtherStale { .. } => "stale_other_version",
            Self::JobNotFound => "job_not_found",
            Self::AuditNotFound => "account_audit_not_found",
            Self::AuditRunning => "account_audit_running",
            Self::AuditUnfinished => "account_audit_unfinished",
            Self::SegmentNotFound => "segment_not_found",
            Self::SegmentNameTaken => "segment_name_taken",
            Self::TooManySegments => "too_many_segments",
            Self::ExportNotFound => "export_not_found",
            Self::TooManyExports => "too_many_exports",
            Self::ImportNotFound => "import_not_found",
            Self::ImportNotReady => "import_not_ready",
            Self::ImportNamesNobody => "import_names_nobody",
            Self::MappingMismatch => "mapping_mismatch",
            Self::FileUnreadable(_) => "file_unreadable",
            Self::TooManyImports => "too_many_imports",
            Self::LinkExpired => "link_expired",
            Self::TicketNotFound => "ticket_not_found",
            Self::AttachmentNotFound => "attachment_not_found",
            Self::PhotoNotFound => "photo_not_found",
            Self::AttachmentUsed => "attachment_used",
            Self::TooManyAttachments => "too_many_attachments",
            Self::FileTypeRefused => "file_type_refused",
            Self::TicketClosed => "ticket_closed",
            Self::TicketNotClosed => "ticket_not_closed",
            Self::TooManyTickets => "too_many_tickets",
            Self::TooManyComments => "too_many_comments",
            Self::NoMember => "no_member",
            Self::PiiRequired(_) => "pii_required",
            Self::Kit(error) => error.reason(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PiiRequired(_) => vec![("required_permission", Permission::CustomersPii.slug().to_owned())],
            Self::Merged(kept) => vec![("kept", kept.to_string())],
            Self::CountMismatch { customers } => vec![("customers", customers.to_string())],
            Self::OtherStale { current } => vec![("current_version", current.to_string())],
            _ => Vec::new(),
        }
    }
}
