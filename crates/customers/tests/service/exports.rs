//! Lists as files.
use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use customers::export::{lists::Lists, work::Clerk};
use files::Files;
use kit::{ids::ProductId, permission::Permission, service::Service, transport::Transport};
use proto::{
    customers::v1::{
        CreateSegmentRequest, Export, ExportPiece, GetExportRequest, ListExportsRequest, ReadExportRequest,
        RequestExportRequest, export_service_client::ExportServiceClient, segment_service_client::SegmentServiceClient,
    },
    orders::v1::{OrderPlaced, PlacedLine},
};
use testing::{Rig, actors::keyed};
use tonic::{Code, Status};

use crate::shop::{Shop, filter, reason};

pub const CLEAR: &[Permission] = &[Permission::CustomersRead, Permission::CustomersPii, Permission::ExportsCreate];
const MASKED: &[Permission] = &[Permission::CustomersRead, Permission::ExportsCreate];

/// A shop whose files lie in a folder of their own.
pub struct Office {
    pub shop: Shop,
    folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> anyhow::Result<Self> {
        let office = Self::beside(Vec::new()).await?;
        for (email, name) in [("ada@example.com", "=Ada"), ("bob@example.com", "Bob"), ("eve@example.com", "Eve")] {
            let customer = office.shop.meet(email, name).await?;
            if name != "Eve" {
                office.shop.hear(&office.shop.placed(&customer.id, name, office.shop.now())).await?;
            }
            office.shop.rig.clock.advance(TimeDelta::minutes(1));
        }
        Ok(office)
    }

    /// Without anybody in it, beside other services.
    pub async fn beside(peers: Vec<Service>) -> anyhow::Result<Self> {
        Self::of(Rig::new(customers::NAME, &customers::MIGRATOR).await?, peers)
    }

    /// The same on `rig`.
    pub fn of(mut rig: Rig, peers: Vec<Service>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut settings = (*rig.env.settings).clone();
        folder.path().clone_into(&mut settings.files.files_dir);
        rig.env.settings = Arc::new(settings);
        Ok(Self { shop: Shop::among(rig, peers)?, folder })
    }

    pub fn clerk(&self) -> Clerk {
        let (rig, files) = (&self.shop.rig, Files::below(self.folder.path().to_owned()));
        let lists = Lists::new(&rig.env).expect("ways to the others");
        Clerk::new((self.shop.db.clone(), rig.clock.clone()), files, lists)
    }

    pub fn client(&self) -> ExportServiceClient<Transport> {
        ExportServiceClient::new(self.shop.way.clone())
    }

    pub async fn ask(&self, permissions: &[Permission], request: RequestExportRequest) -> Result<Export, Status> {
        let key = format!("{request:?}");
        let request = keyed(self.staff(permissions, request), &key[..key.len().min(200)], "an export");
        Ok(self.client().request_export(request).await?.into_inner())
    }

    /// One and the same person, each time.
    pub fn staff<T>(&self, permissions: &[Permission], message: T) -> tonic::Request<T> {
        let mut claims = self.shop.actors().claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
        claims.perms = permissions.iter().copied().collect();
        self.shop.actors().request(&claims, message)
    }

    pub async fn get(&self, id: &str) -> Result<Export, Status> {
        let request = self.staff(CLEAR, GetExportRequest { id: id.to_owned() });
        Ok(self.client().get_export(request).await?.into_inner())
    }

    pub async fn read(&self, link: &str, offset: i64) -> Result<ExportPiece, Status> {
        let (path, query) = link.split_once('?').unwrap_or_default();
        let (expires, signature) = query.split_once('&').unwrap_or_default();
        let value = |text: &str| text.split_once('=').map(|(_, value)| value.to_owned()).unwrap_or_default();
        let request = ReadExportRequest {
            id: path.rsplit('/').next().unwrap_or_default().to_owned(),
            expires: value(expires).parse().unwrap_or_default(),
            signature: value(signature),
            offset,
        };
        Ok(self.client().read_export(self.shop.actors().system("gateway", request)).await?.into_inner())
    }

