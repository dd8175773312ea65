//! Block lists (ID-26).
use chrono::TimeDelta;
use identity::NAME;
use kit::{call::header, clock::timestamp};
use proto::{
    base::v1::FindTracesRequest,
    identity::v1::{
        self as pb, add_blocks_request::Value, block_service_client::BlockServiceClient,
        check_many_blocks_request::Visitor, personal_data_service_client::PersonalDataServiceClient,
    },
};
use testing::actors;
use tonic::Status;

use crate::house::{House, PASSWORD, by, reason};

pub async fn block(house: &House, who: &str, kind: &str, value: &str) -> Result<pb::Block, Status> {
    let expires_at = Some(timestamp(house.clock.now() + TimeDelta::hours(1)));
    let (kind, value, reason) = (kind.to_owned(), value.to_owned(), "Nothing but spam.".to_owned());
    let request = pb::CreateBlockRequest { kind, value, reason, expires_at };
    Ok(BlockServiceClient::new(house.way()).create_block(by(who, request)).await?.into_inner())
}

/// Asks for a registration code from somewhere.
async fn ask(house: &House, front: &str, email: &str, ip: &str) -> String {
    let request = pb::RequestCreationCodeRequest { mode: "email".to_owned(), identity: email.to_owned() };
    reason(house.accounts().request_creation_code(actors::with(by(front, request), header::CLIENT_IP, ip)).await)
}

async fn log_in(house: &House, front: &str, email: &str, ip: &str) -> String {
    let request = pb::LogInRequest { identity: email.to_owned(), password: PASSWORD.to_owned() };
    reason(house.accounts().log_in(actors::with(by(front, request), header::CLIENT_IP, ip)).await)
}

/// ID-26: addresses, networks, e-mail addresses and domains are kept out of registration and login, of this customer
/// base alone, until the entry ends or is dropped.
#[tokio::test]
async fn who_is_listed_is_kept_out() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    house.register(&house.front(&store.key).await?, "ada@example.com").await?;
    assert!(!house.actor(&store.key, "", "").await?.has_blocks);
    block(&house, &owner, "ip", "192.0.2.0/24").await?;
    block(&house, &owner, "email", "Ada@Example.com").await?;
    block(&house, &owner, "domain", "spam.example").await?;
    assert!(house.actor(&store.key, "", "").await?.has_blocks);
    let front = house.front(&store.key).await?;
    for (email, ip, expected) in [
        ("new@example.com", "192.0.2.77", "blocked"),
        ("new@example.com", "::ffff:192.0.2.77", "blocked"),
        ("ada@example.com", "198.51.100.1", "blocked"),
        ("x@mail.spam.example", "198.51.100.1", "blocked"),
        ("x@notspam.example", "198.51.100.1", "it was allowed"),
        ("new@example.com", "198.51.100.1", "it was allowed"),
    ] {
        assert_eq!(ask(&house, &front, email, ip).await, expected, "{email} {ip}");
    }
    assert_eq!(log_in(&house, &front, "ada@example.com", "198.51.100.1").await, "blocked");
    let far = house.front(&other.key).await?;
    assert_eq!(ask(&house, &far, "ada@example.com", "192.0.2.77").await, "it was allowed");

    house.clock.advance(TimeDelta::hours(1) - TimeDelta::seconds(1));
    let front = house.front(&store.key).await?;
    assert_eq!(log_in(&house, &front, "ada@example.com", "198.51.100.1").await, "blocked");
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(log_in(&house, &front, "ada@example.com", "198.51.100.1").await, "it was allowed");
    Ok(())
}

/// ID-26: whoever is listed comes in neither with a code nor with a link.
#[tokio::test]
async fn codes_and_links_let_nobody_past_the_list() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let ada = "ada@example.com".to_owned();
    house.register(&house.front(&store.key).await?, &ada).await?;
    let enter = async |front: &str| {
        let mut sign_ins = house.client(pb::code_sign_in_service_client::CodeSignInServiceClient::new);
        let request = pb::RequestSignInCodeRequest { identity: ada.clone() };
        let asked = reason(sign_ins.request_sign_in_code(by(front, request)).await);
        let request = pb::VerifySignInCodeRequest { identity: ada.clone(), code: house.letters.code() };
        let entered = reason(sign_ins.verify_sign_in_code(by(front, request)).await);
        let request = pb::RequestMagicLinkRequest { email: ada.clone() };
        let mut links = house.client(pb::magic_link_service_client::MagicLinkServiceClient::new);
        [asked, entered, reason(links.request_magic_link(by(front, request)).await)]
    };
    assert_eq!(enter(&house.front(&store.key).await?).await, ["it was allowed"; 3]);
    block(&house, &owner, "email", &ada).await?;
    assert_eq!(enter(&house.front(&store.key).await?).await, ["blocked"; 3]);
    Ok(())
}

