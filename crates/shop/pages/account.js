import { ask, customer, get, kept, shop } from "./api.js";
import { field, form, h, notice, price } from "./draw.js";

const PASSWORD = { type: "password", required: true, minLength: 8, maxLength: 256 };

function enter(signedIn) {
  const { token, id, name, email, phone, addresses } = signedIn;
  kept.set("customer", JSON.stringify({ token, id, name, email, phone, addresses }));
  document.dispatchEvent(new CustomEvent("customer"));
}

async function register(fields) {
  await ask("POST", "customers", { identity: fields.identity, code: fields.code, name: fields.name, password: fields.password });
  await signIn(fields);
}

async function signIn({ identity, password }) {
  // What was put into the cart before comes along.
  const signedIn = await ask("POST", "customers/login", { identity, password, cart: kept.get("cart") ?? "" });
  if (signedIn.cart) kept.set("cart", signedIn.cart.id);
  enter(signedIn);
  // This page already: it is drawn again.
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export async function entrance() {
  const identity = () => field("E-mail", "identity", { type: "email", required: true, autocomplete: "email" });
  const old = form("sign-in", [identity(), field("Password", "password", { ...PASSWORD, autocomplete: "current-password" })], "Sign in", signIn);
  const box = h("div", { id: "registration" });
  const first = form("new", [identity()], "Send me a code", async ({ identity: address }) => {
    await ask("POST", "customers/request-creation-code", { identity: address, mode: "email" });
    const parts = [
      notice(`A code is on its way to ${address}. In this demo it lands in ${shop.mail}.`),
      field("E-mail", "identity", { type: "email", readOnly: true, value: address }),
      field("Code", "code", { required: true, inputMode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]{6}" }),
      field("Name", "name", { required: true, autocomplete: "name", maxLength: 200 }),
      field("Password", "password", { ...PASSWORD, autocomplete: "new-password" }),
    ];
    box.replaceChildren(form("register", parts, "Create my account", register));
  });
  box.append(first);
  const half = (heading, part) => h("section", {}, h("h2", {}, heading), part);
  return [h("h1", {}, "Your account"), h("div", { className: "two" }, half("I have been here before", old), half("I am new here", box))];
}

export async function account(draw) {
  if (!customer()) return entrance();
  const orders = await get("customers/orders?limit=25");
  // The session may have ended meanwhile.
  const who = customer();
  if (!who) return entrance();
  const leave = async () => {
    await ask("POST", "customers/logout").catch(() => null);
    kept.set("customer", null);
    kept.set("cart", null);
    document.dispatchEvent(new CustomEvent("customer"));
    await draw();
  };
  const rows = orders.map((order) =>
    h(
      "tr",
      {},
      h("td", {}, h("a", { href: `#/orders/${order.id}` }, order.number)),
      h("td", {}, new Date(order.placed_at ?? order.created_at).toLocaleDateString()),
      h("td", { className: "price" }, price(order.total.amount, order.total.currency)),
    ),
  );
  const list = rows.length > 0 ? h("table", { id: "orders" }, h("tbody", {}, rows)) : notice("You have not bought anything yet.");
  return [
    h("h1", {}, who.name || who.email),
    h("h2", {}, "Orders"),
    list,
    h("p", {}, h("button", { className: "plain", type: "button", id: "leave", onclick: leave }, "Sign out")),
  ];
}
