//! Changing fields of a record, and noting which ones changed.

/// Fills an empty field.
pub(crate) fn fill(field: &mut String, value: String, name: &'static str, changed: &mut Vec<&'static str>) {
    if field.is_empty() && !value.is_empty() {
        *field = value;
        changed.push(name);
    }
}

/// Puts another value in place of the one there is.
pub(crate) fn replace<T: PartialEq>(
    field: &mut T,
    value: Option<T>,
    name: &'static str,
    changed: &mut Vec<&'static str>,
) {
    if let Some(value) = value
        && value != *field
    {
        *field = value;
        changed.push(name);
    }
}
