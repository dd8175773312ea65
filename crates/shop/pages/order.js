import { get, kept } from "./api.js";
import { h, price } from "./draw.js";

const money = ({ amount, currency }) => price(amount, currency);

// A guest may see an order with the token of its checkout, a customer with their own.
export async function order(_, id) {
  const token = kept.get("checkout");
  const found = await get(`orders/${id}`).catch((refused) => {
    if (!token) throw refused;
    return get(`checkouts/status?token=${encodeURIComponent(token)}`);
  });
  const lines = found.lines.map((line) =>
    h("tr", {}, h("td", {}, `${line.quantity} × ${line.name}`), h("td", { className: "price" }, money(line.subtotal))),
  );
  const state = `${found.status}, ${found.payment_status.replaceAll("_", " ")}, ${found.fulfilment_status.replaceAll("_", " ")}`;
  const parcels = found.shipments.map((shipment) => h("li", {}, [shipment.carrier, shipment.number].filter(Boolean).join(" ")));
  return [
    h("h1", {}, `Order ${found.number}`),
    h("p", {}, state),
    h("table", {}, h("tbody", {}, lines)),
    h("dl", {}, h("dt", {}, "Discount"), h("dd", {}, money(found.discount)), h("dt", {}, "Shipping"), h("dd", {}, money(found.shipping)), h("dt", {}, "Tax"), h("dd", {}, money(found.tax)), h("dt", {}, "Total"), h("dd", { id: "total" }, money(found.total))),
    parcels.length > 0 ? h("section", {}, h("h2", {}, "On its way"), h("ul", {}, parcels)) : null,
  ];
}
