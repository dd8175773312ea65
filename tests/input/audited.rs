//! Whatever is changed on the staff's side is in the audit.
use anyhow::{Context, ensure};
use e2e::{House, Member, Shop, eventually};
use reqwest::Method;
use tokio::sync::Mutex;

use crate::{
    deeds::{BY_HAND, Office},
    document::{Operation, operations},
    matrix::{Papers, call, ends_session},
    street,
};

/// What changes nothing that lasts: it only prepares or shows another operation, which is recorded when it is done.
const PREPARES: [&str; 4] = [
    "admin_begin_enrolment",
    "admin_begin_required_enrolment",
    "admin_create_session", // asks for the second factor; the session is opened with that
    "admin_preview_invitation",
];

/// Whether the operation changes anything: a search is only a list that is asked for by POST, as a preview is a look.
fn changes(operation: &Operation) -> bool {
    let looks = operation.path.ends_with("/search")
        || operation.path.ends_with("/merge/preview")
        || operation.path.ends_with("/account-cleanups/preview")
        || operation.path.ends_with("/campaigns/preview");
    operation.method != Method::GET && !looks
}

/// When an operation has its turn: what removes something comes late, or nothing would be left to change; then what closes
/// a customer's doors; and signing out last, or nobody would be left to do the rest.
fn turn(operation: &Operation) -> usize {
    const LATE: [&str; 8] = [
        "admin_revoke_library_item",
        "admin_cancel_subscription",
        "admin_cancel_order",
        "admin_end_customer_sessions",
        "admin_inactivate_customer",
        "admin_activate_customer",
        "admin_delete_customer",
        "admin_erase_customer",
    ];
    if ends_session(operation) {
        return LATE.len() + 2;
    }
    let late = LATE.iter().position(|late| *late == operation.id);
    late.map_or(usize::from(operation.method == Method::DELETE), |place| place + 2)
}

/// AD-1: every operation of the staff's side that changes something leaves an entry, found by the request it was done in:
/// it is done by its example, or else by hand. Whoever adds an operation and forgets its entry hears of it here, and so
/// does whoever adds one that nobody does.
#[tokio::test]
async fn whatever_staff_change_is_recorded() -> anyhow::Result<()> {
    let house = House::narrow().await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let (_, traces) = street::settle(&shop).await?;
    let mut office = Office::open(&shop).await?;
    let (mut walked, mut by_hand, mut undone) = (Vec::new(), Vec::new(), Vec::new());
    let mut operations = operations(&house).await?;
    operations.sort_by_key(turn);
    for operation in operations {
        if !operation.path.starts_with("/admin/") || !changes(&operation) {
            continue;
        }
        let (id, mut request) = (operation.id.as_str(), format!("walk-{}", operation.id));
        let papers = Papers::of("owner", &shop.owner.token).within(&request);
        let answer = call(&house, &operation, &papers, &traces).await?;
        if !(200..300).contains(&answer.status) {
            request = format!("hand-{id}");
            match office.does(id, &request).await {
                Ok(done) if (200..300).contains(&done.status) => by_hand.push(id.to_owned()),
                Ok(refused) => undone.push(format!("{id} by hand: {}", refused.body)),
                Err(error) => undone.push(format!("{error}: {}", answer.body)),
            }
        }
        walked.extend((!PREPARES.contains(&id)).then_some(request));
    }
    ensure!(undone.is_empty(), "these were not done: {undone:#?}");
    by_hand.sort_unstable();
    ensure!(by_hand == BY_HAND, "these were done by hand: {by_hand:?}");
    ensure!(walked.len() >= 30, "there is hardly anything to do: {walked:?}");
    let missing = Mutex::new(walked);
    let all = eventually("everything is recorded", || async {
        let mut missing = missing.lock().await;
        let mut waiting = Vec::new();
        for request in missing.drain(..) {
            if office.recorded(&request).await?.is_empty() {
                waiting.push(request);
            }
        }
        *missing = waiting;
        Ok(missing.is_empty().then_some(()))
    });
    all.await.with_context(|| format!("{missing:?}"))?;
    let reader = Member::hire(&house, &shop.store.id, "owner").await?;
    let verdict = reader.get("/admin/v1/audit/verify").await?.expect(200)?;
    ensure!(verdict["sound"] == true, "{verdict}");
    Ok(())
}
