//! What the store sells, what it takes off, how it ships and what tax it charges (CA-1, CA-5, CA-11).
mod amount;
mod draft;
mod files;
mod list;
mod product;
mod promotions;
mod shipping;
mod taxes;

use kit::{ids::StoreId, money::Currency};

pub use files::{add as add_file, change as change_file};
pub use list::list;
pub use product::{change, make, show, start};
pub use promotions::{list as list_promotions, manage as manage_promotions};
pub use shipping::{list as list_shipping, manage as manage_shipping};
pub use taxes::{list as list_taxes, manage as manage_taxes};

use crate::{console::Console, problem::Problem, visit::SignedIn};

/// What the store that is worked in sells in.
async fn currency(console: &Console, desk: &SignedIn) -> Result<Currency, Problem> {
    let place = desk.session.actor.store.map(String::from).unwrap_or_default();
    let Ok(store) = place.parse::<StoreId>() else {
        return Err(tonic::Status::failed_precondition("choose a store to work in").into());
    };
    let store = console.stores.get(store).await.map_err(tonic::Status::from)?;
    let unknown = |_| tonic::Status::internal("a store sells in no known currency");
    Ok(kit::money::currency(&store.currency).map_err(unknown)?)
}
