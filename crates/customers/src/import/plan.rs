//! What a row does to somebody's record: found out first, carried out then, so that a check says what an import does.
use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    address::Address,
    failure::Failure,
    ids::{CustomerId, NoteId},
    outbox,
};

use super::{fault::Fault, import::Outcome, row::Row};
use crate::{
    Error,
    address::{
        SavedAddress,
        address::{Given, MOST},
        store as addresses,
    },
    consent::{self, Consent},
    customer::{
        Customer, Scope,
        customer::Introduction,
        ensure::{created, publish_change},
        store,
    },
    note::{self, Note},
    record::details::Details,
    shops::Shop,
};

/// Where consents and notes come from.
const SOURCE: &str = "import";

/// On whose word, where and when people are taken in.
#[derive(Clone, Debug)]
pub struct Intake {
    /// Whose records they are compared with.
    pub scope: Scope,
    /// The store that knows them since.
    pub shop: Option<Arc<Shop>>,
    /// `stf_…` or `akey_…`.
    pub who: String,
    /// Whether it is only found out what would become of them.
    pub checking: bool,
    /// The present.
    pub now: DateTime<Utc>,
}

/// What is to be done about a row.
#[derive(Debug)]
pub struct Plan {
    /// The record as it is to be.
    pub customer: Customer,
    /// Whether nobody knew them.
    pub is_new: bool,
    /// What could not be taken, and was left out.
    pub faults: Vec<Fault>,
    fields: Vec<&'static str>,
    consents: BTreeMap<&'static str, bool>,
    address: Option<SavedAddress>,
    note: Option<String>,
}

/// What becomes of a row.
#[derive(Debug)]
pub enum Planned {
    /// This is to be done.
    Done(Box<Plan>),
    /// It is not taken: why, a slug.
    Refused(&'static str),
}

impl Plan {
    /// What becomes of the row.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (self.is_new, self.fields.is_empty() && self.note.is_none()) {
            (true, _) => Outcome::Created,
            (false, true) => Outcome::Unchanged,
            (false, false) => Outcome::Changed,
        }
    }
}

/// Finds out what `row` does. A record that is there is locked until the transaction ends.
pub async fn plan(tx: &mut Tx, intake: &Intake, row: Row) -> Result<Planned, Error> {
    let (now, mut faults) = (intake.now, Vec::new());
    let found = match find(tx, intake, &row).await? {
        Ok(found) => found,
        Err(refused) => return Ok(Planned::Refused(refused)),
    };
    let is_new = found.is_none();
    let Some(mut customer) = found.or_else(|| met(intake, &row)) else { return Ok(Planned::Refused("email_required")) };
    if row.email.as_ref().is_some_and(|email| row.id.is_some() && !customer.has_email(email)) {
        faults.push(Fault::warning(0, "email_kept"));
    }
    let before = customer.version;
    let mut fields = match told(&mut customer, row.details, &row.tags, (now, &mut faults)) {
        Ok(fields) => fields,
        Err(Error::Kit(kit::Error::Invalid(_))) => return Ok(Planned::Refused("meta_too_long")),
        Err(error @ Error::Kit(_)) => return Err(error),
        Err(error) => return Ok(Planned::Refused(error.reason())),
    };
    let consents = agreed(&mut customer, row.consents, &mut faults);
    let address = match row.address {
        Some(given) => moved_in(tx, &mut customer, (given, is_new, now), &mut faults).await?,
        None => None,
    };
    fields.extend((!consents.is_empty()).then_some("consents"));
    fields.extend(address.is_some().then_some("addresses"));
    let note = match row.note {
        Some(text) if !is_new && note::store::says(&mut **tx, (customer.realm, customer.id), &text).await? => None,
        note => note,
    };
    if is_new {
        customer.version = 1;
    } else if customer.version == before {
        customer.touch_if(&fields, now);
    }
    Ok(Planned::Done(Box::new(Plan { customer, is_new, faults, fields, consents, address, note })))
}

/// Somebody nobody knew: a lead.
fn met(intake: &Intake, row: &Row) -> Option<Customer> {
    let introduction = Introduction { name: row.details.name().to_owned(), ..Introduction::default() };
    row.email.as_ref().map(|email| Customer::meet(intake.scope.realm, email, introduction, intake.now))
}

/// Takes over what the row says of the record itself; the names of the fields that changed. A phone that signs in stays.
fn told(
    customer: &mut Customer,
    mut details: Details,
    tags: &[String],
    (now, faults): (DateTime<Utc>, &mut Vec<Fault>),
) -> Result<Vec<&'static str>, Error> {
    if customer.phone_verified_at.is_some() && details.drop_phone(&customer.phone) {
        faults.push(Fault::warning(0, "phone_kept"));
    }
    let fields = customer.change(details, now)?.fields;
    Ok([fields, customer.retag(tags, &[])?].concat())
}

