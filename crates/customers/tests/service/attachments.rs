//! Files of tickets: whose they are, what they may be, and that nothing of them is left over.
use std::{path::Path, sync::Arc};

use chrono::TimeDelta;
use customers::loose_file::sweep::sweep;
use files::Files;
use kit::{permission::Permission, transport::Transport};
use proto::customers::v1::{
    AddAttachmentRequest, AddTicketCommentRequest, Attachment, Customer, ListTicketCommentsRequest,
    ReadAttachmentRequest, Ticket, TicketComment, attachment_service_client::AttachmentServiceClient,
};
use testing::{Rig, actors::keyed};
use tonic::{Code, Request, Status};

use crate::{
    erasure::{forget, open_on},
    merges::merge,
    shop::{Shop, faults, id, reason},
    tickets::{AGENT, open, tickets},
};

/// Who may not see what is personal.
const MASKED: &[Permission] = &[Permission::TicketsRead, Permission::TicketsWrite];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a picture of a lid that does not fit";
const LARGEST: usize = 25 * 1024 * 1024;

/// A shop whose files lie in a folder of their own.
struct Desk {
    shop: Shop,
    folder: tempfile::TempDir,
    files: Files,
}

impl Desk {
    async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
        let mut settings = (*rig.env.settings).clone();
        folder.path().clone_into(&mut settings.files.files_dir);
        rig.env.settings = Arc::new(settings);
        let files = Files::below(folder.path().to_owned());
        Ok(Self { shop: open_on(rig)?.0, folder, files })
    }

    fn client(&self) -> AttachmentServiceClient<Transport> {
        AttachmentServiceClient::new(self.shop.way.clone()).max_encoding_message_size(2 * LARGEST)
    }

    async fn hand_in(&self, request: Request<AddAttachmentRequest>) -> Result<Attachment, Status> {
        Ok(self.client().add_attachment(request).await?.into_inner())
    }

    /// The customer hands in `name` with `data`.
    async fn give(&self, of: &Customer, ticket: &Ticket, name: &str, data: &[u8]) -> Result<Attachment, Status> {
        self.hand_in(self.shop.actors().customer(id(of), file(ticket, name, data))).await
    }

    async fn write(&self, request: Request<AddTicketCommentRequest>) -> Result<TicketComment, Status> {
        Ok(tickets(&self.shop).add_ticket_comment(request).await?.into_inner())
    }

    async fn read(&self, request: Request<ReadAttachmentRequest>) -> Result<Vec<u8>, Status> {
        Ok(self.client().read_attachment(request).await?.into_inner().data.to_vec())
    }

    async fn thread(&self, request: Request<ListTicketCommentsRequest>) -> Result<Vec<TicketComment>, Status> {
        Ok(tickets(&self.shop).list_ticket_comments(request).await?.into_inner().comments)
    }

    async fn sweep(&self) -> anyhow::Result<usize> {
        Ok(sweep((&self.shop.db, &self.shop.rig.clock), &self.files).await?)
    }

    /// How many files lie there.
    fn kept(&self) -> anyhow::Result<usize> {
        count(self.folder.path())
    }

    async fn rows(&self, table: &str) -> anyhow::Result<i64> {
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")));
        Ok(count.fetch_one(self.shop.db.pool()).await?)
    }
}

fn count(folder: &Path) -> anyhow::Result<usize> {
    let mut files = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        files += if path.is_dir() { count(&path)? } else { 1 };
    }
    Ok(files)
}

fn file(ticket: &Ticket, name: &str, data: &[u8]) -> AddAttachmentRequest {
    AddAttachmentRequest { ticket: ticket.id.clone(), name: name.to_owned(), data: data.to_vec().into() }
}

fn words(ticket: &Ticket, internal: bool, files: &[&Attachment]) -> AddTicketCommentRequest {
    let attachments = files.iter().map(|file| file.id.clone()).collect();
    let (ticket, text) = (ticket.id.clone(), "See the file.".to_owned());
    AddTicketCommentRequest { ticket, text, internal, attachments, ..AddTicketCommentRequest::default() }
}

fn of(ticket: &Ticket, file: &Attachment, offset: i64, length: i64) -> ReadAttachmentRequest {
    ReadAttachmentRequest { ticket: ticket.id.clone(), id: file.id.clone(), offset, length }
}

fn all(ticket: &Ticket) -> ListTicketCommentsRequest {
    ListTicketCommentsRequest { ticket: ticket.id.clone(), page: None }
}

