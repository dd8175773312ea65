//! Photos: who hands them in, who sees them, and that nothing is left of one that is gone.
use bytes::Bytes;
use customers::loose_file::sweep::sweep;
use files::Files;
use kit::permission::Permission;
use proto::customers::v1::{
    ChangeCustomerRequest, Customer, Details, PhotoPiece, PutPhotoRequest, ReadPhotoRequest, RemovePhotoRequest,
    photo_service_client::PhotoServiceClient, record_service_client::RecordServiceClient,
};
use testing::{Rig, actors::if_match};
use tonic::{Request, Status};

use crate::{
    merges::merge,
    shop::{DESK, NO_PII, PII, Shop, id, reason},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR Ada at the engine";
const GIF: &[u8] = b"GIF89a Ada at a ball";

/// A shop whose files lie in a folder of their own.
struct Studio {
    shop: Shop,
    files: Files,
    folder: tempfile::TempDir,
}

impl Studio {
    async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
        let mut settings = (*rig.env.settings).clone();
        folder.path().clone_into(&mut settings.files.files_dir);
        rig.env.settings = std::sync::Arc::new(settings);
        Ok(Self { shop: Shop::of(rig)?, files: Files::below(folder.path().to_owned()), folder })
    }

    fn photos(&self) -> PhotoServiceClient<kit::transport::Transport> {
        PhotoServiceClient::new(self.shop.way.clone())
    }

    async fn put(&self, request: Request<PutPhotoRequest>) -> Result<Customer, Status> {
        Ok(self.photos().put_photo(request).await?.into_inner())
    }

    /// Staff hand in a photo of `customer`.
    async fn shoot(&self, customer: &str, data: &'static [u8]) -> Result<Customer, Status> {
        self.put(self.shop.clerk(of(customer, data))).await
    }

    async fn take_off(&self, request: Request<RemovePhotoRequest>) -> Result<Customer, Status> {
        Ok(self.photos().remove_photo(request).await?.into_inner())
    }

    /// What somebody sees who has the address of a photo, and nothing else.
    async fn see(&self, address: &str) -> Result<PhotoPiece, Status> {
        let (_, rest) = address.split_once("/files/photos/").expect("an address of the house");
        let (id, signature) = rest.split_once("?signature=").expect("a signature");
        let (id, signature) = (id.to_owned(), signature.to_owned());
        let request = ReadPhotoRequest { id, signature, offset: 0, length: 1_000 };
        Ok(self.photos().read_photo(Request::new(request)).await?.into_inner())
    }

    /// How many files there are once all is swept.
    async fn kept(&self) -> anyhow::Result<usize> {
        sweep((&self.shop.db, &self.shop.rig.clock), &self.files).await?;
        let mut folders = vec![self.folder.path().to_owned()];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() { folders.push(path) } else { found += 1 }
            }
        }
        Ok(found)
    }
}

fn of(customer: &str, data: &'static [u8]) -> PutPhotoRequest {
    PutPhotoRequest { customer: customer.to_owned(), data: Bytes::from_static(data) }
}

fn without(customer: &str) -> RemovePhotoRequest {
    RemovePhotoRequest { customer: customer.to_owned() }
}

/// CU-4: a photo is handed in, replaced and taken off by staff; the record's address shows it, and no former one does;
/// its bytes are sealed, and gone with it.
#[tokio::test]
async fn a_photo_comes_and_goes() -> anyhow::Result<()> {
    let studio = Studio::open().await?;
    let ada = studio.shop.meet("ada@example.com", "Ada").await?;
    let first = studio.shoot(&ada.id, PNG).await?;
    let seen = studio.see(&first.photo_url).await?;
    assert_eq!((&*seen.data, &*seen.media_type, seen.size), (PNG, "image/png", i64::try_from(PNG.len())?));
    assert_eq!((first.version, studio.shop.get(PII, &ada.id).await?.photo_url), (2, first.photo_url.clone()));
    let told = studio.shop.audited("customer.updated").await?;
    assert!(told.after.contains("sealed") && !told.after.contains("/files/photos/"), "{}", told.after);
    let stale = studio.put(if_match(studio.shop.clerk(of(&ada.id, GIF)), 1)).await.expect_err("stale");
    assert_eq!(reason(&stale), "stale_version");
    let second = studio.shoot(&ada.id, GIF).await?;
    assert_eq!(reason(&studio.see(&first.photo_url).await.expect_err("replaced")), "photo_not_found");
    assert_eq!((studio.see(&second.photo_url).await?.data.as_ref(), studio.kept().await?), (GIF, 1));
    let bare = studio.take_off(studio.shop.clerk(without(&ada.id))).await?;
    assert_eq!((bare.photo_url.as_str(), bare.version, studio.kept().await?), ("", 4, 0));
    assert_eq!(studio.take_off(studio.shop.clerk(without(&ada.id))).await?.version, 4, "there is none already");
    assert_eq!(reason(&studio.see(&second.photo_url).await.expect_err("taken off")), "photo_not_found");
    Ok(())
}

