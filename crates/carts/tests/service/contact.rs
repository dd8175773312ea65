//! Whose a cart is (CU-3) and who gets to see that (ID-23).
use chrono::TimeDelta;
use kit::{actor::Kind, assertion::Claims, clock::timestamp, permission::Permission};
use proto::{
    base::v1::Address,
    carts::v1::{Cart, Contact, OpenCartRequest, SetContactRequest},
};
use tonic::Code;

use crate::shop::{Shop, line, named, reason};

fn ada() -> Contact {
    let shipping = Address {
        line1: "Lindenstr. 5".to_owned(),
        city: "Berlin".to_owned(),
        postal_code: "10969".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    };
    Contact {
        email: "Ada@example.com".to_owned(),
        name: "Ada Byron".to_owned(),
        phone: "030 901820".to_owned(),
        shipping: Some(shipping),
        billing: None,
    }
}

fn contact(cart: &Cart, contact: Contact) -> SetContactRequest {
    SetContactRequest { cart: cart.id.clone(), contact: Some(contact) }
}

/// CU-3
#[tokio::test]
async fn an_email_makes_a_lead_with_phone_and_address() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.cart().await?;
    let answer = client.set_contact(actors.anonymous(contact(&cart, ada()))).await?.into_inner();
    assert_eq!((answer.version, answer.contact, answer.customer.as_str()), (2, None, ""), "a shop front sees nobody");
    let later = shop.rig.clock.now() + TimeDelta::days(90);
    assert_eq!(answer.expires_at, Some(timestamp(later)));

    let ensured = shop.people.ensured();
    let (asked, id) = &ensured[0];
    assert_eq!((asked.email.as_str(), asked.phone.as_str()), ("Ada@example.com", "+4930901820"));
    assert_eq!((asked.realm.as_str(), asked.store.as_str()), (cart.realm.as_str(), cart.store.as_str()));
    assert_eq!(asked.address.as_ref().unwrap().city, "Berlin");
    let system = client.get_cart(actors.system("orders", named(&cart.id))).await?.into_inner();
    assert_eq!(&system.customer, id);
    assert_eq!(system.contact.unwrap().shipping.unwrap().name, "Ada Byron");
    Ok(())
}

#[tokio::test]
async fn a_malformed_contact_tells_all_its_faults_and_makes_nobody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.cart().await?;
    let wrong = Contact { email: "ada".to_owned(), phone: "call me".to_owned(), ..ada() };
    let status = client.set_contact(actors.anonymous(contact(&cart, wrong))).await.unwrap_err();
    let told = kit::failure::Told::read(&status);
    let pointers: Vec<_> = told.violations.iter().map(|fault| fault.pointer.as_ref()).collect();
    assert_eq!((status.code(), pointers), (Code::InvalidArgument, vec!["/email", "/phone"]));
    let none = SetContactRequest { cart: cart.id.clone(), contact: None };
    assert_eq!(client.set_contact(actors.anonymous(none)).await.unwrap_err().code(), Code::InvalidArgument);
    assert!(shop.people.ensured().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_signed_in_customers_cart_is_theirs() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (ada_id, bob) = (shop.customer(), shop.customer());
    let cart = client.open_cart(actors.customer(ada_id, OpenCartRequest::default())).await?.into_inner();
    assert_eq!(cart.customer, String::from(ada_id));
    let cart = client.set_contact(actors.customer(ada_id, contact(&cart, ada()))).await?.into_inner();
    assert_eq!((cart.customer, cart.contact.unwrap().email.as_str()), (ada_id.into(), "Ada@example.com"));
    assert!(shop.people.ensured().is_empty(), "their record is there already");
    let seen = client.get_cart(actors.customer(bob, named(&cart.id))).await?.into_inner();
    assert_eq!((seen.customer.as_str(), seen.contact), ("", None));

    let found = shop.cart().await?;
    let found = client.add_line(actors.customer(bob, line(&found.id, &shop.sell(1, "EUR"), 1))).await?;
    assert_eq!(found.into_inner().customer, String::from(bob), "a cart that nobody owns goes to who fills it");
    Ok(())
}

/// ID-23
#[tokio::test]
async fn staff_see_the_person_by_permission_only() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.cart().await?;
    client.set_contact(actors.anonymous(contact(&cart, ada()))).await?;
    let pii = [Permission::CartsRead, Permission::CustomersPii];
    let clear = client.get_cart(actors.staff(&pii, named(&cart.id))).await?.into_inner();
    assert_eq!(clear.contact.unwrap().phone, "+4930901820");
    let masked = client.get_cart(actors.staff(&[Permission::CartsRead], named(&cart.id))).await?.into_inner();
    assert_eq!(masked.customer, clear.customer, "an id is no personal data");
    let person = masked.contact.unwrap();
    assert_eq!(
        (person.email.as_str(), person.name.as_str(), person.phone.as_str()),
        ("A***@example.com", "A***", "***20")
    );
    let shipping = person.shipping.unwrap();
    assert_eq!((shipping.name.as_str(), shipping.line1.as_str(), shipping.city.as_str()), ("A***", "***", "Berlin"));
    let changed =
        client.set_contact(actors.staff(&[Permission::CartsWrite], contact(&cart, ada()))).await?.into_inner();
    assert_eq!(changed.contact.unwrap().email, "A***@example.com");
    Ok(())
}

