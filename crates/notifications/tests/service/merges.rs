//! Messages of customers who were merged, and the one that tells them.
use std::sync::Arc;

use kit::{ids::CustomerId, service::Service};
use mailparse::parse_mail;
use notifications::consumer::Events;
use proto::{
    customers::v1::{
        self as pb, Customer, CustomersMerged,
        customer_service_server::{CustomerService, CustomerServiceServer},
    },
    notifications::v1::ListMessagesRequest,
};
use testing::merges::{hear, merged, steps};
use tonic::{Request, Response, Status};

use crate::mailroom::{Mailroom, READER, parts};

/// Customers, of whom there is one.
struct One(Customer);

#[tonic::async_trait]
impl CustomerService for One {
    async fn get_customer(&self, request: Request<pb::GetCustomerRequest>) -> Result<Response<Customer>, Status> {
        kit::Call::of(&request)?.actor()?.require_system()?;
        if request.get_ref().id == self.0.id { Ok(Response::new(self.0.clone())) } else { Err(Status::not_found("")) }
    }

    async fn ensure_customer(
        &self,
        _: Request<pb::EnsureCustomerRequest>,
    ) -> Result<Response<pb::EnsureCustomerResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn register_customer(&self, _: Request<pb::RegisterCustomerRequest>) -> Result<Response<Customer>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn find_customer(
        &self,
        _: Request<pb::FindCustomerRequest>,
    ) -> Result<Response<pb::FindCustomerResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn list_customers(
        &self,
        _: Request<pb::ListCustomersRequest>,
    ) -> Result<Response<pb::ListCustomersResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn update_own_profile(&self, _: Request<pb::UpdateOwnProfileRequest>) -> Result<Response<Customer>, Status> {
        Err(Status::unimplemented("not needed"))
    }
}

/// CU-13, NO-3: messages move, and the customer is told once, where the kept record's mail goes, when staff ask for it.
#[tokio::test]
async fn messages_follow_a_merge_and_one_tells_of_it() -> anyhow::Result<()> {
    let (kept, gone) = (CustomerId::new(chrono::DateTime::UNIX_EPOCH), CustomerId::new(chrono::DateTime::UNIX_EPOCH));
    let room = Mailroom::beside(|rig| {
        let (id, realm) = (kept.into(), rig.actors.realm.into());
        let ada = Customer { id, realm, email: "ada@example.com".to_owned(), ..Customer::default() };
        vec![Service::new("customers").rpc(CustomerServiceServer::new(One(ada)))]
    })
    .await?;
    let events = Events { clock: room.rig.clock.clone(), queued: Arc::default(), hooks: Arc::default() };
    let request =
        proto::notifications::v1::SendMessageRequest { customer: gone.into(), ..room.code("email", "old@example.com") };
    room.send(request).await?;
    let quiet = merged(&room.rig, kept, gone);
    let told = CustomersMerged { notify_from: room.rig.actors.store.into(), ..quiet.clone() };
    hear(&room.db, &events, &quiet).await?;
    hear(&room.db, &events, &told).await?;
    hear(&room.db, &events, &told).await?;
    assert_eq!(steps(&room.db).await?.last().map(|step| step.counts["messages"]), Some(1));
    for customer in [kept, gone] {
        let request = ListMessagesRequest { customer: customer.into(), ..ListMessagesRequest::default() };
        let request = room.rig.actors.staff(READER, request);
        assert_eq!(room.client.clone().list_messages(request).await?.into_inner().messages.len(), 2);
    }
    room.delivery.send_due().await?;
    let mails = room.files("mail")?;
    let mail = mails.iter().find(|mail| mail.contains("are one now")).ok_or_else(|| anyhow::anyhow!("{mails:?}"))?;
    let mail = parse_mail(mail.as_bytes())?;
    let to = mail.headers.iter().find(|header| header.get_key() == "To").map(mailparse::MailHeader::get_value);
    assert!(to.unwrap_or_default().contains("ada@example.com"));
    let [subject, _, text, html] = parts(&mail)?;
    insta::assert_snapshot!("merged_text", format!("{subject}\n\n{text}"));
    insta::assert_snapshot!("merged_html", html);
    Ok(())
}
