//! What staff say of a customer, as they make a record or change it (CU-4).
use proto::customers::v1::{self as pb, CreateCustomerRequest};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{
    ToSchema,
    openapi::{Array, ArrayBuilder, ObjectBuilder, Type, schema::SchemaType},
};

use crate::request::patch;

/// Tags.
pub fn tags() -> Array {
    let tag = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(50))
        .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(tag).max_items(Some(50)).build()
}

/// A further way to reach a person, as it is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "telegram", "value": "@jane"}))]
pub struct GivenContactMethod {
    /// What it is, such as `telegram`.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub kind: String,
    /// The handle.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub value: String,
}

/// Access levels to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"library_all": true}))]
pub struct AccessChanges {
    /// All content regardless of purchases.
    pub library_all: Option<bool>,
    /// The member directory.
    pub directory: Option<bool>,
}

/// What is known of somebody. In a change what is left out stays, and `null` takes it away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Jane Roe", "phone": "+49 89 63648018", "business": null, "language": "en", "meta": {"shoe_size": 42},
    "access": {"directory": true},
}))]
pub struct CustomerChanges {
    /// Full name.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// E-mail address. Another one moves the login, ends the sessions, and counts as unproved until it is proved.
    #[serde(default)]
    #[schema(format = "email")]
    pub email: Option<String>,
    /// Phone, with the store's country where it has no country code.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// User name.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub username: Option<String>,
    /// Address of the photo.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_length = 2_000, pattern = r"^(https?://[!-~]+)?$")]
    pub photo_url: Option<String>,
    /// Company.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub business: Option<String>,
    /// Fax number, as the phone.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(format = "phone", max_length = 40)]
    pub fax: Option<String>,
    /// Further ways to reach the person, all of them.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_items = 20)]
    pub contacts: Option<Vec<GivenContactMethod>>,
    /// BCP 47 language.
    #[serde(default, deserialize_with = "patch::or_nothing")]
    #[schema(max_length = 35, pattern = "^([A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*)?$")]
    pub language: Option<String>,
    /// Whatever is to be noted, at most 16 KiB; merged into what is there, `null` takes a member away.
    #[serde(default, deserialize_with = "patch::as_given")]
    #[schema(value_type = Option<Object>)]
    pub meta: Option<Value>,
    /// Access levels.
    #[serde(default)]
    pub access: Option<AccessChanges>,
}

impl From<CustomerChanges> for pb::Details {
    fn from(changes: CustomerChanges) -> Self {
        let contacts = changes
            .contacts
            .map(|contacts| pb::ContactMethods { contacts: contacts.into_iter().map(Into::into).collect() });
        let access = changes.access.unwrap_or_default();
        Self {
            name: changes.name,
            email: changes.email,
            phone: changes.phone,
            username: changes.username,
            photo_url: changes.photo_url,
            business: changes.business,
            fax: changes.fax,
            contacts,
            language: changes.language,
            meta: changes.meta.map(|meta| meta.to_string()),
            library_all: access.library_all,
            directory: access.directory,
        }
    }
}

impl From<GivenContactMethod> for pb::ContactMethod {
    fn from(way: GivenContactMethod) -> Self {
        Self { kind: way.kind, value: way.value }
    }
}

/// Somebody to make a record of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "jane@example.com", "name": "Jane Doe", "phone": "+49 89 63648018", "tags": ["fair"]}))]
pub struct NewCustomer {
    /// E-mail address.
    #[schema(format = "email")]
    pub email: String,
    /// Full name.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// Phone, with the store's country where it has no country code.
    #[serde(default)]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// User name.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub username: Option<String>,
    /// Address of the photo.
    #[serde(default)]
    #[schema(max_length = 2_000, pattern = r"^(https?://[!-~]+)?$")]
    pub photo_url: Option<String>,
    /// Company.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub business: Option<String>,
    /// Fax number, as the phone.
    #[serde(default)]
    #[schema(format = "phone", max_length = 40)]
    pub fax: Option<String>,
    /// Further ways to reach the person.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub contacts: Option<Vec<GivenContactMethod>>,
    /// BCP 47 language.
    #[serde(default)]
    #[schema(max_length = 35, pattern = "^([A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*)?$")]
    pub language: Option<String>,
    /// Whatever is to be noted, at most 16 KiB.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub meta: Option<Map<String, Value>>,
    /// Access levels.
    #[serde(default)]
    pub access: Option<AccessChanges>,
    /// Tags.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub tags: Option<Vec<String>>,
}

impl From<NewCustomer> for CreateCustomerRequest {
    fn from(new: NewCustomer) -> Self {
        let changes = CustomerChanges {
            name: new.name,
            email: Some(new.email),
            phone: new.phone,
            username: new.username,
            photo_url: new.photo_url,
            business: new.business,
            fax: new.fax,
            contacts: new.contacts,
            language: new.language,
            meta: new.meta.map(Value::Object),
            access: new.access,
        };
        Self { details: Some(changes.into()), tags: new.tags.unwrap_or_default() }
    }
}
