//! Why a caller is turned away.

/// Why a caller is turned away.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is signed in, or the credentials are not valid.
    #[error("sign in first: the credentials are missing, expired or not valid")]
    Unauthenticated,
    /// The permission is missing (ID-22).
    #[error("this needs the permission {0}")]
    Forbidden(&'static str),
    /// Only another kind of caller may do this.
    #[error("this kind of caller may not do this")]
    WrongCaller,
    /// The caller has several stores and chose none.
    #[error("name the store in Patron-Store")]
    StoreRequired,
}