    /// The text of a file that is asked for and written.
    async fn text(&self, permissions: &[Permission], request: RequestExportRequest) -> anyhow::Result<String> {
        let export = self.ask(permissions, request).await?;
        assert!(self.clerk().write_one().await?);
        let export = self.get(&export.id).await?;
        assert_eq!(export.state, "succeeded");
        Ok(String::from_utf8(self.read(&export.link, 0).await?.data.to_vec())?)
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut all = vec![self.folder.path().to_owned()];
        let mut files = Vec::new();
        while let Some(path) = all.pop() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            entries.for_each(
                |entry| if entry.path().is_dir() { all.push(entry.path()) } else { files.push(entry.path()) },
            );
        }
        files
    }
}

fn csv(columns: &[&str]) -> RequestExportRequest {
    RequestExportRequest {
        r#type: "customers".to_owned(),
        format: "csv".to_owned(),
        columns: columns.iter().map(|&name| name.to_owned()).collect(),
        ..RequestExportRequest::default()
    }
}

/// EX-1, EX-2, EX-3: a list is asked for, written behind the request and read by its link; cells are defused; the audit
/// knows who took how many rows of what.
#[tokio::test]
async fn a_list_becomes_a_file() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let request = RequestExportRequest {
        filter: Some(filter("name", "ne", &["Bob"])),
        ..csv(&["name", "orders_count", "email"])
    };
    let asked = office.ask(CLEAR, request).await?;
    assert_eq!((asked.state.as_str(), asked.link.as_str(), asked.masked), ("queued", "", false));
    assert!(office.shop.audited("export.requested").await?.after.contains("\"value\":\"***\""));
    assert!(office.clerk().write_one().await? && !office.clerk().write_one().await?);
    let done = office.get(&asked.id).await?;
    assert_eq!((done.state.as_str(), done.done, done.total), ("succeeded", 2, 2));
    let piece = office.read(&done.link, 0).await?;
    let expected = "\u{feff}name,orders_count,email\r\nEve,0,eve@example.com\r\n'=Ada,1,ada@example.com\r\n";
    assert_eq!(String::from_utf8(piece.data.to_vec())?, expected);
    assert_eq!((piece.size, piece.media_type.as_str()), (i64::try_from(expected.len())?, "text/csv; charset=utf-8"));
    assert_eq!(piece.name, "customers-2026-03-02.csv");
    assert_eq!(office.shop.audited("export.fetched").await?.target, asked.id);
    assert_eq!(office.read(&done.link, 5).await?.data, expected.as_bytes()[5..]);
    assert!(office.read(&done.link, 1_000).await?.data.is_empty());
    let told = office.shop.audited("export.ended").await?;
    assert!(
        told.after.contains("\"rows\":2") && told.after.contains("stf_01a2013e22517bdc8062166f3d6df22e"),
        "{told:?}"
    );
    let list = office.client().list_exports(office.staff(CLEAR, ListExportsRequest {})).await?.into_inner();
    assert_eq!(list.exports.len(), 1);
    Ok(())
}

