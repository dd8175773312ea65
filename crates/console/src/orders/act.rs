//! What staff do with an order from its page (OR-2, OR-5).
use std::time::Duration;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::OrderId, money};
use proto::{
    base::v1::Money,
    orders::v1::{
        CancelOrderRequest, CreateRefundRequest, EditOrderRequest, FulfilOrderRequest, LineQuantity,
        MarkOrderPaidRequest, Order, OrderTags,
    },
};
use tonic::{Request as Call, Status};

use super::detail::{order, page};
use crate::{
    console::Console,
    problem::Problem,
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// How long giving money back may take: orders waits eight seconds for each gateway's answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An amount as people type it, such as `19.99`, in the minor units of a currency.
fn amount(typed: &str, code: &str) -> Option<Money> {
    let exponent = usize::from(money::currency(code).ok()?.exponent().unwrap_or(0));
    let typed = typed.trim().replace(',', ".");
    let (whole, rest) = typed.split_once('.').unwrap_or((&typed, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_amount = !whole.is_empty() && is_digits(whole) && is_digits(rest) && rest.len() <= exponent;
    let amount = is_amount.then(|| format!("{whole}{rest:0<exponent$}").parse().ok()).flatten()?;
    Some(Money { amount, currency: code.to_owned() })
}

/// The amount of a form about `order`: none where nothing was typed.
fn typed(fields: &Fields, order: &Order) -> Result<Option<Money>, String> {
    let (typed, code) = (fields.text("amount"), order.total.clone().unwrap_or_default().currency);
    if typed.trim().is_empty() {
        return Ok(None);
    }
    amount(&typed, &code).map(Some).ok_or_else(|| format!("“{typed}” is no amount of {code}"))
}

/// How many of which lines were typed: nothing means none of a line, and what is no number is refused.
fn units(fields: &Fields) -> Result<Vec<LineQuantity>, String> {
    let typed = fields.starting("units_").filter(|(_, typed)| !typed.trim().is_empty());
    let read = typed.map(|(line, typed)| {
        let quantity = typed.trim().parse::<u32>().map_err(|_| format!("“{typed}” is no number of pieces"))?;
        Ok(LineQuantity { line, quantity })
    });
    let read: Result<Vec<_>, String> = read.collect();
    Ok(read?.into_iter().filter(|line| line.quantity > 0).collect())
}

/// Whether all that is left is meant. It is said as such, never by leaving out all else.
fn everything(fields: &Fields) -> bool {
    fields.text("all") == "yes"
}

/// What was typed of a shipment.
fn sent(fields: &Fields) -> Result<Vec<LineQuantity>, String> {
    let lines = units(fields)?;
    match (everything(fields), lines.is_empty()) {
        (true, false) => Err("say either all that waits or how many pieces".to_owned()),
        (false, true) => Err("say how many pieces were sent".to_owned()),
        _ => Ok(lines),
    }
}

/// What was typed of a refund of `order`.
fn returned(fields: &Fields, order: &Order) -> Result<CreateRefundRequest, String> {
    let (amount, lines) = (typed(fields, order)?, units(fields)?);
    let shipping = !fields.text("shipping").is_empty();
    match (everything(fields), amount.is_none() && lines.is_empty() && !shipping) {
        (true, false) => return Err("say either all that is left or what of it".to_owned()),
        (false, true) => return Err("say what goes back".to_owned()),
        _ => {}
    }
    let (order, reason) = (order.id.clone(), fields.text("reason"));
    Ok(CreateRefundRequest { order, amount, lines, shipping, reason, notify: true })
}

/// A call that may ask a gateway for money: longer than that takes.
fn patiently<T>(mut call: Call<T>) -> Call<T> {
    call.set_timeout(PATIENCE);
    call
}

/// Back to the order, or the page with what went wrong.
pub(super) async fn done(
    console: &Console,
    desk: &SignedIn,
    id: &str,
    done: Result<(), Status>,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => {
            let id: OrderId = id.parse().map_err(|_| Problem::not_found())?;
            Ok(Redirect::to(&format!("/console/orders/{id}")).into_response())
        }
        Err(status) => Ok(page(console, desk, id, complaint(status)?).await?.into_response()),
    }
}

/// `POST /console/orders/{id}/fulfil`.
pub async fn fulfil(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let lines = match sent(&fields) {
        Ok(lines) => lines,
        Err(failure) => return Ok(page(&console, &desk, &id, failure).await?.into_response()),
    };
    let request = FulfilOrderRequest {
        id: id.clone(),
        lines,
        carrier: fields.text("carrier"),
        number: fields.text("number"),
        url: fields.text("url"),
        notify: true,
    };
    let answer = console.order_desk.clone().fulfil_order(desk.ask_at(&fields.text("version"), request)).await;
    done(&console, &desk, &id, answer.map(drop)).await
}

/// `POST /console/orders/{id}/cancel`.
pub async fn cancel(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let request = CancelOrderRequest { id: id.clone(), reason: fields.text("reason"), notify: true };
    let asked = patiently(desk.ask_at(&fields.text("version"), request));
    let answer = console.order_desk.clone().cancel_order(asked).await;
    done(&console, &desk, &id, answer.map(drop)).await
}

/// `POST /console/orders/{id}/mark-paid`: once, however often the form is sent.
pub async fn mark_paid(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let amount = match typed(&fields, &order(&console, &desk, &id).await?) {
        Ok(amount) => amount,
        Err(failure) => return Ok(page(&console, &desk, &id, failure).await?.into_response()),
    };
    let request = MarkOrderPaidRequest {
        id: id.clone(),
        amount,
        method: fields.text("method"),
        reference: fields.text("reference"),
        note: fields.text("note"),
    };
    let asked = once((&fields.text("key"), &body), desk.ask_at(&fields.text("version"), request));
    let answer = console.order_desk.clone().mark_order_paid(asked).await;
    done(&console, &desk, &id, answer.map(drop)).await
}

/// `POST /console/orders/{id}/refund`: once, however often the form is sent.
pub async fn refund(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let request = match returned(&fields, &order(&console, &desk, &id).await?) {
        Ok(request) => request,
        Err(failure) => return Ok(page(&console, &desk, &id, failure).await?.into_response()),
    };
    let asked = once((&fields.text("key"), &body), patiently(desk.ask(request)));
    let answer = console.refunds.clone().create_refund(asked).await;
    done(&console, &desk, &id, answer.map(drop)).await
}

/// `POST /console/orders/{id}/edit`: what the form does not show stays.
pub async fn edit(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let text = |name| fields.all(name).into_iter().next();
    let tags = text("tags").map(|tags| {
        let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        OrderTags { tags: tags.map(str::to_owned).collect() }
    });
    let request = EditOrderRequest {
        id: id.clone(),
        name: text("name"),
        email: text("email"),
        phone: text("phone"),
        // Browsers send lines as mail does.
        note: text("note").map(|note| note.replace("\r\n", "\n")),
        tags,
        ..EditOrderRequest::default()
    };
    let answer = console.order_desk.clone().edit_order(desk.ask_at(&fields.text("version"), request)).await;
    done(&console, &desk, &id, answer.map(drop)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-2, OR-5: nothing, nought and what cannot be read never come to mean everything; that is said as such.
    #[test]
    fn everything_is_said_as_such() {
        let total = Some(Money { amount: 4_498, currency: "EUR".to_owned() });
        let order = Order { id: "ord_1".to_owned(), total, ..Order::default() };
        let pieces = |body: &str| {
            let fields = Fields::read(body);
            let count = |lines: Vec<LineQuantity>| lines.iter().map(|line| line.quantity).sum::<u32>();
            (sent(&fields).map(count), returned(&fields, &order).map(|asked| count(asked.lines)))
        };
        for body in [
            "",
            "units_line_1=0",
            "units_line_1=&units_line_2=0",
            "units_line_1=x",
            "units_line_1=-1",
            "all=no",
            "units_line_1=1&units_line_2=many",
            "all=yes&units_line_1=1",
            "units_line_1=4294967296",
        ] {
            let (sent, returned) = pieces(body);
            assert!(sent.is_err() && returned.is_err(), "{body}: {sent:?} {returned:?}");
        }
        assert_eq!(pieces("all=yes&units_line_1="), (Ok(0), Ok(0)));
        assert_eq!(pieces("units_line_1=2&units_line_2=0"), (Ok(2), Ok(2)));
        for body in ["amount=1", "shipping=yes", "amount=1&units_line_1=0"] {
            let (sent, returned) = pieces(body);
            assert_eq!((sent.is_err(), returned), (true, Ok(0)), "{body}");
        }
        assert!(returned(&Fields::read("all=yes&amount=1"), &order).is_err());
    }

    /// CA-11: amounts are read by the currency's own minor units; whatever else is typed is none.
    #[test]
    fn amounts_are_read_by_their_currency() {
        let read = |typed, code| amount(typed, code).map(|money| money.amount);
        for (typed, code, expected) in [
            ("19.99", "EUR", Some(1999)),
            ("19,9", "EUR", Some(1990)),
            (" 7 ", "EUR", Some(700)),
            ("1999", "JPY", Some(1999)),
            ("1.250", "KWD", Some(1250)),
            ("1.5", "JPY", None),
            ("1.999", "EUR", None),
            ("-1", "EUR", None),
            (".5", "EUR", None),
            ("1.2.3", "EUR", None),
            ("99999999999999999999", "EUR", None),
            ("1", "???", None),
        ] {
            assert_eq!(read(typed, code), expected, "{typed} {code}");
        }
    }
}
