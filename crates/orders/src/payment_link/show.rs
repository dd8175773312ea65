//! What is shown of a bill to whoever may pay it.
use kit::Db;
use proto::orders::v1 as pb;

use crate::{
    error::Error,
    gateway_setting::{self, GatewaySetting},
    invoice::{Bill, bill::Stand},
    link::view::public,
    order::view::{self, Sight},
    payment::{Gateway, Gateways},
};

/// `bill` without whose it is, with the ways to pay it.
pub async fn show(db: &Db, gateways: &Gateways, bill: Bill) -> Result<pb::Bill, Error> {
    let stand = bill.stand();
    let mut db = db.pool().acquire().await?;
    let changed = gateway_setting::store::of_store(&mut *db, bill.order.store).await?;
    let open = GatewaySetting::all(bill.order.store, &changed).into_iter().filter(GatewaySetting::is_open);
    let open = open.filter(|setting| setting.gateway != Gateway::Manual).map(GatewaySetting::shown).collect();
    let mut shown = pb::Bill {
        due: Some(bill.order.totals.money(bill.due.amount.max(0)).into()),
        status: stand.slug().to_owned(),
        gateways: open,
        ..pb::Bill::default()
    };
    match (stand, bill.attempt) {
        (Stand::Waiting, Some(attempt)) => {
            let doing = gateways.doing(&mut *db, &attempt).await?;
            (shown.redirect_url, shown.client_secret) = (doing.page, doing.client_secret);
        }
        (Stand::Declined, Some(attempt)) => {
            shown.message = attempt.refusal.map(|refusal| refusal.message).unwrap_or_default();
        }
        _ => {}
    }
    shown.order = Some(public(view::show_one(&mut db, bill.order, Sight { clear: false, staff: false }).await?));
    db.finish();
    Ok(shown)
}
