//! Whatever is changed on the staff's side is in the audit.
use anyhow::{Context, ensure};
use e2e::{House, Member, Shop, eventually};
use reqwest::Method;
use tokio::sync::Mutex;

use crate::{
    document::{Entrance, Operation, operations},
    matrix::{Papers, call, ends_session},
    street,
};

/// Operations that the example of their body cannot carry out in this shop: the walk does not see what they record.
const ELSEWHERE: [&str; 13] = [
    "admin_replace_address",
    "admin_send_password_reset",
    "admin_end_customer_session",
    "admin_end_impersonation",
    "admin_confirm_enrolment",
    "admin_create_network",
    "admin_update_network",
    "admin_create_role",
    "admin_change_role",
    "admin_step_up",
    "admin_delete_one_session",
    "admin_change_member",
    "admin_delete_session",
];

/// What only prepares another operation, which is recorded when it is done.
const PREPARES: [&str; 1] = ["admin_begin_enrolment"];

/// Whether the operation changes anything: a search is only a list that is asked for by POST.
fn changes(operation: &Operation) -> bool {
    operation.method != Method::GET && !operation.path.ends_with("/search")
}

/// The entries of one request, by what was done.
async fn recorded(reader: &Member, request: &str) -> anyhow::Result<Vec<String>> {
    let list = reader.get(&format!("/admin/v1/audit?filter[request_id][eq]={request}")).await?.expect(200)?;
    let entries = list["data"].as_array().context("a list")?;
    Ok(entries.iter().filter_map(|entry| Some(entry["action"].as_str()?.to_owned())).collect())
}

/// AD-1: every operation of the staff's side that changes something and can be done by its example leaves an entry, found by the request it was done in.
/// Whoever adds an operation and forgets its entry hears of it here.
#[tokio::test]
async fn whatever_staff_change_is_recorded() -> anyhow::Result<()> {
    let house = House::one().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let reader = Member::hire(&house, &shop.store.id, "owner").await?;
    let (mut walked, mut undone) = (Vec::new(), Vec::new());
    // Signing out comes last, or nobody would be left to do the rest.
    let mut operations = operations(&house).await?;
    operations.sort_by_key(ends_session);
    for operation in operations {
        if operation.entrance()? != Entrance::Staff || !changes(&operation) {
            continue;
        }
        let request = format!("walk-{}", operation.id);
        let papers = Papers::of("owner", &shop.owner.token).within(&request);
        let answer = call(&house, &operation, &papers, &traces).await?;
        if PREPARES.contains(&operation.id.as_str()) {
            continue;
        }
        if (200..300).contains(&answer.status) {
            walked.push(request);
        } else {
            undone.push(operation.id);
        }
    }
    ensure!(undone == ELSEWHERE, "these were not done: {undone:?}");
    ensure!(walked.len() >= 4, "there is hardly anything to do: {walked:?}");
    let missing = Mutex::new(walked);
    let all = eventually("everything is recorded", || async {
        let mut missing = missing.lock().await;
        let mut waiting = Vec::new();
        for request in missing.drain(..) {
            if recorded(&reader, &request).await?.is_empty() {
                waiting.push(request);
            }
        }
        *missing = waiting;
        Ok(missing.is_empty().then_some(()))
    });
    all.await.with_context(|| format!("{missing:?}"))?;
    let verdict = reader.get("/admin/v1/audit/verify").await?.expect(200)?;
    ensure!(verdict["sound"] == true, "{verdict}");
    Ok(())
}