/// ID-26: e-mail addresses are kept as hashes and shown masked; an entry is added once and dropped by its own staff only.
#[tokio::test]
async fn a_list_is_looked_after() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (store, other) = (house.store("Corner Shop").await?, house.store("Far Shop").await?);
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let stranger = house.at_work("otto@example.com", &other.id, "owner").await?;
    let agent = house.at_work("sam@example.com", &store.id, "sales_agent").await?;
    assert_eq!(reason(block(&house, &agent, "ip", "192.0.2.1").await), "permission_required");
    let made = block(&house, &owner, "email", "ada.lovelace@example.com").await?;
    let stored: String =
        sqlx::query_scalar("select b::text from blocks b").fetch_one(house.env.db(NAME)?.pool()).await?;
    assert!(!stored.contains("lovelace") && !made.value.contains("lovelace"), "{stored}");
    assert_eq!(reason(block(&house, &owner, "email", "Ada.Lovelace@example.com").await), "already_blocked");
    let mut blocks = BlockServiceClient::new(house.way());
    let listed = blocks.list_blocks(by(&stranger, pb::ListBlocksRequest {})).await?.into_inner().blocks;
    assert!(listed.is_empty());
    let delete = |who: &str| by(who, pb::DeleteBlockRequest { id: made.id.clone() });
    assert_eq!(reason(blocks.delete_block(delete(&stranger)).await), "block_not_found");
    blocks.delete_block(delete(&owner)).await?;
    assert!(blocks.list_blocks(by(&owner, pb::ListBlocksRequest {})).await?.into_inner().blocks.is_empty());
    let check = pb::CheckBlocksRequest { realm: store.realm, ip: "192.0.2.1".to_owned(), email: String::new() };
    assert_eq!(reason(blocks.check_blocks(by(&owner, check)).await), "wrong_caller");
    Ok(())
}

/// AD-1, PL-7: why a customer is kept out leaves sealed with their key; why an address that nobody has, not at all; why
/// a network or a domain, as it was said.
#[tokio::test]
async fn reasons_leave_sealed() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let ada = house.people.meet(&store.realm, "ada@example.com");
    for (kind, value) in [("email", "ada@example.com"), ("email", "eve@example.com"), ("domain", "spam.example")] {
        block(&house, &owner, kind, value).await?;
    }
    let told: Vec<_> = house.audited("block.created").await?;
    assert!(told[0].reason.contains("sealed") && !told[0].reason.contains("spam"), "{}", told[0].reason);
    assert_eq!((&told[0].customers[..], told[1].customers.len()), (&[ada][..], 0));
    assert_eq!((told[1].reason.as_str(), told[2].reason.as_str()), ("", r#""Nothing but spam.""#));
    Ok(())
}

/// AD-2: the house learns who came back after registering, and which of many are kept out; no staff do.
#[tokio::test]
async fn the_house_learns_who_came_back() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    let front = house.front(&store.key).await?;
    let mut customers = Vec::new();
    for email in ["ada@example.com", "bob@example.com"] {
        customers.push(house.register(&front, email).await?.customer);
    }
    let mut personal = PersonalDataServiceClient::new(house.way());
    let request = FindTracesRequest { realm: store.realm.clone(), customers: customers.clone() };
    assert!(personal.find_traces(request.clone()).await?.into_inner().traces.is_empty(), "registering is no use");
    house.clock.advance(TimeDelta::seconds(1));
    house.log_in(&house.front(&store.key).await?, "bob@example.com", PASSWORD).await?;
    let traces = personal.find_traces(request.clone()).await?.into_inner().traces;
    let left: Vec<_> = traces.iter().map(|trace| (&trace.customer, &*trace.kind)).collect();
    assert_eq!(left, [(&customers[1], "sign_in")]);
    assert_eq!(reason(personal.find_traces(by(&owner, request)).await), "wrong_caller");

    let visitor = |ip: &str, email: &str| Visitor { ip: ip.to_owned(), email: email.to_owned() };
    let visitors = vec![visitor("192.0.2.1", "ada@example.com"), visitor("", "x@spam.example"), visitor("", "")];
    let many = pb::CheckManyBlocksRequest { realm: store.realm.clone(), visitors };
    let mut blocks = BlockServiceClient::new(house.way());
    assert_eq!(blocks.check_many_blocks(many.clone()).await?.into_inner().blocked, [false; 3]);
    block(&house, &owner, "ip", "192.0.2.0/24").await?;
    block(&house, &owner, "domain", "spam.example").await?;
    assert_eq!(blocks.check_many_blocks(many.clone()).await?.into_inner().blocked, [true, true, false]);
    assert_eq!(reason(blocks.check_many_blocks(by(&owner, many)).await), "wrong_caller");
    Ok(())
}

