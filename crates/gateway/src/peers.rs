//! The services behind the gateway.
use kit::{service::Env, transport::Transport};
use proto::{
    carts::v1::{
        cart_service_client::CartServiceClient, checkout_link_service_client::CheckoutLinkServiceClient,
        guest_cart_service_client::GuestCartServiceClient, wish_service_client::WishServiceClient,
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
        customer_service_client::CustomerServiceClient, directory_service_client::DirectoryServiceClient,
        duplicate_service_client::DuplicateServiceClient, erasure_service_client::ErasureServiceClient,
        export_service_client::ExportServiceClient, import_service_client::ImportServiceClient,
        job_service_client::JobServiceClient, merge_service_client::MergeServiceClient,
        note_service_client::NoteServiceClient, photo_service_client::PhotoServiceClient,
        record_service_client::RecordServiceClient, retention_service_client::RetentionServiceClient,
        segment_service_client::SegmentServiceClient, ticket_service_client::TicketServiceClient,
        timeline_service_client::TimelineServiceClient,
    },
    identity::v1::{
        account_service_client::AccountServiceClient, api_key_service_client::ApiKeyServiceClient,
        assertion_service_client::AssertionServiceClient, audit_service_client::AuditServiceClient,
        block_service_client::BlockServiceClient, closure_service_client::ClosureServiceClient,
        code_sign_in_service_client::CodeSignInServiceClient, contact_service_client::ContactServiceClient,
        customer_session_service_client::CustomerSessionServiceClient,
        customer_sign_in_service_client::CustomerSignInServiceClient, device_service_client::DeviceServiceClient,
        factor_service_client::FactorServiceClient, impersonation_service_client::ImpersonationServiceClient,
        invitation_service_client::InvitationServiceClient, magic_link_service_client::MagicLinkServiceClient,
        member_service_client::MemberServiceClient, network_service_client::NetworkServiceClient,
        own_session_service_client::OwnSessionServiceClient, password_service_client::PasswordServiceClient,
        place_service_client::PlaceServiceClient, provider_service_client::ProviderServiceClient,
        role_service_client::RoleServiceClient, shopper_service_client::ShopperServiceClient,
        staff_service_client::StaffServiceClient, staff_session_service_client::StaffSessionServiceClient,
        store_service_client::StoreServiceClient,
    },
    notifications::v1::{
        campaign_service_client::CampaignServiceClient, hook_delivery_service_client::HookDeliveryServiceClient,
        letter_service_client::LetterServiceClient, message_service_client::MessageServiceClient,
        suppression_service_client::SuppressionServiceClient, webhook_service_client::WebhookServiceClient,
    },
    orders::v1::{
        checkout_now_service_client::CheckoutNowServiceClient, checkout_service_client::CheckoutServiceClient,
        download_service_client::DownloadServiceClient, gateway_event_service_client::GatewayEventServiceClient,
        gateway_service_client::GatewayServiceClient, library_service_client::LibraryServiceClient,
        order_desk_service_client::OrderDeskServiceClient, order_link_service_client::OrderLinkServiceClient,
        order_service_client::OrderServiceClient, payment_link_service_client::PaymentLinkServiceClient,
        purchase_service_client::PurchaseServiceClient, receipt_service_client::ReceiptServiceClient,
        refund_service_client::RefundServiceClient, report_service_client::ReportServiceClient,
        subscription_service_client::SubscriptionServiceClient, transaction_service_client::TransactionServiceClient,
    },
    reviews::v1::review_service_client::ReviewServiceClient,
};

use crate::NAME;

macro_rules! peers {
    ($($noun:ident: $client:ident at $peer:literal,)+) => {
        /// One client per noun. A call clones its client, which is cheap.
        pub struct Peers { $($noun: $client<Transport>,)+ }

        impl Peers {
            /// The clients, over the ways of `env`.
            pub fn new(env: &Env) -> anyhow::Result<Self> {
                Ok(Self { $($noun: $client::new(env.peer(NAME, $peer)?),)+ })
            }

            $(pub fn $noun(&self) -> $client<Transport> {
                self.$noun.clone()
            })+
        }
    };
}

