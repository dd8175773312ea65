//! What staff do that the example of a request cannot do: each carried out for real, within a request that the audit can
//! be asked about.
use anyhow::{Context, bail};
use e2e::{
    Answer, House, Member, Shop, eventually,
    http::{form, send, text},
    mail,
    shop::customer,
    staff::totp,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::street::look_through;

/// The operations that [`Office::does`] carries out.
pub const BY_HAND: [&str; 34] = [
    "admin_accept_invitation",
    "admin_add_product_file",
    "admin_add_product_image",
    "admin_begin_cleanup",
    "admin_begin_required_enrolment",
    "admin_cancel_job",
    "admin_cancel_order",
    "admin_check_import",
    "admin_confirm_enrolment",
    "admin_create_import",
    "admin_create_network",
    "admin_create_payment_link",
    "admin_create_role",
    "admin_create_session",
    "admin_create_voucher",
    "admin_delete_customer",
    "admin_delete_one_session",
    "admin_delete_product",
    "admin_delete_session",
    "admin_edit_order",
    "admin_end_impersonation",
    "admin_follow_up_ticket",
    "admin_grant_library_item",
    "admin_mark_order_paid",
    "admin_merge_customers",
    "admin_preview_invitation",
    "admin_put_customer_photo",
    "admin_replace_product_file",
    "admin_retry_subscription",
    "admin_revoke_payment_link",
    "admin_start_import",
    "admin_step_up",
    "admin_update_network",
    "admin_verify_factor",
];

/// An owner at work in a shop, with recovery codes to prove with: a code of the authenticator is good once.
pub struct Office<'a> {
    house: &'a House,
    shop: &'a Shop<'a>,
    owner: Member,
    codes: Vec<String>,
    /// Stores that they work for.
    stores: Vec<String>,
}

impl<'a> Office<'a> {
    /// Somebody new, at work in `shop`.
    pub async fn open(shop: &'a Shop<'a>) -> anyhow::Result<Self> {
        let owner = Member::hire(shop.house, &shop.store.id, "owner").await?;
        let codes = owner.post("/admin/v1/me/recovery-codes", &Value::Null).await?.expect(201)?;
        let codes = codes["recovery_codes"].as_array().into_iter().flatten();
        let codes = codes.filter_map(|code| Some(code.as_str()?.to_owned())).collect();
        Ok(Self { house: shop.house, shop, owner, codes, stores: vec![shop.store.id.clone()] })
    }

    /// What the audits of their stores know of a request, by what was done.
    pub async fn recorded(&self, request: &str) -> anyhow::Result<Vec<String>> {
        let mut actions = Vec::new();
        for store in &self.stores {
            let list = format!("/admin/v1/audit?filter[request_id][eq]={request}");
            let list = send(self.owner.request(Method::GET, &list).header("Patron-Store", store)).await?.expect(200)?;
            let entries = list["data"].as_array().context("a list")?;
            actions.extend(entries.iter().filter_map(|entry| Some(entry["action"].as_str()?.to_owned())));
        }
        Ok(actions)
    }