#[tokio::test]
async fn a_cart_found_by_a_clients_key_shows_nobody() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.get("device 7").await?;
    client.set_contact(actors.anonymous(contact(&cart, ada()))).await?;
    let owner = shop.people.ensured()[0].1.parse()?;
    let stranger = shop.get("device 7").await?;
    assert_eq!((stranger.id, stranger.contact, stranger.customer.as_str()), (cart.id, None, ""));
    let own = client.get_cart(actors.customer(owner, named("device 7"))).await?.into_inner();
    assert_eq!(own.contact.unwrap().email, "Ada@example.com");
    Ok(())
}

/// CU-1, CA-4: staff who enter whom a cart is for leave it with its customer when the e-mail is theirs, however it is written
/// and though it may not identify them; with another one it is another person's.
#[tokio::test]
async fn staff_leave_a_cart_with_its_customer() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let owner = shop.people.know("ada@example.com", "Ada");
    let own = actors.customer(owner.parse()?, OpenCartRequest::default());
    let cart = client.open_cart(own).await?.into_inner();
    let by_staff = |contact: Contact| {
        let wanted = SetContactRequest { cart: cart.id.clone(), contact: Some(contact) };
        actors.staff(&[Permission::CartsWrite, Permission::CustomersPii], wanted)
    };
    assert_eq!(client.set_contact(by_staff(ada())).await?.into_inner().customer, owner);
    let asked = shop.people.ensured().pop().map(|(asked, _)| (asked.customer, asked.email));
    assert_eq!(asked, Some((owner.clone(), "Ada@example.com".to_owned())));
    let grace = Contact { email: "grace@example.com".to_owned(), ..ada() };
    let moved = client.set_contact(by_staff(grace)).await?.into_inner();
    assert_ne!(moved.customer, owner);
    assert_eq!(shop.people.ensured().pop().map(|(asked, _)| asked.customer), Some(String::new()));
    Ok(())
}

/// ID-30: who guesses the key of a signed-in customer's cart fills it at most, and does not make it their own.
#[tokio::test]
async fn nobody_takes_over_a_signed_in_customers_cart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let (ada_id, bob) = (shop.customer(), shop.customer());
    let cart = client.get_cart(actors.customer(ada_id, named("device 7"))).await?.into_inner();
    let set = || SetContactRequest { cart: "device 7".to_owned(), contact: Some(ada()) };
    assert_eq!(reason(client.set_contact(actors.anonymous(set())).await), "other_customer");
    assert_eq!(reason(client.set_contact(actors.customer(bob, set())).await), "other_customer");
    assert!(shop.people.ensured().is_empty(), "a refused contact makes no lead");
    client.add_line(actors.anonymous(line(&cart.id, &shop.sell(1, "EUR"), 1))).await?;
    let own = client.set_contact(actors.customer(ada_id, set())).await?.into_inner();
    assert_eq!((own.customer, own.contact.unwrap().name.as_str()), (ada_id.into(), "Ada Byron"));
    let staff = actors.staff(&[Permission::CartsWrite], contact(&cart, ada()));
    assert!(client.set_contact(staff).await.is_ok());
    Ok(())
}

/// CU-3: an e-mail that somebody typed proves nothing, so a lead's cart goes to who comes next; also when it is the
/// customer who typed it, until they come back signed in.
#[tokio::test]
async fn a_leads_cart_may_change_hands() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let cart = shop.cart().await?;
    client.set_contact(actors.anonymous(contact(&cart, ada()))).await?;
    let other = Contact { email: "bob@example.com".to_owned(), ..ada() };
    client.set_contact(actors.anonymous(contact(&cart, other.clone()))).await?;
    let bob = shop.people.ensured()[1].1.parse()?;
    client.add_line(actors.customer(bob, line(&cart.id, &shop.sell(1, "EUR"), 1))).await?;
    assert_eq!(reason(client.set_contact(actors.anonymous(contact(&cart, other))).await), "other_customer");
    Ok(())
}

/// CU-3: a network's key makes a lead before the first product has chosen the store.
#[tokio::test]
async fn a_networks_cart_may_have_an_owner_before_a_store() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (actors, mut client) = (&shop.rig.actors, shop.client.clone());
    let network = || Claims { store: None, ..actors.claims(Kind::Anonymous, "network") };
    let cart = client.open_cart(actors.request(&network(), OpenCartRequest::default())).await?.into_inner();
    client.set_contact(actors.request(&network(), contact(&cart, ada()))).await?;
    let (asked, _) = &shop.people.ensured()[0];
    assert_eq!((asked.store.as_str(), asked.phone.as_str()), ("", "+4930901820"));
    Ok(())
}
