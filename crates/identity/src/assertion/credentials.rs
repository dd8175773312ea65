//! Credentials as the outside presents them.
use kit::{denied::Denied, ids::StoreId};
use proto::identity::v1::ExchangeRequest;

use crate::{Error, api_key::api_key::PREFIX};

/// Who calls, as far as they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer<'a> {
    /// A store's publishable key.
    StoreKey(&'a str),
    /// A network's publishable key.
    NetworkKey(&'a str),
    /// A staff session.
    StaffSession(&'a str),
    /// A key of an integration.
    ApiKey(&'a str),
    /// A session of the account portal.
    PortalSession(&'a str),
    /// A customer's session, on a hosted page of the store that is named.
    CustomerSession(&'a str),
}

impl<'a> Bearer<'a> {
    /// Reads a bearer by its prefix. Whatever else there is, is nobody's.
    pub fn parse(text: &'a str) -> Result<Self, Denied> {
        match text.split_once('_') {
            Some(("store", _)) => Ok(Self::StoreKey(text)),
            Some(("network", _)) => Ok(Self::NetworkKey(text)),
            Some(("staff", _)) => Ok(Self::StaffSession(text)),
            Some((PREFIX, _)) => Ok(Self::ApiKey(text)),
            Some(("portal", _)) => Ok(Self::PortalSession(text)),
            Some(("customer", _)) => Ok(Self::CustomerSession(text)),
            _ => Err(Denied::Unauthenticated),
        }
    }
}

/// The store that is asked for, if one is. A malformed id is an unknown store.
pub fn store(request: &ExchangeRequest) -> Result<Option<StoreId>, Error> {
    match &*request.store {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| Error::StoreNotFound),
    }
}

/// The customer's token, which goes with publishable keys only.
pub fn customer_token<'a>(request: &'a ExchangeRequest, bearer: Bearer<'_>) -> Result<Option<&'a str>, Error> {
    match (&*request.customer_token, bearer) {
        ("", _) => Ok(None),
        (token, Bearer::StoreKey(_) | Bearer::NetworkKey(_)) => Ok(Some(token)),
        _ => Err(Denied::Unauthenticated.into()),
    }
}
