// How things are drawn. Text is only ever set as text, so that nothing a shop or a customer wrote is read as markup.

export function h(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-")) element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// Amounts are minor units: 1999 is 19.99 EUR, and 1999 JPY is 1999 yen.
export function price(amount, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export const notice = (text, wrong = false) =>
  h("p", { className: wrong ? "notice wrong" : "notice", role: wrong ? "alert" : "status" }, text);

export function field(label, name, properties = {}) {
  return h("label", {}, label, h("input", { name, ...properties }));
}

export function choice(label, name, options) {
  const all = options.map(([value, text]) => h("option", { value }, text));
  return h("label", {}, label, h("select", { name }, all));
}

// A form that calls `send` with its fields and says what went wrong, once at a time.
export function form(id, parts, label, send) {
  const button = h("button", { type: "submit" }, label);
  const said = h("div");
  const onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.replaceChildren();
    try {
      await send(Object.fromEntries(new FormData(event.target)));
    } catch (refused) {
      said.replaceChildren(notice(refused.message, true));
    } finally {
      button.disabled = false;
    }
  };
  return h("form", { id, onsubmit }, parts, said, button);
}

export function picture(product) {
  const source = product.primary_image_url ?? product.product_image_url;
  if (source) return h("img", { className: "tile", src: source, alt: "", loading: "lazy" });
  return h("span", { className: "tile", "aria-hidden": "true" }, [...product.name][0] ?? "");
}
