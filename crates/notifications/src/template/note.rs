//! Short messages about an account: a code or a link, or word of what happened to it. One form for all of them.
use super::{
    kind::Template,
    render::{Rendered, letter},
    shop::Shop,
    wording::isolate,
};
use crate::message::{Channel, Trouble};

const CODE: &str = "It is valid for 10 minutes and works once.";
const NOT_YOU: &str = "If it was not you, ignore this message: nothing has changed.";
const NOBODY_ASKS: &str = "If you did not ask for it, ignore this message: nothing happens without the code. Nobody of us \
                           will ever ask you for it.";
const CALL_US: &str = "If it was not you, please contact us at once.";

/// What one of these messages says.
struct Note<'a> {
    subject: String,
    lead: String,
    code: &'a str,
    link: &'a str,
    button: &'static str,
    validity: &'static str,
    hint: &'static str,
    /// Where marketing is ended; empty for all else.
    opt_out: &'a str,
}

#[derive(askama::Template)]
#[template(path = "note.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    note: &'a Note<'a>,
}

#[derive(askama::Template)]
#[template(path = "note.txt")]
struct Text<'a> {
    shop: &'a Shop,
    note: &'a Note<'a>,
}

/// The message `template`, with its `secret`: a code or a link, empty where it has none. Marketing is ended at `opt_out`.
pub fn note(
    shop: &Shop,
    template: Template,
    [secret, opt_out]: [&str; 2],
    channel: Channel,
) -> Result<Rendered, Trouble> {
    let note = Note::of(shop, template, secret).ok_or(Trouble::Lasting("template_broken"))?;
    let note = Note { opt_out, ..note };
    if channel != Channel::Email {
        return Ok(Rendered { subject: String::new(), text: note.line(), html: None });
    }
    let (html, subject) = (Html { shop, subject: &note.subject, note: &note }, note.subject.clone());
    letter(&Text { shop, note: &note }, &html).map(|letter| letter.titled(subject))
}

impl<'a> Note<'a> {
    fn of(shop: &Shop, template: Template, secret: &'a str) -> Option<Self> {
        let name = isolate(&shop.name);
        let plain = |subject: String, lead: String, hint| Self {
            subject,
            lead,
            code: "",
            link: "",
            button: "",
            validity: "",
            hint,
            opt_out: "",
        };
        let coded =
            |subject: String, lead: String| Self { code: secret, validity: CODE, ..plain(subject, lead, NOBODY_ASKS) };
        Some(match template {
            Template::LoginCode => {
                coded(format!("Your code to sign in to {name}"), format!("Your code to sign in to {name}:"))
            }
            Template::PasswordCode => coded(
                format!("Your code for a new password at {name}"),
                format!("Your code to set a new password at {name}:"),
            ),
            Template::VerificationCode => coded(
                format!("Your confirmation code for {name}"),
                format!("Your code to confirm that this is yours, for your account at {name}:"),
            ),
            Template::ClosureCode => coded(
                format!("Your code to close your account at {name}"),
                format!("Your code to close your account at {name} for good:"),
            ),
            Template::MagicLink => Self {
                link: secret,
                button: "Sign in",
                validity: "It is valid for 15 minutes.",
                ..plain(
                    format!("Your link to sign in to {name}"),
                    format!("Your link to see your purchases at {name}:"),
                    NOT_YOU,
                )
            },
            Template::CheckoutLink => Self {
                link: secret,
                button: "Check out",
                validity: "It is for you alone: it opens your cart and knows your details.",
                ..plain(
                    format!("Your cart at {name}"),
                    format!("Your cart at {name} is ready for you:"),
                    "If you did not expect this, ignore it: nothing is bought unless you do.",
                )
            },
            Template::PaymentLink => Self {
                link: secret,
                button: "Pay",
                validity: "It shows what you ordered and what is due. Whoever has it can pay.",
                ..plain(
                    format!("Pay your order at {name}"),
                    format!("Your order at {name} is not paid yet. Pay it here:"),
                    "If you have paid meanwhile, ignore it: nothing is paid twice.",
                )
            },
            Template::CartAbandoned => Self {
                link: secret,
                button: "Go to your cart",
                validity: "It is for you alone: it opens your cart and knows your details.",
                ..plain(
                    format!("You left something at {name}"),
                    format!("There is something in your cart at {name}. It is still there:"),
                    "You get this once for a cart, because you agreed to mail of this kind. You can withdraw that in your account at any time.",
                )
            },
            other => plain_of(&name, other).map(|(subject, lead, hint)| plain(subject, lead, hint))?,
        })
    }

