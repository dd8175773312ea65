//! Which fields of the record are personal.
use kit::personal;
use proto::customers::v1::Customer;

/// Whether the field `name` is personal: a list neither filters nor sorts by it for whoever may not see it (ID-23).
#[must_use]
pub fn is_personal(name: &str) -> bool {
    personal::has::<Customer>(name)
}
