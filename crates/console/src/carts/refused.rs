//! Why a form of the editor was not carried out, and what had been typed into it.
use axum::http::StatusCode;
use kit::failure::{Code, Told};
use tonic::Status;

use crate::{
    problem::Problem,
    team::{Fields, complaint},
};

/// What is said to whoever looked at a cart that is not like that any more.
const STALE: &str = "somebody changed this cart after you had opened the page. It is shown as it is now; look at it, and \
                     send the form again if you still want to";

/// How a page with a form that was not carried out is answered.
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Why a form was not carried out; nothing when none was sent.
#[derive(Default)]
pub struct Refused {
    /// What the page is answered with.
    pub status: StatusCode,
    /// In words.
    pub text: String,
    form: String,
    fields: Fields,
}

impl Refused {
    /// What a service says against the `fields` of a `form`; what the form can do nothing about is a problem of its own.
    pub fn of(status: Status, (form, fields): (String, Fields)) -> Result<Self, Problem> {
        let told = Told::read(&status);
        let of_the_page = ["cart_not_found", "store_required"].contains(&told.reason.as_str());
        let text = match told.code {
            Code::Stale => STALE.to_owned(),
            Code::NotFound if !of_the_page => told.detail,
            Code::Invalid | Code::Conflict | Code::Refused if !of_the_page => complaint(status)?,
            _ => return Err(status.into()),
        };
        let status = if told.code == Code::Stale { StatusCode::PRECONDITION_FAILED } else { REFUSED };
        Ok(Self { status, text, form, fields })
    }

    /// What the console itself cannot read of the `fields` of a `form`.
    pub fn unread(text: String, (form, fields): (String, Fields)) -> Self {
        Self { status: REFUSED, text, form, fields }
    }

    /// Whether it is this form.
    pub fn is_of(&self, form: &str) -> bool {
        !self.text.is_empty() && self.form == form
    }

    /// Whether it is none of these forms, so that its words have to stand elsewhere.
    pub fn is_of_none(&self, forms: &[&str]) -> bool {
        !self.text.is_empty() && !forms.contains(&self.form.as_str())
    }

    /// What stands in the field `name` of a form: what was typed, else what is `kept`.
    pub fn typed(&self, form: &str, name: &str, kept: &str) -> String {
        let typed = self.is_of(form).then(|| self.fields.all(name)).and_then(|all| all.into_iter().next());
        typed.unwrap_or_else(|| kept.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use kit::failure::{Failure, status};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("there is no such thing")]
    struct Missing(&'static str, Code);

    impl Failure for Missing {
        fn code(&self) -> Code {
            self.1
        }

        fn reason(&self) -> &'static str {
            self.0
        }
    }

    fn refused(reason: &'static str, code: Code) -> Result<Refused, Problem> {
        let form = ("codes".to_owned(), Fields::read("code=SPRING"));
        Refused::of(status(&Missing(reason, code)), form)
    }

    /// CA-4, CA-5: what was typed stays in the form that was refused, and in no other; a cart that is gone has no forms.
    #[test]
    fn what_was_typed_stays() {
        let Ok(of) = refused("product_not_found", Code::NotFound) else { panic!("it can be said by the form") };
        assert_eq!((of.text.as_str(), of.status), ("there is no such thing", StatusCode::UNPROCESSABLE_ENTITY));
        assert_eq!([of.typed("codes", "code", "a"), of.typed("sku", "code", "a")], ["SPRING", "a"]);
        assert!(of.is_of("codes") && !of.is_of("sku") && of.is_of_none(&["sku"]));
        let stale = refused("stale_version", Code::Stale).map(|of| (of.status, of.text));
        assert_eq!(stale, Ok((StatusCode::PRECONDITION_FAILED, STALE.to_owned())));
        for (reason, code) in [("cart_not_found", Code::NotFound), ("permission_required", Code::Forbidden)] {
            assert!(refused(reason, code).is_err(), "{reason}");
        }
        let nothing = Refused::default();
        assert!(!nothing.is_of("") && !nothing.is_of_none(&[]) && nothing.status == StatusCode::OK);
    }
}
