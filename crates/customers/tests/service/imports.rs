//! Customers out of files: what is proposed, what a check says, what an import does.
use std::sync::Arc;

use chrono::TimeDelta;
use customers::import::work::Worker;
use kit::{permission::Permission, transport::Transport};
use proto::customers::v1::{
    CancelImportRequest, ChangeImportRequest, CheckImportRequest, GetImportRequest, Import, ImportFields, ImportTags,
    ListCustomersRequest, ListImportFaultsRequest, ListImportsRequest, ReadImportReportRequest,
    RegisterCustomerRequest, StartImportRequest, UploadImportRequest, import_service_client::ImportServiceClient,
};
use testing::{Rig, actors::keyed};
use tonic::{Code, Status};

use crate::shop::{DESK, PII, Shop, faults, id, reason};

/// A shop whose files lie in a folder of their own.
pub struct Desk {
    pub shop: Shop,
    pub folder: tempfile::TempDir,
    pub worker: Worker,
}

impl Desk {
    pub async fn open() -> anyhow::Result<Self> {
        let (rig, folder) = Self::rig().await?;
        Self::of(Shop::of(rig)?, folder)
    }

    /// What a desk is made of, with a folder for its files.
    async fn rig() -> anyhow::Result<(Rig, tempfile::TempDir)> {
        let folder = tempfile::tempdir()?;
        let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
        let mut settings = (*rig.env.settings).clone();
        folder.path().clone_into(&mut settings.files.files_dir);
        rig.env.settings = Arc::new(settings);
        Ok((rig, folder))
    }

    fn of(shop: Shop, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let worker = Worker::of(&shop.rig.env)?;
        Ok(Self { shop, folder, worker })
    }

    pub fn client(&self) -> ImportServiceClient<Transport> {
        ImportServiceClient::new(self.shop.way.clone())
    }

    pub async fn upload(&self, file: impl Into<Vec<u8>>) -> Result<Import, Status> {
        let request = UploadImportRequest { file: file.into().into() };
        Ok(self.client().upload_import(self.shop.clerk(request)).await?.into_inner())
    }

    pub async fn get(&self, id: &str) -> Result<Import, Status> {
        Ok(self.client().get_import(self.shop.clerk(GetImportRequest { id: id.to_owned() })).await?.into_inner())
    }

    pub async fn check(&self, id: &str) -> Result<Import, Status> {
        Ok(self.client().check_import(self.shop.clerk(CheckImportRequest { id: id.to_owned() })).await?.into_inner())
    }

    pub async fn start(&self, id: &str) -> Result<Import, Status> {
        Ok(self.client().start_import(self.shop.clerk(StartImportRequest { id: id.to_owned() })).await?.into_inner())
    }

    /// The import of `file`, checked.
    pub async fn checked(&self, file: &str) -> anyhow::Result<Import> {
        let import = self.upload(file).await?;
        self.check(&import.id).await?;
        assert!(self.worker.work_one().await?);
        Ok(self.get(&import.id).await?)
    }

    /// The import of `file`, carried out.
    pub async fn taken_in(&self, file: &str) -> anyhow::Result<Import> {
        let import = self.checked(file).await?;
        self.start(&import.id).await?;
        assert!(self.worker.work_one().await?);
        Ok(self.get(&import.id).await?)
    }

    /// Line, column and code of what is wrong.
    pub async fn faults(&self, id: &str) -> anyhow::Result<Vec<(i64, String, String)>> {
        let request = ListImportFaultsRequest { id: id.to_owned(), page: None };
        let found = self.client().list_import_faults(self.shop.clerk(request)).await?.into_inner();
        Ok(found.faults.into_iter().map(|fault| (fault.line, fault.column, fault.code)).collect())
    }

    pub async fn report(&self, id: &str) -> anyhow::Result<String> {
        let request = ReadImportReportRequest { id: id.to_owned(), after: String::new() };
        let piece = self.client().read_import_report(self.shop.clerk(request)).await?.into_inner();
        Ok(String::from_utf8(piece.data.to_vec())?)
    }

    /// Created, changed, unchanged, refused, superseded.
    pub fn counts(import: &Import) -> [i64; 5] {
        let counts = import.counts.unwrap_or_default();
        [counts.created, counts.changed, counts.unchanged, counts.refused, counts.superseded]
    }

    /// How many bytes of files there are.
    pub fn kept(&self) -> u64 {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut kept = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.metadata() {
                    Ok(found) if found.is_dir() => folders.push(entry.path()),
                    Ok(found) => kept += found.len(),
                    Err(_) => {}
                }
            }
        }
        kept
    }
}

fn found(line: i64, column: &str, code: &str) -> (i64, String, String) {
    (line, column.to_owned(), code.to_owned())
}