/// EX-1: leads, a search, dates, what was bought and a segment narrow a file down as they do a list.
#[tokio::test]
async fn a_file_is_narrowed_down_as_a_list_is() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let product = ProductId::new(office.shop.now()).to_string();
    let bob = office.shop.meet("bob@example.com", "Bob").await?;
    let lines = vec![PlacedLine { product: product.clone(), quantity: 1, ..PlacedLine::default() }];
    office.shop.hear(&OrderPlaced { lines, ..office.shop.placed(&bob.id, "3", office.shop.now()) }).await?;
    let segment = CreateSegmentRequest { name: "Buyers".to_owned(), filter: Some(filter("repeat", "eq", &["true"])) };
    let segment = SegmentServiceClient::new(office.shop.way.clone()).create_segment(office.shop.clerk(segment)).await?;
    let of = |request: RequestExportRequest| RequestExportRequest { columns: vec!["name".to_owned()], ..request };
    let base = || csv(&["name"]);
    for (request, expected) in [
        (of(RequestExportRequest { r#type: "leads".to_owned(), ..base() }), "Eve"),
        (of(RequestExportRequest { query: "bob@".to_owned(), ..base() }), "Bob"),
        (of(RequestExportRequest { from: "2026-03-02T12:00:30Z".to_owned(), ..base() }), "Eve Bob"),
        (of(RequestExportRequest { to: "2026-03-02T12:01:00Z".to_owned(), ..base() }), "'=Ada"),
        (of(RequestExportRequest { filter: Some(filter("products", "eq", &[&product])), ..base() }), "Bob"),
        (of(RequestExportRequest { segment: segment.get_ref().id.clone(), ..base() }), "Bob"),
    ] {
        let text = office.text(CLEAR, request.clone()).await?;
        let names: Vec<_> = text.trim_end().split("\r\n").skip(1).collect();
        assert_eq!(names.join(" "), expected, "{request:?}");
    }
    Ok(())
}

/// EX-3, ID-23: without customers.pii personal fields are masked in the file, and cannot be asked by.
#[tokio::test]
async fn files_are_masked() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let text = office.text(MASKED, csv(&["id", "name", "email", "orders_count"])).await?;
    assert!(!text.contains("Eve") && !text.contains("eve@") && text.contains("e***@example.com,0"), "{text}");
    let by_name = RequestExportRequest { filter: Some(filter("name", "eq", &["Eve"])), ..csv(&["id"]) };
    assert_eq!(reason(&office.ask(MASKED, by_name).await.expect_err("masked")), "pii_required");
    let none: &[&[Permission]] = &[&[Permission::CustomersRead], &[Permission::ExportsCreate]];
    for lacking in none {
        assert_eq!(office.ask(lacking, csv(&["id"])).await.expect_err("may not").code(), Code::PermissionDenied);
    }
    Ok(())
}

/// EX-2: whoever writes a file may die at it: another one takes it up when the lease is over, from the beginning, and the
/// first keeps nothing any more. After five tries it is given up.
#[tokio::test]
async fn a_file_survives_its_writer() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let asked = office.ask(CLEAR, csv(&["name"])).await?;
    let claim = "update exports set state = 'running', attempts = attempts + 1, done = 1, due_at = $1";
    let lease = office.shop.now() + TimeDelta::seconds(60);
    sqlx::query(claim).bind(lease).execute(office.shop.db.pool()).await?;
    assert!(!office.clerk().write_one().await?, "somebody is at it");
    assert_eq!(office.get(&asked.id).await?.state, "running");
    office.shop.rig.clock.advance(TimeDelta::seconds(60));
    assert!(office.clerk().write_one().await?);
    let done = office.get(&asked.id).await?;
    assert_eq!((done.state.as_str(), done.done), ("succeeded", 3));
    let again = office.ask(CLEAR, csv(&["id"])).await?;
    sqlx::query("update exports set state = 'running', attempts = 5 where due_at is not null")
        .execute(office.shop.db.pool())
        .await?;
    assert!(office.clerk().write_one().await?);
    let failed = office.get(&again.id).await?;
    assert_eq!((failed.state.as_str(), failed.failure.as_str(), failed.link.as_str()), ("failed", "gave_up", ""));
    Ok(())
}

/// CU-15, EX-2: of an export that came to nothing it is forgotten after a day, too, what was searched for.
#[tokio::test]
async fn what_was_searched_for_is_forgotten() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let by_mail = RequestExportRequest { filter: Some(filter("email", "eq", &["ada@example.com"])), ..csv(&["id"]) };
    office.ask(CLEAR, by_mail).await?;
    office.ask(CLEAR, RequestExportRequest { query: "eve@example.com".to_owned(), ..csv(&["id"]) }).await?;
    sqlx::query("update exports set attempts = 5").execute(office.shop.db.pool()).await?;
    while office.clerk().write_one().await? {}
    let left = async || {
        let left = sqlx::query_scalar("select count(*) from exports where search <> '' or filter is not null");
        left.fetch_one(office.shop.db.pool()).await
    };
    office.clerk().tidy().await?;
    let before: i64 = left().await?;
    office.shop.rig.clock.advance(TimeDelta::hours(24));
    office.clerk().tidy().await?;
    assert_eq!((before, left().await?), (2, 0));
    Ok(())
}

/// EX-2: a link is good for a quarter of an hour, and a file for a day; then it is removed.
#[tokio::test]
async fn links_and_files_end() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let asked = office.ask(CLEAR, csv(&["name"])).await?;
    office.clerk().write_one().await?;
    let link = office.get(&asked.id).await?.link;
    let tampered = link.replace("expires=1", "expires=2");
    assert_eq!(reason(&office.read(&tampered, 0).await.expect_err("tampered")), "export_not_found");
    office.shop.rig.clock.advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    assert!(office.read(&link, 0).await.is_ok());
    office.shop.rig.clock.advance(TimeDelta::seconds(1));
    let over = office.read(&link, 0).await.expect_err("over");
    assert_eq!((over.code(), reason(&over).as_str()), (Code::OutOfRange, "link_expired"));
    assert!(office.read(&office.get(&asked.id).await?.link, 0).await.is_ok(), "there is another link");
    office.clerk().tidy().await?;
    assert_eq!(office.files().len(), 1);
    office.shop.rig.clock.advance(TimeDelta::hours(24));
    assert_eq!(office.get(&asked.id).await?.link, "");
    office.clerk().tidy().await?;
    assert!(office.files().is_empty());
    Ok(())
}

