//! Makes a message: fetches what it is about, and renders it twice, for its recipient and for the log.
use std::{collections::BTreeMap, sync::Arc};

use kit::{
    Error,
    failure::{Code, Failure},
};
use proto::{
    customers::v1::{GetCustomerRequest, GetTicketLetterRequest, Recipient},
    identity::v1::{Device, Store},
    orders::v1::{GetOrderRequest, GetSubscriptionRequest, Order},
};

use super::work::Delivery;
use crate::{
    message::{Message, Status, Trouble},
    send::HOUSE,
    store::Settled,
    template::{self, MASK, Matter, Present, Rendered, Renewing, Shop, Template, Told},
};

/// A message ready to go.
pub(super) struct Letter {
    pub shop: Shop,
    /// Mail address of the sender.
    pub from: String,
    /// Where the log says that it goes.
    pub to: String,
    /// The device it goes to by push.
    pub device: Option<Device>,
    pub rendered: Rendered,
    /// Where its reader ends marketing; empty for all else.
    pub opt_out: String,
    /// The same with secrets masked.
    logged: Rendered,
}

impl Letter {
    /// Where it is handed over to.
    pub fn address(&self) -> &str {
        self.device.as_ref().map_or(&self.to, |device| &device.token)
    }

    /// How the log shows it.
    pub fn settled(&self, status: Status, failure: Option<&'static str>) -> Settled<'_> {
        Settled { status, failure, recipient: &self.to, subject: &self.logged.subject, content: &self.logged.text }
    }
}

impl Delivery {
    /// Makes `message`.
    pub(super) async fn compose(&self, message: &Message) -> Result<Letter, Trouble> {
        let store = self.store(message).await?;
        let reader = self.reader(message).await?;
        let (order, device) = (self.order(message).await?, self.device(message).await?);
        if let (Template::OrderConfirmation, Some(order)) = (message.template, &order)
            && let Err(error) = self.tell_devices(message, order).await
        {
            // The mail goes in any case; when it is tried again, so is this.
            tracing::warn!(error.detail = ?error, message.id = %message.id, "devices are not told of an order");
        }
        let (to, gift) = self.gift(message).await?.unzip();
        let (to, ticket) = match to {
            Some(to) => (to, None),
            None => self.addressed(message, order.as_ref(), reader.as_ref()).await?,
        };
        let renewing = self.subscription(message, &store.timezone).await?;
        let shop = Shop::from(&*store);
        let mut secrets = template::open(&self.secrets, message.id, message.secrets.as_deref())?;
        let written = self.written(message, (reader.as_ref(), &shop), &mut secrets).await?;
        let opt_out = self.opt_out(message);
        let masks: BTreeMap<_, _> = secrets.keys().map(|name| (name.clone(), MASK.to_owned())).collect();
        let part = message.reference.as_deref().and_then(|about| about.split_once(' ')).map_or("", |(_, part)| part);
        let render =
            |secrets: &BTreeMap<String, String>, ticket: Option<&Told>, gift: Option<&Present>, opt_out: &str| {
                template::render(&Matter {
                    template: message.template,
                    channel: message.channel,
                    shop: &shop,
                    secrets,
                    order: order.as_ref(),
                    part,
                    ticket,
                    gift,
                    subscription: renewing.as_ref(),
                    written: written.as_ref(),
                    opt_out,
                })
            };
        let (masked, hidden) = (ticket.as_ref().map(Told::masked), if opt_out.is_empty() { "" } else { MASK });
        let rendered = render(&secrets, ticket.as_ref(), gift.as_ref(), &opt_out)?;
        let logged = render(&masks, masked.as_ref(), gift.as_ref().map(Present::masked).as_ref(), hidden)?;
        Ok(Letter { from: store.mail_from.clone(), to, device, rendered, opt_out, logged, shop })
    }

    /// Where `message` goes, and the ticket that it tells of.
    async fn addressed(
        &self,
        message: &Message,
        order: Option<&Order>,
        reader: Option<&Recipient>,
    ) -> Result<(String, Option<Told>), Trouble> {
        let known = message.recipient.clone().or_else(|| order.map(|order| order.email.clone()));
        let (to, ticket) = match self.ticket(message).await? {
            Some((email, ticket)) => (Some(email), Some(ticket)),
            None if message.template == Template::RecordsMerged || message.template.is_of_subscription() => {
                (self.address_of(message).await?, None)
            }
            None => (known.or_else(|| reader.map(|reader| reader.to.clone())), None),
        };
        Ok((to.filter(|to| !to.is_empty()).ok_or(Trouble::Lasting("recipient_missing"))?, ticket))
    }