/// CU-4: another address takes the place of a photo, too; a change of something else leaves it.
#[tokio::test]
async fn an_address_elsewhere_takes_its_place() -> anyhow::Result<()> {
    let studio = Studio::open().await?;
    let ada = studio.shop.meet("ada@example.com", "Ada").await?;
    let shown = studio.shoot(&ada.id, PNG).await?.photo_url;
    let change = async |details: Details| {
        let request = ChangeCustomerRequest { id: ada.id.clone(), details: Some(details) };
        RecordServiceClient::new(studio.shop.way.clone()).change_customer(studio.shop.clerk(request)).await
    };
    change(Details { name: Some("Ada King".to_owned()), ..Details::default() }).await?;
    studio.see(&shown).await?;
    change(Details { photo_url: Some("https://img.example.com/ada.jpg".to_owned()), ..Details::default() }).await?;
    assert_eq!(reason(&studio.see(&shown).await.expect_err("elsewhere")), "photo_not_found");
    assert_eq!(studio.kept().await?, 0);
    Ok(())
}

/// CU-4, ID-8, ID-23, ID-30: registered customers hand in their own; staff need both permissions, and see no address without
/// customers.pii; nobody reads a photo by its id alone.
#[tokio::test]
async fn who_may_and_who_sees() -> anyhow::Result<()> {
    let studio = Studio::open().await?;
    let shop = &studio.shop;
    let (ada, guest) = (shop.register("ada@example.com").await?, shop.meet("guest@example.com", "Guest").await?);
    let shown = studio.put(shop.actors().customer(id(&ada), of("", PNG))).await?;
    studio.see(&shown.photo_url).await?;
    let others = studio.put(shop.actors().customer(id(&ada), of(&guest.id, PNG))).await.expect_err("somebody else's");
    assert_eq!(reason(&others), "customer_not_found");
    let refused = studio.put(shop.actors().customer(id(&guest), of("", PNG))).await.expect_err("a guest");
    assert_eq!(reason(&refused), "registration_required");
    for few in [NO_PII, PII, &[Permission::CustomersRead, Permission::CustomersWrite]] {
        let refused = studio.put(shop.actors().staff(few, of(&ada.id, PNG))).await.expect_err("may not");
        assert_eq!(reason(&refused), "permission_required");
        let refused = studio.take_off(shop.actors().staff(few, without(&ada.id))).await.expect_err("may not");
        assert_eq!(reason(&refused), "permission_required");
    }
    let elsewhere = studio.put(shop.actors().elsewhere().staff(DESK, of(&ada.id, PNG))).await.expect_err("another's");
    assert_eq!(reason(&elsewhere), "customer_not_found");
    let masked = shop.get(NO_PII, &ada.id).await?;
    assert!(masked.redacted.contains(&"photo_url".to_owned()) && !masked.photo_url.contains("signature="));
    let (head, _) = shown.photo_url.split_once("?signature=").expect("a signature");
    let guessed = studio.see(&format!("{head}?signature={}", "00".repeat(32))).await.expect_err("made up");
    assert_eq!(reason(&guessed), "photo_not_found");
    let pdf = studio.shoot(&ada.id, b"%PDF-1.7\n").await.expect_err("no picture");
    assert_eq!(reason(&pdf), "file_type_refused");
    let own = studio.take_off(shop.actors().customer(id(&ada), without(&ada.id))).await?;
    assert_eq!((own.photo_url.as_str(), studio.kept().await?), ("", 0));
    Ok(())
}

/// CU-13, CU-4: after a merge the photo that is kept is shown, whoever's it was; the other one is gone.
#[tokio::test]
async fn a_merge_keeps_one() -> anyhow::Result<()> {
    let studio = Studio::open().await?;
    let shop = &studio.shop;
    let meet = async |email: &str| {
        Ok::<_, Status>(shop.meet(email, "Ada").await.map_err(|e| Status::internal(e.to_string()))?.id)
    };
    let (ada, king, bare) =
        (meet("ada@example.com").await?, meet("king@example.com").await?, meet("b@example.com").await?);
    let (of_ada, of_king) = (studio.shoot(&ada, PNG).await?.photo_url, studio.shoot(&king, GIF).await?.photo_url);
    merge(shop, &ada, &king).await?;
    assert_eq!(shop.get(PII, &ada).await?.photo_url, of_ada);
    assert_eq!(reason(&studio.see(&of_king).await.expect_err("not kept")), "photo_not_found");
    assert_eq!(studio.kept().await?, 1);
    merge(shop, &bare, &ada).await?;
    assert_eq!(
        (shop.get(PII, &bare).await?.photo_url, studio.see(&of_ada).await?.data.as_ref()),
        (of_ada.clone(), PNG)
    );
    studio.shoot(&bare, GIF).await?;
    assert_eq!((studio.see(&of_ada).await.is_err(), studio.kept().await?), (true, 1));
    Ok(())
}
