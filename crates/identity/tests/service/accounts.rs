//! Registering (ID-1).
use identity::NAME;
use proto::identity::v1::{self as pb, CustomerRegistered, SignedIn};
use testing::actors;

use crate::house::{House, PASSWORD, by, faults, form, reason};

/// ID-1: a code and a password make a registered customer who is signed in at once.
#[tokio::test]
async fn registering_signs_in() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let signed_in = house.register(&house.front(&store.key).await?, "ada@example.com").await?;
    assert!(signed_in.created && signed_in.token.starts_with("customer_"));
    let expires_at = signed_in.expires_at.map(|at| at.seconds).unwrap_or_default();
    assert_eq!(expires_at - house.clock.now().timestamp(), 90 * 24 * 3600);
    assert_eq!(house.people.records()[0].registration, "registered");
    assert_eq!(house.claims(&store.key, &signed_in.token, "").await?.sub, signed_in.customer);

    let registered = house.events::<CustomerRegistered>().await?;
    assert_eq!((registered.len(), &registered[0].customer), (1, &signed_in.customer));
    assert_eq!((&registered[0].realm, &registered[0].store), (&store.realm, &store.id));
    let signed = house.events::<SignedIn>().await?;
    assert_eq!((&signed[0].subject, &signed[0].methods), (&signed_in.customer, &vec!["code".to_owned()]));
    Ok(())
}

/// ID-1: a guest's record of the proven e-mail is upgraded; there is never a second one.
#[tokio::test]
async fn a_guest_keeps_their_record() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let guest = house.people.meet(&store.realm, "ada@example.com");
    let signed_in = house.register(&house.front(&store.key).await?, "ada@example.com").await?;
    assert_eq!((signed_in.customer, house.people.records().len()), (guest, 1));
    Ok(())
}

/// ID-1: the same person registers in each realm by themselves.
#[tokio::test]
async fn realms_do_not_know_each_other() -> anyhow::Result<()> {
    let house = House::build().await?;
    let (here, there) = (house.store("One").await?, house.store("Two").await?);
    let first = house.register(&house.front(&here.key).await?, "ada@example.com").await?;
    let second = house.register(&house.front(&there.key).await?, "ada@example.com").await?;
    assert_ne!(first.customer, second.customer);
    let shoppers: i64 = sqlx::query_scalar("select count(*) from shoppers group by email_hash")
        .fetch_one(house.env.db(NAME)?.pool())
        .await?;
    assert_eq!(shoppers, 2);
    Ok(())
}

/// ID-1: a phone is proven by text message; the e-mail is asked for, too, and a person of it is not taken over.
#[tokio::test]
async fn a_proven_phone_opens_nobody_elses_record() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    house.people.meet(&store.realm, "guest@example.com");
    house.register(&front, "ada@example.com").await?;
    let attempt = async |email: &str| {
        let request = pb::RequestCreationCodeRequest { mode: "sms".to_owned(), identity: "030 123456".to_owned() };
        house.accounts().request_creation_code(by(&front, request)).await?;
        let code = Some(house.letters.code()).filter(|code| !code.is_empty()).unwrap_or_else(|| "000000".to_owned());
        let form = pb::RegisterRequest { email: email.to_owned(), ..form("+4930123456", &code) };
        house.accounts().register(by(&front, form)).await
    };
    assert_eq!(faults(attempt("").await), [("/email".to_owned(), "required".to_owned())]);
    let signed_in = attempt("new@example.com").await?.into_inner();
    assert!(signed_in.created);
    assert_eq!(house.log_in(&front, "030/123456", PASSWORD).await?.customer, signed_in.customer);
    let shoppers: i64 =
        sqlx::query_scalar("select count(*) from shoppers").fetch_one(house.env.db(NAME)?.pool()).await?;
    assert_eq!(shoppers, 1, "an e-mail that was not proven is nobody's way into the portal");
    assert_eq!(reason(attempt("third@example.com").await), "bad_code");
    Ok(())
}

