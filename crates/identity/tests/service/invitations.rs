//! Invitations (ID-20, ID-21).
use chrono::TimeDelta;
use proto::identity::v1::{
    self as pb, create_session_response::Outcome, factor_service_client::FactorServiceClient,
    invitation_service_client::InvitationServiceClient, member_service_client::MemberServiceClient,
};
use tonic::Status;

use crate::house::{House, PASSWORD, by, faults, reason};

async fn invite(house: &House, who: &str, email: &str, role: &str) -> Result<pb::Invitation, Status> {
    let request = pb::CreateInvitationRequest { email: email.to_owned(), role: role.to_owned(), place: String::new() };
    Ok(InvitationServiceClient::new(house.way()).create_invitation(by(who, request)).await?.into_inner())
}

/// The token in the newest letter.
fn token(house: &House) -> String {
    let letter = house.letters.last();
    let link = letter.secrets.get("link").cloned().unwrap_or_default();
    link.rsplit_once('=').map(|(_, token)| token.to_owned()).unwrap_or_default()
}

async fn accept(house: &House, token: &str, password: &str) -> Result<pb::CreateSessionResponse, Status> {
    let (token, name, password) = (token.to_owned(), "Nina New".to_owned(), password.to_owned());
    let request = pb::AcceptInvitationRequest { token, name, password };
    Ok(InvitationServiceClient::new(house.way()).accept_invitation(request).await?.into_inner())
}

/// ID-20, ID-21: somebody new is invited by mail, chooses a password, enrols a second factor, and then is signed in.
#[tokio::test]
async fn somebody_new_comes_in_with_both_factors() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let invitation = invite(&house, &owner, "Nina@example.com", "sales_agent").await?;
    assert_eq!(
        (&*invitation.email, &*invitation.role_name, &*invitation.link),
        ("Nina@example.com", "Sales agent", "")
    );
    assert_eq!(house.letters.last().to, "Nina@example.com");
    let link = token(&house);
    let preview = pb::PreviewInvitationRequest { token: link.clone() };
    let preview = InvitationServiceClient::new(house.way()).preview_invitation(preview).await?.into_inner();
    assert_eq!((&*preview.place_name, preview.has_account, preview.shortest_password), ("Corner Shop", false, 8));

    assert_eq!(faults(accept(&house, &link, "short").await), [("/password".to_owned(), "too_short".to_owned())]);
    let outcome = accept(&house, &link, PASSWORD).await?;
    assert!(outcome.enrolment_required);
    let Some(Outcome::Challenge(challenge)) = outcome.outcome else { anyhow::bail!("no second factor was asked for") };
    let request = pb::BeginEnrolmentRequest { challenge: challenge.clone() };
    let enrolment = FactorServiceClient::new(house.way()).begin_enrolment(request).await?.into_inner();
    assert!(enrolment.uri.contains(&enrolment.secret) && enrolment.uri.contains("Nina%40example%2Ecom"));
    let code = house.totp(&enrolment.secret, 0)?;
    let session = house.sessions().verify_factor(pb::VerifyFactorRequest { challenge, code }).await?.into_inner();
    assert_eq!(session.recovery_codes.len(), 10);
    let claims = house.claims(&session.token, "", "").await?;
    assert_eq!((claims.amr, claims.store), (vec!["password".to_owned(), "otp".to_owned()], Some(store.id)));
    assert_eq!(claims.perms.slugs().len(), 8);

    assert_eq!(reason(accept(&house, &link, PASSWORD).await), "bad_invitation");
    assert_eq!(reason(invite(&house, &owner, "nina@example.com", "moderator").await), "already_member");
    Ok(())
}

/// ID-21: somebody who works elsewhere takes an invitation up with the password and factor they have.
#[tokio::test]
async fn somebody_known_keeps_their_password() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let (_, secret) = house.hire("nina@example.com", &other.id, "owner").await?;
    invite(&house, &owner, "nina@example.com", "moderator").await?;
    let link = token(&house);
    assert_eq!(reason(accept(&house, &link, "another password entirely").await), "bad_credentials");
    let outcome = accept(&house, &link, PASSWORD).await?;
    assert!(matches!(outcome.outcome, Some(Outcome::Challenge(_))) && !outcome.enrolment_required);
    house.clock.advance(TimeDelta::seconds(30));
    let nina = house.sign_in("nina@example.com", &secret).await?;
    assert_eq!(house.claims(&nina, "", &store.id).await?.perms.slugs().len(), 6);
    Ok(())
}

/// ID-21: a link is good for three days and once, the newest of an address only, and not when it was taken back.
#[tokio::test]
async fn a_link_has_its_time() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let (token_of_owner, secret) = house.hire("olive@example.com", &store.id, "owner").await?;
    let owner = house.exchange(&token_of_owner, "", "").await?;
    invite(&house, &owner, "nina@example.com", "moderator").await?;
    let first = token(&house);
    invite(&house, &owner, "nina@example.com", "sales_agent").await?;
    let second = token(&house);
    assert_eq!(reason(accept(&house, &first, PASSWORD).await), "bad_invitation");
    house.clock.advance(TimeDelta::days(3) - TimeDelta::seconds(1));
    let preview = pb::PreviewInvitationRequest { token: second.clone() };
    InvitationServiceClient::new(house.way()).preview_invitation(preview).await?;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(accept(&house, &second, PASSWORD).await), "bad_invitation");

    let owner = house.exchange(&house.sign_in("olive@example.com", &secret).await?, "", "").await?;
    let third = invite(&house, &owner, "nina@example.com", "moderator").await?;
    let link = token(&house);
    let mut invitations = InvitationServiceClient::new(house.way());
    let waiting = invitations.list_invitations(by(&owner, pb::ListInvitationsRequest {})).await?.into_inner();
    assert_eq!(waiting.invitations.iter().map(|one| &one.id).collect::<Vec<_>>(), [&third.id]);
    invitations.revoke_invitation(by(&owner, pb::RevokeInvitationRequest { id: third.id })).await?;
    assert_eq!(reason(accept(&house, &link, PASSWORD).await), "bad_invitation");
    Ok(())
}

/// ID-21: nobody invites to what they lack, and what somebody sent out ends with their membership.
#[tokio::test]
async fn nobody_invites_to_what_they_lack() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let token_of_admin = house.clerk("adam@example.com", &store.id, "administrator").await?;
    let admin = house.exchange(&token_of_admin, "", "").await?;
    let agent = house.at_work("sam@example.com", &store.id, "sales_agent").await?;
    assert_eq!(reason(invite(&house, &admin, "nina@example.com", "owner").await), "owners_only");
    assert_eq!(reason(invite(&house, &agent, "nina@example.com", "moderator").await), "permission_required");
    let unknown = invite(&house, &owner, "nina@example.com", "role_00000000000000000000000000000000").await;
    assert_eq!(reason(unknown), "role_not_found");
    invite(&house, &admin, "nina@example.com", "administrator").await?;
    let link = token(&house);
    let staff = house.claims(&token_of_admin, "", "").await?.sub;
    let remove = pb::RemoveMemberRequest { staff };
    MemberServiceClient::new(house.way()).remove_member(by(&owner, remove)).await?;
    assert_eq!(reason(accept(&house, &link, PASSWORD).await), "bad_invitation");
    Ok(())
}
