//! Hands a file in for a ticket.
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use files::{Files, Kind};
use kit::{
    Call, Db, Tx,
    audit::{Entry, json},
    failure::Violation,
    ids::AttachmentId,
};
use proto::customers::v1 as pb;

use super::{Attachment, attachment::place, store};
use crate::{
    Error,
    customer::{Scope, store as customers},
    key::Keys,
    loose_file::store as loose,
    record::told::record,
    ticket::Ticket,
};

/// Longest file, in bytes.
pub const LARGEST: usize = 25 * 1024 * 1024;
/// How long bytes may take to become a file.
const PATIENCE: TimeDelta = TimeDelta::hours(1);
/// Most files that somebody hands in for one ticket in an hour.
const MOST: i64 = 60;

/// Most files that a customer hands in within a day, for whatever tickets …
const DAILY: i64 = 100;
/// … and most bytes.
const DAILY_BYTES: i64 = 250 * 1024 * 1024;

/// A file that may be handed in.
#[derive(Debug)]
pub struct NewAttachment {
    kind: &'static Kind,
    name: String,
    data: Bytes,
    uploaded_by: String,
    /// Whether staff do, who answer for what they fill the storage with.
    by_staff: bool,
    now: DateTime<Utc>,
}

impl NewAttachment {
    /// Reads a request by whoever sent `call`.
    pub fn parse(request: pb::AddAttachmentRequest, call: &Call, now: DateTime<Utc>) -> Result<Self, Error> {
        let pb::AddAttachmentRequest { name, data, .. } = request;
        if data.is_empty() {
            return Err(Violation::new("/file", "required", "this file is empty").into());
        }
        if data.len() > LARGEST {
            return Err(Violation::new("/file", "too_long", "at most 25 MiB").into());
        }
        let kind = Kind::of(&data, &name).ok_or(Error::FileTypeRefused)?;
        let actor = call.actor()?;
        let (uploaded_by, by_staff) = (actor.label(), actor.is_administrative());
        Ok(Self { kind, name: kind.name(&name), data, uploaded_by, by_staff, now })
    }

    /// Refuses it where whoever hands it in has handed in much already.
    async fn refuse_more(&self, tx: &mut Tx, ticket: &Ticket) -> Result<(), Error> {
        let hour = (self.uploaded_by.as_str(), self.now - TimeDelta::hours(1));
        if store::handed_in(&mut **tx, (ticket.realm, ticket.id), hour).await? >= MOST {
            return Err(Error::TooManyAttachments);
        }
        if self.by_staff {
            return Ok(());
        }
        let day = (self.uploaded_by.as_str(), self.now - TimeDelta::days(1));
        let (files, bytes) = store::handed_in_at_all(&mut **tx, ticket.realm, day).await?;
        let size = i64::try_from(self.data.len()).unwrap_or(i64::MAX);
        if files >= DAILY || bytes + size > DAILY_BYTES { Err(Error::TooManyAttachments) } else { Ok(()) }
    }

    /// Writes its bytes, sealed, where they belong to nobody yet: a file without a row.
    pub async fn keep(self, (db, files): (&Db, &Files), keys: &Keys, ticket: &Ticket) -> Result<Attachment, Error> {
        let id = AttachmentId::new(self.now);
        let at = place(ticket.realm, id);
        let mut tx = db.begin_own().await?;
        self.refuse_more(&mut tx, ticket).await?;
        let key = keys.key(&mut tx, (ticket.realm, ticket.customer), self.now).await?.ok_or(Error::TicketClosed)?;
        loose::expect(&mut tx, &at, self.now + PATIENCE).await?;
        tx.commit().await?;
        let mut sealing = files.begin_sealed(&at, key)?;
        sealing.add(&self.data).await?;
        let size = sealing.end().await?;
        Ok(Attachment {
            realm: ticket.realm,
            id,
            ticket: ticket.id,
            uploaded_by: self.uploaded_by,
            name: self.name,
            media_type: self.kind.media_type.to_owned(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            sealed_for: ticket.customer,
            created_at: self.now,
        })
    }
}

/// The file is there, until tomorrow.
pub async fn add(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (file, ticket): (&Attachment, &Ticket),
) -> Result<(), Error> {
    // None is handed in for somebody who is being forgotten.
    let customer = customers::lock_in(tx, Scope::realm(ticket.realm), ticket.customer).await?;
    let customer = customer.ok_or(Error::TicketClosed)?;
    if !loose::take(tx, &[place(file.realm, file.id)]).await? {
        return Err(kit::Error::Internal("a file took too long".to_owned()).into());
    }
    store::insert(tx, file).await?;
    let entry = Entry::new("ticket.attached", ("ticket", ticket.id), file.created_at);
    let told =
        json!({ "attachment": String::from(file.id), "name": file.name, "type": file.media_type, "size": file.size });
    record(tx, (call, keys), &customer, entry.within(ticket.realm, Some(ticket.store)).created(told)).await
}
