//! Imports that their workers die at, that outlive their time, and that somebody in them is erased from.
use chrono::TimeDelta;
use customers::import::work::Worker;
use tonic::Code;

use crate::imports::Desk;

/// A file of `count` people.
fn people(count: usize) -> String {
    let rows: Vec<_> =
        (0..count).map(|number| format!("p{number}@example.com,P{number},allee {number},Berlin\n")).collect();
    format!("email,name,street,city\n{}", rows.concat())
}

/// PL-2: an import that its worker died at is gone on with by another when the lease is over; two at the same do nothing
/// twice.
#[tokio::test]
async fn an_import_is_done_once() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let import = desk.checked(&people(130)).await?;
    desk.start(&import.id).await?;
    let mut first = desk.worker.take().await?.flatten().expect("one is due");
    assert!(desk.worker.step(&mut first).await?);
    let running = desk.get(&import.id).await?;
    assert_eq!((&*running.state, running.done, running.has_report), ("running", 50, false));
    assert!(desk.worker.take().await?.is_none(), "somebody is at it");
    desk.shop.rig.clock.advance(TimeDelta::seconds(60));
    let mut second = desk.worker.take().await?.flatten().expect("its lease is over");
    // The first was slow, not dead.
    let other = Worker::of(&desk.shop.rig.env)?;
    let (one, two) = tokio::join!(desk.worker.step(&mut first), other.step(&mut second));
    assert!(one? && two?);
    while other.step(&mut second).await? {}
    let done = desk.get(&import.id).await?;
    assert_eq!((&*done.state, done.done, Desk::counts(&done)), ("succeeded", 130, [130, 0, 0, 0, 0]));
    assert_eq!(desk.shop.published("patron.customers.v1.CustomerCreated").await?, 130);
    let made = "select (select count(*) from customers) = 130 and (select count(*) from customer_addresses) = 130
                  and (select count(*) from import_lines) = 130 and (select count(distinct line) from import_lines) = 130";
    assert!(sqlx::query_scalar::<_, bool>(made).fetch_one(desk.shop.db.pool()).await?);
    assert!(!desk.worker.step(&mut first).await?, "nothing is left to do");
    Ok(())
}

/// What does not get on is given up after five tries, with its file.
#[tokio::test]
async fn what_does_not_get_on_is_given_up() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let import = desk.upload(people(3)).await?;
    desk.check(&import.id).await?;
    for _ in 0..5 {
        assert!(desk.worker.take().await?.flatten().is_some());
        desk.shop.rig.clock.advance(TimeDelta::seconds(60));
    }
    assert!(desk.worker.work_one().await?);
    desk.worker.tidy().await?;
    let ended = desk.get(&import.id).await?;
    assert_eq!((&*ended.state, &*ended.failure, desk.kept()), ("failed", "gave_up", 0));
    Ok(())
}

/// CU-15: a file is kept for a day at most, and no longer than nobody in it is forgotten.
#[tokio::test]
async fn a_file_does_not_outlive_its_time() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let import = desk.upload(people(3)).await?;
    desk.shop.rig.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    desk.worker.tidy().await?;
    assert_eq!((&*desk.get(&import.id).await?.state, desk.get(&import.id).await?.sample.len()), ("uploaded", 3));
    desk.shop.rig.clock.advance(TimeDelta::seconds(1));
    desk.worker.tidy().await?;
    let ended = desk.get(&import.id).await?;
    assert_eq!((&*ended.state, &*ended.failure, ended.sample.len(), desk.kept()), ("failed", "expired", 0, 0));
    assert_eq!(desk.check(&import.id).await.expect_err("it is over").code(), Code::Aborted);

    let import = desk.checked(&people(60)).await?;
    desk.start(&import.id).await?;
    let mut taken = desk.worker.take().await?.flatten().expect("one is due");
    assert!(desk.worker.step(&mut taken).await?);
    desk.shop.rig.clock.advance(TimeDelta::seconds(1));
    let forget = "insert into customer_keys (realm_id, customer_id, created_at, destroyed_at) values ($1, $2, $3, $3)";
    let forget = sqlx::query(forget).bind(desk.shop.actors().realm).bind(kit::ids::CustomerId::new(desk.shop.now()));
    forget.bind(desk.shop.now()).execute(desk.shop.db.pool()).await?;
    assert!(!desk.worker.step(&mut taken).await?, "nobody comes back");
    let ended = desk.get(&import.id).await?;
    assert_eq!((&*ended.state, &*ended.failure, ended.done, desk.kept()), ("failed", "withdrawn", 50, 0));
    assert!(ended.columns.is_empty());
    Ok(())
}

