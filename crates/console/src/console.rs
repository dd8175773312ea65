//! What every page has at hand: the way to each service, and who is signed in.
use std::sync::Arc;

use front::{proxies::Proxies, rate::Addresses};
use kit::{clock::Clock, service::Env, stores::Stores, transport::Transport, verifier::Verifier};
use proto::{
    carts::v1::{
        cart_service_client::CartServiceClient, checkout_link_service_client::CheckoutLinkServiceClient,
        wish_service_client::WishServiceClient,
    },
    catalog::v1::{
        product_file_service_client::ProductFileServiceClient, product_service_client::ProductServiceClient,
        promotion_service_client::PromotionServiceClient, shipping_method_service_client::ShippingMethodServiceClient,
        tax_rate_service_client::TaxRateServiceClient,
    },
    customers::v1::{
        account_audit_service_client::AccountAuditServiceClient,
        account_cleanup_service_client::AccountCleanupServiceClient, address_service_client::AddressServiceClient,
        attachment_service_client::AttachmentServiceClient, consent_service_client::ConsentServiceClient,
        customer_service_client::CustomerServiceClient, duplicate_service_client::DuplicateServiceClient,
        erasure_service_client::ErasureServiceClient, export_service_client::ExportServiceClient,
        import_service_client::ImportServiceClient, job_service_client::JobServiceClient,
        merge_service_client::MergeServiceClient, note_service_client::NoteServiceClient,
        photo_service_client::PhotoServiceClient, record_service_client::RecordServiceClient,
        retention_service_client::RetentionServiceClient, segment_service_client::SegmentServiceClient,
        ticket_service_client::TicketServiceClient, timeline_service_client::TimelineServiceClient,
    },
    identity::v1::{
        api_key_service_client::ApiKeyServiceClient, audit_service_client::AuditServiceClient,
        block_service_client::BlockServiceClient, checkout_sign_in_service_client::CheckoutSignInServiceClient,
        customer_sign_in_service_client::CustomerSignInServiceClient, factor_service_client::FactorServiceClient,
        impersonation_service_client::ImpersonationServiceClient, invitation_service_client::InvitationServiceClient,
        member_service_client::MemberServiceClient, own_session_service_client::OwnSessionServiceClient,
        role_service_client::RoleServiceClient, staff_session_service_client::StaffSessionServiceClient,
    },
    notifications::v1::{
        campaign_service_client::CampaignServiceClient, hook_delivery_service_client::HookDeliveryServiceClient,
        letter_service_client::LetterServiceClient, message_service_client::MessageServiceClient,
        opt_out_service_client::OptOutServiceClient, suppression_service_client::SuppressionServiceClient,
        webhook_service_client::WebhookServiceClient,
    },
    orders::v1::{
        checkout_now_service_client::CheckoutNowServiceClient, checkout_service_client::CheckoutServiceClient,
        download_service_client::DownloadServiceClient, gateway_service_client::GatewayServiceClient,
        library_service_client::LibraryServiceClient, order_desk_service_client::OrderDeskServiceClient,
        order_link_service_client::OrderLinkServiceClient, order_service_client::OrderServiceClient,
        payment_link_service_client::PaymentLinkServiceClient, purchase_service_client::PurchaseServiceClient,
        receipt_service_client::ReceiptServiceClient, refund_service_client::RefundServiceClient,
        report_service_client::ReportServiceClient, subscription_service_client::SubscriptionServiceClient,
        test_payment_service_client::TestPaymentServiceClient, transaction_service_client::TransactionServiceClient,
    },
    reviews::v1::review_service_client::ReviewServiceClient,
};

use crate::{NAME, portal::Portal, staff::Sessions};

