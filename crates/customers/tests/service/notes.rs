//! Notes about a customer.
use chrono::TimeDelta;
use kit::{actor::Kind, permission::Permission};
use proto::{
    base::v1::PageRequest,
    customers::v1::{
        AddNoteRequest, EditNoteRequest, ListNotesRequest, ListNotesResponse, Note,
        note_service_client::NoteServiceClient,
    },
};
use testing::actors::{if_match, keyed};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, NO_PII, Shop, reason};

fn notes(shop: &Shop) -> NoteServiceClient<kit::transport::Transport> {
    NoteServiceClient::new(shop.way.clone())
}

async fn add(shop: &Shop, customer: &str, text: &str) -> Result<Note, Status> {
    let request = AddNoteRequest { customer: customer.to_owned(), text: text.to_owned() };
    Ok(notes(shop).add_note(shop.clerk(request)).await?.into_inner())
}

async fn edit(shop: &Shop, request: Request<EditNoteRequest>) -> Result<Note, Status> {
    Ok(notes(shop).edit_note(request).await?.into_inner())
}

fn saying(note: &Note, text: &str) -> EditNoteRequest {
    EditNoteRequest { customer: note.customer.clone(), id: note.id.clone(), text: text.to_owned() }
}

async fn list(shop: &Shop, permissions: &[Permission], request: ListNotesRequest) -> Result<ListNotesResponse, Status> {
    Ok(notes(shop).list_notes(shop.actors().staff(permissions, request)).await?.into_inner())
}

/// CU-10: a note can be changed by its author at 4:59 and not at 5:01; what it says then stays.
#[tokio::test]
async fn a_note_is_fixed_after_five_minutes() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let note = add(&shop, &ada.id, "Called.\nWill call again.").await?;
    assert_eq!((note.version, note.text.as_str()), (1, "Called.\nWill call again."));
    shop.rig.clock.advance(TimeDelta::minutes(5) - TimeDelta::seconds(1));
    let edited = edit(&shop, shop.clerk(saying(&note, "Called."))).await?;
    assert_eq!((edited.text.as_str(), edited.version, edited.edited_at.is_some()), ("Called.", 2, true));
    shop.rig.clock.advance(TimeDelta::seconds(2));
    let status = edit(&shop, shop.clerk(saying(&note, "Never called."))).await.expect_err("fixed");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "note_fixed"));
    let listed = list(&shop, DESK, ListNotesRequest { customer: ada.id, page: None }).await?;
    assert_eq!(listed.notes, [edited]);
    let told = shop.audited("note.edited").await?;
    assert!(told.before.contains("sealed") && !format!("{told:?}").contains("Called"), "{told:?}");
    Ok(())
}

/// CU-10: nobody changes what a colleague noted, whatever they may.
#[tokio::test]
async fn only_its_author_changes_a_note() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let note = add(&shop, &ada.id, "Called.").await?;
    let mut colleague = shop.actors().claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22f");
    colleague.perms = kit::permission::Permissions::all();
    let status =
        edit(&shop, shop.actors().request(&colleague, saying(&note, "Did not."))).await.expect_err("another's");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "not_author"));
    Ok(())
}

/// PL-3: a stale version is refused, a repetition adds nothing; of two changes at once with one version, one is done.
#[tokio::test]
async fn versions_and_repetitions_are_heeded() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let request = || {
        let request = AddNoteRequest { customer: ada.id.clone(), text: "Called.".to_owned() };
        keyed(shop.clerk(request), "k1", "called")
    };
    let note = notes(&shop).add_note(request()).await?.into_inner();
    assert_eq!(notes(&shop).add_note(request()).await?.into_inner(), note);
    let change = |text| edit(&shop, if_match(shop.clerk(saying(&note, text)), 1));
    let (one, other) = tokio::join!(change("Once."), change("Twice."));
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(reason).collect::<Vec<_>>(), ["stale_version"]);
    let listed = list(&shop, DESK, ListNotesRequest { customer: ada.id, page: None }).await?;
    assert_eq!(listed.notes.len(), 1);
    Ok(())
}

/// CU-10, API §1: newest first, a page at a time.
#[tokio::test]
async fn notes_come_newest_first() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, eve) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("eve@example.com", "Eve").await?);
    for text in ["one", "two", "three"] {
        add(&shop, &ada.id, text).await?;
        shop.rig.clock.advance(TimeDelta::seconds(1));
    }
    add(&shop, &eve.id, "of Eve").await?;
    let page = |after: &str, before: &str| {
        let page = PageRequest { limit: 2, after: after.to_owned(), before: before.to_owned(), total: false };
        ListNotesRequest { customer: ada.id.clone(), page: Some(page) }
    };
    let texts = |answer: &ListNotesResponse| answer.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>();
    let first = list(&shop, DESK, page("", "")).await?;
    let second = list(&shop, DESK, page(&first.page.clone().unwrap_or_default().next, "")).await?;
    assert_eq!((texts(&first), texts(&second)), (vec!["three".to_owned(), "two".to_owned()], vec!["one".to_owned()]));
    let back = list(&shop, DESK, page("", &second.page.unwrap_or_default().prev)).await?;
    assert_eq!(texts(&back), texts(&first));
    let foreign = ListNotesRequest { customer: eve.id, ..page(&first.page.unwrap_or_default().next, "") };
    assert_eq!(list(&shop, DESK, foreign).await.expect_err("another list's").code(), Code::InvalidArgument);
    Ok(())
}

/// ID-23, ID-30: free text about a person is masked without customers.pii; another realm's notes are not to be found.
#[tokio::test]
async fn notes_are_masked_and_kept_apart() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let note = add(&shop, &ada.id, "Lives in London.").await?;
    let named = || ListNotesRequest { customer: ada.id.clone(), page: None };
    let seen = list(&shop, NO_PII, named()).await?.notes;
    assert_eq!((seen[0].text.as_str(), seen[0].redacted.as_slice()), ("***", ["text".to_owned()].as_slice()));
    let elsewhere = shop.actors().elsewhere();
    let status = notes(&shop).list_notes(elsewhere.staff(DESK, named())).await.expect_err("another's");
    assert_eq!(reason(&status), "customer_not_found");
    let status = edit(&shop, elsewhere.staff(DESK, saying(&note, "x"))).await.expect_err("another's");
    assert_eq!(status.code(), Code::NotFound);
    let eve = shop.meet("eve@example.com", "Eve").await?;
    let other = EditNoteRequest { customer: eve.id, ..saying(&note, "x") };
    assert_eq!(reason(&edit(&shop, shop.actors().staff(DESK, other)).await.expect_err("of Ada")), "note_not_found");
    for request in [shop.actors().customer(crate::shop::id(&ada), named()), shop.actors().staff(&[], named())] {
        let status = notes(&shop).list_notes(request).await.expect_err("may not");
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    Ok(())
}
