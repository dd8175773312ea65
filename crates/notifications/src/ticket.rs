//! Queues word of support tickets to their customers (ST-2): what staff write to them, and that a ticket is solved. Whom it
//! goes to and what it says is fetched when it is sent. Nobody opts out of an answer to what they asked.
use kit::{
    Error, Tx,
    clock::Clock,
    ids::{InvalidId, MessageId},
    inbox::Event,
};
use proto::customers::v1::{TicketChanged, TicketCommented, TicketOpened};

use crate::{
    message::{Channel, Purpose, Queued},
    store,
    template::Template,
};

/// What there is to tell.
struct Word {
    realm: String,
    store: String,
    customer: String,
    template: Template,
    /// The ticket, and the comment or version that it is about.
    reference: String,
}

/// Queues what `event` tells a customer; whether it is about a ticket. Repeatable.
pub async fn tell(tx: &mut Tx, event: &Event, clock: &Clock) -> Result<bool, Error> {
    let word = if let Some(opened) = event.read::<TicketOpened>()? {
        of_opened(opened)
    } else if let Some(commented) = event.read::<TicketCommented>()? {
        of_commented(commented)
    } else if let Some(changed) = event.read::<TicketChanged>()? {
        of_changed(changed)
    } else {
        return Ok(false);
    };
    if let Some(word) = word {
        store::queue(tx, &queued(word, clock)?).await?;
    }
    Ok(true)
}

/// Staff wrote to somebody who had not asked.
fn of_opened(event: TicketOpened) -> Option<Word> {
    let TicketOpened { realm, store, ticket, customer, channel, comment, public, .. } = event;
    let reference = format!("{ticket} {comment}");
    let word = Word { realm, store, customer, template: Template::TicketOpened, reference };
    (channel == "staff" && public).then_some(word)
}

fn of_commented(event: TicketCommented) -> Option<Word> {
    let TicketCommented { realm, store, ticket, customer, comment, public, by, .. } = event;
    let reference = format!("{ticket} {comment}");
    let word = Word { realm, store, customer, template: Template::TicketReply, reference };
    (by == "staff" && public).then_some(word)
}

/// Of a ticket that a reply solved the reply tells enough.
fn of_changed(event: TicketChanged) -> Option<Word> {
    let solved = event.cause == "update" && event.status == "solved" && event.status_before != "solved";
    let TicketChanged { realm, store, ticket, customer, version, .. } = event;
    let reference = format!("{ticket} {version}");
    solved.then_some(Word { realm, store, customer, template: Template::TicketSolved, reference })
}

fn queued(word: Word, clock: &Clock) -> Result<Queued, Error> {
    let unreadable = |e: InvalidId| Error::Internal(format!("word of a ticket cannot be read: {e}"));
    let now = clock.now();
    Ok(Queued {
        realm: word.realm.parse().map_err(unreadable)?,
        id: MessageId::new(now),
        store: word.store.parse().map_err(unreadable)?,
        customer: Some(word.customer.parse().map_err(unreadable)?),
        channel: Channel::Email,
        template: word.template,
        purpose: Purpose::Service,
        campaign: None,
        reference: Some(word.reference),
        recipient: None,
        data: std::collections::BTreeMap::new(),
        secrets: None,
        now,
        due: clock.shared(),
    })
}