peers! {
    assertions: AssertionServiceClient at "identity",
    audit: AuditServiceClient at "identity",
    accounts: AccountServiceClient at "identity",
    code_sign_ins: CodeSignInServiceClient at "identity",
    passwords: PasswordServiceClient at "identity",
    contacts: ContactServiceClient at "identity",
    customer_sessions: CustomerSessionServiceClient at "identity",
    customer_sign_ins: CustomerSignInServiceClient at "identity",
    devices: DeviceServiceClient at "identity",
    closures: ClosureServiceClient at "identity",
    provider_sign_ins: ProviderServiceClient at "identity",
    magic_links: MagicLinkServiceClient at "identity",
    shoppers: ShopperServiceClient at "identity",
    networks: NetworkServiceClient at "identity",
    api_keys: ApiKeyServiceClient at "identity",
    blocks: BlockServiceClient at "identity",
    impersonations: ImpersonationServiceClient at "identity",
    places: PlaceServiceClient at "identity",
    factors: FactorServiceClient at "identity",
    invitations: InvitationServiceClient at "identity",
    members: MemberServiceClient at "identity",
    own_sessions: OwnSessionServiceClient at "identity",
    roles: RoleServiceClient at "identity",
    sessions: StaffSessionServiceClient at "identity",
    staff: StaffServiceClient at "identity",
    stores: StoreServiceClient at "identity",
    customers: CustomerServiceClient at "customers",
    account_audits: AccountAuditServiceClient at "customers",
    account_cleanups: AccountCleanupServiceClient at "customers",
    records: RecordServiceClient at "customers",
    notes: NoteServiceClient at "customers",
    timelines: TimelineServiceClient at "customers",
    addresses: AddressServiceClient at "customers",
    consents: ConsentServiceClient at "customers",
    exports: ExportServiceClient at "customers",
    imports: ImportServiceClient at "customers",
    retention: RetentionServiceClient at "customers",
    segments: SegmentServiceClient at "customers",
    directory: DirectoryServiceClient at "customers",
    erasures: ErasureServiceClient at "customers",
    jobs: JobServiceClient at "customers",
    merges: MergeServiceClient at "customers",
    duplicates: DuplicateServiceClient at "customers",
    attachments: AttachmentServiceClient at "customers",
    photos: PhotoServiceClient at "customers",
    tickets: TicketServiceClient at "customers",
    products: ProductServiceClient at "catalog",
    product_files: ProductFileServiceClient at "catalog",
    promotions: PromotionServiceClient at "catalog",
    shipping_methods: ShippingMethodServiceClient at "catalog",
    tax_rates: TaxRateServiceClient at "catalog",
    carts: CartServiceClient at "carts",
    checkout_links: CheckoutLinkServiceClient at "carts",
    guest_carts: GuestCartServiceClient at "carts",
    wishes: WishServiceClient at "carts",
    checkouts: CheckoutServiceClient at "orders",
    checkouts_now: CheckoutNowServiceClient at "orders",
    reports: ReportServiceClient at "orders",
    orders: OrderServiceClient at "orders",
    order_desk: OrderDeskServiceClient at "orders",
    order_links: OrderLinkServiceClient at "orders",
    payment_links: PaymentLinkServiceClient at "orders",
    gateways: GatewayServiceClient at "orders",
    gateway_events: GatewayEventServiceClient at "orders",
    receipts: ReceiptServiceClient at "orders",
    refunds: RefundServiceClient at "orders",
    subscriptions: SubscriptionServiceClient at "orders",
    purchases: PurchaseServiceClient at "orders",
    transactions: TransactionServiceClient at "orders",
    libraries: LibraryServiceClient at "orders",
    downloads: DownloadServiceClient at "orders",
    messages: MessageServiceClient at "notifications",
    letters: LetterServiceClient at "notifications",
    campaigns: CampaignServiceClient at "notifications",
    suppressions: SuppressionServiceClient at "notifications",
    webhooks: WebhookServiceClient at "notifications",
    hook_deliveries: HookDeliveryServiceClient at "notifications",
    reviews: ReviewServiceClient at "reviews",
}
