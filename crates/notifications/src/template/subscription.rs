//! Word of subscriptions to their customers (OR-7).
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kit::{clock::datetime, money::Money};
use proto::orders::v1::Subscription;

use super::{
    kind::Template,
    render::{Rendered, letter},
    shop::Shop,
    wording::{clean, isolate},
};
use crate::message::Trouble;

/// What is told of a subscription, and where it is seen to.
#[derive(Clone, Debug)]
pub struct Renewing {
    /// As orders tells it.
    pub subscription: Subscription,
    /// Time zone of the store; what is none counts as Greenwich.
    pub zone: String,
    /// Where its customer sees to it.
    pub link: String,
}

#[derive(askama::Template)]
#[template(path = "subscription.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    lines: &'a [String],
    link: &'a str,
}

#[derive(askama::Template)]
#[template(path = "subscription.txt")]
struct Text<'a> {
    shop: &'a Shop,
    lines: &'a [String],
    link: &'a str,
}

impl Renewing {
    /// A day, as the clock on the store's wall has it.
    fn day(&self, at: Option<&prost_types::Timestamp>) -> Option<String> {
        let at: DateTime<Utc> = at.and_then(datetime)?;
        let zone: Tz = self.zone.parse().unwrap_or(Tz::UTC);
        Some(at.with_timezone(&zone).format("%-d %B %Y").to_string())
    }

    fn amount(&self) -> Option<Money> {
        Money::parse(self.subscription.amount.as_ref()?).ok()
    }
}

/// The message `template` about a subscription.
pub fn word(shop: &Shop, template: Template, about: &Renewing) -> Result<Rendered, Trouble> {
    let unknown = || Trouble::Lasting("subscription_unreadable");
    let (of, name) = (&about.subscription, isolate(&shop.name));
    let product = clean(&of.name);
    let product = isolate(&product);
    let amount = about.amount().ok_or_else(unknown)?;
    let until = |at| about.day(at).ok_or_else(unknown);
    let by_invoice = of.gateway == "manual";
    let (subject, lines) = match template {
        Template::SubscriptionUpcoming => {
            let day = until(of.period_end.as_ref())?;
            let lines = if by_invoice {
                vec![format!("Your subscription to {product} renews on {day}, with an invoice of {amount}.")]
            } else {
                let line =
                    format!("Your subscription to {product} renews on {day}, and {amount} will be charged then.");
                vec![line, "There is nothing you need to do.".to_owned()]
            };
            (format!("{product} renews on {day}"), lines)
        }
        Template::SubscriptionPastDue if by_invoice => {
            let mut lines = vec![format!("The last invoice for your subscription to {product} is not paid yet.")];
            lines.push("The subscription goes on as soon as it is.".to_owned());
            (format!("Your invoice for {product} is due"), lines)
        }
        Template::SubscriptionPastDue => {
            let mut lines = vec![format!("We could not charge {amount} for your subscription to {product}.")];
            if let Some(day) = about.day(of.retry_at.as_ref()) {
                lines.push(format!("We try again on {day}. With another payment method it is charged at once."));
            }
            (format!("Your payment for {product} did not go through"), lines)
        }
        Template::SubscriptionPaused => {
            let line = format!("Your subscription to {product} is paused. Nothing is charged until it is resumed.");
            (format!("{product} is paused"), vec![line])
        }
        Template::SubscriptionResumed => {
            let day = until(of.period_end.as_ref())?;
            let line = format!("Your subscription to {product} goes on. {amount} will be charged on {day}.");
            (format!("{product} goes on"), vec![line])
        }
        Template::SubscriptionCancelled => {
            let mut lines = vec![format!("Your subscription to {product} was cancelled. Nothing more is charged.")];
            if let (false, Some(day)) = (of.ended, about.day(of.ends_at.as_ref())) {
                let after = if of.resumable { " Until then you can take that back." } else { "" };
                lines.push(format!("It runs until {day}.{after}"));
            }
            (format!("{product} was cancelled"), lines)
        }
        Template::SubscriptionExpired => {
            let line = if by_invoice {
                format!("Your subscription to {product} is over, since its last invoice was not paid.")
            } else {
                format!("Your subscription to {product} is over, since {amount} could not be charged for it.")
            };
            (format!("{product} is over"), vec![line])
        }
        _ => return Err(Trouble::Lasting("template_broken")),
    };
    let subject = format!("{subject} ({name})");
    let html = Html { shop, subject: &subject, lines: &lines, link: &about.link };
    letter(&Text { shop, lines: &lines, link: &about.link }, &html).map(|letter| letter.titled(subject.clone()))
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;
    use proto::base::v1::Money as PbMoney;

    use super::*;

    fn about() -> Renewing {
        let at = |text: &str| {
            let at: DateTime<Utc> = text.parse().expect("a time");
            Some(Timestamp { seconds: at.timestamp(), nanos: 0 })
        };
        let subscription = Subscription {
            name: "A <box>\r\nBcc: all".to_owned(),
            amount: Some(PbMoney { amount: 1200, currency: "EUR".to_owned() }),
            period_end: at("2026-03-31T22:30:00Z"),
            retry_at: at("2026-04-02T10:00:00Z"),
            ends_at: at("2026-03-31T22:30:00Z"),
            resumable: true,
            reason: "Ms Secret moved.".to_owned(),
            ..Subscription::default()
        };
        Renewing { subscription, zone: "Europe/Berlin".to_owned(), link: "https://patron.example/account".to_owned() }
    }

    /// OR-7: what will be charged and when, as the store's calendar has it; never what staff wrote.
    #[test]
    fn each_says_what_becomes_of_it() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: String::new() };
        let about = about();
        for (template, expected) in [
            (Template::SubscriptionUpcoming, "renews on 1 April 2026, and 12.00 EUR will be charged"),
            (Template::SubscriptionPastDue, "We try again on 2 April 2026."),
            (Template::SubscriptionPaused, "Nothing is charged until it is resumed."),
            (Template::SubscriptionResumed, "12.00 EUR will be charged on 1 April 2026."),
            (Template::SubscriptionCancelled, "It runs until 1 April 2026. Until then you can take that back."),
            (Template::SubscriptionExpired, "12.00 EUR could not be charged"),
        ] {
            let mail = word(&shop, template, &about)?;
            assert!(mail.text.contains(expected) && mail.text.contains(&about.link), "{}", mail.text);
            assert!(!mail.subject.contains('\n') && mail.subject.contains("A <box> Bcc: all"), "{}", mail.subject);
            let html = mail.html.clone().unwrap_or_default();
            assert!(html.contains("A &#60;box&#62;") && html.contains("patron.example/account"), "{html}");
            assert!(!format!("{mail:?}").contains("Secret"), "{mail:?}");
        }
        assert!(word(&shop, Template::OrderSent, &about).is_err());
        Ok(())
    }

    /// OR-7: on invoice nothing is charged, and nothing is said to be.
    #[test]
    fn an_invoice_is_not_charged() -> Result<(), Trouble> {
        let shop = Shop { name: "Corner Shop".to_owned(), url: String::new() };
        let mut about = about();
        about.subscription.gateway = "manual".to_owned();
        for (template, expected) in [
            (Template::SubscriptionUpcoming, "renews on 1 April 2026, with an invoice of 12.00 EUR."),
            (Template::SubscriptionPastDue, "is not paid yet."),
            (Template::SubscriptionExpired, "since its last invoice was not paid."),
        ] {
            let mail = word(&shop, template, &about)?;
            assert!(mail.text.contains(expected) && !mail.text.contains("charge"), "{}", mail.text);
        }
        Ok(())
    }
}
