//! Support tickets: whose turn it is, what customers see of them, and when they are over.
use chrono::TimeDelta;
use customers::ticket::close::close_due;
use kit::{actor::Kind, permission::Permission, transport::Transport};
use proto::{
    customers::v1::{
        AddTicketCommentRequest, Customer, FollowUpTicketRequest, GetTicketLetterRequest, GetTicketRequest,
        ListTicketCommentsRequest, ListTicketsRequest, OpenTicketRequest, Ticket, TicketComment, UpdateTicketRequest,
        ticket_service_client::TicketServiceClient,
    },
    identity::v1::Colleague,
};
use testing::{
    Rig,
    actors::{if_match, keyed},
};
use tonic::{Code, Request, Status};

use crate::{
    merges::merge,
    shop::{NO_PII, Shop, faults, id, reason},
};

/// Who works with tickets.
pub const AGENT: &[Permission] = &[Permission::TicketsRead, Permission::TicketsWrite, Permission::CustomersPii];
const COLLEAGUE: &str = "stf_01a2013e22517bdc8062166f3d6df22e";

pub fn tickets(shop: &Shop) -> TicketServiceClient<Transport> {
    TicketServiceClient::new(shop.way.clone())
}

pub fn about(subject: &str, text: &str) -> OpenTicketRequest {
    OpenTicketRequest { subject: subject.to_owned(), text: text.to_owned(), ..OpenTicketRequest::default() }
}

/// The customer opens a ticket.
pub async fn open(shop: &Shop, of: &Customer, subject: &str) -> Result<Ticket, Status> {
    let request = shop.actors().customer(id(of), about(subject, "It is broken."));
    Ok(tickets(shop).open_ticket(request).await?.into_inner())
}

/// The customer replies.
async fn reply(shop: &Shop, of: &Customer, ticket: &str, text: &str) -> Result<TicketComment, Status> {
    let request = AddTicketCommentRequest { ticket: ticket.to_owned(), text: text.to_owned(), ..Default::default() };
    Ok(tickets(shop).add_ticket_comment(shop.actors().customer(id(of), request)).await?.into_inner())
}

/// Staff write, so that the ticket is `status` since.
async fn answer(shop: &Shop, ticket: &str, (internal, status): (bool, &str)) -> Result<TicketComment, Status> {
    let (ticket, text) = (ticket.to_owned(), if internal { "Seems upset." } else { "We are sorry." }.to_owned());
    let request = AddTicketCommentRequest { ticket, text, internal, status: status.to_owned(), ..Default::default() };
    Ok(tickets(shop).add_ticket_comment(shop.actors().staff(AGENT, request)).await?.into_inner())
}

pub async fn get(shop: &Shop, ticket: &str) -> Result<Ticket, Status> {
    let request = GetTicketRequest { id: ticket.to_owned() };
    Ok(tickets(shop).get_ticket(shop.actors().staff(AGENT, request)).await?.into_inner())
}

async fn update(shop: &Shop, request: Request<UpdateTicketRequest>) -> Result<Ticket, Status> {
    Ok(tickets(shop).update_ticket(request).await?.into_inner())
}

fn becoming(ticket: &str, status: &str) -> UpdateTicketRequest {
    UpdateTicketRequest { id: ticket.to_owned(), status: Some(status.to_owned()), ..UpdateTicketRequest::default() }
}

async fn thread(shop: &Shop, request: Request<ListTicketCommentsRequest>) -> Result<Vec<TicketComment>, Status> {
    Ok(tickets(shop).list_ticket_comments(request).await?.into_inner().comments)
}

fn of_ticket(ticket: &str) -> ListTicketCommentsRequest {
    ListTicketCommentsRequest { ticket: ticket.to_owned(), page: None }
}