    /// Does the operation `id` within `request`; answers what came of it.
    pub async fn does(&mut self, id: &str, request: &str) -> anyhow::Result<Answer> {
        match id {
            "admin_create_session"
            | "admin_preview_invitation"
            | "admin_begin_required_enrolment"
            | "admin_accept_invitation"
            | "admin_verify_factor" => self.enters(id, request).await,
            "admin_create_role" => self.makes_a_role(request).await,
            "admin_create_network" | "admin_update_network" => self.founds(id, request).await,
            "admin_create_voucher" => {
                let voucher = json!({ "code": "SUMMER-10", "percent": 10 });
                self.asks(request, Method::POST, "vouchers", &voucher).await
            }
            "admin_delete_customer" => self.erases(request).await,
            "admin_delete_product" => {
                let unsold = self.shop.product("UNSOLD", 1_000).await?;
                self.asks(request, Method::DELETE, &format!("products/{unsold}"), &Value::Null).await
            }
            "admin_add_product_file" | "admin_grant_library_item" => self.sells_a_song(id, request).await,
            "admin_add_product_image" | "admin_replace_product_file" => self.pictures(id, request).await,
            "admin_put_customer_photo" => self.portrays(request).await,
            "admin_begin_cleanup" => self.cleans_up(request).await,
            "admin_cancel_job" => self.cancels(request).await,
            "admin_create_import" | "admin_check_import" | "admin_start_import" => self.takes_in(id, request).await,
            "admin_end_impersonation" => self.impersonates(request).await,
            "admin_follow_up_ticket" => self.follows_up(request).await,
            "admin_merge_customers" => self.merges(request).await,
            "admin_edit_order"
            | "admin_cancel_order"
            | "admin_mark_order_paid"
            | "admin_create_payment_link"
            | "admin_revoke_payment_link" => self.sells(id, request).await,
            "admin_retry_subscription" => self.charges_again(request).await,
            "admin_confirm_enrolment" => self.enrols(request).await,
            "admin_step_up" => {
                let code = self.code()?;
                self.asks(request, Method::POST, "sessions/current/step-up", &json!({ "code": code })).await
            }
            "admin_delete_one_session" => {
                let token = self.signs_in("elsewhere").await?.expect(201)?["token"].clone();
                let other = self.house.http.request(Method::GET, "/admin/v1/sessions");
                let other = other.bearer_auth(token.as_str().context("a token")?);
                let sessions = send(other).await?.expect(200)?;
                let current = sessions["data"].as_array().into_iter().flatten().find(|s| s["current"] == true);
                let path = format!("sessions/{}", text(current.context("one is in use")?, "/id")?);
                self.asks(request, Method::DELETE, &path, &Value::Null).await
            }
            "admin_delete_session" => {
                let answer = self.asks(request, Method::DELETE, "sessions/current", &Value::Null).await?;
                let session = self.signs_in("again").await?.expect(201)?;
                text(&session, "/token")?.clone_into(&mut self.owner.token);
                Ok(answer)
            }
            _ => bail!("{id} can be done neither by its example nor by hand"),
        }
    }

    fn code(&mut self) -> anyhow::Result<String> {
        self.codes.pop().context("a recovery code")
    }

    /// Asks for `path` of the API as the owner.
    async fn asks(&self, request: &str, method: Method, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.sends(request, self.owner.request(method, &format!("/admin/v1/{path}")), body).await
    }

    /// Gives a product of its own a picture, and that picture another one.
    async fn pictures(&mut self, id: &str, request: &str) -> anyhow::Result<Answer> {
        let product = self.shop.product(&format!("PICTURED-{}", id.len()), 1_000).await?;
        let images = format!("/admin/v1/products/{product}/images");
        let add = form(self.owner.request(Method::POST, &images), "mug.gif", b"GIF89a");
        let added = send(add.header("X-Request-Id", request)).await?;
        if id == "admin_add_product_image" {
            return Ok(added);
        }
        let file = format!("/admin/v1/products/{product}/files/{}", text(&added.expect(201)?, "/id")?);
        let replace = form(self.owner.request(Method::PUT, &file), "cup.gif", b"GIF87a");
        send(replace.header("X-Request-Id", request)).await
    }

    async fn portrays(&mut self, request: &str) -> anyhow::Result<Answer> {
        let ada = customer(self.shop, "ada.lovelace@example.com").await?;
        let photo = format!("/admin/v1/customers/{}/photo", text(&ada, "/id")?);
        let photo = form(self.owner.request(Method::PUT, &photo), "ada.gif", b"GIF89a");
        send(photo.header("X-Request-Id", request)).await
    }

    /// Asks for `path` of the API as nobody yet.
    async fn knocks(&self, request: &str, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.sends(request, self.house.http.request(Method::POST, &format!("/admin/v1/{path}")), body).await
    }

    async fn sends(&self, request: &str, asked: RequestBuilder, body: &Value) -> anyhow::Result<Answer> {
        let asked = asked.header("X-Request-Id", request);
        send(if body.is_null() { asked } else { asked.json(body) }).await
    }

