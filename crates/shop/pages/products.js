import { ask, change, get } from "./api.js";
import { choice, field, form, h, notice, picture, price } from "./draw.js";

const PAGE = 24;

function card(product) {
  const from = product.is_subscription ? "from " : "";
  const shown = `${from}${price(product.price, product.currency)}`;
  const link = { className: "card", href: `#/products/${product.id}` };
  return h("li", {}, h("a", link, picture(product), h("strong", {}, product.name), h("span", { className: "price" }, shown)));
}

export async function products(_, wanted = "") {
  const list = h("ul", { className: "grid", id: "products" });
  const more = h("button", { className: "plain", type: "button" }, "Show more");
  const none = notice(wanted ? "Nothing is called that." : "There is nothing to buy yet.");
  let shown = 0;
  const load = async () => {
    const path = `products?limit=${PAGE}&offset=${shown}&query=${encodeURIComponent(wanted)}`;
    const found = await get(path);
    list.append(...found.map(card));
    shown += found.length;
    more.hidden = found.length < PAGE;
    none.hidden = shown > 0;
  };
  more.onclick = load;
  await load();
  const search = field("Search", "search", { type: "search", value: wanted, maxLength: 100 });
  const seek = form("seek", [search], "Find", async ({ search }) => {
    location.hash = search ? `#/search/${encodeURIComponent(search)}` : "#/";
  });
  return [h("h1", {}, "Products"), seek, list, none, more];
}

export const search = (_, wanted) => products(_, decodeURIComponent(wanted));

const every = ({ interval, count }) => (count > 1 ? `every ${count} ${interval}s` : `every ${interval}`);

export async function product(_, id) {
  const found = await get(`products/${id}`);
  const once = found.is_subscription ? [] : [["", `Once, ${price(found.price, found.currency)}`]];
  const offered = found.plans.filter((plan) => plan.active);
  const plans = offered.map((plan) => [plan.id, `${plan.name || every(plan)}, ${price(plan.price.amount, plan.price.currency)}`]);
  const quantity = field("Quantity", "quantity", { type: "number", min: 1, max: 999, value: 1, required: true });
  const ways = plans.length > 0 ? choice("How often", "plan", [...once, ...plans]) : null;
  const add = form("add", [ways, quantity].filter(Boolean), "Add to cart", async ({ quantity, plan }) => {
    await change("POST", `/${found.id}`, { quantity: Number(quantity), ...(plan && { plan }) });
    location.hash = "#/cart";
  });
  const give = found.kind === "digital" && once.length > 0 ? [h("h2", {}, "Give it to somebody"), gift(found)] : [];
  const text = h("div", {}, h("h1", {}, found.name), h("p", {}, found.description), h("p", { className: "quiet" }, found.sku));
  return [h("div", { className: "two" }, picture(found), h("div", {}, text, add, give)), await reviews(found)];
}

function gift(found) {
  const parts = [
    field("Their e-mail", "email", { type: "email", required: true, maxLength: 254 }),
    field("Their name", "name", { maxLength: 200 }),
    field("What you want to say", "message", { maxLength: 500 }),
  ];
  return form("give", parts, "Add as a gift", async ({ email, name, message }) => {
    await change("POST", `/${found.id}`, { gift: { email, name, message } });
    location.hash = "#/cart";
  });
}

async function reviews(found) {
  const all = await ask("GET", `reviews?subject=${found.id}&limit=5`).catch(() => []);
  if (all.length === 0) return null;
  const shown = all.map((review) => h("li", {}, "★".repeat(review.rating), " ", review.content));
  return h("section", {}, h("h2", {}, "What others say"), h("ul", {}, shown));
}
