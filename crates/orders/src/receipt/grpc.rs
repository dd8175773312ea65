//! The RPCs of receipts.
use std::sync::Arc;

use kit::{Call, Error as Kit, failure::Violation, permission::Permission, personal::redact, reads::Reads};
use proto::orders::v1::{self as pb, receipt_service_server::ReceiptService};
use tokio::{sync::Semaphore, task::spawn_blocking};
use tonic::{Request, Response, Status};

use super::{Issuer, Kind, Receipt, ReceiptId, html::html, paper::Paper, pdf::pdf, store, words::words};
use crate::{
    error::Error,
    order::{self, Order},
    subscription::reach::Reach,
};

/// Answers [`ReceiptService`].
#[derive(Clone)]
pub struct Receipts {
    /// Issues those that somebody asks for before they are there.
    pub issuer: Issuer,
    /// Takes notes of who reads whose personal data.
    pub reads: Reads,
    /// Whom sessions of the portal are of.
    pub shoppers: proto::identity::v1::shopper_service_client::ShopperServiceClient<kit::transport::Transport>,
    /// How many files are made at once.
    pub desks: Arc<Semaphore>,
}

/// How many files are made at once: it is work for processors.
pub const DESKS: usize = 4;

/// A kind of file.
#[derive(Clone, Copy)]
struct Format {
    name: &'static str,
    media_type: &'static str,
    make: fn(&Paper) -> Result<Vec<u8>, String>,
}

const FORMATS: [Format; 2] = [
    Format { name: "html", media_type: "text/html; charset=utf-8", make: html },
    Format { name: "pdf", media_type: "application/pdf", make: pdf },
];

impl Receipts {
    /// The order that is asked for, how much of it the caller sees, and what was issued for it.
    async fn found(&self, call: &Call, id: &str) -> Result<(Reach, Order, Vec<Receipt>), Error> {
        let reach = Reach::of(&self.shoppers, (call, Permission::OrdersRead)).await?;
        let id = id.parse().map_err(|_| Error::OrderNotFound)?;
        let pool = self.issuer.db.pool();
        let mut found = None;
        for scope in &reach.scopes {
            let order = order::store::find(pool, scope.realm, id).await?;
            found = found.or(order.filter(|order| order.is_placed() && scope.holds(order)));
        }
        let order = found.ok_or(Error::OrderNotFound)?;
        self.issuer.hurry(&order).await?;
        let issued = store::of_order(pool, &order).await?;
        self.reads.note(call, [order.customer]);
        Ok((reach, order, issued))
    }

    async fn file(&self, receipt: pb::Receipt, format: Format) -> Result<pb::ReceiptFile, Error> {
        let _desk = self.desks.acquire().await.map_err(|_| Kit::Busy)?;
        let paper = words(&receipt);
        let name = format!("{}.{}", paper.title().to_lowercase().replace(' ', "-"), format.name);
        let broken = |detail: String| Kit::Internal(format!("a receipt could not be made: {detail}"));
        let made = spawn_blocking(move || (format.make)(&paper)).await.map_err(|error| broken(error.to_string()))?;
        let media_type = format.media_type.to_owned();
        Ok(pb::ReceiptFile { receipt: Some(receipt), content: made.map_err(broken)?.into(), media_type, name })
    }
}

/// The receipt, or the one with the id `wanted`.
fn pick(issued: Vec<Receipt>, wanted: &str) -> Result<Receipt, Error> {
    if wanted.is_empty() {
        let receipt = issued.into_iter().find(|one| one.kind == Kind::Receipt);
        return receipt.ok_or(Error::ReceiptNotIssued);
    }
    let id: ReceiptId = wanted.parse().map_err(|_| Error::ReceiptNotFound)?;
    issued.into_iter().find(|one| one.id == id).ok_or(Error::ReceiptNotFound)
}

fn shown(receipt: Receipt, reach: &Reach) -> pb::Receipt {
    let shown = receipt.encode();
    if reach.sight.clear { shown } else { redact(shown) }
}

#[tonic::async_trait]
impl ReceiptService for Receipts {
    async fn list_receipts(
        &self,
        request: Request<pb::ListReceiptsRequest>,
    ) -> Result<Response<pb::ListReceiptsResponse>, Status> {
        let call = Call::of(&request)?;
        let (reach, _, issued) = self.found(&call, &request.get_ref().order).await?;
        let receipts = issued.into_iter().map(|receipt| shown(receipt, &reach)).collect();
        Ok(Response::new(pb::ListReceiptsResponse { receipts }))
    }

    async fn get_receipt(&self, request: Request<pb::GetReceiptRequest>) -> Result<Response<pb::ReceiptFile>, Status> {
        let call = Call::of(&request)?;
        let pb::GetReceiptRequest { order, id, format } = request.get_ref();
        let wanted = FORMATS.into_iter().find(|known| known.name == *format);
        if wanted.is_none() && !format.is_empty() {
            return Err(Error::from(Violation::new("/format", "unknown_value", "html or pdf")).into());
        }
        let (reach, _, issued) = self.found(&call, order).await?;
        let receipt = shown(pick(issued, id)?, &reach);
        Ok(Response::new(match wanted {
            Some(format) => self.file(receipt, format).await?,
            None => pb::ReceiptFile { receipt: Some(receipt), ..pb::ReceiptFile::default() },
        }))
    }
}
