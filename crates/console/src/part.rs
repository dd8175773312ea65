//! A part of a page that may be missing: the rest is shown without it.
use kit::permission::Permission;
use proto::base::v1::Page;
use tonic::{Response, Status};

use crate::{problem::Problem, visit::SignedIn};

/// A part of a page.
pub enum Part<T> {
    /// There it is.
    Shown(T),
    /// The reader lacks this permission.
    Hidden(&'static str),
    /// It cannot be had just now, or not in this place.
    Missing(Problem),
}

/// The newest rows of a list.
pub struct Newest<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are more.
    pub more: bool,
}

impl<T> Part<T> {
    /// Asks for a part unless the reader lacks the permission for it.
    pub async fn load<R>(
        desk: &SignedIn,
        permission: Permission,
        ask: impl Future<Output = Result<Response<R>, Status>>,
        show: impl FnOnce(R) -> T,
    ) -> Self {
        if !desk.session.may(permission) {
            return Self::Hidden(permission.slug());
        }
        match ask.await {
            Ok(answer) => Self::Shown(show(answer.into_inner())),
            Err(status) => Self::Missing(status.into()),
        }
    }
}

impl<T> Newest<T> {
    /// Rows as a service answered them.
    pub fn new(rows: impl IntoIterator<Item = T>, page: Option<&Page>) -> Self {
        Self { rows: rows.into_iter().collect(), more: page.is_some_and(|page| page.has_more) }
    }
}
