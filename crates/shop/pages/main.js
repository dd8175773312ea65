// Which page is shown: the part of the address behind `#` says so.
import { account } from "./account.js";
import { cart as find, customer, get, kept } from "./api.js";
import { cart } from "./cart.js";
import { checkout, thanks } from "./checkout.js";
import { h, notice } from "./draw.js";
import { order } from "./order.js";
import { product, products, search } from "./products.js";

const PAGES = [
  [/^$/, products],
  [/^search\/(.+)$/, search],
  [/^products\/([^/]+)$/, product],
  [/^cart$/, cart],
  [/^checkout$/, checkout],
  [/^thanks$/, thanks],
  [/^orders\/([^/]+)$/, order],
  [/^account$/, account],
];

const page = document.getElementById("page");
let turn = 0;

async function draw() {
  const mine = ++turn;
  const path = location.hash.replace(/^#\/?/, "");
  const found = PAGES.map(([pattern, show]) => [pattern.exec(path), show]).find(([match]) => match);
  let parts;
  try {
    parts = found ? await found[1](draw, ...found[0].slice(1)) : [notice("There is no such page.", true)];
  } catch (refused) {
    parts = [notice(refused.message, true), h("button", { className: "plain", type: "button", onclick: draw }, "Try again")];
  }
  // Somebody has gone on meanwhile.
  if (mine === turn) page.replaceChildren(...parts.filter(Boolean));
}

function greet() {
  const who = customer();
  document.getElementById("who").textContent = who ? who.name || "Account" : "Sign in";
}

function count({ detail: { total_items: number } }) {
  document.getElementById("bag").textContent = number > 0 ? `Cart (${number})` : "Cart";
}

document.addEventListener("customer", greet);
document.addEventListener("cart", count);
addEventListener("hashchange", draw);
greet();
await draw();
const about = await get("about").catch(() => ({ name: "Shop" }));
document.title = document.getElementById("shop").textContent = about.name;
if (kept.get("cart")) await find().then((detail) => count({ detail }), () => null);