/// ST-2: a file is its uploader's alone until a comment names it; then it is read by whoever sees the comment, whole or in
/// part, and by nobody else. It goes with one comment only. What lies in the storage opens to nobody.
#[tokio::test]
async fn a_file_goes_with_what_is_written() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let (ada, bob) = (shop.register("ada@example.com").await?, shop.register("bob@example.com").await?);
    let ticket = open(shop, &ada, "Lid").await?;
    let lid = desk.give(&ada, &ticket, "../lid.exe", PNG).await?;
    assert_eq!((lid.name.as_str(), lid.media_type.as_str()), ("lid.exe.png", "image/png"));
    let own = |range: (i64, i64)| actors.customer(id(&ada), of(&ticket, &lid, range.0, range.1));
    assert_eq!(reason(&desk.read(own((0, 99))).await.expect_err("loose")), "attachment_not_found");

    let taken = desk.write(actors.staff(AGENT, words(&ticket, false, &[&lid]))).await;
    assert_eq!(reason(&taken.expect_err("somebody else's")), "attachment_not_found");
    let stolen = desk.give(&bob, &ticket, "x.png", PNG).await;
    assert_eq!(reason(&stolen.expect_err("another's ticket")), "ticket_not_found");
    let said = desk.write(actors.customer(id(&ada), words(&ticket, false, &[&lid]))).await?;
    assert_eq!(said.attachments, std::slice::from_ref(&lid));
    let again = desk.write(actors.customer(id(&ada), words(&ticket, false, &[&lid]))).await.expect_err("used");
    assert_eq!((reason(&again).as_str(), again.code()), ("attachment_used", Code::Aborted));

    assert_eq!(desk.read(own((0, 999))).await?, PNG);
    assert_eq!(desk.read(own((10, 7))).await?, PNG[10..17]);
    assert_eq!(desk.read(actors.staff(AGENT, of(&ticket, &lid, 0, 999))).await?, PNG);
    let bobs = open(shop, &bob, "Mug").await?;
    for (ticket, who) in [(&ticket, &bob), (&bobs, &bob), (&bobs, &ada)] {
        assert!(desk.read(actors.customer(id(who), of(ticket, &lid, 0, 9))).await.is_err());
    }
    let masked = desk.read(actors.staff(MASKED, of(&ticket, &lid, 0, 9))).await.expect_err("personal");
    assert_eq!((reason(&masked).as_str(), masked.code()), ("permission_required", Code::PermissionDenied));
    let seen = desk.thread(actors.staff(MASKED, all(&ticket))).await?;
    let shown = seen.iter().find(|comment| !comment.attachments.is_empty()).expect("the comment with the file");
    assert!(!shown.attachments[0].name.contains("lid"), "{shown:?}");
    assert_eq!(shown.redacted, ["text", "attachments.name"]);
    let lies = std::fs::read(walk(desk.folder.path())?.pop().expect("a file"))?;
    assert!(!lies.windows(7).any(|part| part == b"picture"), "the bytes lie open");
    Ok(())
}