/// AD-2: that an account is used stays known when the sessions that show it are over: those that ran out, that were ended,
/// and those of the portal. A session of staff in its name, and one of the day it was made, show nothing.
#[tokio::test]
async fn use_is_remembered() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let mut customers = Vec::new();
    for name in ["idle", "back", "ended", "portal", "staff", "device"] {
        customers.push(house.register(&front, &format!("{name}@example.com")).await?.customer);
    }
    let id = |place: usize| customers[place].parse::<kit::ids::CustomerId>().map(kit::ids::CustomerId::uuid);
    let db = house.env.db(identity::NAME)?;
    let touch = "update sessions set touched_at = touched_at + interval '2 days' where subject_id = $1";
    for place in [1, 2, 4] {
        sqlx::query(touch).bind(id(place)?).execute(db.pool()).await?;
    }
    let acting = "update sessions set act_staff_id = gen_random_uuid(), act_reason = 'help', act_session_id = id,
                    ends_at = expires_at where subject_id = $1";
    sqlx::query(acting).bind(id(4)?).execute(db.pool()).await?;
    let portal = "insert into portal_sessions (id, token_hash, shopper_id, email, authenticated_at, touched_at, expires_at,
                    ip, agent)
                  select gen_random_uuid(), '', encode(substring(email_hash from 1 for 16), 'hex')::uuid, '', registered_at,
                         registered_at, registered_at, '', '' from shoppers where customer_id = $1";
    sqlx::query(portal).bind(id(3)?).execute(db.pool()).await?;
    let device = "insert into devices (realm_id, id, customer_id, platform, token_hash, token, registered_at)
                  select realm_id, gen_random_uuid(), customer_id, 'web', '', '', registered_at
                  from customer_credentials where customer_id = $1";
    sqlx::query(device).bind(id(5)?).execute(db.pool()).await?;
    sqlx::query("delete from sessions where subject_id = $1").bind(id(2)?).execute(db.pool()).await?;
    identity::prune::prune(&db, house.clock.now() + TimeDelta::days(400)).await?;
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from sessions where kind = 'customer') + (select count(*) from portal_sessions)",
    )
    .fetch_one(db.pool())
    .await?;
    assert_eq!(left, 0, "no session is left that would show it");
    let mut personal = PersonalDataServiceClient::new(house.way());
    let request = FindTracesRequest { realm: store.realm.clone(), customers: customers.clone() };
    let traces = personal.find_traces(request).await?.into_inner().traces;
    let left = |place: usize| traces.iter().find(|trace| trace.customer == customers[place]).map(|trace| &*trace.kind);
    assert_eq!([left(0), left(4)], [None, None]);
    assert_eq!([1, 2, 3].map(left), [Some("sign_in"); 3]);
    assert_eq!(left(5), Some("device"));
    Ok(())
}

/// AD-3, ID-26: what spam accounts were made with is added once; domains where everybody has an address are left out.
#[tokio::test]
async fn what_spam_was_made_with_is_added() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let owner = house.at_work("olive@example.com", &store.id, "owner").await?;
    block(&house, &owner, "domain", "spam.example").await?;
    let value = |kind: &str, value: &str| Value { kind: kind.to_owned(), value: value.to_owned() };
    let request = pb::AddBlocksRequest {
        realm: store.realm.clone(),
        values: vec![
            value("email", "bot@gmail.com"),
            value("domain", "gmail.com"),
            value("domain", "spam.example"),
            value("domain", "robots.example"),
            value("domain", "not a domain"),
        ],
        reason: "Made by a script".to_owned(),
        created_by: "stf_01a2013e22517bdc8062166f3d6df22e".to_owned(),
        expires_at: None,
    };
    let mut blocks = BlockServiceClient::new(house.way());
    assert_eq!(blocks.add_blocks(request.clone()).await?.into_inner().added, 2);
    assert_eq!(blocks.add_blocks(request.clone()).await?.into_inner().added, 0);
    assert_eq!(reason(blocks.add_blocks(by(&owner, request)).await), "wrong_caller");
    let front = house.front(&store.key).await?;
    for (email, expected) in
        [("bot@gmail.com", "blocked"), ("x@robots.example", "blocked"), ("somebody@gmail.com", "it was allowed")]
    {
        assert_eq!(ask(&house, &front, email, "198.51.100.1").await, expected, "{email}");
    }
    assert_eq!(house.audited("block.created").await?.len(), 3);
    Ok(())
}
