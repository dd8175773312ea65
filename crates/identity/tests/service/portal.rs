//! Links into the account portal, and its sessions (ID-14, ID-15).
use chrono::TimeDelta;
use identity::NAME;
use kit::{actor::Kind, call::header};
use proto::identity::v1::{
    self as pb, magic_link_service_client::MagicLinkServiceClient, shopper_service_client::ShopperServiceClient,
};

use testing::actors;

use crate::house::{House, PASSWORD, by, reason};

/// Asks for a link at the house's own address; answers its token, empty when the letter has none.
async fn ask(house: &House, email: &str) -> anyhow::Result<String> {
    let request = pb::RequestMagicLinkRequest { email: email.to_owned() };
    house.client(MagicLinkServiceClient::new).request_magic_link(request).await?;
    Ok(token(house))
}

fn token(house: &House) -> String {
    let letter = house.letters.last();
    letter.secrets.get("link").and_then(|link| link.rsplit('/').next()).unwrap_or_default().to_owned()
}

async fn follow(house: &House, token: &str) -> Result<pb::PortalSession, tonic::Status> {
    let request = pb::CreatePortalSessionRequest { token: token.to_owned() };
    Ok(house.client(ShopperServiceClient::new).create_portal_session(request).await?.into_inner())
}

/// A session of the portal.
pub async fn enter(house: &House, email: &str) -> anyhow::Result<pb::PortalSession> {
    let token = ask(house, email).await?;
    Ok(follow(house, &token).await?)
}

async fn stores(house: &House, session: &pb::PortalSession) -> anyhow::Result<Vec<String>> {
    let me = house.exchange(&session.token, "", "").await?;
    let mut shoppers = house.client(ShopperServiceClient::new);
    let listed = shoppers.list_shopper_stores(by(&me, pb::ListShopperStoresRequest {})).await?;
    Ok(listed.into_inner().stores.into_iter().map(|store| store.name).collect())
}

/// ID-14: fifteen minutes from when it is sent, any number of times inside, dead after; using it never extends it, and
/// a new one can be asked for.
#[tokio::test]
async fn a_link_lives_a_quarter_of_an_hour() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    house.people.sell(&store.realm, "ada@example.com");
    let token = ask(&house, "Ada@example.com").await?;
    let sent = house.letters.last();
    assert_eq!((&*sent.template, &*sent.to, &*sent.store), ("magic_link", "Ada@example.com", ""));
    let (first, second) = (follow(&house, &token).await?, follow(&house, &token).await?);
    assert!(first.token.starts_with("portal_") && first.token != second.token);
    house.clock.advance(TimeDelta::minutes(14) + TimeDelta::seconds(59));
    follow(&house, &token).await?;
    house.clock.advance(TimeDelta::seconds(2));
    assert_eq!(reason(follow(&house, &token).await), "bad_link");
    for guess in ["", "link_", &token[..token.len() - 1], &first.token] {
        assert_eq!(reason(follow(&house, guess).await), "bad_link");
    }
    let next = ask(&house, "ada@example.com").await?;
    follow(&house, &next).await?;
    house.claims(&first.token, "", "").await?;
    let kept: Vec<u8> = sqlx::query_scalar("select token_hash from magic_links order by created_at limit 1")
        .fetch_one(house.env.db(NAME)?.pool())
        .await?;
    assert_eq!(kept, kit::secret::sha256(token.as_bytes()), "only hashes are stored");
    Ok(())
}

/// ID-15: one session spans every store of the shopper, bought as a guest or registered, and nobody else's; leads are
/// nobody yet.
#[tokio::test]
async fn a_session_spans_all_stores() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (one, two, three) = (house.store("One").await?, house.store("Two").await?, house.store("Three").await?);
    house.people.sell(&one.realm, "ada@example.com");
    house.clock.advance(TimeDelta::hours(1));
    house.people.sell(&two.realm, "ada@example.com");
    house.people.meet(&three.realm, "ada@example.com");
    house.people.sell(&three.realm, "eve@example.com");
    let session = enter(&house, "ada@example.com").await?;
    assert_eq!(stores(&house, &session).await?, ["Two", "One"]);
    let claims = house.claims(&session.token, "", "").await?;
    assert_eq!((claims.kind, claims.realm, &claims.amr[..]), (Kind::Shopper, None, &["link".to_owned()][..]));
    let me = house.exchange(&session.token, "", "").await?;
    let shopper = house.client(ShopperServiceClient::new).get_shopper(by(&me, pb::GetShopperRequest {})).await?;
    assert_eq!((shopper.into_inner().email, claims.sub.starts_with("shp_")), ("ada@example.com".to_owned(), true));
    let again = enter(&house, "ADA@example.com").await?;
    assert_eq!(house.claims(&again.token, "", "").await?.sub, claims.sub);
    Ok(())
}

