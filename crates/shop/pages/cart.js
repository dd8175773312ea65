import { cart as find, change } from "./api.js";
import { field, form, h, notice, price } from "./draw.js";

function line(item, currency, again) {
  const set = (event) => again(() => change("PUT", `/${item.id}`, { quantity: Number(event.target.value) }));
  const label = `Quantity of ${item.name}`;
  const quantity = h("input", { type: "number", min: 1, max: item.gift ? 1 : 999, value: item.quantity, "aria-label": label, onchange: set });
  const remove = () => again(() => change("DELETE", `/${item.id}`));
  return h(
    "tr",
    {},
    h("td", {}, item.name, item.plan ? h("div", { className: "quiet" }, item.plan.name ?? "") : null, item.gift ? h("div", { className: "quiet" }, `A gift for ${item.gift.email}`) : null),
    h("td", {}, quantity, " ", h("button", { className: "plain", type: "button", onclick: remove }, "Remove")),
    h("td", { className: "price" }, price(item.subtotal, currency)),
  );
}

export function sums(cart) {
  const reductions = cart.discounts.map((discount) => [discount.name || discount.code, -discount.amount]);
  const added = [["Shipping", cart.shipping], ["Tax", cart.tax]].filter(([, amount]) => amount > 0);
  const inside = cart.included_tax > 0 ? [["Tax included", cart.included_tax]] : [];
  const rows = [["Subtotal", cart.subtotal], ...reductions, ...added, ["Total", cart.total], ...inside];
  return h("dl", { id: "sums" }, rows.map(([name, amount]) => [h("dt", {}, name), h("dd", { className: "price" }, price(amount, cart.currency))]));
}

function codes(cart, again) {
  const entered = cart.codes.map(({ code }) => {
    const remove = () => again(() => change("DELETE", `/codes?code=${encodeURIComponent(code)}`));
    return h("p", {}, `${code} `, h("button", { className: "plain", type: "button", onclick: remove }, "Take away"));
  });
  const enter = form("voucher", [field("Voucher code", "code", { required: true, maxLength: 40 })], "Use it", ({ code }) =>
    again(() => change("POST", "/codes", { code })),
  );
  return h("section", {}, h("h2", {}, "Vouchers"), entered, enter);
}

export async function cart(draw) {
  const found = await find();
  if (found.items.length === 0) return [h("h1", {}, "Cart"), notice("Your cart is empty."), h("a", { href: "#/" }, "Products")];
  const said = h("div");
  const again = async (step) => {
    try {
      await step();
      await draw();
    } catch (refused) {
      said.replaceChildren(notice(refused.message, true));
    }
  };
  const head = h("tr", {}, ["Product", "Quantity", "Price"].map((name) => h("th", { scope: "col" }, name)));
  const lines = found.items.map((item) => line(item, found.currency, again));
  const table = h("table", { id: "lines" }, h("thead", {}, head), h("tbody", {}, lines));
  const pay = h("a", { href: "#/checkout", id: "pay" }, h("button", { type: "button", tabIndex: -1 }, "Check out"));
  return [h("h1", {}, "Cart"), said, table, h("div", { className: "two" }, codes(found, again), h("div", {}, sums(found), pay))];
}
