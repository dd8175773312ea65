//! What was sent: the files of the local channels.
use std::{fs, path::Path};

use crate::{House, eventually};

/// A mail as it lies in its folder, decoded as far as tests need it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Everything, with soft line breaks of quoted-printable undone.
    pub text: String,
}

/// All mails to `address`, in the order they were sent.
pub fn to(house: &House, address: &str) -> anyhow::Result<Vec<Mail>> {
    let folder = house.sent("mail");
    let mut files: Vec<_> = if folder.exists() { files(&folder, "eml")? } else { Vec::new() };
    files.sort_by_key(|(modified, _)| *modified);
    let mails = files.into_iter().map(|(_, text)| Mail { text: unfold(&text) });
    Ok(mails.filter(|mail| mail.text.lines().any(|line| line.starts_with("To:") && line.contains(address))).collect())
}

/// Waits for a mail to `address` that contains `part`.
pub async fn arrival(house: &House, address: &str, part: &str) -> anyhow::Result<Mail> {
    let what = format!("a mail to {address} with {part}");
    eventually(&what, || async { Ok(to(house, address)?.into_iter().find(|mail| mail.text.contains(part))) }).await
}

/// The six digits of the newest code sent to `address`.
pub async fn code(house: &House, address: &str) -> anyhow::Result<String> {
    newer_code(house, address, 0).await
}

/// The same behind the first `known` mails to `address`, for a code that is not the first one.
pub async fn newer_code(house: &House, address: &str, known: usize) -> anyhow::Result<String> {
    eventually(&format!("a code for {address}"), || async {
        Ok(to(house, address)?.iter().skip(known).rev().find_map(|mail| digits(&mail.text)))
    })
    .await
}

/// The six digits of the code in the newest text message to `number`.
pub async fn text_code(house: &House, number: &str) -> anyhow::Result<String> {
    eventually(&format!("a text message to {number}"), || async {
        let folder = house.sent("sms");
        let mut files = if folder.exists() { files(&folder, "json")? } else { Vec::new() };
        files.sort_by_key(|(modified, _)| *modified);
        let mut messages =
            files.iter().rev().filter_map(|(_, text)| serde_json::from_str::<serde_json::Value>(text).ok());
        let newest = messages.find(|message| message["to"] == number);
        Ok(newest.and_then(|message| digits(message["text"].as_str().unwrap_or_default())))
    })
    .await
}

/// The token of the newest link into the account portal that was sent to `address` in the name `from`.
pub async fn link(house: &House, address: &str, from: &str) -> anyhow::Result<String> {
    let marker = "/account/link/";
    eventually(&format!("a link for {address}"), || async {
        let mails = to(house, address)?;
        let found = mails.iter().rev().find(|mail| mail.text.contains(marker) && mail.text.contains(from));
        Ok(found.and_then(|mail| mail.text.split(marker).nth(1)?.split_whitespace().next().map(str::to_owned)))
    })
    .await
}

fn digits(text: &str) -> Option<String> {
    let body = text.split_once("\n\n").map_or(text, |(_, body)| body);
    let words = body.split(|c: char| !c.is_ascii_alphanumeric() && c != '#');
    words.filter(|word| word.len() == 6).find(|word| word.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned)
}

fn files(folder: &Path, kind: &str) -> anyhow::Result<Vec<(std::time::SystemTime, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == kind) {
            files.push((entry.metadata()?.modified()?, fs::read_to_string(entry.path())?));
        }
    }
    Ok(files)
}

fn unfold(text: &str) -> String {
    text.replace("\r\n", "\n").replace("=\n", "")
}