/// ID-14: asked for from a store's My Account it goes in that store's name.
#[tokio::test]
async fn a_store_sends_in_its_own_name() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    house.people.sell(&store.realm, "ada@example.com");
    let front = house.front(&store.key).await?;
    let request = pb::RequestMagicLinkRequest { email: "ada@example.com".to_owned() };
    house.client(MagicLinkServiceClient::new).request_magic_link(by(&front, request)).await?;
    let sent = house.letters.last();
    assert_eq!((&sent.store, &sent.realm, &*sent.template), (&store.id, &store.realm, "magic_link"));
    assert_eq!(sent.customer, house.people.records()[0].id, "it is in the log of the customer");
    follow(&house, &token(&house)).await?;
    Ok(())
}

/// ID-7, ID-8: an address that nobody bought with gets a letter, too, but no link.
#[tokio::test]
async fn strangers_get_no_link() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    house.people.meet(&store.realm, "lead@example.com");
    for email in ["nobody@example.com", "lead@example.com"] {
        assert_eq!(ask(&house, email).await?, "");
        assert_eq!(house.letters.last().template, "no_purchases");
    }
    Ok(())
}

/// ID-9: inactive closes the portal for that store, also to a link under way; the others stay open.
#[tokio::test]
async fn the_inactive_do_not_come_in_by_link() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (one, two) = (house.store("One").await?, house.store("Two").await?);
    let here = house.people.sell(&one.realm, "ada@example.com");
    let session = enter(&house, "ada@example.com").await?;
    let there = house.people.sell(&two.realm, "ada@example.com");
    assert_eq!(stores(&house, &session).await?.len(), 2);
    let token = ask(&house, "ada@example.com").await?;
    house.people.inactivate(&here);
    assert_eq!(stores(&house, &session).await?, ["Two"]);
    let front = house.front(&one.key).await?;
    let request = pb::RequestMagicLinkRequest { email: "ada@example.com".to_owned() };
    house.client(MagicLinkServiceClient::new).request_magic_link(by(&front, request)).await?;
    assert_eq!(house.letters.last().template, "no_purchases", "that store's door is closed");
    assert_eq!(stores(&house, &follow(&house, &token).await?).await?, ["Two"]);
    house.people.inactivate(&there);
    assert_eq!(reason(follow(&house, &token).await), "bad_link");
    assert_eq!(ask(&house, "ada@example.com").await?, "");
    Ok(())
}

/// ID-10, ID-15: a portal session slides like a customer's, ends when its shopper signs out, and is a token for the
/// portal only.
#[tokio::test]
async fn a_portal_session_ends() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    house.register(&front, "ada@example.com").await?;
    let session = enter(&house, "ada@example.com").await?;
    assert_eq!(reason(house.exchange(&store.key, &session.token, "").await), "unauthenticated");
    assert_eq!(reason(house.exchange(&session.token, &session.token, "").await), "unauthenticated");
    house.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
    let me = house.exchange(&session.token, "", "").await?;
    let mut shoppers = house.client(ShopperServiceClient::new);
    let customer = house.log_in(&house.front(&store.key).await?, "ada@example.com", PASSWORD).await?;
    let other = house.exchange(&store.key, &customer.token, "").await?;
    assert_eq!(reason(shoppers.get_shopper(by(&other, pb::GetShopperRequest {})).await), "wrong_caller");
    assert_eq!(
        reason(shoppers.create_portal_session(by(&other, pb::CreatePortalSessionRequest::default())).await),
        "wrong_caller"
    );
    shoppers.delete_portal_session(by(&me, pb::DeletePortalSessionRequest {})).await?;
    assert_eq!(reason(house.exchange(&session.token, "", "").await), "unauthenticated");
    assert_eq!(reason(shoppers.get_shopper(by(&me, pb::GetShopperRequest {})).await), "unauthenticated");
    let late = enter(&house, "ada@example.com").await?;
    house.clock.advance(TimeDelta::days(90));
    assert_eq!(reason(house.exchange(&late.token, "", "").await), "unauthenticated");
    Ok(())
}

