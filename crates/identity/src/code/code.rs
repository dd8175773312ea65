//! A code: six digits, ten minutes, once, five tries, for one purpose of one identity in one realm (ID-6).
use chrono::TimeDelta;
use kit::{ids::RealmId, secret::Secrets};
use uuid::Uuid;

/// How long a code is good for.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How often one may try.
pub const TRIES: i32 = 5;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// To create an account.
    Create,
    /// To sign in.
    Login,
    /// To prove a phone number.
    VerifyPhone,
    /// To prove an e-mail address.
    VerifyEmail,
    /// To set a new password.
    ResetPassword,
    /// To close the account.
    CloseAccount,
}

impl Purpose {
    const fn slug(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Login => "login",
            Self::VerifyPhone => "verify_phone",
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::CloseAccount => "close_account",
        }
    }
}

/// What a code answers: may this identity do that in this realm?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Customer base.
    pub realm: RealmId,
    /// What for.
    pub purpose: Purpose,
    /// E-mail address or phone number, canonical.
    pub identity: &'a str,
}

impl Question<'_> {
    /// What the identity may be stored as, today's first: not in the clear, since codes outlive their use.
    #[must_use]
    pub fn identity_hashes(&self, secrets: &Secrets) -> Vec<[u8; 32]> {
        secrets.keyed_hashes("code-identity", self.identity.as_bytes())
    }

    /// What a code is stored as: good for this question and no other.
    #[must_use]
    pub fn hash(&self, code: &str, secrets: &Secrets) -> [u8; 32] {
        secrets.keyed_hash("code", self.bind(code).as_bytes())
    }

    fn bind(&self, code: &str) -> String {
        format!("{}\u{1f}{}\u{1f}{}\u{1f}{code}", self.purpose.slug(), self.realm, self.identity)
    }
}

/// A code on its way to the person.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Its id, which the message that carries it shares.
    pub id: Uuid,
    /// The six digits.
    pub code: String,
}

/// A code that is being tried; the try has been counted.
#[derive(Debug, sqlx::FromRow)]
pub struct Tried {
    /// Its id.
    pub id: Uuid,
    /// What it is stored as.
    pub code_hash: Vec<u8>,
}

impl Tried {
    /// Whether `code` is it. Spaces people type are forgiven.
    #[must_use]
    pub fn is(&self, question: &Question<'_>, code: &str, secrets: &Secrets) -> bool {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        secrets.is_keyed_hash("code", question.bind(&digits).as_bytes(), &self.code_hash)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// ID-6: a code is bound to its purpose, realm and identity.
    #[test]
    fn a_code_answers_one_question() {
        let secrets = Secrets::parse(&"7f".repeat(32)).expect("it is a root");
        let realm = RealmId::new(DateTime::UNIX_EPOCH);
        let asked = Question { realm, purpose: Purpose::Create, identity: "ada@example.com" };
        let tried = Tried { id: Uuid::nil(), code_hash: asked.hash("123456", &secrets).to_vec() };
        assert!(tried.is(&asked, " 123 456", &secrets));
        let others = [
            Question { purpose: Purpose::Login, ..asked },
            Question { identity: "eve@example.com", ..asked },
            Question { realm: RealmId::new(DateTime::UNIX_EPOCH), ..asked },
        ];
        assert!(others.iter().all(|other| !tried.is(other, "123456", &secrets)));
        assert!(!tried.is(&asked, "123457", &secrets) && !tried.is(&asked, "", &secrets));
    }
}