fn walk(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(walk(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// ST-2: the file of a note is never seen by a customer: not in the list, not by its address, not in their own export.
#[tokio::test]
async fn the_file_of_a_note_stays_inside() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let ada = shop.register("ada@example.com").await?;
    let ticket = open(shop, &ada, "Lid").await?;
    let clerk = |message| {
        let mut claims = actors.claims(kit::actor::Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
        claims.perms = AGENT.iter().copied().collect();
        (claims, message)
    };
    let (claims, request) = clerk(file(&ticket, "suspicion.txt", b"she may be wrong"));
    let inner = desk.hand_in(actors.request(&claims, request)).await?;
    let outer = desk.hand_in(actors.request(&claims, file(&ticket, "label.pdf", b"%PDF-1.7\nlabel"))).await?;
    desk.write(actors.request(&claims, words(&ticket, true, &[&inner]))).await?;
    desk.write(actors.request(&claims, words(&ticket, false, &[&outer]))).await?;
    let own = desk.thread(actors.customer(id(&ada), all(&ticket))).await?;
    assert!(!format!("{own:?}").contains("suspicion") && format!("{own:?}").contains("label.pdf"), "{own:?}");
    let refused = desk.read(actors.customer(id(&ada), of(&ticket, &inner, 0, 9))).await.expect_err("a note's");
    assert_eq!(reason(&refused), "attachment_not_found");
    assert_eq!(desk.read(actors.customer(id(&ada), of(&ticket, &outer, 0, 4))).await?, b"%PDF");
    assert_eq!(desk.read(actors.staff(AGENT, of(&ticket, &inner, 0, 3))).await?, b"she");
    let told = shop.audited("ticket.attached").await?;
    assert!(told.after.contains("sealed") && !format!("{told:?}").contains("suspicion"), "{told:?}");
    Ok(())
}

/// ST-2: the edges: 25 MiB, ten files, each once, kinds that are taken; a repeated request hands in one file.
#[tokio::test]
async fn files_have_limits() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let ada = shop.register("ada@example.com").await?;
    let ticket = open(shop, &ada, "Lid").await?;
    let mut large = PNG.to_vec();
    large.resize(LARGEST, 7);
    let whole = desk.give(&ada, &ticket, "large.png", &large).await?;
    assert_eq!(whole.size, i64::try_from(LARGEST)?);
    large.push(7);
    let over = desk.give(&ada, &ticket, "large.png", &large).await.expect_err("too large");
    assert_eq!(faults(&over), [("/file".to_owned(), "too_long".to_owned())]);
    for (name, data) in [("a.png", &b"<svg/>"[..]), ("a.pdf", b"MZ\x90\0\x03\0\0\0"), ("a.txt", b"\0")] {
        let refused = desk.give(&ada, &ticket, name, data).await.expect_err("a kind that is not taken");
        assert_eq!(reason(&refused), "file_type_refused", "{name}");
    }
    let mut files = vec![whole];
    for n in 0..10 {
        files.push(desk.give(&ada, &ticket, &format!("{n}.txt"), b"text").await?);
    }
    let all: Vec<_> = files.iter().collect();
    for wrong in [&all[..], &[all[1], all[1]]] {
        let refused = desk.write(actors.customer(id(&ada), words(&ticket, false, wrong))).await.expect_err("no");
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    let said = desk.write(actors.customer(id(&ada), words(&ticket, false, &all[..10]))).await?;
    assert_eq!(said.attachments.len(), 10);
    let tail = desk.read(actors.customer(id(&ada), of(&ticket, &files[0], i64::try_from(LARGEST)? - 3, 9))).await?;
    assert_eq!(tail, [7, 7, 7]);
    let once = || keyed(actors.customer(id(&ada), file(&ticket, "once.txt", b"once")), "one", "once");
    let (one, same) = (desk.hand_in(once()).await?, desk.hand_in(once()).await?);
    assert_eq!((one.id, desk.rows("ticket_uploads").await?), (same.id, 2));
    Ok(())
}

/// ST-2: what a customer hands in within a day has a limit, over all tickets and whatever it goes with; staff have none.
#[tokio::test]
async fn a_day_has_its_measure() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let ada = shop.register("ada@example.com").await?;
    let (one, other) = (open(shop, &ada, "Lid").await?, open(shop, &ada, "Mug").await?);
    let first = desk.give(&ada, &one, "a.txt", b"text").await?;
    desk.write(actors.customer(id(&ada), words(&one, false, &[&first]))).await?;
    let filled = |size: i64| {
        let fill = sqlx::query("update ticket_attachments set size = $1").bind(size);
        async move { fill.execute(shop.db.pool()).await }
    };
    filled(250 * 1024 * 1024 - 4).await?;
    desk.give(&ada, &other, "b.txt", b"text").await?;
    let refused = desk.give(&ada, &other, "c.txt", b"t").await.expect_err("the day is full");
    assert_eq!((reason(&refused).as_str(), refused.code()), ("too_many_attachments", Code::ResourceExhausted));
    desk.hand_in(actors.staff(AGENT, file(&other, "label.pdf", b"%PDF-1.7\nlabel"))).await?;
    filled(4).await?;
    let many =
        "insert into ticket_uploads select realm_id, gen_random_uuid(), ticket_id, uploaded_by, name, media_type, size,
                  sealed_for, created_at from ticket_attachments, generate_series(1, 97)";
    sqlx::query(many).execute(shop.db.pool()).await?;
    desk.give(&ada, &other, "100.txt", b"t").await?;
    assert!(desk.give(&ada, &other, "101.txt", b"t").await.is_err());
    shop.rig.clock.advance(TimeDelta::days(1));
    desk.give(&ada, &other, "101.txt", b"t").await?;
    Ok(())
}

/// ST-2: what nothing names goes after a day, to the moment, and its bytes with it; so do bytes whose writer died before
/// there was a row.
#[tokio::test]
async fn nothing_is_left_over() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let ada = shop.register("ada@example.com").await?;
    let ticket = open(shop, &ada, "Lid").await?;
    let kept = desk.give(&ada, &ticket, "kept.txt", b"kept").await?;
    desk.write(actors.customer(id(&ada), words(&ticket, false, &[&kept]))).await?;
    let late = desk.give(&ada, &ticket, "late.txt", b"late").await?;
    assert_eq!((desk.kept()?, desk.rows("loose_files").await?), (2, 0));
    shop.rig.clock.advance(TimeDelta::days(1) - TimeDelta::microseconds(1));
    assert_eq!(desk.sweep().await?, 0);
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    let refused = desk.write(actors.customer(id(&ada), words(&ticket, false, &[&late]))).await.expect_err("late");
    assert_eq!(reason(&refused), "attachment_not_found");
    let (one, other) = tokio::join!(desk.sweep(), desk.sweep());
    assert_eq!(one? + other?, 1);
    assert_eq!((desk.kept()?, desk.rows("ticket_uploads").await?), (1, 0));

    // A writer dies between the bytes and the row: a trigger that fails stands in for that.
    let fail = "create function die() returns trigger language plpgsql as $$ begin raise 'dead'; end $$;
                create trigger die before insert on ticket_uploads for each row execute function die()";
    sqlx::raw_sql(fail).execute(shop.db.pool()).await?;
    assert!(desk.give(&ada, &ticket, "dead.txt", b"dead").await.is_err());
    assert_eq!(desk.kept()?, 2, "its bytes are there");
    shop.rig.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    assert_eq!(desk.sweep().await?, 0);
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!((desk.sweep().await?, desk.kept()?), (1, 1));
    assert_eq!(desk.read(actors.customer(id(&ada), of(&ticket, &kept, 0, 9))).await?, b"kept");
    Ok(())
}

/// ST-2, CU-13: files follow their ticket to the record that is kept, and into the ticket that follows it up.
#[tokio::test]
async fn files_follow_their_ticket() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let (ada, kept) = (shop.register("ada@example.com").await?, shop.meet("kept@example.com", "Kept").await?);
    let ticket = open(shop, &ada, "Lid").await?;
    let (named, loose) =
        (desk.give(&ada, &ticket, "a.txt", b"named").await?, desk.give(&ada, &ticket, "b.txt", b"loose").await?);
    desk.write(actors.customer(id(&ada), words(&ticket, false, &[&named]))).await?;
    merge(shop, &kept.id, &ada.id).await?;
    assert_eq!(desk.read(actors.customer(id(&kept), of(&ticket, &named, 0, 9))).await?, b"named");
    sqlx::query("update tickets set status = 'closed'").execute(shop.db.pool()).await?;
    let said = desk.write(actors.customer(id(&ada), words(&ticket, false, &[&loose]))).await?;
    assert_ne!(said.ticket, ticket.id);
    let next = Ticket { id: said.ticket, ..ticket.clone() };
    assert_eq!(desk.read(actors.customer(id(&ada), of(&next, &loose, 0, 9))).await?, b"loose");
    assert!(desk.read(actors.customer(id(&ada), of(&ticket, &loose, 0, 9))).await.is_err());
    Ok(())
}

