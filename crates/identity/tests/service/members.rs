//! Members and roles: who may give and take what (ID-21).
use chrono::TimeDelta;
use proto::identity::v1::{
    self as pb, SessionRevoked, member_service_client::MemberServiceClient, role_service_client::RoleServiceClient,
};
use tonic::Status;

use crate::house::{House, by, faults, reason};

/// A house with a store and some who work there.
struct Shop {
    house: House,
    store: pb::Store,
}

impl Shop {
    async fn open() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let store = house.store("Corner Shop").await?;
        Ok(Self { house, store })
    }

    /// A new staff member: their token, assertion and id.
    async fn hire(&self, name: &str, role: &str) -> anyhow::Result<(String, String, String)> {
        self.house.clock.advance(TimeDelta::milliseconds(1));
        let token = self.house.clerk(&format!("{name}@example.com"), &self.store.id, role).await?;
        let claims = self.house.claims(&token, "", "").await?;
        Ok((token.clone(), self.house.exchange(&token, "", "").await?, claims.sub))
    }

    async fn change(&self, who: &str, staff: &str, role: &str) -> Result<pb::Member, Status> {
        let request = pb::ChangeMemberRequest { staff: staff.to_owned(), role: role.to_owned() };
        Ok(MemberServiceClient::new(self.house.way()).change_member(by(who, request)).await?.into_inner())
    }

    async fn remove(&self, who: &str, staff: &str) -> Result<(), Status> {
        let request = pb::RemoveMemberRequest { staff: staff.to_owned() };
        MemberServiceClient::new(self.house.way()).remove_member(by(who, request)).await?;
        Ok(())
    }

    async fn members(&self, who: &str) -> Result<Vec<pb::Member>, Status> {
        let request = by(who, pb::ListMembersRequest {});
        Ok(MemberServiceClient::new(self.house.way()).list_members(request).await?.into_inner().members)
    }

    async fn role(&self, who: &str, name: &str, permissions: &[&str]) -> Result<pb::Role, Status> {
        let permissions = permissions.iter().map(|&slug| slug.to_owned()).collect();
        let request = pb::CreateRoleRequest { name: name.to_owned(), permissions };
        Ok(self.roles().create_role(by(who, request)).await?.into_inner())
    }

    fn roles(&self) -> RoleServiceClient<kit::transport::Transport> {
        RoleServiceClient::new(self.house.way())
    }
}

/// ID-21: owners look after everybody, administrators after all but owners, and who lacks staff.write after nobody.
#[tokio::test]
async fn owners_are_a_matter_of_owners() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (_, owner, olive) = shop.hire("olive", "owner").await?;
    let (_, admin, adam) = shop.hire("adam", "administrator").await?;
    let (_, agent, sam) = shop.hire("sam", "sales_agent").await?;
    let told: Vec<_> = shop.members(&owner).await?.into_iter().map(|member| (member.email, member.role)).collect();
    let expected = [("olive", "owner"), ("adam", "administrator"), ("sam", "sales_agent")];
    assert_eq!(told, expected.map(|(name, role)| (format!("{name}@example.com"), role.to_owned())));
    assert_eq!(reason(shop.members(&agent).await), "permission_required");

    assert_eq!(shop.change(&admin, &sam, "moderator").await?.role, "moderator");
    for (who, staff, role) in [(&admin, &sam, "owner"), (&admin, &olive, "administrator"), (&admin, &adam, "owner")] {
        assert_eq!(reason(shop.change(who, staff, role).await), "owners_only");
    }
    assert_eq!(reason(shop.remove(&admin, &olive).await), "owners_only");
    assert_eq!(reason(shop.change(&agent, &sam, "owner").await), "permission_required");
    shop.change(&owner, &adam, "owner").await?;
    shop.remove(&owner, &sam).await?;
    assert_eq!(reason(shop.remove(&owner, &sam).await), "member_not_found");
    Ok(())
}

/// ID-21: a store keeps an owner: the last one neither leaves nor becomes less.
#[tokio::test]
async fn the_last_owner_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (_, owner, olive) = shop.hire("olive", "owner").await?;
    assert_eq!(reason(shop.remove(&owner, &olive).await), "last_owner");
    assert_eq!(reason(shop.change(&owner, &olive, "administrator").await), "last_owner");
    let (_, _, otto) = shop.hire("otto", "owner").await?;
    shop.change(&owner, &olive, "administrator").await?;
    assert_eq!(reason(shop.remove(&owner, &otto).await), "owners_only");
    Ok(())
}

/// ID-21: also when two owners remove each other, or themselves, at the same moment, one stays.
#[tokio::test]
async fn a_race_leaves_an_owner() -> anyhow::Result<()> {
    for round in 0..5 {
        let shop = Shop::open().await?;
        let (_, one, olive) = shop.hire("olive", "owner").await?;
        let (_, two, otto) = shop.hire("otto", "owner").await?;
        let crossed = round % 2 == 0;
        let (first, second) = if crossed { (&otto, &olive) } else { (&olive, &otto) };
        let (a, b) = tokio::join!(shop.remove(&one, first), shop.remove(&two, second));
        assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1, "{a:?} {b:?}");
        let refused = if a.is_ok() { reason(b) } else { reason(a) };
        assert!(["last_owner", "permission_required"].contains(&&*refused), "{refused}");
    }
    Ok(())
}

