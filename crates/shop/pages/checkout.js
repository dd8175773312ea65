import { ask, cart as find, customer, get, kept } from "./api.js";
import { choice, field, form, h, notice } from "./draw.js";
import { sums } from "./cart.js";

const WAYS = [
  ["pm_test_ok", "Test card that pays"],
  ["pm_test_declined", "Test card that is declined"],
  ["pm_test_redirect", "On the payment provider's page"],
  ["manual", "On invoice"],
];

function contact(fields) {
  const { email, name, phone, line1, city, postal_code, country } = fields;
  return { email, name, phone: phone || null, addresses: [{ line1, city, postal_code, country }] };
}

async function pay({ way, ...fields }) {
  const cart = await find();
  const gateway = way === "manual" ? "manual" : "test";
  const begun = await ask("POST", "checkouts", { cart: cart.id, gateway, contact: contact(fields) });
  kept.set("checkout", begun.token);
  const method = gateway === "test" ? { payment_method: way } : {};
  // The same key for the same checkout: a second click pays nothing twice.
  await ask("POST", "checkouts/capture", { token: begun.token, ...method }, `pay-${begun.token.slice(-40)}`);
  location.hash = "#/thanks";
}

export async function checkout() {
  const found = await find();
  if (found.items.length === 0) {
    location.hash = "#/cart";
    return [];
  }
  const who = customer();
  const home = who?.addresses?.[0] ?? {};
  const about = await get("about");
  const parts = [
    field("E-mail", "email", { type: "email", required: true, autocomplete: "email", value: who?.email ?? "" }),
    field("Name", "name", { required: true, autocomplete: "name", maxLength: 200, value: who?.name ?? "" }),
    field("Phone (optional)", "phone", { type: "tel", autocomplete: "tel", value: who?.phone ?? "" }),
    field("Street", "line1", { required: true, autocomplete: "address-line1", value: home.line1 ?? "" }),
    h(
      "div",
      { className: "row" },
      field("Postal code", "postal_code", { autocomplete: "postal-code", value: home.postal_code ?? "" }),
      field("City", "city", { required: true, autocomplete: "address-level2", value: home.city ?? "" }),
      field("Country", "country", { required: true, pattern: "[A-Za-z]{2}", maxLength: 2, value: home.country ?? about.country ?? "" }),
    ),
    choice("Payment", "way", WAYS),
  ];
  return [h("h1", {}, "Check out"), h("div", { className: "two" }, form("buy", parts, "Buy now", pay), h("div", {}, sums(found)))];
}

// Where a payment stands: asked again while the outcome is open, as long as somebody looks.
export async function thanks(draw) {
  const token = kept.get("checkout");
  if (!token) return [notice("Nothing was bought here yet.")];
  const came = await get(`checkouts/status?token=${encodeURIComponent(token)}`).catch((refused) => {
    if (refused.code !== "payment_declined") throw refused;
    return { declined: refused.message };
  });
  if (came.declined) return [h("h1", {}, "Not paid"), notice(came.declined, true), h("a", { href: "#/checkout" }, "Try again")];
  const order = came.number ? came : came.order;
  if (!came.number) {
    setTimeout(() => location.hash === "#/thanks" && draw(), 2000);
    const there = { href: came.redirect_url, target: "_blank", rel: "noopener", id: "provider" };
    const pending = came.redirect_url ? h("a", there, "Go to the payment page") : null;
    return [h("h1", {}, "Waiting for the payment"), notice("This page follows by itself."), pending];
  }
  kept.set("cart", null);
  document.dispatchEvent(new CustomEvent("cart", { detail: { total_items: 0 } }));
  return [
    h("h1", {}, "Thank you"),
    notice(`Order ${order.number} is placed. A confirmation goes to ${order.email}.`),
    h("a", { href: `#/orders/${order.id}`, id: "order" }, "See the order"),
  ];
}
