//! Codes at their edges (ID-6), and what they tell (ID-7).
use chrono::TimeDelta;
use identity::{
    NAME,
    code::{Purpose, Question, store},
};
use proto::identity::v1 as pb;
use tonic::Code;

use crate::house::{House, by, faults, form, reason};

fn ask(mode: &str, identity: &str) -> pb::RequestCreationCodeRequest {
    pb::RequestCreationCodeRequest { mode: mode.to_owned(), identity: identity.to_owned() }
}

/// A code that is not `code`.
fn other(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..5])
}

/// ID-6: a code is good for ten minutes, not a second longer.
#[tokio::test]
async fn a_code_lasts_ten_minutes() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.store("Corner Shop").await?.key;
    let enter = || house.front(&front);

    let code = house.code(&enter().await?, "ada@example.com").await?;
    house.clock.advance(TimeDelta::seconds(10 * 60 - 1));
    house.accounts().register(by(&enter().await?, form("ada@example.com", &code))).await?;

    let code = house.code(&enter().await?, "eve@example.com").await?;
    house.clock.advance(TimeDelta::minutes(10));
    let late = house.accounts().register(by(&enter().await?, form("eve@example.com", &code))).await;
    assert_eq!(reason(late), "bad_code");
    Ok(())
}

/// ID-6: five tries, counted whatever comes of them; the sixth fails with the right code.
#[tokio::test]
async fn a_code_can_be_tried_five_times() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    for (tries, outcome) in [(4, "it was allowed"), (5, "bad_code")] {
        let email = format!("after{tries}@example.com");
        let code = house.code(&front, &email).await?;
        for _ in 0..tries {
            let wrong = house.accounts().register(by(&front, form(&email, &other(&code)))).await;
            assert_eq!(reason(wrong), "bad_code");
        }
        assert_eq!(reason(house.accounts().register(by(&front, form(&email, &code))).await), outcome, "{tries}");
    }
    Ok(())
}

/// ID-6: tries that come all at once are counted one by one.
#[tokio::test]
async fn tries_at_once_are_counted() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (mut accounts, request) = (house.accounts(), by(&front, form("ada@example.com", &other(&code))));
        tries.spawn(async move { reason(accounts.register(request).await) });
    }
    assert!(tries.join_all().await.iter().all(|outcome| outcome == "bad_code"));
    let right = house.accounts().register(by(&front, form("ada@example.com", &code))).await;
    assert_eq!(reason(right), "bad_code");
    Ok(())
}

/// ID-6: a code is used once, belongs to its identity and realm, and goes when a newer one comes.
#[tokio::test]
async fn a_code_is_good_for_one_thing_once() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let elsewhere = house.front(&house.store("Far Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    for (caller, email) in [(&front, "eve@example.com"), (&elsewhere, "ada@example.com")] {
        house.code(caller, email).await?;
        let answer = house.accounts().register(by(caller, form(email, &code))).await;
        assert_eq!(reason(answer), "bad_code", "{email}");
    }
    let newer = house.code(&front, "ada@example.com").await?;
    let voided = house.accounts().register(by(&front, form("ada@example.com", &code))).await;
    assert!(code == newer || reason(voided) == "bad_code");
    house.accounts().register(by(&front, form("ADA@example.com", &newer))).await?;
    let again = house.accounts().register(by(&front, form("ada@example.com", &newer))).await;
    assert_eq!(reason(again), "bad_code");
    Ok(())
}

/// ID-6: of two who both found the code right before either used it up, one gets in.
#[tokio::test]
async fn a_code_found_right_twice_is_used_once() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    house.accounts().request_creation_code(by(&front, ask("email", "ada@example.com"))).await?;
    let db = house.env.db(NAME)?;
    let code = sqlx::query_scalar("select id from codes").fetch_one(db.pool()).await?;
    let question = Question { realm: store.realm.parse()?, purpose: Purpose::Create, identity: "ada@example.com" };
    let mut used = Vec::new();
    for _ in 0..2 {
        let mut tx = db.begin_own().await?;
        used.push(store::consume(&mut tx, &question, &house.env.secrets, code, house.clock.now()).await?);
        tx.commit().await?;
    }
    assert_eq!(used, [true, false]);
    Ok(())
}