    async fn signs_in(&mut self, request: &str) -> anyhow::Result<Answer> {
        let login = json!({ "email": self.owner.email, "password": self.owner.password });
        let asked = self.knocks("", "sessions", &login).await?.expect(200)?;
        let proof = json!({ "challenge": text(&asked, "/challenge")?, "code": self.code()? });
        self.knocks(request, "sessions/mfa", &proof).await
    }

    /// A job that has enough to do to be stopped.
    async fn cancels(&self, request: &str) -> anyhow::Result<Answer> {
        let ids: Vec<String> = (0..10_000).map(|number| format!("cus_{number:032x}")).collect();
        let asked = self.owner.request(Method::POST, "/admin/v1/customers/bulk").header("Idempotency-Key", "many");
        let job = send(asked.json(&json!({ "ids": ids, "action": "tag" }))).await?.expect(202)?;
        let path = format!("jobs/{}/cancel", text(&job, "/id")?);
        self.asks(request, Method::POST, &path, &Value::Null).await
    }

    /// Somebody who is no person is found, and removed.
    async fn cleans_up(&self, request: &str) -> anyhow::Result<Answer> {
        self.shop.register("robot@mailinator.com", "www.pills.top").await?;
        let audit = look_through(self.shop).await?;
        let body = json!({ "audit": audit, "kind": "spam", "confirm": 1, "reason": "A script." });
        let asked = self.owner.request(Method::POST, "/admin/v1/account-cleanups").header("Idempotency-Key", request);
        self.sends(request, asked, &body).await
    }

    /// A file of customers is uploaded, checked, and carried out.
    async fn takes_in(&self, id: &str, request: &str) -> anyhow::Result<Answer> {
        let upload = self.owner.request(Method::POST, "/admin/v1/imports").header("Content-Type", "text/csv");
        let at = if id == "admin_create_import" { request } else { "" };
        let uploaded = send(upload.header("X-Request-Id", at).body("email\r\nkurt@example.com\r\n")).await?;
        if id == "admin_create_import" {
            return Ok(uploaded);
        }
        let path = format!("imports/{}", text(&uploaded.expect(201)?, "/id")?);
        let at = if id == "admin_check_import" { request } else { "" };
        let checked = self.asks(at, Method::POST, &format!("{path}/check"), &Value::Null).await?;
        if id == "admin_check_import" {
            return Ok(checked);
        }
        checked.expect(202)?;
        eventually("the file is checked", || async {
            let import = self.owner.get(&format!("/admin/v1/{path}")).await?.expect(200)?;
            Ok((import["state"] == "checked").then_some(()))
        })
        .await?;
        self.asks(request, Method::POST, &format!("{path}/start"), &Value::Null).await
    }

    /// Somebody is invited, comes in by the link, and enrols the factor that is required.
    async fn enters(&self, id: &str, request: &str) -> anyhow::Result<Answer> {
        let at = |step: &str| if step == id { request } else { "" };
        let email = format!("{}@staff.example.com", request.to_lowercase());
        let invitation = json!({ "email": email, "role": "moderator" });
        self.asks("", Method::POST, "invitations", &invitation).await?.expect(201)?;
        let letter = mail::arrival(self.house, &email, "token=").await?.text;
        let token = letter.replace("=3D", "=");
        let token = token.split("token=").nth(1).context("a link")?;
        let token: String = token.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
        let seen =
            self.knocks(at("admin_preview_invitation"), "invitations/preview", &json!({ "token": token })).await?;
        if id == "admin_preview_invitation" {
            return Ok(seen);
        }
        let new = json!({ "token": token, "name": "Nina", "password": "a long enough password" });
        let asked = self.knocks(at("admin_accept_invitation"), "invitations/accept", &new).await?;
        if id == "admin_accept_invitation" {
            return Ok(asked);
        }
        let login = json!({ "email": email, "password": "a long enough password" });
        let asked = self.knocks(at("admin_create_session"), "sessions", &login).await?;
        if id == "admin_create_session" {
            return Ok(asked);
        }
        let challenge = asked.expect(200)?["challenge"].clone();
        let body = json!({ "challenge": challenge });
        let begun = self.knocks(at("admin_begin_required_enrolment"), "sessions/mfa/enrolment", &body).await?;
        if id == "admin_begin_required_enrolment" {
            return Ok(begun);
        }
        let begun = begun.expect(201)?;
        let proof = json!({ "challenge": text(&begun, "/challenge")?, "code": totp(text(&begun, "/secret")?)? });
        self.knocks(request, "sessions/mfa", &proof).await
    }