    async fn store(&self, message: &Message) -> Result<Arc<Store>, Trouble> {
        if message.store_id == HOUSE.1 {
            return Ok(Arc::clone(&self.house));
        }
        let store = self.stores.get(message.store_id).await.map_err(|e| missing(&e, "store_unknown"))?;
        if store.realm == message.realm_id.to_string() { Ok(store) } else { Err(Trouble::Lasting("store_unknown")) }
    }

    /// The e-mail address of the customer whom a message is to.
    async fn address_of(&self, message: &Message) -> Result<Option<String>, Trouble> {
        let Some(customer) = message.customer_id else { return Ok(None) };
        let answer = self.customers.clone().get_customer(GetCustomerRequest { id: customer.into() }).await;
        let customer = answer.map_err(|e| missing(&e.into(), "customer_unknown"))?.into_inner();
        Ok(Some(customer.email).filter(|_| customer.realm == message.realm_id.to_string()))
    }

    /// Where word of a ticket goes, and what it says.
    async fn ticket(&self, message: &Message) -> Result<Option<(String, Told)>, Trouble> {
        if !message.template.is_of_ticket() {
            return Ok(None);
        }
        let reference = message.reference.as_deref().and_then(|about| about.split_once(' '));
        let (ticket, comment) = reference.ok_or(Trouble::Lasting("ticket_unknown"))?;
        let comment = if message.template == Template::TicketSolved { "" } else { comment };
        let asked = GetTicketLetterRequest {
            realm: message.realm_id.into(),
            ticket: ticket.to_owned(),
            comment: comment.to_owned(),
        };
        let letter = self.tickets.clone().get_ticket_letter(asked).await;
        let mut letter = letter.map_err(|e| missing(&e.into(), "ticket_unknown"))?.into_inner();
        let email = std::mem::take(&mut letter.email);
        Ok(Some((email, Told::of(letter, format!("{}/account/tickets/{ticket}", self.house.url)))))
    }

    /// What word of a subscription says.
    async fn subscription(&self, message: &Message, zone: &str) -> Result<Option<Renewing>, Trouble> {
        if !message.template.is_of_subscription() {
            return Ok(None);
        }
        let unknown = Trouble::Lasting("subscription_unknown");
        let reference = message.reference.as_deref().and_then(|about| about.split_once(' '));
        let Some((id, _)) = reference else { return Err(unknown) };
        let answer = self.subscriptions.clone().get_subscription(GetSubscriptionRequest { id: id.to_owned() }).await;
        let subscription = answer.map_err(|e| missing(&e.into(), "subscription_unknown"))?.into_inner();
        if subscription.realm != message.realm_id.to_string() {
            return Err(unknown);
        }
        let link = format!("{}/account/subscriptions", self.house.url);
        Ok(Some(Renewing { subscription, zone: zone.to_owned(), link }))
    }

    async fn order(&self, message: &Message) -> Result<Option<Order>, Trouble> {
        let of = message.template;
        if matches!(of, Template::RecordsMerged | Template::GiftReceived)
            || of.is_of_ticket()
            || of.is_of_subscription()
            || of.is_written()
        {
            return Ok(None);
        }
        // To devices, the order comes first and the device second.
        let Some(id) = message.reference.as_deref().and_then(|about| about.split(' ').next()) else { return Ok(None) };
        let id = id.to_owned();
        let answer = self.orders.clone().get_order(GetOrderRequest { id }).await;
        let order = answer.map_err(|e| missing(&e.into(), "order_unknown"))?.into_inner();
        // The log of one realm never shows what belongs to another.
        if order.realm == message.realm_id.to_string() {
            Ok(Some(order))
        } else {
            Err(Trouble::Lasting("order_unknown"))
        }
    }
}

/// What is unknown stays unknown; anything else may pass.
pub(super) fn missing(error: &Error, reason: &'static str) -> Trouble {
    if error.code() == Code::NotFound { Trouble::Lasting(reason) } else { Trouble::Passing(error.to_string()) }
}