    /// As one line, for text messages. Nothing stands right behind a link, or telephones take it for a part of it.
    fn line(&self) -> String {
        match (self.code, self.link) {
            ("", "") => format!("{} {}", self.lead, self.hint),
            ("", link) => format!("{}: {link} {} Never share it.", self.subject, self.validity),
            (code, _) => format!("{}: {code}. {} Never share it.", self.subject, self.validity),
        }
    }
}

/// What a message without a secret says: subject, text, what to do when it was somebody else.
fn plain_of(name: &str, template: Template) -> Option<(String, String, &'static str)> {
    Some(match template {
        Template::NoAccount => (
            format!("No account at {name}"),
            format!(
                "Somebody, most likely you, wanted to sign in to {name} with this, but there is no account to sign in to."
            ),
            "You can create one there. If it was not you, ignore this message.",
        ),
        Template::ContactTaken => (
            format!("Already in use at {name}"),
            format!(
                "Somebody, most likely you, wanted to use this for an account at {name}, but it belongs to another record there already."
            ),
            NOT_YOU,
        ),
        Template::NoPurchases => (
            format!("No purchases at {name}"),
            format!(
                "Somebody, most likely you, wanted to see the purchases made at {name} with this address, but there are none."
            ),
            "Perhaps you bought with another address. If it was not you, ignore this message.",
        ),
        Template::PasswordChanged => (
            format!("Your password at {name} was changed"),
            format!("The password of your account at {name} was changed, and other devices were signed out."),
            CALL_US,
        ),
        Template::ContactChanged => (
            format!("Your sign-in at {name} was changed"),
            format!("An e-mail address or phone number that signs in to your account at {name} was changed."),
            CALL_US,
        ),
        Template::AccountClosed => (
            format!("Your account at {name} is closed"),
            format!("Your account at {name} was closed, as you asked. Nothing signs in to it any longer."),
            CALL_US,
        ),
        Template::RecordsMerged => (
            format!("Your accounts at {name} are one now"),
            format!(
                "You had two accounts at {name}. They were made one: all your orders are in it, and the e-mail addresses of both sign you in."
            ),
            CALL_US,
        ),
        Template::WebhookDisabled => (
            format!("A webhook of {name} was switched off"),
            format!("A webhook of {name} was switched off: everything that was sent to it has failed for five days."),
            "Once its receiver works again, switch it on in the console, under Team and Webhooks, and send again there what failed.",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NO-3: text messages are sentences, and nothing stands right behind a link.
    #[test]
    fn text_messages_read_well() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: "https://shop.example.com".to_owned() };
        let told = |template, secret| note(&shop, template, [secret, ""], Channel::Sms).map(|rendered| rendered.text);
        let code =
            "Your code to sign in to Corner Shop: 314159. It is valid for 10 minutes and works once. Never share it.";
        assert_eq!(told(Template::LoginCode, "314159")?, code);
        let link = "Your cart at Corner Shop: https://x.example/y It is for you alone: it opens your cart and knows your \
                    details. Never share it.";
        assert_eq!(told(Template::CheckoutLink, "https://x.example/y")?, link);
        Ok(())
    }

    /// NO-3, ID-6: every message renders by every channel it is made for, its secret in it.
    #[test]
    fn every_note_renders() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: "https://shop.example.com".to_owned() };
        for template in Template::ALL.into_iter().filter(|template| template.is_note()) {
            for channel in [Channel::Email, Channel::Sms].into_iter().filter(|channel| template.travels_by(*channel)) {
                let rendered = note(&shop, template, ["314159", ""], channel)?;
                assert_eq!(rendered.text.contains("314159"), !template.secrets().is_empty(), "{template:?}");
                assert_eq!(rendered.subject.is_empty(), channel != Channel::Email);
                assert!(rendered.text.contains("Corner Shop"), "{template:?}: {}", rendered.text);
            }
        }
        Ok(())
    }
}
