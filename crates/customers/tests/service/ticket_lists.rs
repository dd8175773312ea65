//! Lists of tickets: what they are narrowed down by, searched and paged, and what they hide.
use chrono::TimeDelta;
use kit::permission::Permission;
use proto::{
    base::v1::{Filter, FilterList, PageRequest, filter::Node},
    customers::v1::{
        AddTicketCommentRequest, ListTicketsRequest, ListTicketsResponse, OpenTicketRequest, UpdateTicketRequest,
    },
};
use tonic::Status;

use crate::{
    shop::{Shop, faults, filter},
    tickets::{AGENT, about, open, tickets},
};

const BLIND: &[Permission] = &[Permission::TicketsRead];

async fn list(shop: &Shop, who: &[Permission], wanted: ListTicketsRequest) -> Result<ListTicketsResponse, Status> {
    Ok(tickets(shop).list_tickets(shop.actors().staff(who, wanted)).await?.into_inner())
}

/// Subjects of a list, in its order.
async fn subjects(shop: &Shop, wanted: ListTicketsRequest) -> anyhow::Result<String> {
    let found = list(shop, AGENT, wanted).await?.tickets;
    Ok(found.into_iter().map(|ticket| ticket.subject).collect::<Vec<_>>().join(" "))
}

fn searching(query: &str) -> ListTicketsRequest {
    ListTicketsRequest { query: query.to_owned(), ..ListTicketsRequest::default() }
}

fn only(field: &str, op: &str, values: &[&str]) -> ListTicketsRequest {
    ListTicketsRequest { filter: Some(filter(field, op, values)), ..ListTicketsRequest::default() }
}

/// Ada asked twice, Eve once, each a minute after the one before.
async fn desk() -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    let (ada, eve) = (shop.register("ada@example.com").await?, shop.register("eve@example.com").await?);
    let lid = open(&shop, &ada, "Lid").await?;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    open(&shop, &eve, "Handle").await?;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    let tags = vec!["parcel".to_owned()];
    let request =
        OpenTicketRequest { customer: ada.id, tags, priority: "urgent".to_owned(), ..about("Späher", "100%") };
    tickets(&shop).open_ticket(shop.actors().staff(AGENT, request)).await?;
    shop.rig.clock.advance(TimeDelta::minutes(1));
    let (ticket, text) = (lid.id, "Called the Warehouse.".to_owned());
    let note =
        AddTicketCommentRequest { ticket, text, internal: true, status: "open".to_owned(), ..Default::default() };
    tickets(&shop).add_ticket_comment(shop.actors().staff(AGENT, note)).await?;
    Ok(shop)
}

/// ST-1: lists are narrowed down by whatever is known of tickets, and sorted by age or by the last change.
#[tokio::test]
async fn lists_are_narrowed_down() -> anyhow::Result<()> {
    let shop = desk().await?;
    let first = list(&shop, AGENT, searching("1")).await?.tickets.remove(0);
    let moment = shop.now() - TimeDelta::minutes(2);
    let moment = moment.to_rfc3339();
    for (field, op, values, expected) in [
        ("status", "eq", vec!["open"], "Lid"),
        ("status", "ne", vec!["open"], "Späher Handle"),
        ("status", "in", vec!["new", "pending"], "Späher Handle"),
        ("priority", "eq", vec!["urgent"], "Späher"),
        ("channel", "nin", vec!["staff", "portal"], "Lid Handle"),
        ("assignee", "exists", vec!["false"], "Lid Späher Handle"),
        ("assignee", "exists", vec!["true"], ""),
        ("tags", "eq", vec!["parcel"], "Späher"),
        ("tags", "eq", vec!["par"], ""),
        ("customer", "eq", vec![first.customer.as_str()], "Lid Späher"),
        ("store", "eq", vec![first.store.as_str()], "Lid Späher Handle"),
        ("created_at", "lt", vec![moment.as_str()], "Lid"),
        ("created_at", "gte", vec![moment.as_str()], "Späher Handle"),
        ("updated_at", "gt", vec![moment.as_str()], "Lid Späher"),
    ] {
        assert_eq!(subjects(&shop, only(field, op, &values)).await?, expected, "{field} {op} {values:?}");
    }
    let both = vec![filter("channel", "eq", &["api"]), filter("status", "eq", &["new"])];
    let both = Filter { node: Some(Node::And(FilterList { filters: both })) };
    let both = ListTicketsRequest { filter: Some(both), ..ListTicketsRequest::default() };
    assert_eq!(subjects(&shop, both).await?, "Handle");
    for (sort, expected) in [
        ("created_at", "Lid Handle Späher"),
        ("-created_at", "Späher Handle Lid"),
        ("updated_at", "Handle Späher Lid"),
        ("-updated_at", "Lid Späher Handle"),
    ] {
        let wanted = ListTicketsRequest { sort: vec![sort.to_owned()], ..ListTicketsRequest::default() };
        assert_eq!(subjects(&shop, wanted).await?, expected, "{sort}");
    }
    let wanted = ListTicketsRequest { sort: vec!["subject".to_owned()], ..ListTicketsRequest::default() };
    let status = list(&shop, AGENT, wanted).await.expect_err("no such order");
    assert_eq!(faults(&status), [("/sort".to_owned(), "unknown".to_owned())]);
    Ok(())
}

