//! Files of products: what may be handed in, who reads it, and that nothing is left over.
use catalog::product_file::{
    product_file::{LARGEST, LOOSE, ROOM},
    sweep::sweep,
};
use files::Files;
use kit::permission::Permission;
use proto::catalog::v1::{
    AddProductFileRequest, ChangeProductFileRequest, CreateProductRequest, DescribeProductsRequest, GetProductRequest,
    ListDigitalProductsRequest, ListProductFilesRequest, OpenProductFileRequest, OpenProductImageRequest, Product,
    ProductFile, ReadProductFileRequest, RemoveProductFileRequest, ReplaceProductFileRequest, SoldProduct,
    product_file_service_client::ProductFileServiceClient,
};
use testing::actors::{if_match, keyed};
use tonic::{Request, Status};

use crate::counter::{Counter, EDITOR, pointers, reason, song};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a picture of a lid that does not fit";
const PDF: &[u8] = b"%PDF-1.7\n a book";

/// A counter whose files lie in a folder of their own.
struct Desk {
    counter: Counter,
    files: Files,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let counter = Counter::open_with(|settings| folder.path().clone_into(&mut settings.files.files_dir)).await?;
        Ok(Self { counter, files: Files::below(folder.path().to_owned()), folder })
    }

    fn client(&self) -> ProductFileServiceClient<kit::transport::Transport> {
        ProductFileServiceClient::new(self.counter.transport.clone()).max_encoding_message_size(2 * LARGEST)
    }

    fn staff<T>(&self, request: T) -> Request<T> {
        self.counter.rig.actors.staff(EDITOR, request)
    }

    async fn hand_in(&self, request: Request<AddProductFileRequest>) -> Result<ProductFile, Status> {
        Ok(self.client().add_product_file(request).await?.into_inner())
    }

    async fn add(&self, product: &Product, role: &str, (name, data): (&str, &[u8])) -> Result<ProductFile, Status> {
        self.hand_in(self.staff(handed(product, role, (name, data)))).await
    }

    async fn change(
        &self,
        file: &ProductFile,
        name: Option<&str>,
        position: Option<u32>,
    ) -> Result<ProductFile, Status> {
        let (product, id) = (file.product.clone(), file.id.clone());
        let change = ChangeProductFileRequest { product, id, name: name.map(str::to_owned), position };
        Ok(self.client().change_product_file(self.staff(change)).await?.into_inner())
    }

    async fn replace(&self, file: &ProductFile, data: &[u8]) -> Result<ProductFile, Status> {
        let (product, id) = (file.product.clone(), file.id.clone());
        let data = data.to_vec().into();
        let request = ReplaceProductFileRequest { product, id, name: "new".to_owned(), data };
        Ok(self.client().replace_product_file(self.staff(request)).await?.into_inner())
    }

    async fn remove(&self, file: &ProductFile) -> Result<(), Status> {
        let request = RemoveProductFileRequest { product: file.product.clone(), id: file.id.clone() };
        self.client().remove_product_file(self.staff(request)).await.map(drop)
    }

    async fn names(&self, product: &Product) -> Result<Vec<String>, Status> {
        let request = self.staff(ListProductFilesRequest { product: product.id.clone() });
        let files = self.client().list_product_files(request).await?.into_inner().files;
        Ok(files.into_iter().map(|file| format!("{} {} {}", file.role, file.position, file.name)).collect())
    }

    async fn pass(&self, file: &ProductFile) -> Result<String, Status> {
        let request =
            OpenProductFileRequest { product: file.product.clone(), id: file.id.clone(), store: String::new() };
        Ok(self.client().open_product_file(self.staff(request)).await?.into_inner().pass)
    }

    async fn read(&self, pass: &str, offset: i64, length: i64) -> Result<Vec<u8>, Status> {
        let request = ReadProductFileRequest { pass: pass.to_owned(), offset, length };
        Ok(self.client().read_product_file(Request::new(request)).await?.into_inner().data.to_vec())
    }

    /// The product as it is now.
    async fn seen(&self, product: &Product) -> Result<Product, Status> {
        let request = self.staff(GetProductRequest { id: product.id.clone() });
        Ok(self.counter.client.clone().get_product(request).await?.into_inner())
    }

    /// How many files lie in the folder.
    fn kept(&self) -> anyhow::Result<usize> {
        let mut kept = 0;
        for store in std::fs::read_dir(self.folder.path().join("products")).into_iter().flatten() {
            kept += std::fs::read_dir(store?.path())?.count();
        }
        Ok(kept)
    }

    async fn sweep(&self) -> anyhow::Result<usize> {
        Ok(sweep((&self.counter.db()?, &self.counter.rig.clock), &self.files).await?)
    }
}