/// ID-1, ID-7: who proves a phone and types somebody's e-mail gets an account of their own, as with any other e-mail;
/// the owner's stays theirs, and they are told in their mailbox.
#[tokio::test]
async fn somebodys_email_is_no_secret_to_find_out() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let guest = house.people.meet(&store.realm, "guest@example.com");
    let ada = house.register(&front, "ada@example.com").await?.customer;
    let cases = [
        ("+4930123451", "new@example.com", "verification_code"),
        ("+4930123452", "guest@example.com", "contact_taken"),
        ("+4930123453", "ada@example.com", "contact_taken"),
    ];
    for (phone, email, template) in cases {
        let request = pb::RequestCreationCodeRequest { mode: "sms".to_owned(), identity: phone.to_owned() };
        house.accounts().request_creation_code(by(&front, request)).await?;
        let form = pb::RegisterRequest { email: email.to_owned(), ..form(phone, &house.letters.code()) };
        let made = house.accounts().register(by(&front, form)).await?.into_inner();
        assert!(made.created && ![&guest, &ada].contains(&&made.customer));
        let sent = house.letters.last();
        assert_eq!((&*sent.template, &*sent.to), (template, email));
        assert_eq!(house.log_in(&front, phone, PASSWORD).await?.customer, made.customer);
    }
    assert_eq!(house.log_in(&front, "ada@example.com", PASSWORD).await?.customer, ada);
    Ok(())
}

/// ID-9: nobody registers into a record that is inactive.
#[tokio::test]
async fn the_inactive_do_not_register() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    house.people.inactivate(&house.people.meet(&store.realm, "ada@example.com"));
    let code = house.code(&front, "ada@example.com").await?;
    assert_eq!(reason(house.accounts().register(by(&front, form("ada@example.com", &code))).await), "bad_code");
    assert_eq!(house.people.records()[0].registration, "guest");
    Ok(())
}

/// ID-1: what can be guessed is no password; every fault of the form is told, and costs no try.
#[tokio::test]
async fn forms_are_read_before_the_code() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    let cases = [
        ("ada@example.com", "guessable"),
        ("CornerShop", "guessable"),
        ("football", "too_common"),
        ("seven77", "too_short"),
        (&"x".repeat(257), "too_long"),
    ];
    for (password, fault) in cases {
        let form = pb::RegisterRequest { password: password.to_owned(), ..form("ada@example.com", &code) };
        let told = faults(house.accounts().register(by(&front, form)).await);
        assert_eq!(told, [("/password".to_owned(), fault.to_owned())]);
    }
    let form_ = pb::RegisterRequest { name: " ".to_owned(), phone: "nine".to_owned(), ..form("ada@example.com", "") };
    let told = faults(house.accounts().register(by(&front, form_)).await);
    let told: Vec<_> = told.iter().map(|(pointer, _)| &**pointer).collect();
    assert_eq!(told, ["/code", "/name", "/phone"]);
    house.accounts().register(by(&front, form("ada@example.com", &code))).await?;
    Ok(())
}

/// ID-1: what failed half-way can be done again with the same code: nothing was used up.
#[tokio::test]
async fn a_failure_half_way_uses_no_code_up() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    house.people.set_away(true);
    let request = || actors::keyed(by(&front, form("ada@example.com", &code)), "key-1", "register");
    assert_eq!(reason(house.accounts().register(request()).await), "unavailable");
    house.people.set_away(false);
    let first = house.accounts().register(request()).await?.into_inner();
    // PL-3: repeated once more it answers the same.
    assert_eq!(house.accounts().register(request()).await?.into_inner(), first);
    assert_eq!(house.events::<CustomerRegistered>().await?.len(), 1);
    Ok(())
}

/// ID-1: nobody is registered without an account: the record is marked once the account is there, and if that fails,
/// the account stands and its event tells customers.
#[tokio::test]
async fn a_record_is_marked_after_its_account() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    let register = || async { house.accounts().register(by(&front, form("ada@example.com", &code))).await };
    let (one, other) = tokio::join!(register(), register());
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1);
    assert_eq!(house.people.records()[0].registration, "registered");

    house.people.set_forgetful();
    let signed_in = house.register(&front, "grace@example.com").await?;
    assert_eq!(house.people.records()[1].registration, "guest");
    let registered = house.events::<CustomerRegistered>().await?;
    assert_eq!((registered.len(), &registered[1].customer), (2, &signed_in.customer));
    house.log_in(&front, "grace@example.com", PASSWORD).await?;
    Ok(())
}

/// ID-28: where a registration and a sign-in came from is recorded.
#[tokio::test]
async fn registering_records_where_it_came_from() -> anyhow::Result<()> {
    let house = House::build().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    let request = by(&front, form("ada@example.com", &code));
    let request = actors::with(request, kit::call::header::CLIENT_IP, "192.0.2.7");
    let request = actors::with(request, kit::call::header::CLIENT_AGENT, "Lynx");
    house.accounts().register(request).await?;
    let recorded: Vec<(String, String)> =
        sqlx::query_as("select ip, agent from customer_credentials union all select ip, agent from sessions")
            .fetch_all(house.env.db(NAME)?.pool())
            .await?;
    assert_eq!(recorded, vec![("192.0.2.7".to_owned(), "Lynx".to_owned()); 2]);
    Ok(())
}