/// CU-1, CU-3, CU-8, CU-9, CU-11, CU-16: a file makes leads of whom nobody knew, with address, tags and consent; a check says
/// so beforehand and changes nothing; taken in again it changes nothing.
#[tokio::test]
async fn a_file_makes_leads() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let file = "First Name,Last Name,Email,Accepts Email Marketing,Default Address Address1,Default Address City,\
                Default Address Zip,Phone,Tags,Note\r\n\
                Ada,King,Ada@Example.com,yes,Allee 1,Berlin,10117,030 901820,\"vip, fair\",Likes tea\r\n\
                Bob,,bob@example.com,no,,,,,,\r\n\
                Eve,,eve,,,,,,,\r\n";
    let checked = desk.checked(file).await?;
    assert_eq!((checked.state.as_str(), checked.rows, Desk::counts(&checked)), ("checked", 3, [2, 0, 0, 1, 0]));
    assert_eq!(desk.faults(&checked.id).await?, [found(4, "Email", "malformed")]);
    assert!(desk.shop.list(ListCustomersRequest::default()).await?.customers.is_empty(), "a check changes nothing");
    desk.start(&checked.id).await?;
    assert!(desk.worker.work_one().await? && !desk.worker.work_one().await?);
    let done = desk.get(&checked.id).await?;
    assert_eq!((done.state.as_str(), done.done, Desk::counts(&done)), ("succeeded", 3, [2, 0, 0, 1, 0]));
    assert_eq!((desk.kept(), done.sample.len(), done.has_report), (0, 0, true), "the file is gone");
    let people = desk.shop.list(ListCustomersRequest::default()).await?.customers;
    let ada = people.iter().find(|one| one.name == "Ada King").expect("Ada");
    assert_eq!((&*ada.lifecycle, &*ada.email, &*ada.phone), ("lead", "Ada@Example.com", "+4930901820"));
    assert_eq!((ada.tags.join(" "), ada.version), ("fair vip".to_owned(), 1));
    assert_eq!(ada.address.as_ref().map(|home| (&*home.city, &*home.country)), Some(("Berlin", "DE")));
    let consents = "select string_agg(channel || granted || source || actor, ' ' order by channel, granted desc) from customer_consents";
    let consents: String = sqlx::query_scalar(consents).fetch_one(desk.shop.db.pool()).await?;
    let clerk = "stf_01a2013e22517bdc8062166f3d6df22e";
    assert_eq!(consents, format!("emailtrueimport{clerk} emailfalseimport{clerk}"));
    let report = desk.report(&done.id).await?;
    let lines: Vec<_> = report.lines().collect();
    assert_eq!((lines[0], lines[3]), ("line,id,outcome,reason", "4,,refused,malformed"));
    assert_eq!(lines[1], format!("2,{},created,", ada.id));
    assert_eq!(Desk::counts(&desk.taken_in(file).await?), [0, 0, 2, 1, 0]);
    assert_eq!(desk.shop.published("patron.customers.v1.CustomerCreated").await?, 2);
    assert_eq!(desk.shop.published("patron.customers.v1.CustomerChanged").await?, 0);
    let ended = desk.shop.audited("import.ended").await?.after;
    assert!(ended.contains("\"unchanged\":2") && !ended.contains("ada"), "{ended}");
    Ok(())
}

/// CU-2, CU-8: who is known is changed where the file says something; what signs in stays; empty cells leave or clear.
#[tokio::test]
async fn a_file_changes_who_is_known() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let ada = desk.shop.meet("ada@example.com", "Ada").await?;
    let caller = RegisterCustomerRequest {
        realm: desk.shop.actors().realm.into(),
        store: desk.shop.actors().store.into(),
        email: "caller@example.com".to_owned(),
        phone: "+4930901821".to_owned(),
        proven: "phone".to_owned(),
        ..RegisterCustomerRequest::default()
    };
    let caller = desk.shop.client.clone().register_customer(desk.shop.actors().system("identity", caller)).await?;
    let caller = caller.into_inner();
    let file = format!(
        "email,phone,name,business,patron_id,meta.size\nADA@example.com,,,Analytical,,9\n,+49 30 901821,Cal,,,\n\
         x@example.com,+49 30 1234567,Callie,,{},\n,+49 30 5555555,Nobody,,,\n",
        caller.id
    );
    let done = desk.taken_in(&file).await?;
    assert_eq!(Desk::counts(&done), [0, 3, 0, 1, 0]);
    let ada = desk.shop.get(PII, &ada.id).await?;
    assert_eq!((&*ada.name, &*ada.business, &*ada.meta), ("Ada", "Analytical", "{\"size\":\"9\"}"));
    let called = desk.shop.get(PII, &caller.id).await?;
    assert_eq!((&*called.name, &*called.email, &*called.phone), ("Callie", "caller@example.com", "+4930901821"));
    let mut told = desk.faults(&done.id).await?;
    told.retain(|(line, ..)| *line > 3);
    assert_eq!(told, [found(4, "", "email_kept"), found(4, "", "phone_kept"), found(5, "", "email_required")]);
    let import = desk.upload("email,business,meta.size\nada@example.com,,\n").await?;
    let change = ChangeImportRequest { id: import.id.clone(), empty: Some("clear".to_owned()), ..Default::default() };
    desk.client().change_import(desk.shop.clerk(change)).await?;
    desk.check(&import.id).await?;
    assert!(desk.worker.work_one().await?);
    desk.start(&import.id).await?;
    assert!(desk.worker.work_one().await?);
    let ada = desk.shop.get(PII, &ada.id).await?;
    assert_eq!((&*ada.name, &*ada.business, &*ada.meta), ("Ada", "", "{}"), "{ada:?}");
    Ok(())
}

