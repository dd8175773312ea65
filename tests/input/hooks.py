"""Values for what a schema can name but not describe: phones, signed cursors, fields that depend on each other."""

import collections
import json
import os
import re
from datetime import datetime

import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.generation.meta import TestPhase

# With their country codes: without one it depends on the address whether a number can be one.
PHONES = ["+4930901820", "+49 30 901820", "+14155552671", "+33 1 42 68 53 00", "+1 (415) 555-2671"]
EMAILS = st.from_regex(r"[a-z][a-z0-9_+-]{0,20}@[a-z0-9]{1,20}\.example\.com", fullmatch=True)
MOMENTS = st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))

CURSOR = re.compile(r"[A-Za-z0-9_=.-]{40,}")

schemathesis.openapi.format("phone", st.sampled_from(PHONES))
schemathesis.openapi.format("email", EMAILS)
schemathesis.openapi.format("identity", EMAILS | st.sampled_from(PHONES))
# Cursors are signed: real ones come by following links, and an empty one is none.
schemathesis.openapi.format("cursor", st.just(""))
schemathesis.openapi.format("entity-tag", st.integers(1, 9).map('"{}"'.format) | st.just("*"))
schemathesis.openapi.format("currency", st.just("EUR"))
schemathesis.openapi.format("csv", st.just("sku,name,price\nROW-1,Row,100\n"))
schemathesis.openapi.format("password", st.uuids().map(str))
schemathesis.openapi.format("date-time", MOMENTS)
schemathesis.openapi.format("network", st.ip_addresses().map(str))
schemathesis.openapi.format("timezone", st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]))
schemathesis.openapi.format("country", st.sampled_from(["DE", "US", "FR"]))
schemathesis.openapi.format("shop-url", st.sampled_from(["", "https://shop.example.com", "http://a.example/x?y=1"]))
schemathesis.openapi.format("blocked", st.just("spam.example"))
schemathesis.openapi.format("future", st.datetimes(min_value=datetime(2040, 1, 1)).map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")))
schemathesis.openapi.format("date-time-range", st.tuples(MOMENTS, MOMENTS).map(",".join))

# Ids of things that are there, by the prefix of their kind; they take the place of those in the document's examples.
THERE = json.loads(os.environ["PATRON_IDS"])
for name, prefix in [("own-order", "ord"), ("own-product", "prd"), ("own-store", "sto"), ("colleague", "stf")]:
    schemathesis.openapi.format(name, st.just(THERE[prefix]))
EXAMPLE = re.compile(r"(\w+)_01939b7e5d3c7a2c9d2f1e0b7c6a5d4[0-9a-f]")
REGISTER = "POST /storefront/v1/customers"
IDENTIFYING = (
    REGISTER,
    "POST /storefront/v1/customers/request-creation-code",
    "POST /storefront/v1/customers/login-with-sms",
    "POST /storefront/v1/customers/forgot-password",
)
ERASING = ("POST /admin/v1/customers/{id}/erasure", "DELETE /admin/v1/customers/{id}")
BULK = "POST /admin/v1/customers/bulk"
EXPORT = "POST /admin/v1/exports"
# Of each list that becomes a file, but for customers.
FILTERS = {
    "orders": {"field": "status", "op": "eq", "value": "placed"},
    "transactions": {"field": "status", "op": "eq", "value": "succeeded"},
    "subscriptions": {"field": "status", "op": "eq", "value": "active"},
    "open_carts": {"field": "abandoned", "op": "eq", "value": True},
}
CLEANING = ("POST /admin/v1/account-cleanups/preview", "POST /admin/v1/account-cleanups")
LETTER = "POST /admin/v1/customers/{id}/messages"
WRITTEN = (LETTER, "POST /admin/v1/campaigns", "POST /admin/v1/campaigns/preview")
# What can be handed in there: images only, or whatever people write each other.
FORMS = {
    "POST /admin/v1/products/{id}/images": "GIF89a",
    "PUT /admin/v1/products/{id}/files/{file}": "GIF89a",
    "PUT /admin/v1/customers/{id}/photo": "GIF89a",
    "PUT /storefront/v1/customers/{id}/photo": "GIF89a",
    "POST /admin/v1/products/{id}/files": "%PDF-1.7\na lid",
    "POST /admin/v1/tickets/{id}/attachments": "%PDF-1.7\na lid",
    "POST /account/v1/tickets/{id}/attachments": "%PDF-1.7\na lid",
    "POST /storefront/v1/customers/tickets/{id}/attachments": "%PDF-1.7\na lid",
}
DEVICE = "POST /storefront/v1/customers/register-device"

# Lists with a hundred filters have ten thousand edges, most of them the same one of another field, and so have large forms. Of
# each kind the bounded form takes the first ones of an operation and then every so many, which ones depends on the seed.
FIRST, EVERY = 12, int(os.environ["PATRON_INPUT_EVERY"])
TURN = int(os.environ["PATRON_INPUT_SEED"]) % EVERY
SEEN = collections.Counter()


@schemathesis.serializer("text/csv")
def write_text(context, value):
    """A file of customers is sent as it is."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def filter_case(context, case):
    # An empty object in a query is sent as nothing, which nothing is wrong with.
    if any(value in ({}, []) for value in (case.query or {}).values()):
        return False
    if case.meta is None or case.meta.phase.name is not TestPhase.COVERAGE:
        return True
    kind = (case.operation.label, case.meta.phase.data.scenario, case.meta.generation.mode)
    SEEN[kind] += 1
    return SEEN[kind] <= FIRST or SEEN[kind] % EVERY == TURN


def replaced(value):
    """The same with ids that mean something."""
    if isinstance(value, dict):
        return {name: replaced(member) for name, member in value.items()}
    if isinstance(value, list):
        return [replaced(member) for member in value]
    example = EXAMPLE.fullmatch(value) if isinstance(value, str) else None
    return THERE.get(example[1], value) if example else value


def whole(value):
    """JSON Schema takes 3.0 for an integer; this API wants it written as one. The largest floats stay as they are: written
    out, no reader takes them."""
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [whole(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e18 else value


def distinct(sort):
    """Each field once: a list that is sorted twice by one field is refused."""
    seen = {}
    for term in sort.split(","):
        seen.setdefault(term.lstrip("-"), term)
    return ",".join(seen.values())


def fits(tree, depth=8):
    """Whether a filter is at most 8 deep."""
    inner = tree.get("and") or tree.get("or") or ([tree["not"]] if "not" in tree else [])
    return depth > 0 and all(fits(member, depth - 1) for member in inner)


def identified(body, label):
    """One name of three is needed, a phone alone does not register, and a code goes where its name is."""
    names = [body[name] for name in ("identity", "email", "phone") if body.get(name)] or ["jane@example.com"]
    body["identity"] = names[0]
    if body.get("mode"):
        body["mode"] = "email" if "@" in names[0] else "sms"
    if label == REGISTER and not body.get("email"):
        body["email"] = "jane@example.com"


def agree(body, label):
    """What JSON Schema says of each field alone has to hold of them together."""
    if body.get("sort"):
        body["sort"] = distinct(body["sort"])
    if isinstance(body.get("q"), str) and body["q"] and not any(sign.isalnum() for sign in body["q"]):
        body["q"] = "ada"
    if label == "PUT /storefront/v1/customers/consents" and not any(type(value) is bool for value in body.values()):
        body["email"] = True
    if label in IDENTIFYING:
        identified(body, label)
    if label in WRITTEN:
        body.pop("store", None)
        body.pop("send_at", None)
        body["text"] = body["text"].strip()[:1000].strip() or "Hello"
        body["subject"] = (body.get("subject") or "").strip() or "Hello"
        if body["channel"] == "sms":
            body.pop("subject")
        if label != LETTER and body.get("filter") is None and not body.get("segment"):
            body["filter"] = {"field": "status", "op": "eq", "value": "active"}
    # It has at most 50 comparisons, too.
    if body.get("filter") is not None and (not fits(body["filter"]) or str(body["filter"]).count("'field'") > 50):
        body["filter"] = FILTERS.get(body.get("type"), {"field": "status", "op": "eq", "value": "active"})
    if label == EXPORT and body.get("type") in FILTERS and body.get("filter") is not None:
        # Other lists count what holds comparisons together, too.
        if str(body["filter"]).count("{") > 40:
            body["filter"] = FILTERS[body["type"]]
    if label == BULK:
        # Either ids or a filter; and to delete, all that a deletion needs.
        if body.get("ids"):
            for name in ("filter", "segment", "q"):
                body.pop(name, None)
        elif not (body.get("filter") or body.get("segment") or body.get("q")):
            body["q"] = "ada"
        if body.get("action") == "delete":
            body["reason"] = "Asked for it."
    if label in CLEANING and body.get("ids"):
        # Either those who go or those who stay are named.
        body.pop("except", None)
    if label == "POST /admin/v1/blocks":
        values = {"ip": "198.51.100.0/24", "email": "spam@spam.example", "domain": "spam.example"}
        body["value"] = values.get(body.get("kind"), body.get("value"))
    if label == "POST /admin/v1/networks":
        body["stores"] = [THERE["sto"]]
    if label in FORMS:
        # What a file is, its bytes say.
        body["file"] = FORMS[label]
    if label == DEVICE and not body.get("platform"):
        body["platform"] = body.get("os") or "web"
    if label == "POST /storefront/v1/customers/login-with-facebook" and not body.get("accessToken"):
        body["idToken"] = body.get("idToken") or "e30.e30.e30"
    # PostgreSQL keeps no NUL, which is told; a schema cannot say it of whatever an object holds.
    if body.get("meta") and "\\u0000" in json.dumps(body["meta"]):
        body["meta"] = {}
    if body.get("kind") == "physical":
        body["package"] = None


def valid(case):
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context, case, kwargs):
    # Asked first: a form with bytes in it counts as invalid from the first change on.
    form = case.operation.label in FORMS and valid(case)
    case.path_parameters, case.query = replaced(case.path_parameters), replaced(case.query)
    if isinstance(case.body, (dict, list)):
        case.body = replaced(case.body)
    label = case.operation.label
    if label in ERASING:
        # Everything else is about the one who would be gone.
        for place in (case.body, case.query):
            if isinstance(place, dict) and place.get("confirm"):
                place["confirm"] = "cus_" + "0" * 32
    if label == BULK and isinstance(case.body, dict) and case.body.get("action") in ("delete", "inactivate"):
        # The same: never the number of those whom it would concern, and nobody's doors.
        case.body["confirm"] = 99_999
        case.body["action"] = "delete"
    if not form and not valid(case):
        return
    for name in ("after", "before"):
        # Those that were followed are long; a made-up one is none.
        if case.query and case.query.get(name) and not CURSOR.fullmatch(str(case.query[name])):
            case.query[name] = ""
    if case.query and case.query.get("sort"):
        case.query["sort"] = distinct(case.query["sort"])
    if label == "GET /storefront/v1/reviews" and not (case.query.get("subject") or case.query.get("author")):
        case.query["subject"] = THERE["prd"]
    if label == EXPORT and not isinstance(case.body, dict):
        # Links between operations leave the body of a choice out, which the document does not allow.
        case.body = {"type": "customers", "format": "csv"}
    if isinstance(case.body, dict):
        case.body = whole(case.body)
        agree(case.body, label)