/// ID-26: who is on a store's block list, by address or by where they come from, is not let in to that store by a link,
/// asked for at the house's own address, followed, or looked around with; other stores stay open, and from a store's own
/// My Account the refusal is said.
#[tokio::test]
async fn a_link_lets_nobody_past_the_list() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (one, two) = (house.store("One").await?, house.store("Two").await?);
    house.people.sell(&one.realm, "ada@example.com");
    let owner = house.at_work("olive@example.com", &one.id, "owner").await?;
    let token = ask(&house, "ada@example.com").await?;
    let session = follow(&house, &token).await?;
    let before = ask(&house, "ada@example.com").await?;
    crate::blocks::block(&house, &owner, "email", "ada@example.com").await?;
    assert_eq!(reason(follow(&house, &before).await), "bad_link", "also with a link under way");
    assert_eq!(ask(&house, "ada@example.com").await?, "");
    assert_eq!(house.letters.last().template, "no_purchases");
    assert!(stores(&house, &session).await?.is_empty());
    let front = house.front(&one.key).await?;
    let request = pb::RequestMagicLinkRequest { email: "ada@example.com".to_owned() };
    let refused = house.client(MagicLinkServiceClient::new).request_magic_link(by(&front, request)).await;
    assert_eq!(reason(refused), "blocked");

    house.people.sell(&two.realm, "ada@example.com");
    let token = ask(&house, "ada@example.com").await?;
    assert_eq!(stores(&house, &follow(&house, &token).await?).await?, ["Two"]);

    house.people.sell(&one.realm, "eve@example.com");
    let token = ask(&house, "eve@example.com").await?;
    crate::blocks::block(&house, &owner, "ip", "192.0.2.0/24").await?;
    let from = |ip| {
        let request = tonic::Request::new(pb::CreatePortalSessionRequest { token: token.clone() });
        actors::with(request, header::CLIENT_IP, ip)
    };
    let mut shoppers = house.client(ShopperServiceClient::new);
    assert_eq!(reason(shoppers.create_portal_session(from("192.0.2.7")).await), "bad_link");
    shoppers.create_portal_session(from("198.51.100.7")).await?;
    Ok(())
}

/// ID-10: a shopper sees their own sessions, ends one elsewhere and all the others, and nobody else's.
#[tokio::test]
async fn shoppers_end_sessions_elsewhere() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    house.people.sell(&store.realm, "ada@example.com");
    house.people.sell(&store.realm, "eve@example.com");
    let (here, there, third, eve) = (
        enter(&house, "ada@example.com").await?,
        enter(&house, "ada@example.com").await?,
        enter(&house, "ada@example.com").await?,
        enter(&house, "eve@example.com").await?,
    );
    let me = house.exchange(&here.token, "", "").await?;
    let session = async |token: &str| house.claims(token, "", "").await.map(|claims| claims.sid.unwrap_or_default());
    let shoppers = || house.client(ShopperServiceClient::new);
    let list = async || {
        let listed = shoppers().list_portal_sessions(by(&me, pb::ListPortalSessionsRequest {})).await?;
        Ok::<_, anyhow::Error>(listed.into_inner().sessions)
    };
    let open = list().await?;
    assert_eq!((open.len(), open.iter().filter(|session| session.current).count()), (3, 1));
    assert_eq!(open[0].methods, ["link"]);
    let end = async |id: &str| {
        shoppers().revoke_portal_session(by(&me, pb::RevokePortalSessionRequest { id: id.to_owned() })).await
    };
    assert_eq!(reason(end(&session(&eve.token).await?).await), "session_not_found");
    end(&session(&there.token).await?).await?;
    assert_eq!(reason(house.exchange(&there.token, "", "").await), "unauthenticated");
    let ended = shoppers().revoke_portal_sessions(by(&me, pb::RevokePortalSessionsRequest {})).await?.into_inner();
    assert_eq!(ended.sessions.len(), 1);
    assert_eq!(reason(house.exchange(&third.token, "", "").await), "unauthenticated");
    assert_eq!(list().await?.len(), 1);
    house.claims(&eve.token, "", "").await?;
    assert_eq!(house.events::<pb::SessionRevoked>().await?.len(), 2);
    Ok(())
}

/// CU-15, ID-15: one's own data are given out for a quarter of an hour after signing in, not for as long as a session lasts.
#[tokio::test]
async fn own_data_are_for_those_who_just_came() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("One").await?;
    house.people.sell(&store.realm, "ada@example.com");
    let session = enter(&house, "ada@example.com").await?;
    let export = async || {
        let me = house.exchange(&session.token, "", "").await?;
        let exported =
            house.client(ShopperServiceClient::new).export_shopper(by(&me, pb::ExportShopperRequest {})).await;
        anyhow::Ok(if exported.is_ok() { String::new() } else { reason(exported) })
    };
    house.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    assert_ne!(export().await?, "recent_sign_in_required");
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(export().await?, "recent_sign_in_required");
    Ok(())
}