fn handed(product: &Product, role: &str, (name, data): (&str, &[u8])) -> AddProductFileRequest {
    let (product, role, name) = (product.id.clone(), role.to_owned(), name.to_owned());
    AddProductFileRequest { product, role, name, data: data.to_vec().into() }
}

/// CA-1: files have an order, names and bytes that change; each change is one of the product's, and what is in nobody's
/// hands any more is gone after a while, but not before those who read it have read it.
#[tokio::test]
async fn files_have_an_order_and_leave_nothing_behind() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let book = desk.counter.create(song("BOOK")).await?;
    let one = desk.add(&book, "file", ("../one.pdf", PDF)).await?;
    let two = desk.add(&book, "file", ("two", b"\0\x01program")).await?;
    let three = desk.add(&book, "file", ("three.txt", b"text")).await?;
    assert_eq!((&*one.media_type, &*two.media_type), ("application/pdf", "application/octet-stream"));
    assert_eq!(desk.names(&book).await?, ["file 1 one.pdf", "file 2 two.bin", "file 3 three.txt"]);
    desk.change(&three, Some("first.exe"), Some(1)).await?;
    assert_eq!(desk.names(&book).await?, ["file 1 first.exe.txt", "file 2 one.pdf", "file 3 two.bin"]);
    desk.change(&three, None, Some(99)).await?;
    assert_eq!(desk.names(&book).await?, ["file 1 one.pdf", "file 2 two.bin", "file 3 first.exe.txt"]);
    assert_eq!(pointers(&desk.change(&one, Some(" "), Some(0)).await.expect_err("odd")), ["/name", "/position"]);
    let before = desk.pass(&one).await?;
    let replaced = desk.replace(&one, b"%PDF-1.7\n another book").await?;
    assert_eq!((&replaced.id, &*replaced.name, replaced.digest == one.digest), (&one.id, "new.pdf", false));
    assert_eq!(desk.read(&desk.pass(&one).await?, 9, 99).await?, b" another book");
    assert_eq!(desk.read(&before, 9, 99).await?, b" a book");
    desk.remove(&two).await?;
    assert_eq!(reason(&desk.remove(&two).await.expect_err("gone")), "file_not_found");
    assert_eq!((desk.seen(&book).await?.version, desk.kept()?, desk.sweep().await?), (8, 4, 0));
    desk.counter.rig.clock.advance(LOOSE);
    assert_eq!((desk.sweep().await?, desk.kept()?), (2, 2));
    assert_eq!(reason(&desk.read(&before, 0, 9).await.expect_err("over")), "file_not_found");
    desk.counter.delete(&book.id).await?;
    desk.counter.rig.clock.advance(LOOSE);
    assert_eq!((desk.sweep().await?, desk.kept()?), (2, 0));
    Ok(())
}

