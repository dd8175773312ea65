//! Who has the gifts of a checkout: whoever the e-mail belongs to, or a lead (CU-3), before any money moves.
use std::collections::HashMap;

use kit::{Call, Error as Kit, email::Email, ids::CustomerId};
use proto::customers::v1::EnsureCustomerRequest;

use crate::{
    checkout::{Checkout, grpc::Checkouts},
    error::Error,
    order::Line,
};

impl Checkouts {
    /// Notes in `lines` who has those that are gifts. What is for `buyer` is none: said in any other way, it would tell that
    /// two addresses are one person's.
    pub(crate) async fn name_recipients(
        &self,
        call: &Call,
        (checkout, buyer): (&Checkout, CustomerId),
        lines: &mut [Line],
    ) -> Result<(), Error> {
        let mut known: HashMap<String, CustomerId> = HashMap::new();
        for line in lines {
            let Some(gift) = &mut line.gift else { continue };
            let email = Email::parse(&gift.email).map_err(|e| Kit::Internal(format!("a gift cannot be read: {e}")))?;
            let recipient = match known.get(email.canonical()) {
                Some(recipient) => *recipient,
                None => self.recipient(call, checkout, &gift.email).await?,
            };
            known.insert(email.canonical().to_owned(), recipient);
            gift.recipient = Some(recipient);
            line.gift.take_if(|_| recipient == buyer);
        }
        Ok(())
    }

    /// The record of an address. What it is called is for itself to say.
    async fn recipient(&self, call: &Call, checkout: &Checkout, email: &str) -> Result<CustomerId, Error> {
        let request = EnsureCustomerRequest {
            realm: checkout.realm.into(),
            store: checkout.store.into(),
            email: email.to_owned(),
            ..EnsureCustomerRequest::default()
        };
        let known = self.customers.clone().ensure_customer(call.trace(request)).await?.into_inner().customer;
        let id = known.and_then(|customer| customer.id.parse().ok());
        id.ok_or_else(|| Kit::Internal("customers answered nobody".to_owned()).into())
    }
}