    /// A role of a name that no other has.
    async fn makes_a_role(&self, request: &str) -> anyhow::Result<Answer> {
        let role = json!({ "name": format!("The {request}"), "permissions": ["orders.read"] });
        self.asks(request, Method::POST, "roles", &role).await
    }

    /// A store is made, and a network of it.
    async fn founds(&mut self, id: &str, request: &str) -> anyhow::Result<Answer> {
        let store = json!({ "name": "Second Shop", "currency": "EUR", "timezone": "Europe/Berlin", "country": "DE",
                            "mail_from": "second@example.com" });
        let store = self.asks("", Method::POST, "stores", &store).await?.expect(201)?;
        self.stores.push(text(&store, "/id")?.to_owned());
        let at = if id == "admin_create_network" { request } else { "" };
        let network = json!({ "name": "Old Town", "stores": [store["id"]], "currency": "EUR" });
        let made = self.asks(at, Method::POST, "networks", &network).await?;
        if id == "admin_create_network" {
            return Ok(made);
        }
        let path = format!("/admin/v1/networks/{}", text(&made.expect(201)?, "/id")?);
        let asked = self.owner.request(Method::PATCH, &path).header("Patron-Store", text(&store, "/id")?);
        self.sends(request, asked, &json!({ "name": "New Town" })).await
    }

    /// Somebody is erased under the other name of it.
    async fn erases(&self, request: &str) -> anyhow::Result<Answer> {
        let grace = customer(self.shop, "grace.hopper@example.com").await?;
        let id = text(&grace, "/id")?;
        let path = format!("/admin/v1/customers/{id}?confirm={id}&reason=Asked%20for%20it.");
        let asked = self.owner.request(Method::DELETE, &path).header("Idempotency-Key", request);
        self.sends(request, asked, &Value::Null).await
    }

    /// Somebody is logged in as a customer, and no longer.
    async fn impersonates(&self, request: &str) -> anyhow::Result<Answer> {
        let ada = customer(self.shop, "ada.lovelace@example.com").await?;
        let path = format!("customers/{}/impersonations", text(&ada, "/id")?);
        let why = json!({ "reason": "Cannot find the download." });
        let opened = self.asks("", Method::POST, &path, &why).await?.expect(201)?;
        let path = format!("impersonations/{}", text(&opened, "/id")?);
        self.asks(request, Method::DELETE, &path, &Value::Null).await
    }

    /// A digital product has another file, or is given to somebody.
    async fn sells_a_song(&self, id: &str, request: &str) -> anyhow::Result<Answer> {
        let song = self.shop.song(request, b"la la la").await?;
        if id == "admin_add_product_file" {
            let upload = self.owner.request(Method::POST, &format!("/admin/v1/products/{song}/files"));
            return send(form(upload.header("X-Request-Id", request), "more.txt", b"tra la la")).await;
        }
        let ada = customer(self.shop, "ada.lovelace@example.com").await?;
        let given = json!({ "product": song, "reason": "They won it." });
        let path = format!("customers/{}/library", text(&ada, "/id")?);
        self.asks(request, Method::POST, &path, &given).await
    }

    /// A renewal failed, and is charged again.
    async fn charges_again(&self, request: &str) -> anyhow::Result<Answer> {
        let failed = "update subscriptions set state = 'past_due', failures = 1, retry_at = now() + interval '1 day',
            look_at = null returning id::text";
        let id: String = sqlx::query_scalar(failed).fetch_one(&self.house.tables("orders").await?).await?;
        let path = format!("subscriptions/sub_{}/retry", id.replace('-', ""));
        self.asks(request, Method::POST, &path, &Value::Null).await
    }