/// CU-16: whoever has withdrawn a consent does not give it by a file; of two rows about one person the last one counts, and
/// that is said.
#[tokio::test]
async fn the_last_row_counts_and_a_withdrawal_stays() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    desk.taken_in("email,newsletter\nada@example.com,no\n").await?;
    let again = desk.taken_in("email,name,newsletter\nada@example.com,A,yes\nADA@example.com,B,yes\n").await?;
    assert_eq!(Desk::counts(&again), [0, 1, 0, 0, 1]);
    let expected = [found(2, "", "superseded"), found(3, "", "consent_withdrawn")];
    assert_eq!(desk.faults(&again.id).await?, expected);
    let refused = desk.taken_in("email,name,patron_id\nada@example.com,C,\nada@example.com,D,nobody\n").await?;
    assert_eq!(Desk::counts(&refused), [0, 1, 0, 1, 0], "a row that is not taken takes no other's place");
    let back = desk.taken_in("email,name\nada@example.com,B\n").await?;
    assert_eq!(Desk::counts(&back), [0, 1, 0, 0, 0]);
    let granted = "select bool_or(granted) from customer_consents";
    assert!(!sqlx::query_scalar::<_, bool>(granted).fetch_one(desk.shop.db.pool()).await?);
    assert_eq!(desk.shop.names(ListCustomersRequest::default()).await?, ["B"]);
    Ok(())
}

/// ID-21, ID-23: a check in one store of a network tells nobody who is known in another one: they are leads like others, and
/// whoever is named by a phone alone is nobody. Carried out, the rows are not taken.
#[tokio::test]
async fn a_check_tells_nothing_of_other_stores() -> anyhow::Result<()> {
    let (rig, folder) = Desk::rig().await?;
    let (shop, other) = crate::network::network_on(rig)?;
    let desk = Desk::of(shop, folder)?;
    for (email, phone, proven) in [("ada@example.com", "", "email"), ("cid@example.com", "+4930901821", "phone")] {
        let request = RegisterCustomerRequest {
            realm: desk.shop.actors().realm.into(),
            store: other.store.into(),
            email: email.to_owned(),
            phone: phone.to_owned(),
            proven: proven.to_owned(),
            ..RegisterCustomerRequest::default()
        };
        desk.shop.client.clone().register_customer(other.system("identity", request)).await?;
    }
    let file = "email,phone,name\nada@example.com,,Ada\nbob@example.com,,Bob\n,+49 30 901821,C\n,+49 30 901822,D\n";
    let checked = desk.checked(file).await?;
    assert_eq!(Desk::counts(&checked), [2, 0, 0, 2, 0]);
    assert_eq!(desk.faults(&checked.id).await?, [found(4, "", "email_required"), found(5, "", "email_required")]);
    desk.start(&checked.id).await?;
    assert!(desk.worker.work_one().await?);
    assert_eq!(Desk::counts(&desk.get(&checked.id).await?), [1, 0, 0, 3, 0]);
    assert_eq!(desk.faults(&checked.id).await?[0], found(2, "", "email_taken"));
    Ok(())
}

