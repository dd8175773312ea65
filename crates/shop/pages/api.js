// Everything the front asks of the shop: the storefront API with the publishable key, and the customer's token once
// somebody has signed in.

export const shop = await fetch("/shop.json").then((answer) => answer.json());

// What the API says when it does not do something.
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? "The shop cannot be reached just now.");
    this.status = status;
    this.code = problem?.code ?? "";
  }
}

// One customer, one cart: kept by the browser from visit to visit.
export const kept = {
  get: (name) => localStorage.getItem(`shop.${name}`),
  set: (name, value) => (value ? localStorage.setItem(`shop.${name}`, value) : localStorage.removeItem(`shop.${name}`)),
};

export const customer = () => JSON.parse(kept.get("customer") ?? "null");

export async function ask(method, path, body, key) {
  const headers = { Authorization: `Bearer ${shop.key}` };
  const signedIn = customer();
  if (signedIn) headers["Customer-Token"] = signedIn.token;
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const request = { method, headers, body: body && JSON.stringify(body) };
  const answer = await fetch(`${shop.api}/storefront/v1/${path}`, request).catch(() => null);
  if (!answer) throw new Refused(0);
  const told = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.status === 401 && signedIn) {
    // The session has ended: go on as a guest. The cart stays the customer's.
    kept.set("customer", null);
    kept.set("cart", null);
    return ask(method, path, body, key);
  }
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

export const get = (path) => ask("GET", path);

// The cart of this browser; a new one when there is none, or the last one was bought.
export async function cart() {
  const id = kept.get("cart");
  const found = await get(id ? `carts/${id}` : "carts").catch((refused) => {
    if (refused.status !== 404 && refused.status !== 403) throw refused;
    return get("carts");
  });
  kept.set("cart", found.id);
  return found;
}

export async function change(method, path, body) {
  const found = await cart();
  const changed = await ask(method, `carts/${found.id}${path}`, body);
  kept.set("cart", changed.id);
  document.dispatchEvent(new CustomEvent("cart", { detail: changed }));
  return changed;
}