    /// Something is sold on invoice, which nothing has come of yet.
    async fn sells(&self, id: &str, request: &str) -> anyhow::Result<Answer> {
        let (guest, email) = (self.shop.guest(), format!("{request}@example.com"));
        let cart = guest.cart(&self.shop.product(request, 1_000).await?, 1).await?;
        guest.ship(&cart).await?;
        let order = guest.capture(&guest.checkout(&cart, &email, "manual").await?, "").await?.expect(200)?;
        let path = format!("orders/{}", text(&order, "/id")?);
        let (step, body) = match id {
            "admin_cancel_order" => ("/cancel", json!({ "reason": "Changed their mind." })),
            "admin_mark_order_paid" => ("/mark-paid", json!({ "method": "cash" })),
            "admin_create_payment_link" => ("/payment-links", json!({})),
            "admin_revoke_payment_link" => {
                let link =
                    self.asks("", Method::POST, &format!("{path}/payment-links"), &json!({})).await?.expect(201)?;
                let link = format!("{path}/payment-links/{}", text(&link, "/id")?);
                return self.asks(request, Method::DELETE, &link, &Value::Null).await;
            }
            _ => {
                let asked = self.owner.request(Method::PATCH, &format!("/admin/v1/{path}"));
                let asked = asked.header("If-Match", format!("\"{}\"", order["version"]));
                return self.sends(request, asked, &json!({ "note": "Ring twice." })).await;
            }
        };
        let asked = self.owner.request(Method::POST, &format!("/admin/v1/{path}{step}"));
        self.sends(request, asked.header("Idempotency-Key", request), &body).await
    }

    /// A ticket is opened and closed, and followed up.
    async fn follows_up(&self, request: &str) -> anyhow::Result<Answer> {
        let ada = customer(self.shop, "ada.lovelace@example.com").await?;
        let ticket = json!({ "customer": ada["id"], "subject": "The lid", "text": "You called us." });
        let ticket = self.asks("", Method::POST, "tickets", &ticket).await?.expect(201)?;
        let path = format!("tickets/{}", text(&ticket, "/id")?);
        self.asks("", Method::PATCH, &path, &json!({ "status": "closed" })).await?.expect(200)?;
        self.asks(request, Method::POST, &format!("{path}/follow-ups"), &json!({ "text": "Found it." })).await
    }

    /// Of two records of somebody one is made.
    async fn merges(&self, request: &str) -> anyhow::Result<Answer> {
        let mut ids = Vec::new();
        for place in ["home", "office"] {
            let new = json!({ "email": format!("twice@{place}.example"), "name": "Tessa Twice" });
            ids.push(text(&self.asks("", Method::POST, "customers", &new).await?.expect(201)?, "/id")?.to_owned());
        }
        let merging = json!({ "other": ids[1], "other_version": 1, "confirm": ids[1], "reason": "Wrote from both." });
        let asked = self.owner.request(Method::POST, &format!("/admin/v1/customers/{}/merge", ids[0]));
        let asked = asked.header("If-Match", "\"1\"").header("Idempotency-Key", "merge-twice");
        self.sends(request, asked, &merging).await
    }

    /// Another authenticator takes the place of the first; the recovery codes are new.
    async fn enrols(&mut self, request: &str) -> anyhow::Result<Answer> {
        let begun = self.asks("", Method::POST, "me/factor", &Value::Null).await?.expect(201)?;
        let proof = json!({ "challenge": text(&begun, "/challenge")?, "code": totp(text(&begun, "/secret")?)? });
        let answer = self.asks(request, Method::POST, "me/factor/confirmation", &proof).await?;
        let codes = answer.body["recovery_codes"].as_array().into_iter().flatten();
        self.codes = codes.filter_map(|code| Some(code.as_str()?.to_owned())).collect();
        Ok(answer)
    }
}
