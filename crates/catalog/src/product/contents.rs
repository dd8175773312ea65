//! What is inside bundles and combos (CA-1): digital products of the store, never the product itself at any depth, and
//! three levels at most.
use std::collections::HashSet;

use kit::{Tx, failure::Violation, ids::ProductId};

use super::{
    product::{CONTENTS, Product},
    store,
};
use crate::Error;

/// How many products can be inside one another.
const DEPTH: usize = 3;

/// Reads the ids at `/contents`, each once.
pub fn read(texts: &[String], faults: &mut Vec<Violation>) -> Vec<ProductId> {
    let mut ids: Vec<ProductId> = Vec::with_capacity(texts.len().min(CONTENTS));
    for (place, text) in texts.iter().enumerate().take(CONTENTS + 1) {
        match text.parse() {
            Ok(id) if ids.contains(&id) => {
                faults.push(Violation::new(format!("/contents/{place}"), "repeated", "name each once"));
            }
            Ok(id) => ids.push(id),
            Err(_) => faults.push(Violation::new(format!("/contents/{place}"), "malformed", "this is no product")),
        }
    }
    ids
}

fn unknown(place: usize) -> Violation {
    Violation::new(format!("/contents/{place}"), "not_there", "there is no such digital product in the store")
}

/// Passes when `product` can hold what it is to hold. Until the transaction ends nobody else changes what the store's
/// products hold, so that two changes that are harmless alone make no circle together.
pub async fn check_contents(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    let contents = &product.details.contents;
    if contents.is_empty() {
        return Ok(());
    }
    store::hold_contents(&mut **tx, product.store).await?;
    let found: HashSet<ProductId> = store::digital(&mut **tx, product.store, contents).await?.into_iter().collect();
    let missing: Vec<_> =
        contents.iter().enumerate().filter(|(_, id)| !found.contains(id)).map(|(place, _)| unknown(place)).collect();
    if !missing.is_empty() {
        return Err(Error::faults(missing));
    }
    let below = levels_below(tx, product).await?;
    let mut level = vec![product.id];
    for levels in below.. {
        level = store::holders(&mut **tx, product.store, &level).await?;
        if level.is_empty() {
            break;
        }
        if levels >= DEPTH {
            return Err(Error::ContentsTooDeep);
        }
    }
    Ok(())
}

/// How many levels of products are inside `product`. There was no circle before, so that a new one leads back here.
async fn levels_below(tx: &mut Tx, product: &Product) -> Result<usize, Error> {
    let (mut level, mut levels) = (product.details.contents.clone(), 0);
    while !level.is_empty() {
        if level.contains(&product.id) {
            return Err(Error::ContentsCircular);
        }
        if levels == DEPTH {
            return Err(Error::ContentsTooDeep);
        }
        levels += 1;
        level = store::contents_of(&mut **tx, product.store, &level).await?;
    }
    Ok(levels)
}