/// CU-15: of somebody who is erased no row of a file is left, no key that opens it, and soon no byte; what was on its way
/// has nowhere to go.
#[tokio::test]
async fn an_erasure_takes_files_along() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (shop, actors) = (&desk.shop, desk.shop.actors());
    let (ada, bob) = (shop.register("ada@example.com").await?, shop.register("bob@example.com").await?);
    let ticket = open(shop, &ada, "Lid").await?;
    let bobs = open(shop, &bob, "Mug").await?;
    let stays = desk.give(&bob, &bobs, "bob.txt", b"bob").await?;
    desk.write(actors.customer(id(&bob), words(&bobs, false, &[&stays]))).await?;
    let named = desk.give(&ada, &ticket, "ada.txt", b"ada").await?;
    desk.write(actors.customer(id(&ada), words(&ticket, false, &[&named]))).await?;
    desk.give(&ada, &ticket, "loose.txt", b"loose").await?;
    desk.hand_in(actors.staff(AGENT, file(&ticket, "inner.txt", b"inner"))).await?;
    assert_eq!(desk.kept()?, 4);
    forget(shop, &ada.id).await?;
    assert!(desk.read(actors.staff(AGENT, of(&ticket, &named, 0, 9))).await.is_err());
    let late = desk.hand_in(actors.staff(AGENT, file(&ticket, "late.txt", b"late"))).await.expect_err("gone");
    assert_eq!(reason(&late), "ticket_closed");
    for table in ["ticket_uploads", "ticket_note_attachments"] {
        assert_eq!(desk.rows(table).await?, 0, "{table}");
    }
    assert_eq!((desk.sweep().await?, desk.kept()?), (3, 1));
    assert_eq!(desk.read(actors.customer(id(&bob), of(&bobs, &stays, 0, 9))).await?, b"bob");
    Ok(())
}
