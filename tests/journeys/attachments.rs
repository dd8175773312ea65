//! Files of support tickets, through the doors of everybody who has to do with them.
use std::path::Path;

use anyhow::{Context, ensure};
use e2e::{
    Answer, Buyer, House, Member, Shop, eventually,
    http::{form, send, text},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const PDF: &[u8] = b"%PDF-1.7\nthe invoice of the mug without a handle";

/// A request to hand `data` in for a ticket of one's own.
async fn give(ada: &Buyer<'_>, ticket: &str, name: &str, data: &[u8]) -> anyhow::Result<Answer> {
    let path = format!("customers/tickets/{ticket}/attachments");
    send(form(ada.request(Method::POST, &path), name, data)).await
}

/// The bytes that a request answers, with the status and a header of the answer.
async fn bytes(request: RequestBuilder, header: &str) -> anyhow::Result<(u16, String, Vec<u8>)> {
    let answer = request.send().await?;
    let told = answer.headers().get(header).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok((answer.status().as_u16(), told, answer.bytes().await?.to_vec()))
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// ST-2: a file goes with a reply, is read by both sides whole or in part, to be kept and not shown; what is too large, of
/// another kind or somebody else's is refused; the file of a note is for staff alone; an erasure takes the bytes along.
#[tokio::test]
async fn files_go_back_and_forth() -> anyhow::Result<()> {
    let house = House::one().await?;
    let (shop, other) =
        (Shop::open(&house, "Corner Shop", "EUR").await?, Shop::open(&house, "Harbour Books", "EUR").await?);
    let (ada, known) = shop.register("ada@example.com", "Ada Lovelace").await?;
    let ticket = json!({ "subject": "No handle", "text": "See the file." });
    let ticket = text(&ada.post("customers/tickets", &ticket).await?.expect(201)?, "/id")?.to_owned();
    let (own, staff) = (format!("customers/tickets/{ticket}"), format!("/admin/v1/tickets/{ticket}"));

    let file = give(&ada, &ticket, "Rechnung Größe.pdf", PDF).await?.expect(201)?;
    let id = text(&file, "/id")?;
    ensure!(
        file["type"] == "application/pdf" && file["size"] == PDF.len() && file["name"] == "Rechnung Größe.pdf",
        "{file}"
    );
    give(&ada, &ticket, "a.pdf", b"<html><script>alert(1)</script>").await?.problem(415, "file_type_refused")?;
    give(&ada, &ticket, "a.pdf", b"").await?.problem(400, "invalid")?;
    ada.post(&format!("{own}/attachments"), &json!({ "file": "x" })).await?.problem(415, "unsupported_media_type")?;
    let mut large = PDF.to_vec();
    large.resize(25 * 1024 * 1024, b' ');
    let whole = give(&ada, &ticket, "large.pdf", &large).await?.expect(201)?;
    large.resize(26 * 1024 * 1024, b' ');
    give(&ada, &ticket, "large.pdf", &large).await?.problem(413, "too_large")?;

    let words = json!({ "text": "There it is.", "attachments": [id, whole["id"]] });
    let said = ada.post(&format!("{own}/comments"), &words).await?.expect(201)?;
    ensure!(said["attachments"][0] == file, "{said}");
    ada.post(&format!("{own}/comments"), &words).await?.problem(409, "attachment_used")?;
    let unknown = json!({ "text": "And this.", "attachments": ["att_01939b7e5d3c7a2c9d2f1e0b7c6a5d52"] });
    ada.post(&format!("{own}/comments"), &unknown).await?.problem(404, "attachment_not_found")?;

    let agent = Member::hire(&house, &shop.store.id, "customer_service").await?;
    let at = format!("{staff}/attachments/{id}");
    let (status, kept, read) = bytes(agent.request(Method::GET, &at), "content-disposition").await?;
    ensure!((status, &read[..]) == (200, PDF), "{status}");
    ensure!(kept.starts_with("attachment;") && kept.contains("Rechnung%20Gr%C3%B6%C3%9Fe.pdf"), "{kept}");
    let (_, policy, _) = bytes(agent.request(Method::GET, &at), "content-security-policy").await?;
    ensure!(policy == "sandbox; default-src 'none'", "{policy}");
    let mine = format!("{own}/attachments/{id}");
    let part = ada.request(Method::GET, &mine).header("Range", "bytes=9-19");
    let (status, place, read) = bytes(part, "content-range").await?;
    ensure!((status, place, &read[..]) == (206, format!("bytes 9-19/{}", PDF.len()), &PDF[9..20]));
    send(ada.request(Method::GET, &mine).header("Range", "bytes=999-")).await?.problem(416, "range_not_satisfiable")?;
    let at_large = format!("{own}/attachments/{}", text(&whole, "/id")?);
    let (_, _, read) = bytes(ada.request(Method::GET, &at_large), "").await?;
    large.truncate(25 * 1024 * 1024);
    ensure!(read == large, "25 MiB do not come back as they were");

    let inner = send(form(agent.request(Method::POST, &format!("{staff}/attachments")), "doubt.txt", b"an old mug"));
    let inner = inner.await?.expect(201)?;
    let note = json!({ "text": "Looks old.", "public": false, "attachments": [inner["id"]] });
    agent.post(&format!("{staff}/comments"), &note).await?.expect(201)?;
    let theirs = ada.get(&format!("{own}/comments")).await?.expect(200)?;
    ensure!(!theirs.to_string().contains("doubt"), "{theirs}");
    let inner = text(&inner, "/id")?;
    ada.get(&format!("{own}/attachments/{inner}")).await?.problem(404, "attachment_not_found")?;
    let moderator = Member::hire(&house, &shop.store.id, "moderator").await?;
    moderator.get(&at).await?.problem(403, "permission_required")?;
    other.owner.get(&at).await?.problem(404, "ticket_not_found")?;
    let (eve, _) = shop.register("eve@example.com", "Eve").await?;
    eve.get(&format!("{own}/attachments/{id}")).await?.problem(404, "ticket_not_found")?;

    let folder = house.folder().join("files/attachments");
    ensure!(files(&folder) == 3, "{} files", files(&folder));
    erased(&shop, text(&known, "/id")?).await?;
    eventually("no byte is left", || async { Ok((files(&folder) == 0).then_some(())) }).await
}

async fn erased(shop: &Shop<'_>, id: &str) -> anyhow::Result<Value> {
    let path = format!("/admin/v1/customers/{id}/erasure");
    let request = shop.owner.request(Method::POST, &path).header("Idempotency-Key", "gone");
    let body = json!({ "reason": "Asked for it.", "confirm": id });
    send(request.json(&body)).await?.expect(202).context("an erasure")
}