/// ST-1, ST-2: it is the staff's turn and the customer's in their turns; a note is nobody's turn, and no customer ever sees
/// it, nor who of the staff sees to the ticket.
#[tokio::test]
async fn customers_and_staff_take_turns() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let tick = || shop.rig.clock.advance(TimeDelta::seconds(1));
    let ada = shop.register("ada@example.com").await?;
    let ticket = open(&shop, &ada, "Lid").await?;
    assert_eq!((ticket.number, ticket.status.as_str(), ticket.channel.as_str()), (1, "new", "api"));
    tick();
    answer(&shop, &ticket.id, (true, "")).await?;
    assert_eq!(get(&shop, &ticket.id).await?.status, "new");
    tick();
    answer(&shop, &ticket.id, (false, "")).await?;
    assert_eq!(get(&shop, &ticket.id).await?.status, "pending");
    tick();
    answer(&shop, &ticket.id, (false, "solved")).await?;
    assert_eq!(get(&shop, &ticket.id).await?.status, "solved");
    tick();
    reply(&shop, &ada, &ticket.id, "Still broken.").await?;
    let seen = get(&shop, &ticket.id).await?;
    assert_eq!((seen.status.as_str(), seen.solved_at, seen.version), ("open", None, 5));
    assert_eq!((seen.customer_email.as_str(), seen.subject.as_str()), ("ada@example.com", "Lid"));

    let all = thread(&shop, shop.actors().staff(AGENT, of_ticket(&ticket.id))).await?;
    let said: Vec<_> = all.iter().map(|comment| (comment.text.as_str(), comment.public, comment.by.as_str())).collect();
    let (customer, staff) = ("customer", "staff");
    let expected = [
        ("It is broken.", true, customer),
        ("Seems upset.", false, staff),
        ("We are sorry.", true, staff),
        ("We are sorry.", true, staff),
        ("Still broken.", true, customer),
    ];
    assert_eq!(said, expected);
    let own = thread(&shop, shop.actors().customer(id(&ada), of_ticket(&ticket.id))).await?;
    assert_eq!(own.len(), 4);
    assert!(!format!("{own:?}").contains("upset") && !format!("{own:?}").contains("stf_"), "{own:?}");
    assert_eq!(shop.published("patron.customers.v1.TicketCommented").await?, 4);
    assert_eq!(shop.published("patron.customers.v1.TicketChanged").await?, 3);
    for action in ["ticket.replied", "ticket.noted"] {
        let told = shop.audited(action).await?;
        assert!(told.after.contains("sealed") && !format!("{told:?}").contains("sorry"), "{told:?}");
    }
    let events: Vec<Vec<u8>> = sqlx::query_scalar("select payload from outbox").fetch_all(shop.db.pool()).await?;
    for word in ["broken", "upset", "Lid"] {
        assert!(!events.iter().any(|event| String::from_utf8_lossy(event).contains(word)), "an event says {word}");
    }
    Ok(())
}

/// ST-1: a solved ticket closes after seven days to the moment, and not before; a reply in time keeps it open.
#[tokio::test]
async fn what_is_solved_closes_by_itself() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let (left, kept) = (open(&shop, &ada, "Lid").await?, open(&shop, &ada, "Handle").await?);
    for ticket in [&left, &kept] {
        update(&shop, shop.actors().staff(AGENT, becoming(&ticket.id, "solved"))).await?;
    }
    shop.rig.clock.advance(TimeDelta::days(7) - TimeDelta::microseconds(1));
    assert_eq!(close_due(&shop.db, &shop.rig.clock).await?, 0);
    reply(&shop, &ada, &kept.id, "Wait.").await?;
    shop.rig.clock.advance(TimeDelta::microseconds(1));
    let (one, other) = tokio::join!(close_due(&shop.db, &shop.rig.clock), close_due(&shop.db, &shop.rig.clock));
    assert_eq!(one? + other?, 1, "two processes close it once");
    assert_eq!(
        (get(&shop, &left.id).await?.status.as_str(), get(&shop, &kept.id).await?.status.as_str()),
        ("closed", "open")
    );
    assert_eq!(shop.audited("ticket.closed").await?.target, left.id);
    let status = answer(&shop, &left.id, (false, "")).await.expect_err("closed");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "ticket_closed"));
    let opened = update(&shop, shop.actors().staff(AGENT, becoming(&left.id, "open"))).await.expect_err("closed");
    assert_eq!(reason(&opened), "ticket_closed");
    Ok(())
}

/// ST-2: a reply to a closed ticket opens one that follows it up, once, whoever else replies at that moment; staff follow up
/// what is closed, too, and nothing else.
#[tokio::test]
async fn what_is_closed_is_followed_up() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let ticket = open(&shop, &ada, "Lid").await?;
    let follow = |text: &str| {
        let request = FollowUpTicketRequest { id: ticket.id.clone(), text: text.to_owned(), internal: false };
        shop.actors().staff(AGENT, request)
    };
    let early = tickets(&shop).follow_up_ticket(follow("And now?")).await.expect_err("open");
    assert_eq!(reason(&early), "ticket_not_closed");
    update(&shop, shop.actors().staff(AGENT, becoming(&ticket.id, "closed"))).await?;
    let (one, other) =
        tokio::join!(reply(&shop, &ada, &ticket.id, "Again."), reply(&shop, &ada, &ticket.id, "And again."));
    let (one, other) = (one?, other?);
    assert_eq!(one.ticket, other.ticket);
    assert_ne!(one.ticket, ticket.id);
    let next = get(&shop, &one.ticket).await?;
    assert_eq!((next.follows.as_str(), next.number, next.subject.as_str()), (ticket.id.as_str(), 2, "Lid"));
    assert_eq!(get(&shop, &ticket.id).await?.status, "closed");
    update(&shop, shop.actors().staff(AGENT, becoming(&next.id, "closed"))).await?;
    let third = reply(&shop, &ada, &ticket.id, "Third time.").await?;
    assert_eq!(get(&shop, &third.ticket).await?.follows, next.id, "the chain goes on at its end");
    let staffs = tickets(&shop).follow_up_ticket(follow("We found it.")).await?.into_inner();
    assert_eq!(
        (staffs.follows.as_str(), staffs.status.as_str(), staffs.channel.as_str()),
        (&*ticket.id, "pending", "staff")
    );
    Ok(())
}

