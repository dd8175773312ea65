import { Refused, ask, cart as find, change, customer, get, kept } from "./api.js";
import { choice, field, form, h, notice, price } from "./draw.js";
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

// The ways to ship to where the cart goes, to choose one of; nothing where nothing is shipped.
async function shipping(cart) {
  if ((cart.shipping_state ?? "not_needed") === "not_needed") return h("div", { id: "shipping" });
  const ways = await get(`carts/${cart.id}/shipping-methods`);
  const all = ways.map((way) => [way.id, `${way.name}, ${price(way.price, cart.currency)}`]);
  const chosen = choice("Shipping", "shipping", all);
  chosen.id = "shipping";
  if (cart.shipping_state === "chosen") chosen.querySelector("select").value = cart.shipping_method.id;
  return chosen;
}

// The cart goes to where the form says. What it costs by that is shown before anything is paid.
async function settle(shown, { shipping: way, ...fields }) {
  let cart = await change("PUT", "/contact", contact(fields));
  const drawn = document.getElementById("shipping");
  if (way && way !== cart.shipping_method?.id) {
    cart = await change("PUT", "/shipping-method", { id: way }).catch(async (refused) => {
      drawn.replaceWith(await shipping(cart));
      throw refused;
    });
  }
  if (cart.total === shown.total && cart.shipping_state !== "needed") return cart;
  Object.assign(shown, cart);
  document.getElementById("sums").replaceWith(sums(cart));
  drawn.replaceWith(await shipping(cart));
  throw new Refused(409, { detail: `It comes to ${price(cart.total, cart.currency)} at this address. Buy it?` });
}

async function pay(shown, { way, ...fields }) {
  const cart = await settle(shown, fields);
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
    await shipping(found),
    choice("Payment", "way", WAYS),
  ];
  return [h("h1", {}, "Check out"), h("div", { className: "two" }, form("buy", parts, "Buy now", (fields) => pay(found, fields)), h("div", {}, sums(found)))];
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