/// ID-6: of two who register with one code at once, one does.
#[tokio::test]
async fn a_race_with_one_code_has_one_winner() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    let (mut here, mut there) = (house.accounts(), house.accounts());
    let request = || by(&front, form("ada@example.com", &code));
    let (a, b) = tokio::join!(here.register(request()), there.register(request()));
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1);
    let lost = reason(if a.is_ok() { b } else { a });
    assert!(["bad_code", "already_registered"].contains(&&*lost), "{lost}");
    assert_eq!(house.people.records().len(), 1);
    Ok(())
}

/// ID-7: asking for a code tells nothing: the answer is one, whoever asks; the message tells its reader.
#[tokio::test]
async fn asking_for_a_code_tells_nothing() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let signed_in = house.register(&front, "ada@example.com").await?;
    let new = house.accounts().request_creation_code(by(&front, ask("email", "eve@example.com"))).await?;
    let sent = house.letters.last();
    assert_eq!((&*sent.template, &*sent.channel, &*sent.to), ("registration_code", "email", "eve@example.com"));
    assert_eq!((&sent.store, &sent.realm, &sent.customer), (&store.id, &store.realm, &String::new()));
    assert_eq!((sent.values["store"].as_str(), sent.secrets["code"].len()), ("Corner Shop", 6));

    let known = house.accounts().request_creation_code(by(&front, ask("email", "ada@example.com"))).await?;
    assert_eq!(new.into_inner(), known.into_inner());
    let sent = house.letters.last();
    assert_eq!((&*sent.template, &*sent.to), ("already_registered", "ada@example.com"));
    assert!(sent.secrets.is_empty() && sent.customer == signed_in.customer && sent.id.starts_with("msg_"));
    let guess = house.accounts().register(by(&front, form("ada@example.com", "000000"))).await;
    assert_eq!(reason(guess), "bad_code");
    Ok(())
}

/// ID-1, ID-7: with a network's key the network sends, in its own name; phone numbers are read as the store's country does.
#[tokio::test]
async fn codes_go_by_mail_and_by_text_message() -> anyhow::Result<()> {
    let house = House::build().await?;
    let network = house.network(&["One", "Two"]).await?;
    let front = house.front(&network.key).await?;
    house.accounts().request_creation_code(by(&front, ask("sms", "030 123456"))).await?;
    let sent = house.letters.last();
    assert_eq!((&*sent.channel, &*sent.to, &sent.store), ("sms", "+4930123456", &network.stores[0].id));
    assert_eq!(sent.values["store"], "Old Town");

    let wrong = [
        (ask("fax", "030 123456"), "/mode", "unknown"),
        (ask("sms", "ada@example.com"), "/identity", "malformed"),
        (ask("email", "030 123456"), "/identity", "malformed"),
        (ask("email", " "), "/identity", "required"),
    ];
    for (request, pointer, code) in wrong {
        let answer = house.accounts().request_creation_code(by(&front, request)).await;
        assert_eq!(faults(answer), [(pointer.to_owned(), code.to_owned())]);
    }
    let by_service = house.accounts().request_creation_code(ask("sms", "030 123456")).await;
    assert_eq!(by_service.err().map(|status| status.code()), Some(Code::PermissionDenied));
    Ok(())
}

/// PL-3: a repeated request sends one message.
#[tokio::test]
async fn a_repeated_request_sends_one_code() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    for _ in 0..2 {
        let request = testing::actors::keyed(by(&front, ask("email", "ada@example.com")), "key-1", "ask");
        house.accounts().request_creation_code(request).await?;
    }
    assert_eq!(house.letters.all().len(), 1);
    Ok(())
}
