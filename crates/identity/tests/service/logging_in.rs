//! Signing in with a password (ID-2).
use chrono::TimeDelta;
use identity::{NAME, account};
use proto::identity::v1::{self as pb, SignedIn};
use tonic::Code;

use crate::house::{House, PASSWORD, by, faults, form, reason};

/// ID-2: e-mail, however it is written, and password sign in.
#[tokio::test]
async fn the_password_signs_in() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let registered = house.register(&front, "ada@example.com").await?;
    let signed_in = house.log_in(&front, " Ada@Example.com", PASSWORD).await?;
    assert_eq!((&signed_in.customer, signed_in.created), (&registered.customer, false));
    assert_ne!(signed_in.token, registered.token);
    assert_eq!(house.claims(&store.key, &signed_in.token, "").await?.amr, ["password"]);
    assert_eq!(house.events::<SignedIn>().await?[1].methods, ["password"]);
    Ok(())
}

/// ID-2, ID-7, ID-8, ID-9: wrong, unknown, a guest, without a password, inactive, of another realm: one answer.
#[tokio::test]
async fn every_refusal_is_the_same() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let elsewhere = house.front(&house.store("Far Shop").await?.key).await?;
    house.register(&front, "ada@example.com").await?;
    house.people.meet(&store.realm, "guest@example.com");
    let code = house.code(&front, "bare@example.com").await?;
    let bare = pb::RegisterRequest { password: String::new(), ..form("bare@example.com", &code) };
    house.accounts().register(by(&front, bare)).await?;
    let gone = house.register(&front, "gone@example.com").await?;
    house.people.inactivate(&gone.customer);

    let attempts = [
        (&front, "ada@example.com", "wrong horse battery"),
        (&front, "nobody@example.com", PASSWORD),
        (&front, "guest@example.com", PASSWORD),
        (&front, "bare@example.com", PASSWORD),
        (&front, "gone@example.com", PASSWORD),
        (&front, "no address", PASSWORD),
        (&front, "+4930999999", PASSWORD),
        (&elsewhere, "ada@example.com", PASSWORD),
    ];
    let mut answers = Vec::new();
    for (front, identity, password) in attempts {
        let Err(status) = house.log_in(front, identity, password).await else { anyhow::bail!("{identity} got in") };
        answers.push((status.code(), status.message().to_owned(), status.details().to_vec()));
    }
    assert_eq!(answers[0].0, Code::Unauthenticated);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    let told = faults(house.log_in(&front, "", "").await);
    assert_eq!(told.len(), 2);
    Ok(())
}

/// ID-11: a sign-in that replaces a weak hash does not bring the former password back when another was set meanwhile.
#[tokio::test]
async fn a_stronger_hash_replaces_its_own_only() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let ada = house.register(&house.front(&store.key).await?, "ada@example.com").await?;
    let db = house.env.db(NAME)?;
    let whose = (store.realm.parse()?, ada.customer.parse()?);
    let [weak, strong] = ["weak", "strong"].map(str::to_owned);
    let mut tx = db.begin_own().await?;
    account::store::set_password(&mut tx, whose.0, whose.1, "another").await?;
    account::store::rehash(&mut tx, whose, &[weak, strong.clone()]).await?;
    let kept = account::store::find(&mut *tx, whose.0, Some(whose.1)).await?.and_then(|kept| kept.password_hash);
    assert_eq!(kept.as_deref(), Some("another"));
    account::store::rehash(&mut tx, whose, &["another".to_owned(), strong]).await?;
    let kept = account::store::find(&mut *tx, whose.0, Some(whose.1)).await?.and_then(|kept| kept.password_hash);
    assert_eq!(kept.as_deref(), Some("strong"));
    Ok(())
}

/// ID-2: a hash from weaker days is replaced when its password is given.
#[tokio::test]
async fn weak_hashes_are_replaced() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    house.register(&front, "ada@example.com").await?;
    let db = house.env.db(NAME)?;
    // Of "correct horse battery", with 8 MiB.
    let weak = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        argon2::Params::new(8192, 1, 1, None)?,
    );
    let hash: argon2::password_hash::phc::PasswordHash =
        argon2::password_hash::PasswordHasher::hash_password(&weak, PASSWORD.as_bytes())?;
    let update = sqlx::query("update customer_credentials set password_hash = $1").bind(hash.to_string());
    update.execute(db.pool()).await?;
    house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let kept: String =
        sqlx::query_scalar("select password_hash from customer_credentials").fetch_one(db.pool()).await?;
    assert!(kept.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{kept}");
    house.log_in(&front, "ada@example.com", PASSWORD).await?;
    Ok(())
}

/// ID-7, ID-27: guessing waits after ten tries, whether or not there is such an account.
#[tokio::test]
async fn guessing_waits() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    house.register(&front, "ada@example.com").await?;
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            assert_eq!(reason(house.log_in(&front, email, "wrong horse battery").await), "bad_credentials");
        }
        assert_eq!(reason(house.log_in(&front, email, PASSWORD).await), "too_many_attempts");
    }
    house.clock.advance(TimeDelta::seconds(2));
    house.log_in(&front, "ADA@example.com", PASSWORD).await?;
    Ok(())
}

/// ID-27: what nobody could judge is no try: after an outage the password signs in at once, however often it was given.
#[tokio::test]
async fn an_outage_is_no_wrong_password() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    house.register(&front, "ada@example.com").await?;
    house.people.set_away(true);
    for _ in 0..11 {
        assert_eq!(reason(house.log_in(&front, "ada@example.com", PASSWORD).await), "unavailable");
    }
    house.people.set_away(false);
    house.log_in(&front, "ada@example.com", PASSWORD).await?;
    Ok(())
}