/// ST-3: an hour takes five tickets of a customer and thirty words in each; staff open as many as they need.
#[tokio::test]
async fn nobody_floods_the_desk() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let mut last = open(&shop, &ada, "1").await?;
    for subject in ["2", "3", "4", "5"] {
        last = open(&shop, &ada, subject).await?;
    }
    let status = open(&shop, &ada, "6").await.expect_err("too many");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "too_many_tickets"));
    let request = OpenTicketRequest { customer: ada.id.clone(), ..about("Called", "They called.") };
    tickets(&shop).open_ticket(shop.actors().staff(AGENT, request)).await?;
    for _ in 1..30 {
        reply(&shop, &ada, &last.id, "Hello?").await?;
    }
    assert_eq!(reason(&reply(&shop, &ada, &last.id, "Hello?").await.expect_err("too many")), "too_many_comments");
    shop.rig.clock.advance(TimeDelta::hours(1));
    assert_eq!(open(&shop, &ada, "6").await?.number, 7);
    reply(&shop, &ada, &last.id, "Hello?").await?;
    Ok(())
}

/// ST-3, ID-8, PL-4: a ticket is its customer's alone, and the staff's of its store; guests have none in a shop front.
#[tokio::test]
async fn a_ticket_is_nobody_elses() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let (ada, eve) = (shop.register("ada@example.com").await?, shop.register("eve@example.com").await?);
    let ticket = open(&shop, &ada, "Lid").await?;
    let wanted = || GetTicketRequest { id: ticket.id.clone() };
    for request in [shop.actors().customer(id(&eve), wanted()), other.staff(AGENT, wanted())] {
        let status = tickets(&shop).get_ticket(request).await.expect_err("somebody else's");
        assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "ticket_not_found"));
        let status = reply(&shop, &eve, &ticket.id, "Mine?").await.expect_err("somebody else's");
        assert_eq!(reason(&status), "ticket_not_found");
    }
    let mine = tickets(&shop).list_tickets(shop.actors().customer(id(&eve), ListTicketsRequest::default())).await?;
    assert!(mine.into_inner().tickets.is_empty());
    let theirs = tickets(&shop).list_tickets(other.staff(AGENT, ListTicketsRequest::default())).await?;
    assert!(theirs.into_inner().tickets.is_empty());
    let guest = shop.meet("guest@example.com", "Guest").await?;
    assert_eq!(reason(&open(&shop, &guest, "Lid").await.expect_err("a guest")), "registration_required");
    let anybody = tickets(&shop).get_ticket(shop.actors().anonymous(wanted())).await.expect_err("nobody");
    assert_eq!(anybody.code(), Code::Unauthenticated);
    for (permissions, needed) in [(NO_PII, "tickets.read"), (&[Permission::TicketsWrite][..], "tickets.read")] {
        let status = tickets(&shop).get_ticket(shop.actors().staff(permissions, wanted())).await.expect_err(needed);
        assert_eq!(reason(&status), "permission_required");
    }
    let status = update(&shop, shop.actors().customer(id(&ada), becoming(&ticket.id, "solved"))).await;
    assert_eq!(status.expect_err("for staff").code(), Code::PermissionDenied);
    let letter = GetTicketLetterRequest { ticket: ticket.id.clone(), ..Default::default() };
    let status = tickets(&shop).get_ticket_letter(shop.actors().staff(AGENT, letter)).await.expect_err("for services");
    assert_eq!(reason(&status), "wrong_caller");
    Ok(())
}