/// CU-13, CU-15: a merged record leads to the kept one; whoever was erased does not come back under their id.
#[tokio::test]
async fn ids_lead_to_who_is_there() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (kept, gone) = (desk.shop.meet("kept@example.com", "Kept").await?, kit::ids::CustomerId::new(desk.shop.now()));
    let erased = kit::ids::CustomerId::new(desk.shop.now());
    let realm = desk.shop.actors().realm;
    let merged = "insert into merged_customers (realm_id, gone_id, kept_id, merged_at) values ($1, $2, $3, $4)";
    sqlx::query(merged)
        .bind(realm)
        .bind(gone)
        .bind(id(&kept))
        .bind(desk.shop.now())
        .execute(desk.shop.db.pool())
        .await?;
    let forgotten = "insert into erased_customers (realm_id, id, at, job_id) values ($1, $2, $3, $2)";
    sqlx::query(forgotten).bind(realm).bind(erased).bind(desk.shop.now()).execute(desk.shop.db.pool()).await?;
    let file = format!("patron id,business\n{gone},Kept Ltd\n{erased},Back\ncus_{},Who\n", "0".repeat(32));
    let done = desk.taken_in(&file).await?;
    assert_eq!(Desk::counts(&done), [0, 1, 0, 2, 0]);
    let told = desk.faults(&done.id).await?;
    assert_eq!(told, [found(3, "", "customer_erased"), found(4, "", "customer_not_found")]);
    assert_eq!(desk.shop.get(PII, &kept.id).await?.business, "Kept Ltd");
    Ok(())
}

/// ID-22, PL-4: who may not make and see people takes none in; another store sees nothing of it; what a file is not is said.
#[tokio::test]
async fn a_file_is_taken_from_those_who_may() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let other = desk.shop.actors().elsewhere();
    let file = || UploadImportRequest { file: b"email\nada@example.com\n".to_vec().into() };
    for lacking in [&[Permission::CustomersWrite][..], &[Permission::CustomersPii]] {
        let refused = desk.client().upload_import(desk.shop.actors().staff(lacking, file())).await;
        assert_eq!(refused.expect_err("may not").code(), Code::PermissionDenied);
    }
    let import = desk.upload(file().file).await?;
    let request = other.staff(DESK, GetImportRequest { id: import.id.clone() });
    assert_eq!(desk.client().get_import(request).await.expect_err("not theirs").code(), Code::NotFound);
    for file in ["", "email\n", "a@b.example,Ada\n", "a\0"] {
        let refused = desk.upload(file).await.expect_err("no file of customers");
        assert_eq!(reason(&refused), "file_unreadable", "{file}");
    }
    let mapped = |fields: &[&str]| ChangeImportRequest {
        id: import.id.clone(),
        fields: Some(ImportFields { fields: fields.iter().map(|&field| field.to_owned()).collect() }),
        tags: Some(ImportTags { tags: vec!["fair".to_owned()] }),
        ..ChangeImportRequest::default()
    };
    let refused = desk.client().change_import(desk.shop.clerk(mapped(&["status"]))).await.expect_err("no mapping");
    assert_eq!(faults(&refused), [("/mapping".to_owned(), "unknown_value".to_owned())]);
    for fields in [&["email", "email"][..], &["email", "name"]] {
        let refused = desk.client().change_import(desk.shop.clerk(mapped(fields))).await.expect_err("no mapping");
        assert_eq!(reason(&refused), "mapping_mismatch");
    }
    desk.client().change_import(desk.shop.clerk(mapped(&["name"]))).await?;
    assert_eq!(reason(&desk.check(&import.id).await.expect_err("nobody")), "import_names_nobody");
    assert_eq!(reason(&desk.start(&import.id).await.expect_err("unchecked")), "import_not_ready");
    Ok(())
}

/// PL-3: an upload that is repeated is one; ten may wait; a cancelled one ends with its file, repeatably.
#[tokio::test]
async fn imports_are_few() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let request = || {
        let request = UploadImportRequest { file: b"email\nada@example.com\n".to_vec().into() };
        keyed(desk.shop.clerk(request), "k1", "a file")
    };
    let first = desk.client().upload_import(request()).await?.into_inner();
    assert_eq!(desk.client().upload_import(request()).await?.into_inner(), first);
    for _ in 1..10 {
        desk.upload("email\nada@example.com\n").await?;
    }
    assert_eq!(reason(&desk.upload("email\nada@example.com\n").await.expect_err("too many")), "too_many_imports");
    let cancel = || desk.shop.clerk(CancelImportRequest { id: first.id.clone() });
    for _ in 0..2 {
        assert_eq!(desk.client().cancel_import(cancel()).await?.into_inner().state, "cancelled");
    }
    desk.worker.tidy().await?;
    assert_eq!(desk.kept(), 9 * 22);
    for _ in 0..20 {
        desk.shop.rig.clock.advance(TimeDelta::milliseconds(1)); // ids are in order from one millisecond to the next
        let import = desk.upload("email\nada@example.com\n").await?;
        desk.client().cancel_import(desk.shop.clerk(CancelImportRequest { id: import.id })).await?;
    }
    let listed = desk.client().list_imports(desk.shop.clerk(ListImportsRequest {})).await?.into_inner().imports;
    assert_eq!(listed.len(), 20);
    for _ in 0..20 {
        desk.worker.tidy().await?;
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from imports").fetch_one(desk.shop.db.pool()).await?;
    assert!(kept <= 30 && desk.get(&first.id).await.is_err(), "{kept}");
    Ok(())
}