/// Largest answer about all that is kept of somebody, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// What every page has at hand. Cheap to clone.
///
/// A call without an assertion speaks for the console itself, which may see everything: pages of staff make their
/// requests with [`crate::visit::SignedIn::ask`], never bare.
#[derive(Clone)]
pub struct Console {
    /// Time.
    pub clock: Clock,
    /// Host (and port) that the console is known by outside, for the check of a post's origin.
    pub host: Arc<str>,
    /// The address that the console is known by outside, without a slash at its end.
    pub public: Arc<str>,
    /// Whose word about a browser's address counts.
    pub proxies: Proxies,
    /// How often an address may come.
    pub addresses: Addresses,
    /// Names of stores.
    pub stores: Stores,
    /// Who is signed in.
    pub sessions: Sessions,
    /// What identity's statements say.
    pub verifier: Verifier,
    /// The entrance of the account portal.
    pub portal: Portal,
    /// Sign-in and sign-out.
    pub staff_sessions: StaffSessionServiceClient<Transport>,
    /// What was done.
    pub audit: AuditServiceClient<Transport>,
    /// Second factors.
    pub factors: FactorServiceClient<Transport>,
    /// Own sessions.
    pub own_sessions: OwnSessionServiceClient<Transport>,
    /// Who works here.
    pub members: MemberServiceClient<Transport>,
    /// Who is invited to.
    pub invitations: InvitationServiceClient<Transport>,
    /// What they can be.
    pub roles: RoleServiceClient<Transport>,
    /// Keys of integrations.
    pub api_keys: ApiKeyServiceClient<Transport>,
    /// Who is kept out.
    pub blocks: BlockServiceClient<Transport>,
    /// Sessions in the name of customers.
    pub impersonations: ImpersonationServiceClient<Transport>,
    /// How customers sign in.
    pub customer_sign_ins: CustomerSignInServiceClient<Transport>,
    /// Customers.
    pub customers: CustomerServiceClient<Transport>,
    /// Saved filters.
    pub segments: SegmentServiceClient<Transport>,
    /// Lists as files.
    pub exports: ExportServiceClient<Transport>,
    /// Files of customers on their way in.
    pub imports: ImportServiceClient<Transport>,
    /// Photos of customers.
    pub photos: PhotoServiceClient<Transport>,
    /// Who stays, goes silent or comes back.
    pub retention: RetentionServiceClient<Transport>,
    /// Audits of accounts.
    pub account_audits: AccountAuditServiceClient<Transport>,
    /// Clean-ups of accounts.
    pub account_cleanups: AccountCleanupServiceClient<Transport>,
    /// What staff do with their records.
    pub records: RecordServiceClient<Transport>,
    /// Their erasure, and all that is kept of them.
    pub erasures: ErasureServiceClient<Transport>,
    /// Making one of two.
    pub merges: MergeServiceClient<Transport>,
    /// Those that are likely to be two of one person.
    pub duplicates: DuplicateServiceClient<Transport>,
    /// How far longer work on them is.
    pub jobs: JobServiceClient<Transport>,
    /// Support tickets.
    pub tickets: TicketServiceClient<Transport>,
    /// Files of tickets.
    pub attachments: AttachmentServiceClient<Transport>,
    /// Notes about them.
    pub notes: NoteServiceClient<Transport>,
    /// What happened around them.
    pub timelines: TimelineServiceClient<Transport>,
    /// Their addresses.
    pub saved_addresses: AddressServiceClient<Transport>,
    /// What they agreed to.
    pub consents: ConsentServiceClient<Transport>,
    /// Orders.
    pub orders: OrderServiceClient<Transport>,
    /// What staff do with them.
    pub order_desk: OrderDeskServiceClient<Transport>,
    /// Money that goes back.
    pub refunds: RefundServiceClient<Transport>,
    /// What says that orders are paid, and what went back.
    pub receipts: ReceiptServiceClient<Transport>,
    /// Links by which others look at orders.
    pub order_links: OrderLinkServiceClient<Transport>,
    /// What is paid for again.
    pub subscriptions: SubscriptionServiceClient<Transport>,
    /// What was bought, product by product.
    pub purchases: PurchaseServiceClient<Transport>,
    /// The ledger.
    pub transactions: TransactionServiceClient<Transport>,
    /// Wish lists.
    pub wishes: WishServiceClient<Transport>,
    /// Reviews.
    pub reviews: ReviewServiceClient<Transport>,
    /// Files and images of products.
    pub product_files: ProductFileServiceClient<Transport>,
    /// What customers have.
    pub libraries: LibraryServiceClient<Transport>,
    /// Links to files of that.
    pub downloads: DownloadServiceClient<Transport>,
    /// How shoppers may pay.
    pub gateways: GatewayServiceClient<Transport>,
    /// Paying invoices.
    pub payment_links: PaymentLinkServiceClient<Transport>,
    /// Redirect payments of the `test` gateway.
    pub test_payments: TestPaymentServiceClient<Transport>,
    /// Signing in by a check-out link.
    pub checkout_sign_ins: CheckoutSignInServiceClient<Transport>,
    /// Buying.
    pub checkouts: CheckoutServiceClient<Transport>,
    /// Buying in a customer's name.
    pub checkouts_now: CheckoutNowServiceClient<Transport>,
    /// What orders come to.
    pub reports: ReportServiceClient<Transport>,
    /// Carts.
    pub carts: CartServiceClient<Transport>,
    /// Links to check them out by.
    pub checkout_links: CheckoutLinkServiceClient<Transport>,
    /// What is sold.
    pub products: ProductServiceClient<Transport>,
    /// What is taken off.
    pub promotions: PromotionServiceClient<Transport>,
    /// How it is shipped.
    pub shipping_methods: ShippingMethodServiceClient<Transport>,
    /// What tax is charged.
    pub tax_rates: TaxRateServiceClient<Transport>,
    /// The message log.
    pub messages: MessageServiceClient<Transport>,
    /// What staff write to one customer …
    pub letters: LetterServiceClient<Transport>,
    /// … and to many.
    pub campaigns: CampaignServiceClient<Transport>,
    /// Addresses that came back.
    pub suppressions: SuppressionServiceClient<Transport>,
    /// Links that end marketing.
    pub opt_outs: OptOutServiceClient<Transport>,
    /// Addresses that are told of what happens.
    pub webhooks: WebhookServiceClient<Transport>,
    /// What is told to them.
    pub hook_deliveries: HookDeliveryServiceClient<Transport>,
}

