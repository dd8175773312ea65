//! What staff are called.
use kit::permission::Permission;
use proto::identity::v1::ListMembersRequest;

use crate::{console::Console, visit::SignedIn};

/// Everybody who works here, by id, for those who look after the staff; nobody for others, and where nobody can be asked.
pub async fn names(console: &Console, desk: &SignedIn) -> Vec<(String, String)> {
    if !desk.session.may(Permission::StaffWrite) {
        return Vec::new();
    }
    let members = console.members.clone().list_members(desk.ask(ListMembersRequest {})).await;
    let members = members.map(|answer| answer.into_inner().members).unwrap_or_default();
    members.into_iter().map(|member| (member.staff, member.name)).collect()
}
