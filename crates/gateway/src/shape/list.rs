//! Lists by pages.
use proto::base::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::text;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The members.
    pub data: Vec<T>,
    /// Where the page stands.
    pub page: Place,
    /// Fields that the default search `q` looked at: fewer for callers who may not see personal data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([]))]
    pub searched: Vec<String>,
}

/// Where a page stands in its list.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(example = json!({"has_more": false, "next": null, "prev": null}))]
pub struct Place {
    /// Whether members follow in the direction that was asked for.
    pub has_more: bool,
    /// What to send as `after` for the next page.
    pub next: Option<String>,
    /// What to send as `before` for the page in front.
    pub prev: Option<String>,
    /// Number of members, with `include=total`; `10000+` beyond that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

impl<T> List<T> {
    /// The page that a service answered.
    pub fn new<M: Into<T>>(members: Vec<M>, page: Option<pb::Page>) -> Self {
        let data = members.into_iter().map(Into::into).collect();
        Self { data, page: page.unwrap_or_default().into(), searched: Vec::new() }
    }

    /// A list that is short enough to be whole.
    pub fn whole<M: Into<T>>(members: Vec<M>) -> Self {
        Self::new(members, None)
    }
}

impl From<pb::Page> for Place {
    fn from(page: pb::Page) -> Self {
        Self { has_more: page.has_more, next: text(page.next), prev: text(page.prev), total: text(page.total) }
    }
}