/// CU-15: what was taken for headings of an import that is over goes with whoever may have stood there.
#[tokio::test]
async fn headings_do_not_outlive_who_is_forgotten() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let done = desk.taken_in("email,Ada King\nada@example.com,x\nada@,y\n").await?;
    assert_eq!(desk.faults(&done.id).await?[0].1, "email");
    desk.shop.rig.clock.advance(TimeDelta::seconds(1));
    let forget = "insert into customer_keys (realm_id, customer_id, created_at, destroyed_at) values ($1, $2, $3, $3)";
    let forget = sqlx::query(forget).bind(desk.shop.actors().realm).bind(kit::ids::CustomerId::new(desk.shop.now()));
    forget.bind(desk.shop.now()).execute(desk.shop.db.pool()).await?;
    desk.worker.tidy().await?;
    let ended = desk.get(&done.id).await?;
    assert_eq!((&*ended.state, ended.columns.len(), ended.fields.len()), ("succeeded", 0, 0));
    assert_eq!(desk.faults(&done.id).await?[0].1, "Column 1", "what is wrong is told all the same");
    Ok(())
}

/// CU-15, PL-2: a file that cannot be removed keeps no other from going, and goes when it can; a file whose import never came
/// to be goes after an hour.
#[tokio::test]
async fn no_file_holds_up_others() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (stuck, other) = (desk.upload(people(3)).await?, desk.upload(people(3)).await?);
    let place = "select file from imports where id = $1";
    let place: String =
        sqlx::query_scalar(place).bind(stuck.id.parse::<kit::ids::ImportId>()?).fetch_one(desk.shop.db.pool()).await?;
    // A folder in the place of a file is not removed as one.
    let place = desk.folder.path().join(place);
    std::fs::remove_file(&place)?;
    std::fs::create_dir_all(place.join("inside"))?;
    desk.shop.rig.clock.advance(TimeDelta::hours(24));
    desk.worker.tidy().await?;
    let states = [desk.get(&stuck.id).await?.failure, desk.get(&other.id).await?.failure];
    assert_eq!((states, desk.kept()), (["expired".to_owned(), "expired".to_owned()], 0));
    let loose = "select count(*) from loose_files";
    assert_eq!(sqlx::query_scalar::<_, i64>(loose).fetch_one(desk.shop.db.pool()).await?, 1, "it is tried again");

    let fail = "create function die() returns trigger language plpgsql as $$ begin raise 'dead'; end $$;
                create trigger die before insert on imports for each row execute function die()";
    sqlx::raw_sql(fail).execute(desk.shop.db.pool()).await?;
    std::fs::remove_dir_all(&place)?;
    assert!(desk.upload(people(3)).await.is_err());
    assert!(desk.kept() > 0, "its bytes are there");
    let files = files::Files::below(desk.folder.path().to_owned());
    let sweep = async || customers::loose_file::sweep::sweep((&desk.shop.db, &desk.shop.rig.clock), &files).await;
    desk.shop.rig.clock.advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    assert_eq!(sweep().await?, 1, "the one that was stuck");
    desk.shop.rig.clock.advance(TimeDelta::microseconds(1));
    assert_eq!((sweep().await?, desk.kept()), (1, 0));
    Ok(())
}

/// PL-3: of two that are uploaded at once, where there is room for one, one is.
#[tokio::test]
async fn the_tenth_import_is_one() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    for _ in 0..9 {
        desk.upload(people(1)).await?;
    }
    let (one, two, three) = tokio::join!(desk.upload(people(1)), desk.upload(people(1)), desk.upload(people(1)));
    assert_eq!([one, two, three].iter().filter(|uploaded| uploaded.is_ok()).count(), 1);
    Ok(())
}

/// CU-18, AD-1: each record that an import made or changed says so, and by which; the audit has one entry for the whole.
#[tokio::test]
async fn records_say_where_they_come_from() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let import = desk.taken_in("email,name\nada@example.com,Ada\n").await?;
    let again = desk.taken_in("email,name\nada@example.com,Ada\nbob@example.com,Bob\n").await?;
    let told: Vec<(String, String)> = sqlx::query_as(
        "select t.subject, c.name || ' ' || t.state || ' ' || t.actor_kind from timeline t
         join customers c on c.id = t.customer_id where kind = 'customer.imported' order by c.name",
    )
    .fetch_all(desk.shop.db.pool())
    .await?;
    assert_eq!(told, [(import.id, "Ada created staff".to_owned()), (again.id, "Bob created staff".to_owned())]);
    Ok(())
}