/// CA-1: an image is a picture, whatever it is called, and stands among the product's as long as it is there.
#[tokio::test]
async fn images_are_pictures_that_anybody_sees() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let physical = CreateProductRequest { kind: "physical".to_owned(), ..song("MUG") };
    let mug = desk.counter.create(physical).await?;
    for data in [PDF, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"] {
        let status = desk.add(&mug, "image", ("mug.png", data)).await.expect_err("no picture");
        assert_eq!(reason(&status), "file_type_refused");
    }
    let status = desk.add(&mug, "file", ("manual.pdf", PDF)).await.expect_err("it is shipped");
    assert_eq!(reason(&status), "file_not_allowed");
    let image = desk.add(&mug, "image", ("mug.exe", PNG)).await?;
    assert_eq!(desk.seen(&mug).await?.images, std::slice::from_ref(&image.url));
    let open = Request::new(OpenProductImageRequest { id: image.id.clone() });
    let opened = desk.client().open_product_image(open).await?.into_inner();
    assert_eq!(desk.read(&opened.pass, 0, 8).await?, PNG[..8]);
    let other = [PNG, b" turned"].concat();
    let replaced = desk.replace(&image, &other).await?;
    assert!(replaced.url != image.url, "what is kept for ever has another address");
    assert_eq!(desk.seen(&mug).await?.images, std::slice::from_ref(&replaced.url));
    assert_eq!(reason(&desk.replace(&image, PDF).await.expect_err("no picture")), "file_type_refused");
    desk.remove(&replaced).await?;
    assert!(desk.seen(&mug).await?.images.is_empty());
    // What is sold is nobody's to see.
    let book = desk.counter.create(song("BOOK")).await?;
    let file = desk.add(&book, "file", ("book.pdf", PDF)).await?;
    assert!(file.url.is_empty());
    let open = Request::new(OpenProductImageRequest { id: file.id });
    assert_eq!(reason(&desk.client().open_product_image(open).await.expect_err("sold")), "file_not_found");
    Ok(())
}

/// CA-1: the edges: 25 MiB, fifty files and twenty images, the room of a store; a repeated request hands in one file.
#[tokio::test]
async fn files_have_limits() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let book = desk.counter.create(song("BOOK")).await?;
    let status = desk.add(&book, "file", ("a", &vec![b'a'; LARGEST + 1])).await.expect_err("too long");
    assert_eq!(pointers(&status), ["/file"]);
    assert_eq!(pointers(&desk.add(&book, "file", ("a", b"")).await.expect_err("empty")), ["/file"]);
    assert_eq!(pointers(&desk.add(&book, "secret", ("a", b"text")).await.expect_err("role")), ["/role"]);
    let mut largest = vec![b'a'; LARGEST];
    *largest.last_mut().expect("some") = b'z';
    let large = desk.add(&book, "file", ("large", &largest)).await?;
    let pass = desk.pass(&large).await?;
    let end = i64::try_from(LARGEST)?;
    assert_eq!(desk.read(&pass, end - 2, 99).await?, b"az");
    assert_eq!(desk.read(&pass, 0, end).await?.len(), 1024 * 1024);
    assert_eq!(desk.read(&pass, end, 1).await?, b"");
    let staff = desk.staff(());
    let again = || {
        let mut request = Request::new(handed(&book, "file", ("again.txt", b"text")));
        *request.metadata_mut() = staff.metadata().clone();
        keyed(request, "key", "f")
    };
    let first = desk.hand_in(again()).await?;
    assert_eq!(desk.hand_in(again()).await?, first);
    for n in 2..50 {
        desk.add(&book, "file", (&format!("{n}.txt"), b"text")).await?;
    }
    assert_eq!(reason(&desk.add(&book, "file", ("51", b"text")).await.expect_err("full")), "too_many");
    let fill = sqlx::query("update product_files set size = $1 where name = 'large.txt'").bind(ROOM - 50 * 4 + 4 - 5);
    fill.execute(desk.counter.db()?.pool()).await?;
    let other = desk.counter.create(song("OTHER")).await?;
    assert_eq!(reason(&desk.add(&other, "file", ("6", b"texts!")).await.expect_err("no room")), "files_full");
    desk.add(&other, "file", ("5", b"texts")).await?;
    Ok(())
}