/// ST-1: a search finds numbers, subjects and what was written, notes among it, by any part; wildcards are letters.
#[tokio::test]
async fn searches_find_what_was_written() -> anyhow::Result<()> {
    let shop = desk().await?;
    for (query, expected) in [
        ("#1", "Lid"),
        ("1", "Lid Späher"),
        ("#2", "Handle"),
        ("lid", "Lid"),
        ("ÄHER", "Späher"),
        ("ROKE", "Lid Handle"),
        ("warehouse", "Lid"),
        ("100%", "Späher"),
        ("0_%", ""),
        ("nothing", ""),
    ] {
        assert_eq!(subjects(&shop, searching(query)).await?, expected, "{query}");
    }
    let id = list(&shop, AGENT, searching("3")).await?.tickets.remove(0).id;
    assert_eq!(subjects(&shop, searching(&id)).await?, "Späher");
    assert!(list(&shop, AGENT, searching("!")).await.is_err());
    Ok(())
}

/// ID-23: whoever may not see personal data reads neither words nor names, and a search is no oracle for them.
#[tokio::test]
async fn words_and_names_are_masked() -> anyhow::Result<()> {
    let shop = desk().await?;
    let found = list(&shop, BLIND, ListTicketsRequest::default()).await?;
    assert_eq!(found.tickets.len(), 3);
    let shown = format!("{found:?}");
    assert!(!shown.contains("Lid") && !shown.contains("ada@") && shown.contains("parcel"), "{shown}");
    assert_eq!(found.tickets[0].redacted, ["subject", "customer_email"]);
    for (query, count) in [("Lid", 0), ("broken", 0), ("warehouse", 0), ("1", 1)] {
        assert_eq!(list(&shop, BLIND, searching(query)).await?.tickets.len(), count, "{query}");
    }
    let ticket = found.tickets[0].id.clone();
    let wanted = proto::customers::v1::ListTicketCommentsRequest { ticket, page: None };
    let written = tickets(&shop).list_ticket_comments(shop.actors().staff(BLIND, wanted)).await?.into_inner();
    assert!(written.comments.iter().all(|comment| comment.text == "***" && comment.redacted == ["text"]));
    Ok(())
}

/// API §1: pages go forth and back in either order, with a count of all.
#[tokio::test]
async fn lists_are_paged() -> anyhow::Result<()> {
    let shop = desk().await?;
    for sort in ["-updated_at", "updated_at", "created_at", "-created_at"] {
        let wanted = |after: &str, before: &str| ListTicketsRequest {
            sort: vec![sort.to_owned()],
            page: Some(PageRequest { limit: 2, after: after.to_owned(), before: before.to_owned(), total: true }),
            ..ListTicketsRequest::default()
        };
        let first = list(&shop, AGENT, wanted("", "")).await?;
        let place = first.page.clone().unwrap_or_default();
        assert_eq!((first.tickets.len(), place.has_more, place.total.as_str()), (2, true, "3"));
        let second = list(&shop, AGENT, wanted(&place.next, "")).await?;
        assert_eq!(second.tickets.len(), 1);
        assert!(!first.tickets.contains(&second.tickets[0]));
        let back = list(&shop, AGENT, wanted("", &second.page.unwrap_or_default().prev)).await?;
        assert_eq!(back.tickets, first.tickets, "{sort}");
        let other = ListTicketsRequest { query: "Lid".to_owned(), ..wanted(&place.next, "") };
        assert!(list(&shop, AGENT, other).await.is_err(), "a cursor is good for its own list only");
    }
    Ok(())
}

/// ST-1: what is said is understood or refused, with where it is wrong.
#[tokio::test]
async fn faults_are_told() -> anyhow::Result<()> {
    let shop = desk().await?;
    let ticket = list(&shop, AGENT, searching("1")).await?.tickets.remove(0);
    let wrong = OpenTicketRequest {
        customer: ticket.customer.clone(),
        tags: vec![String::new()],
        order: "ord_1".to_owned(),
        ..about("", "")
    };
    let status = tickets(&shop).open_ticket(shop.actors().staff(AGENT, wrong)).await.expect_err("wrong");
    let wrong: Vec<_> = faults(&status).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(wrong, ["/subject", "/text", "/order", "/tags"]);
    for status in ["new", "ajar"] {
        let change =
            UpdateTicketRequest { status: Some(status.to_owned()), id: ticket.id.clone(), ..Default::default() };
        let status = tickets(&shop).update_ticket(shop.actors().staff(AGENT, change)).await.expect_err("no status");
        assert_eq!(faults(&status), [("/status".to_owned(), "unknown".to_owned())]);
    }
    Ok(())
}