/// ST-1: whoever is to see to a ticket works for its store; they are named as long as they do.
#[tokio::test]
async fn tickets_are_assigned_to_colleagues() -> anyhow::Result<()> {
    let mut rig = Rig::new(customers::NAME, &customers::MIGRATOR).await?;
    rig.colleagues = vec![Colleague { staff: COLLEAGUE.to_owned(), name: "Carl".to_owned() }];
    let shop = Shop::of(rig)?;
    let ada = shop.register("ada@example.com").await?;
    let ticket = open(&shop, &ada, "Lid").await?;
    let assigned = |staff: &str| {
        let (id, assignee) = (ticket.id.clone(), Some(staff.to_owned()));
        shop.actors().staff(AGENT, UpdateTicketRequest { id, assignee, ..UpdateTicketRequest::default() })
    };
    let status = update(&shop, assigned("stf_01a2013e22517bdc8062166f3d6df22f")).await.expect_err("a stranger");
    assert_eq!(faults(&status), [("/assignee".to_owned(), "unknown".to_owned())]);
    let changed = update(&shop, assigned(COLLEAGUE)).await?;
    assert_eq!((changed.assignee.as_str(), changed.assignee_name.as_str(), changed.version), (COLLEAGUE, "Carl", 2));
    assert_eq!(get(&shop, &ticket.id).await?, changed);
    let request = shop.actors().customer(id(&ada), GetTicketRequest { id: ticket.id.clone() });
    let own = tickets(&shop).get_ticket(request).await?.into_inner();
    assert_eq!((own.assignee.as_str(), own.assignee_name.as_str()), ("", ""));
    assert_eq!(update(&shop, assigned("")).await?.assignee, "");
    Ok(())
}

/// ST-1: a ticket is about an order of its customer alone.
#[tokio::test]
async fn a_ticket_is_about_ones_own_order() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, eve) = (shop.register("ada@example.com").await?, shop.register("eve@example.com").await?);
    let (own, others) = (shop.placed(&ada.id, "1", shop.now()), shop.placed(&eve.id, "2", shop.now()));
    shop.hear(&own).await?;
    shop.hear(&others).await?;
    let request = OpenTicketRequest { order: own.order.clone(), ..about("Lid", "It is broken.") };
    let ticket = tickets(&shop).open_ticket(shop.actors().customer(id(&ada), request)).await?.into_inner();
    assert_eq!(ticket.order, own.order);
    let request = OpenTicketRequest { order: others.order, ..about("Lid", "It is broken.") };
    // Whoever knows all orders is not there: what is not known to be theirs is not taken.
    assert!(tickets(&shop).open_ticket(shop.actors().customer(id(&ada), request)).await.is_err());
    Ok(())
}

/// PL-3: a repetition opens and says nothing twice; of two changes with one version, one is done; numbers rise, each once.
#[tokio::test]
async fn repetitions_and_versions_are_heeded() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let opening = || keyed(shop.actors().customer(id(&ada), about("Lid", "It is broken.")), "k1", "open");
    let ticket = tickets(&shop).open_ticket(opening()).await?.into_inner();
    assert_eq!(tickets(&shop).open_ticket(opening()).await?.into_inner(), ticket);
    let change = |status| update(&shop, if_match(shop.actors().staff(AGENT, becoming(&ticket.id, status)), 1));
    let (one, other) = tokio::join!(change("open"), change("pending"));
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(reason).collect::<Vec<_>>(), ["stale_version"]);
    let eve = shop.register("eve@example.com").await?;
    let (one, other) = tokio::join!(open(&shop, &ada, "Two"), open(&shop, &eve, "Three"));
    let mut numbers = [ticket.number, one?.number, other?.number];
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
    Ok(())
}

/// CU-13: the tickets of a record that becomes another one are that one's, and whoever signs in by either has them.
#[tokio::test]
async fn a_merge_takes_tickets_along() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, twin) = (shop.register("ada@example.com").await?, shop.register("twin@example.com").await?);
    let ticket = open(&shop, &twin, "Lid").await?;
    merge(&shop, &ada.id, &twin.id).await?;
    assert_eq!(get(&shop, &ticket.id).await?.customer, ada.id);
    for signed_in in [&ada, &twin] {
        reply(&shop, signed_in, &ticket.id, "It is me.").await?;
    }
    let request = ListTicketsRequest { customer: twin.id.clone(), ..ListTicketsRequest::default() };
    let listed = tickets(&shop).list_tickets(shop.actors().staff(AGENT, request)).await?.into_inner();
    assert_eq!(listed.tickets.len(), 1);
    assert_eq!(open(&shop, &twin, "Another").await?.customer, ada.id);
    Ok(())
}

/// ID-25: somebody who acts in a customer's name writes as the customer, and the audit says who it was.
#[tokio::test]
async fn who_acts_in_a_name_is_recorded() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.register("ada@example.com").await?;
    let mut claims = shop.actors().claims(Kind::Customer, id(&ada));
    let (sub, session) = (COLLEAGUE.to_owned(), "ses_1".to_owned());
    claims.act = Some(kit::assertion::Act { kind: Kind::Staff, sub, session, reason: "asked".to_owned() });
    tickets(&shop).open_ticket(shop.actors().request(&claims, about("Lid", "It is broken."))).await?;
    assert_eq!(shop.audited("ticket.opened").await?.impersonator.unwrap_or_default().id, COLLEAGUE);
    Ok(())
}