impl Console {
    /// The console of `env`.
    pub fn new(env: &Env) -> anyhow::Result<Self> {
        let public = env.settings.public();
        let host = public.split_once("://").map_or(public.as_str(), |(_, rest)| rest);
        let stores = Stores::new(env.peer(NAME, "identity")?);
        let identity = env.peer(NAME, "identity")?;
        let carts = env.peer(NAME, "carts")?;
        let (orders, customers) = (env.peer(NAME, "orders")?, env.peer(NAME, "customers")?);
        let (notifications, catalog) = (env.peer(NAME, "notifications")?, env.peer(NAME, "catalog")?);
        Ok(Self {
            clock: env.clock.clone(),
            host: host.split('/').next().unwrap_or_default().into(),
            public: public.as_str().into(),
            proxies: Proxies::parse(&env.settings.trusted_proxies)?,
            addresses: Addresses::new(&env.settings),
            sessions: Sessions::new(env, stores.clone())?,
            stores,
            audit: AuditServiceClient::new(identity.clone()),
            staff_sessions: StaffSessionServiceClient::new(identity.clone()),
            factors: FactorServiceClient::new(identity.clone()),
            own_sessions: OwnSessionServiceClient::new(identity.clone()),
            members: MemberServiceClient::new(identity.clone()),
            invitations: InvitationServiceClient::new(identity.clone()),
            roles: RoleServiceClient::new(identity.clone()),
            api_keys: ApiKeyServiceClient::new(identity.clone()),
            blocks: BlockServiceClient::new(identity.clone()),
            impersonations: ImpersonationServiceClient::new(identity.clone()),
            checkout_sign_ins: CheckoutSignInServiceClient::new(identity.clone()),
            customer_sign_ins: CustomerSignInServiceClient::new(identity),
            verifier: env.verifier(NAME)?,
            portal: Portal::new(env)?,
            customers: CustomerServiceClient::new(customers.clone()),
            segments: SegmentServiceClient::new(customers.clone()),
            exports: ExportServiceClient::new(customers.clone()),
            imports: ImportServiceClient::new(customers.clone()),
            photos: PhotoServiceClient::new(customers.clone()),
            retention: RetentionServiceClient::new(customers.clone()),
            account_audits: AccountAuditServiceClient::new(customers.clone()),
            account_cleanups: AccountCleanupServiceClient::new(customers.clone()),
            records: RecordServiceClient::new(customers.clone()),
            erasures: ErasureServiceClient::new(customers.clone()).max_decoding_message_size(LARGEST),
            merges: MergeServiceClient::new(customers.clone()),
            duplicates: DuplicateServiceClient::new(customers.clone()),
            jobs: JobServiceClient::new(customers.clone()),
            tickets: TicketServiceClient::new(customers.clone()),
            attachments: AttachmentServiceClient::new(customers.clone()),
            notes: NoteServiceClient::new(customers.clone()),
            timelines: TimelineServiceClient::new(customers.clone()),
            saved_addresses: AddressServiceClient::new(customers.clone()),
            consents: ConsentServiceClient::new(customers),
            checkouts: CheckoutServiceClient::new(orders.clone()),
            checkouts_now: CheckoutNowServiceClient::new(orders.clone()),
            reports: ReportServiceClient::new(orders.clone()),
            orders: OrderServiceClient::new(orders.clone()),
            order_desk: OrderDeskServiceClient::new(orders.clone()),
            refunds: RefundServiceClient::new(orders.clone()),
            order_links: OrderLinkServiceClient::new(orders.clone()),
            receipts: ReceiptServiceClient::new(orders.clone()),
            subscriptions: SubscriptionServiceClient::new(orders.clone()),
            purchases: PurchaseServiceClient::new(orders.clone()),
            transactions: TransactionServiceClient::new(orders.clone()),
            wishes: WishServiceClient::new(carts.clone()),
            reviews: ReviewServiceClient::new(env.peer(NAME, "reviews")?),
            libraries: LibraryServiceClient::new(orders.clone()),
            downloads: DownloadServiceClient::new(orders.clone()),
            gateways: GatewayServiceClient::new(orders.clone()),
            payment_links: PaymentLinkServiceClient::new(orders.clone()),
            test_payments: TestPaymentServiceClient::new(orders),
            checkout_links: CheckoutLinkServiceClient::new(carts.clone()),
            carts: CartServiceClient::new(carts),
            products: ProductServiceClient::new(catalog.clone()),
            product_files: ProductFileServiceClient::new(catalog.clone()),
            promotions: PromotionServiceClient::new(catalog.clone()),
            shipping_methods: ShippingMethodServiceClient::new(catalog.clone()),
            tax_rates: TaxRateServiceClient::new(catalog),
            messages: MessageServiceClient::new(notifications.clone()),
            letters: LetterServiceClient::new(notifications.clone()),
            campaigns: CampaignServiceClient::new(notifications.clone()),
            suppressions: SuppressionServiceClient::new(notifications.clone()),
            opt_outs: OptOutServiceClient::new(notifications.clone()),
            webhooks: WebhookServiceClient::new(notifications.clone()),
            hook_deliveries: HookDeliveryServiceClient::new(notifications),
        })
    }
}