/// CU-15, EX-2: a file that somebody is in who was forgotten since is withdrawn at once.
#[tokio::test]
async fn whoever_is_forgotten_is_in_no_file() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let asked = office.ask(CLEAR, csv(&["name"])).await?;
    office.clerk().write_one().await?;
    let link = office.get(&asked.id).await?.link;
    let forgotten = "insert into customer_keys (realm_id, customer_id, created_at, destroyed_at)
                     select realm_id, id, $1, $1 from customers limit 1
                     on conflict (realm_id, customer_id) do update set key = null, destroyed_at = excluded.destroyed_at";
    sqlx::query(forgotten).bind(office.shop.now()).execute(office.shop.db.pool()).await?;
    assert_eq!(reason(&office.read(&link, 0).await.expect_err("withdrawn")), "link_expired");
    office.clerk().tidy().await?;
    assert!(office.files().is_empty());
    let withdrawn = office.get(&asked.id).await?;
    assert_eq!((&*withdrawn.state, &*withdrawn.failure, &*withdrawn.link), ("failed", "withdrawn", ""));
    Ok(())
}

/// EX-1, EX-2: what makes no sense is refused, a repetition is the same export, and there is an end to what is waited for.
#[tokio::test]
async fn requests_are_held_to_their_rules() -> anyhow::Result<()> {
    let office = Office::open().await?;
    for wrong in [
        RequestExportRequest { r#type: "wishes".to_owned(), ..csv(&[]) },
        RequestExportRequest { format: "pdf".to_owned(), ..csv(&[]) },
        csv(&["meta"]),
        csv(&["id", "id"]),
        RequestExportRequest { from: "yesterday".to_owned(), ..csv(&[]) },
        RequestExportRequest {
            from: "2026-02-02T00:00:00Z".to_owned(),
            to: "2026-02-01T00:00:00Z".to_owned(),
            ..csv(&[])
        },
        RequestExportRequest { query: "%".to_owned(), ..csv(&[]) },
    ] {
        assert_eq!(
            office.ask(CLEAR, wrong.clone()).await.expect_err("wrong").code(),
            Code::InvalidArgument,
            "{wrong:?}"
        );
    }
    let bare = office.client().request_export(office.staff(CLEAR, csv(&[]))).await.expect_err("no key");
    assert_eq!(reason(&bare), "idempotency_key_required");
    let first = office.ask(CLEAR, csv(&[])).await?;
    assert_eq!(office.ask(CLEAR, csv(&[])).await?, first);
    for place in 0..9 {
        let keyed = keyed(office.staff(CLEAR, csv(&["id"])), &format!("k{place}"), "more");
        office.client().request_export(keyed).await?;
    }
    let more = office.ask(CLEAR, csv(&["email"])).await.expect_err("too many");
    assert_eq!((more.code(), reason(&more).as_str()), (Code::FailedPrecondition, "too_many_exports"));
    Ok(())
}

/// ID-23, ID-30: an export is its owner's: neither another realm nor a colleague finds it, nor they themselves once they
/// may not see who is in it; and only services read files.
#[tokio::test]
async fn an_export_is_its_owners() -> anyhow::Result<()> {
    let office = Office::open().await?;
    let asked = office.ask(CLEAR, csv(&[])).await?;
    let get = || GetExportRequest { id: asked.id.clone() };
    let colleague = office.client().get_export(office.shop.actors().staff(CLEAR, get())).await;
    let elsewhere = office.client().get_export(office.shop.actors().elsewhere().staff(CLEAR, get())).await;
    let demoted = office.client().get_export(office.staff(MASKED, get())).await;
    for refused in [colleague, elsewhere, demoted] {
        assert_eq!(reason(&refused.expect_err("not theirs")), "export_not_found");
    }
    let read = ReadExportRequest { id: asked.id, ..ReadExportRequest::default() };
    let refused = office.client().read_export(office.staff(CLEAR, read)).await.expect_err("staff");
    assert_eq!(refused.code(), Code::PermissionDenied);
    Ok(())
}