/// CA-1, PL-4: files are their store's: nobody else's, nor anybody's without the permission, nor of a stale version.
#[tokio::test]
async fn files_are_their_stores() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let book = desk.counter.create(song("BOOK")).await?;
    let file = desk.add(&book, "file", ("book.pdf", PDF)).await?;
    let new = || handed(&book, "file", ("a.txt", b"text"));
    let elsewhere = desk.hand_in(desk.counter.elsewhere.staff(EDITOR, new())).await.expect_err("another store");
    assert_eq!(reason(&elsewhere), "product_not_found");
    let reader = &[Permission::CatalogRead];
    let status = desk.hand_in(desk.counter.rig.actors.staff(reader, new())).await.expect_err("no permission");
    assert_eq!(reason(&status), "permission_required");
    let stale = desk.hand_in(if_match(desk.staff(new()), 1)).await.expect_err("it was changed");
    assert_eq!(kit::failure::Told::read(&stale).code.http(), 412);
    let open = OpenProductFileRequest { product: book.id.clone(), id: file.id.clone(), store: book.store.clone() };
    for request in [
        desk.counter.elsewhere.staff(EDITOR, open.clone()),
        desk.counter.rig.actors.anonymous(open.clone()),
        desk.counter.rig.actors.customer(kit::ids::CustomerId::new(desk.counter.rig.clock.now()), open.clone()),
    ] {
        assert!(desk.client().open_product_file(request).await.is_err());
    }
    assert_eq!(reason(&desk.read("", 0, 1).await.expect_err("no pass")), "file_not_found");
    let system = desk.counter.rig.actors.system("orders", open);
    let opened = desk.client().open_product_file(system).await?.into_inner();
    assert_eq!(desk.read(&opened.pass, 0, 4).await?, b"%PDF");
    Ok(())
}

/// OR-8: services learn what products hold, at any depth, each once; nobody else does.
#[tokio::test]
async fn what_is_inside_is_told_to_services() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (one, two) = (desk.counter.create(song("ONE")).await?, desk.counter.create(song("TWO")).await?);
    let inner = desk.counter.bundle("INNER", &[&one.id, &two.id]).await?;
    let outer = desk.counter.bundle("OUTER", &[&inner.id, &two.id]).await?;
    let file = desk.add(&one, "file", ("one.txt", b"one")).await?;
    let asked = |products: &[&Product]| DescribeProductsRequest {
        products: products
            .iter()
            .map(|product| SoldProduct { store: product.store.clone(), product: product.id.clone() })
            .collect(),
    };
    let request = desk.counter.rig.actors.system("orders", asked(&[&outer, &one]));
    let told = desk.client().describe_products(request).await?.into_inner().products;
    let of = |product: &Product| told.iter().find(|told| told.product == product.id).expect("told");
    let mut all = [one.id.clone(), two.id.clone(), inner.id.clone()];
    all.sort_unstable();
    assert_eq!((&of(&outer).inside[..], &*of(&outer).package), (&all[..], "bundle"));
    assert_eq!((of(&one).files[0].id.clone(), of(&one).inside.len()), (file.id, 0));
    let staff = desk.staff(asked(&[&one]));
    assert!(desk.client().describe_products(staff).await.is_err());
    Ok(())
}

/// CU-12: services learn of what can be bought and is digital, in the stores that they name, page by page; nobody else does.
#[tokio::test]
async fn services_list_what_is_digital() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let counter = &desk.counter;
    // Ids are in the order of time.
    let later = || counter.rig.clock.advance(chrono::TimeDelta::seconds(1));
    let one = counter.create(song("ONE")).await?;
    later();
    let two = counter.create(song("TWO")).await?;
    later();
    counter.create(CreateProductRequest { active: Some(false), ..song("OLD") }).await?;
    counter.create(CreateProductRequest { kind: "physical".to_owned(), ..song("MUG") }).await?;
    let foreign = counter.elsewhere.staff(EDITOR, song("ONE"));
    let foreign = counter.client.clone().create_product(foreign).await?.into_inner();
    let ask = async |stores: &[&str], after: &str| {
        let stores = stores.iter().map(|store| (*store).to_owned()).collect();
        let request = ListDigitalProductsRequest { stores, after: after.to_owned() };
        let request = counter.rig.actors.system("orders", request);
        let told = desk.client().list_digital_products(request).await?.into_inner();
        assert_eq!(told.next, "");
        anyhow::Ok(told.products.into_iter().map(|sold| sold.product).collect::<Vec<_>>())
    };
    assert_eq!(ask(&[&one.store], "").await?, [&*one.id, &*two.id]);
    assert_eq!(ask(&[&one.store], &one.id).await?, [&*two.id]);
    assert_eq!(ask(&[&one.store, &foreign.store], &two.id).await?, [&*foreign.id]);
    assert_eq!(ask(&[], "").await?, Vec::<String>::new());
    let staff = desk.staff(ListDigitalProductsRequest { stores: vec![one.store], after: String::new() });
    assert!(desk.client().list_digital_products(staff).await.is_err());
    Ok(())
}