/// ID-21: a role gives what it is made of, at once and to everybody who has it; nobody makes one of what they lack.
#[tokio::test]
async fn a_role_gives_nothing_its_maker_lacks() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (_, owner, _) = shop.hire("olive", "owner").await?;
    let (token, _, sam) = shop.hire("sam", "moderator").await?;
    let role = shop.role(&owner, "Staff office", &["staff.write", "orders.read"]).await?;
    assert_eq!((role.built_in, role.members, &*role.place), (false, 0, &*shop.store.id));
    shop.change(&owner, &sam, &role.id).await?;
    let actor = shop.house.claims(&token, "", "").await?;
    assert_eq!(actor.perms.slugs(), ["orders.read", "staff.write"]);
    let clerk = shop.house.exchange(&token, "", "").await?;
    assert_eq!(reason(shop.role(&clerk, "More", &["orders.read", "orders.write"]).await), "permission_required");
    assert_eq!(reason(shop.change(&clerk, &sam, "administrator").await), "permission_required");
    assert_eq!(reason(shop.change(&clerk, &sam, "moderator").await), "permission_required");
    let wider = pb::ChangeRoleRequest {
        id: role.id.clone(),
        name: None,
        permissions: vec!["staff.write".to_owned(), "customers.pii".to_owned()],
    };
    assert_eq!(reason(shop.roles().change_role(by(&clerk, wider.clone())).await), "permission_required");
    assert_eq!(shop.roles().change_role(by(&owner, wider)).await?.into_inner().version, 2);
    assert_eq!(shop.house.claims(&token, "", "").await?.perms.slugs(), ["customers.pii", "staff.write"]);

    assert_eq!(reason(shop.role(&owner, "Staff office", &["orders.read"]).await), "role_name_taken");
    assert_eq!(faults(shop.role(&owner, "Owner", &["x"]).await).len(), 2);
    let request = pb::DeleteRoleRequest { id: role.id.clone() };
    assert_eq!(reason(shop.roles().delete_role(by(&owner, request.clone())).await), "role_in_use");
    shop.change(&owner, &sam, "moderator").await?;
    shop.roles().delete_role(by(&owner, request)).await?;
    assert_eq!(reason(shop.change(&owner, &sam, &role.id).await), "role_not_found");
    assert_eq!(faults(shop.change(&owner, &sam, "root").await), [("/role".to_owned(), "unknown".to_owned())]);
    Ok(())
}

/// ID-21, ID-30: another store's members and roles are unknown, and integrations look after no staff.
#[tokio::test]
async fn staff_of_others_are_unknown() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (_, owner, olive) = shop.hire("olive", "owner").await?;
    let role = shop.role(&owner, "Warehouse", &["orders.read"]).await?;
    let far = shop.house.store("Far Shop").await?;
    let stranger = shop.house.at_work("otto@example.com", &far.id, "owner").await?;
    assert_eq!(reason(shop.remove(&stranger, &olive).await), "member_not_found");
    assert_eq!(reason(shop.change(&stranger, &olive, "moderator").await), "member_not_found");
    assert_eq!(shop.members(&stranger).await?.len(), 1);
    let request = pb::DeleteRoleRequest { id: role.id };
    assert_eq!(reason(shop.roles().delete_role(by(&stranger, request)).await), "role_not_found");
    let roles = shop.roles().list_roles(by(&owner, pb::ListRolesRequest {})).await?.into_inner().roles;
    assert_eq!((roles.len(), roles[0].members, &*roles[5].name), (6, 1, "Warehouse"));
    Ok(())
}

/// ID-10, ID-21: who is removed everywhere is signed out at once.
#[tokio::test]
async fn who_is_removed_is_signed_out() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (_, owner, _) = shop.hire("olive", "owner").await?;
    let (token, _, sam) = shop.hire("sam", "moderator").await?;
    shop.remove(&owner, &sam).await?;
    assert_eq!(reason(shop.house.exchange(&token, "", "").await), "unauthenticated");
    assert_eq!(shop.house.events::<SessionRevoked>().await?.len(), 1);
    Ok(())
}

/// ID-20, ID-21: changes of staff need a recent proof of who one is.
#[tokio::test]
async fn staff_are_a_dangerous_matter() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (token, ..) = shop.hire("olive", "owner").await?;
    let (_, _, sam) = shop.hire("sam", "moderator").await?;
    shop.house.clock.advance(TimeDelta::minutes(15));
    let owner = shop.house.exchange(&token, "", "").await?;
    assert_eq!(reason(shop.remove(&owner, &sam).await), "step_up_required");
    assert_eq!(reason(shop.change(&owner, &sam, "owner").await), "step_up_required");
    assert_eq!(reason(shop.role(&owner, "Warehouse", &["orders.read"]).await), "step_up_required");
    assert_eq!(shop.members(&owner).await?.len(), 2);
    Ok(())
}
