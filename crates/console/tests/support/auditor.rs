//! Stands in for identity's audit: a product that was changed, a customer who was read, and a broken chain when asked
//! with a note.
use kit::{Call, denied::Denied, permission::Permission};
use proto::{
    base::v1::{AuditedPerson, Page},
    identity::v1::{
        Access, Breach, Checkpoint, Deed, Entry, ListEntriesRequest, ListEntriesResponse, ReviewAccessRequest,
        ReviewAccessResponse, Seat, VerifyChainRequest, VerifyChainResponse, audit_service_server::AuditService,
    },
};
use tonic::{Request, Response, Status};

/// The stand-in.
#[derive(Clone, Copy)]
pub struct Auditor;

fn allowed<T>(request: &Request<T>) -> Result<(), Status> {
    Ok(Call::of(request)?.actor()?.require(Permission::AuditRead)?)
}

fn entries() -> Vec<Entry> {
    let person = |kind: &str, id: &str| Some(AuditedPerson { kind: kind.to_owned(), id: id.to_owned() });
    let at = Some(prost_types::Timestamp { seconds: 1_772_452_800, nanos: 0 });
    let changed = Entry {
        number: 2,
        at,
        actor: person("staff", "stf_owner"),
        actor_name: "Ingrid Solberg".to_owned(),
        action: "product.updated".to_owned(),
        target_kind: "product".to_owned(),
        target: "prd_1".to_owned(),
        before: r#"{"active":true}"#.to_owned(),
        after: r#"{"active":false,"name":"<b>Mug</b>"}"#.to_owned(),
        ip: "203.0.113.7".to_owned(),
        hash: "9f86d081".to_owned(),
        ..Entry::default()
    };
    let impersonated = Entry {
        number: 1,
        actor: person("customer", "cus_1"),
        impersonator: person("staff", "stf_owner"),
        action: "cart.updated".to_owned(),
        target_kind: "cart".to_owned(),
        target: "cart_1".to_owned(),
        ..changed.clone()
    };
    vec![changed, impersonated]
}

#[tonic::async_trait]
impl AuditService for Auditor {
    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        allowed(&request)?;
        let filter = request.into_inner().filter.unwrap_or_default();
        let mut entries = entries();
        entries.retain(|entry| filter.action.is_empty() || entry.action == filter.action);
        let total = entries.len().to_string();
        Ok(Response::new(ListEntriesResponse { entries, page: Some(Page { total, ..Page::default() }) }))
    }

    async fn verify_chain(
        &self,
        request: Request<VerifyChainRequest>,
    ) -> Result<Response<VerifyChainResponse>, Status> {
        allowed(&request)?;
        let number = request.into_inner().number;
        let breach = (number > 0).then(|| Breach { number, problem: "rewritten".to_owned(), ..Breach::default() });
        let checkpoint = Checkpoint { number: 2, hash: "9f86d081".to_owned(), ..Checkpoint::default() };
        Ok(Response::new(VerifyChainResponse {
            sound: breach.is_none(),
            verified: 2,
            length: 2,
            breach,
            checkpoint: Some(checkpoint),
            ..VerifyChainResponse::default()
        }))
    }

    async fn review_access(
        &self,
        request: Request<ReviewAccessRequest>,
    ) -> Result<Response<ReviewAccessResponse>, Status> {
        allowed(&request)?;
        let at = Some(prost_types::Timestamp { seconds: 1_772_452_800, nanos: 0 });
        let access = Access {
            kind: "staff".to_owned(),
            id: "stf_owner".to_owned(),
            name: "Ingrid Solberg".to_owned(),
            email: "owner@example.com".to_owned(),
            seats: vec![Seat {
                place: "sto_1".to_owned(),
                role: "owner".to_owned(),
                permissions: vec!["audit.read".to_owned()],
            }],
            last_at: at,
            deeds: vec![Deed { action: "product.updated".to_owned(), at, times: 7 }],
            ..Access::default()
        };
        let key = Access {
            kind: "api_key".to_owned(),
            id: "akey_1".to_owned(),
            name: "Accounting".to_owned(),
            seats: vec![Seat {
                place: "sto_1".to_owned(),
                permissions: vec!["orders.read".to_owned(), "transactions.write".to_owned()],
                ..Seat::default()
            }],
            last_at: at,
            expires_at: at,
            allowed_ips: vec!["192.0.2.0/24".to_owned()],
            ..Access::default()
        };
        Ok(Response::new(ReviewAccessResponse { access: vec![access, key] }))
    }
}