/// Whose record it is; none of somebody nobody knows. Else why the row is not taken.
async fn find(tx: &mut Tx, intake: &Intake, row: &Row) -> Result<Result<Option<Customer>, &'static str>, Error> {
    let realm = intake.scope.realm;
    if let Some(id) = row.id {
        let found = store::lock_in(tx, intake.scope, id).await?;
        return Ok(match found {
            Some(customer) => Ok(Some(customer)),
            None if store::is_erased(&mut **tx, realm, id).await? => Err("customer_erased"),
            None => Err("customer_not_found"),
        });
    }
    let found = match (&row.email, &row.phone) {
        (Some(email), _) => store::lock_by_email(tx, realm, email).await?,
        (None, Some(phone)) => store::lock_by_phone(tx, realm, phone).await?,
        (None, None) => None,
    };
    let Some(customer) = found else {
        return Ok(if row.email.is_some() { Ok(None) } else { Err("email_required") });
    };
    let narrow = intake.scope.store.is_some();
    if narrow && store::known_as(&mut **tx, intake.scope, customer.id).await?.is_none() {
        // A check tells no store who is a customer of another one of the network. Making the record does, as everywhere.
        return Ok(match (&row.email, intake.checking) {
            (Some(_), true) => Ok(None),
            (Some(_), false) => Err("email_taken"),
            (None, _) => Err("email_required"),
        });
    }
    Ok(Ok(Some(customer)))
}

/// What is agreed to, or withdrawn, since. Whoever has withdrawn a consent gives it again themselves.
fn agreed(
    customer: &mut Customer,
    said: BTreeMap<&'static str, bool>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<&'static str, bool> {
    let mut agreed = BTreeMap::new();
    for (channel, granted) in said {
        match (customer.consents.get(channel), granted) {
            (Some(false), true) => faults.push(Fault::warning(0, "consent_withdrawn")),
            (Some(known), _) if *known == granted => {}
            _ => {
                customer.consents.insert(channel.to_owned(), granted);
                agreed.insert(channel, granted);
            }
        }
    }
    agreed
}

/// The address to add, if it is not there yet. The record shows it where parcels go to it.
async fn moved_in(
    tx: &mut Tx,
    customer: &mut Customer,
    (given, is_new, now): (Given, bool, DateTime<Utc>),
    faults: &mut Vec<Fault>,
) -> Result<Option<SavedAddress>, Error> {
    let whose = (customer.realm, customer.id);
    let known = if is_new { Vec::new() } else { addresses::of_customer(&mut **tx, whose.0, whose.1).await? };
    if known.iter().any(|known| is_one_place(&known.address, &given.address)) {
        return Ok(None);
    }
    if known.len() >= MOST {
        faults.push(Fault::warning(0, "too_many_addresses"));
        return Ok(None);
    }
    let address = SavedAddress::new(whose, given, known.is_empty(), now);
    if address.default_shipping {
        customer.address = Some(address.address.clone());
    }
    Ok(Some(address))
}

/// Whether both are about the same door, whoever lives there.
fn is_one_place(one: &Address, other: &Address) -> bool {
    let parts = |a: &Address| [&a.line1, &a.line2, &a.postal_code, &a.city, &a.country].map(|part| part.to_lowercase());
    parts(one) == parts(other)
}

/// Carries `plan` out; whose record it was. None when somebody else made the record just now: find out anew then.
pub async fn carry(tx: &mut Tx, intake: &Intake, plan: Plan) -> Result<Option<CustomerId>, Error> {
    let Plan { customer, is_new, fields, consents, address, note, .. } = plan;
    if is_new {
        if !store::insert(tx, &customer).await? {
            return Ok(None);
        }
        outbox::publish(tx, &created(&customer));
    } else if !fields.is_empty() {
        store::save(tx, &customer).await?;
        publish_change(tx, &customer, &fields).await?;
    }
    if let Some(shop) = &intake.shop {
        store::remember_shop(tx, &customer, shop).await?;
    }
    for (channel, granted) in consents {
        let (source, actor) = (SOURCE.to_owned(), intake.who.clone());
        let consent = Consent { channel: channel.to_owned(), granted, source, actor, at: intake.now };
        consent::store::insert(tx, (customer.realm, customer.id), &consent).await?;
        outbox::publish(tx, &consent::set::changed(&customer, &consent));
    }
    if let Some(address) = address {
        addresses::insert(tx, &address).await?;
    }
    if let Some(text) = note {
        note::store::insert(tx, &noted(&customer, intake, text)).await?;
    }
    Ok(Some(customer.id))
}

fn noted(customer: &Customer, intake: &Intake, text: String) -> Note {
    Note {
        realm: customer.realm,
        id: NoteId::new(intake.now),
        customer: customer.id,
        author: intake.who.clone(),
        written_by: String::new(),
        text,
        version: 1,
        created_at: intake.now,
        edited_at: None,
    }
}
