//! Saved filters.
use kit::{permission::Permission, transport::Transport};
use proto::{
    base::v1::{Filter, FilterList, filter::Node},
    customers::v1::{
        ChangeSegmentRequest, CreateSegmentRequest, DeleteSegmentRequest, GetSegmentRequest, ListCustomersRequest,
        ListSegmentsRequest, Segment, segment_service_client::SegmentServiceClient,
    },
};
use testing::actors::{if_match, keyed};
use tonic::{Code, Status};

use crate::shop::{DESK, NO_PII, Shop, faults, filter, reason};

/// Who changes segments without seeing who anybody is.
const BLIND: &[Permission] = &[Permission::CustomersRead, Permission::CustomersWrite];

fn client(shop: &Shop) -> SegmentServiceClient<Transport> {
    SegmentServiceClient::new(shop.way.clone())
}

fn named(name: &str, filter: Filter) -> CreateSegmentRequest {
    CreateSegmentRequest { name: name.to_owned(), filter: Some(filter) }
}

async fn create(shop: &Shop, permissions: &[Permission], request: CreateSegmentRequest) -> Result<Segment, Status> {
    Ok(client(shop).create_segment(shop.actors().staff(permissions, request)).await?.into_inner())
}

async fn rename(shop: &Shop, permissions: &[Permission], segment: &Segment, name: &str) -> Result<Segment, Status> {
    let request = ChangeSegmentRequest { id: segment.id.clone(), name: Some(name.to_owned()), filter: None };
    let request = if_match(shop.actors().staff(permissions, request), segment.version);
    Ok(client(shop).change_segment(request).await?.into_inner())
}

async fn drop_it(shop: &Shop, permissions: &[Permission], id: &str) -> Result<(), Status> {
    let request = shop.actors().staff(permissions, DeleteSegmentRequest { id: id.to_owned() });
    client(shop).delete_segment(request).await.map(drop)
}

async fn names(shop: &Shop, permissions: &[Permission], filter: Filter) -> Result<Vec<String>, Status> {
    let request = ListCustomersRequest { filter: Some(filter), ..ListCustomersRequest::default() };
    let found = shop.client.clone().list_customers(shop.actors().staff(permissions, request)).await?;
    Ok(found.into_inner().customers.into_iter().map(|customer| customer.name).collect())
}

fn all(filters: Vec<Filter>) -> Filter {
    Filter { node: Some(Node::And(FilterList { filters })) }
}

async fn buyers() -> anyhow::Result<(Shop, Segment)> {
    let shop = Shop::open().await?;
    for (number, email) in ["ada@example.com", "bob@example.com", "eve@example.com"].into_iter().enumerate() {
        shop.rig.clock.advance(chrono::TimeDelta::seconds(1));
        let customer = shop.meet(email, &email[..3]).await?;
        for order in 0..number {
            shop.hear(&shop.placed(&customer.id, &format!("{number}-{order}"), shop.now())).await?;
        }
    }
    let segment = create(&shop, BLIND, named(" Buyers ", filter("orders_count", "gte", &["1"]))).await?;
    Ok((shop, segment))
}

/// CU-6: a segment is used wherever a filter is, alone, negated, among others; it is read anew each time.
#[tokio::test]
async fn a_segment_is_used_in_lists() -> anyhow::Result<()> {
    let (shop, segment) = buyers().await?;
    assert_eq!((segment.name.as_str(), segment.version, segment.personal), ("Buyers", 1, false));
    let by = |op: &str| filter("segment", op, &[&segment.id]);
    assert_eq!(names(&shop, DESK, by("eq")).await?, ["eve", "bob"]);
    assert_eq!(names(&shop, DESK, by("nin")).await?, ["ada"]);
    let once = all(vec![by("in"), filter("repeat", "eq", &["false"])]);
    assert_eq!(names(&shop, DESK, once.clone()).await?, ["bob"]);
    let request =
        ChangeSegmentRequest { id: segment.id.clone(), name: None, filter: Some(filter("repeat", "eq", &["true"])) };
    let changed = client(&shop).change_segment(shop.actors().staff(BLIND, request)).await?.into_inner();
    assert_eq!((changed.name.as_str(), changed.version), ("Buyers", 2));
    assert!(names(&shop, DESK, once).await?.is_empty());
    let told = shop.audited("segment.updated").await?;
    assert!(told.before.contains("orders_count") && told.after.contains("repeat"), "{told:?}");
    drop_it(&shop, BLIND, &segment.id).await?;
    let refused = names(&shop, DESK, by("eq")).await.expect_err("it is gone");
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "segment_not_found"));
    assert!(shop.audited("segment.removed").await?.before.contains("Buyers"));
    Ok(())
}

/// CU-6: a cursor of a segment's list is worth nothing once the segment asks for something else.
#[tokio::test]
async fn a_changed_segment_ends_its_lists() -> anyhow::Result<()> {
    let (shop, segment) = buyers().await?;
    let page = |after: String| ListCustomersRequest {
        filter: Some(filter("segment", "eq", &[&segment.id])),
        page: Some(proto::base::v1::PageRequest { limit: 1, after, ..Default::default() }),
        ..ListCustomersRequest::default()
    };
    let first = shop.list(page(String::new())).await?.page.unwrap_or_default();
    assert_eq!(shop.names(page(first.next.clone())).await?, ["bob"]);
    shop.rig.clock.advance(chrono::TimeDelta::days(40));
    assert_eq!(shop.names(page(first.next.clone())).await?, ["bob"], "time alone ends none");
    let request =
        ChangeSegmentRequest { id: segment.id.clone(), name: None, filter: Some(filter("status", "eq", &["active"])) };
    client(&shop).change_segment(shop.actors().staff(BLIND, request)).await?;
    let stale = shop.list(page(first.next)).await.expect_err("another list's");
    assert_eq!(faults(&stale)[0].1, "bad_cursor");
    Ok(())
}

/// CU-6: a name is unique in its place whatever its case; a segment names no segment; a version that is not the current one
/// is refused; a repetition makes nothing twice.
#[tokio::test]
async fn names_filters_and_versions_are_held_to() -> anyhow::Result<()> {
    let (shop, segment) = buyers().await?;
    let taken = create(&shop, BLIND, named("BUYERS", filter("repeat", "eq", &["true"]))).await.expect_err("taken");
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::Aborted, "segment_name_taken"));
    let nested = create(&shop, BLIND, named("All", filter("segment", "eq", &[&segment.id]))).await.expect_err("nested");
    assert_eq!(faults(&nested), [("/filter".to_owned(), "nested".to_owned())]);
    for wrong in [named("", filter("repeat", "eq", &["true"])), named("A", filter("shoe_size", "eq", &["42"]))] {
        assert_eq!(create(&shop, BLIND, wrong).await.expect_err("wrong").code(), Code::InvalidArgument);
    }
    let request = || keyed(shop.clerk(named("Others", filter("repeat", "eq", &["true"]))), "k1", "others");
    let other = client(&shop).create_segment(request()).await?.into_inner();
    assert_eq!(client(&shop).create_segment(request()).await?.into_inner(), other);
    let renamed = rename(&shop, BLIND, &segment, "Customers").await?;
    assert_eq!((renamed.version, renamed.filter.as_ref()), (2, segment.filter.as_ref()));
    assert_eq!(reason(&rename(&shop, BLIND, &segment, "Again").await.expect_err("stale")), "stale_version");
    let taken = rename(&shop, BLIND, &renamed, "others").await.expect_err("taken");
    assert_eq!(reason(&taken), "segment_name_taken");
    let list = client(&shop).list_segments(shop.actors().staff(NO_PII, ListSegmentsRequest {})).await?.into_inner();
    let listed: Vec<_> = list.segments.iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(listed, ["Customers", "Others"]);
    Ok(())
}

/// CU-6, ID-23: what asks for personal fields is made, changed, dropped and used by whoever may see them; others see that
/// it is there, and not what it asks for. Nor does the audit.
#[tokio::test]
async fn a_personal_segment_needs_the_permission() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    shop.meet("ada@example.com", "Ada Lovelace").await?;
    let wanted = named("Family", filter("name", "contains", &["Lovelace"]));
    assert_eq!(reason(&create(&shop, BLIND, wanted.clone()).await.expect_err("blind")), "pii_required");
    let family = create(&shop, DESK, wanted).await?;
    assert!(family.personal && family.filter.is_some());
    let told = shop.audited("segment.created").await?;
    assert!(told.after.contains("Family") && !told.after.contains("Lovelace"), "{told:?}");
    let by = filter("segment", "eq", &[&family.id]);
    assert_eq!(names(&shop, DESK, by.clone()).await?, ["Ada Lovelace"]);
    assert_eq!(reason(&names(&shop, BLIND, by).await.expect_err("blind")), "pii_required");
    let request = shop.actors().staff(BLIND, GetSegmentRequest { id: family.id.clone() });
    let seen = client(&shop).get_segment(request).await?.into_inner();
    assert_eq!((seen.filter, seen.redacted, seen.personal), (None, vec!["filter".to_owned()], true));
    assert_eq!(reason(&rename(&shop, BLIND, &family, "Mine").await.expect_err("blind")), "pii_required");
    assert_eq!(reason(&drop_it(&shop, BLIND, &family.id).await.expect_err("blind")), "pii_required");
    let read_only = drop_it(&shop, &[Permission::CustomersRead, Permission::CustomersPii], &family.id).await;
    assert_eq!(read_only.expect_err("may not change").code(), Code::PermissionDenied);
    Ok(())
}

/// ID-30: segments of another customer base are not to be found, by whatever way they are named.
#[tokio::test]
async fn segments_are_kept_apart() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let segment = create(&shop, DESK, named("Buyers", filter("orders_count", "gte", &["1"]))).await?;
    let id = || segment.id.clone();
    let list = client(&shop).list_segments(other.staff(DESK, ListSegmentsRequest {})).await?.into_inner();
    assert!(list.segments.is_empty());
    let request = ListCustomersRequest { filter: Some(filter("segment", "eq", &[&segment.id])), ..Default::default() };
    let change = ChangeSegmentRequest { id: id(), name: Some("Theirs".to_owned()), filter: None };
    for refused in [
        client(&shop).get_segment(other.staff(DESK, GetSegmentRequest { id: id() })).await.map(drop),
        client(&shop).change_segment(other.staff(DESK, change)).await.map(drop),
        client(&shop).delete_segment(other.staff(DESK, DeleteSegmentRequest { id: id() })).await.map(drop),
        shop.client.clone().list_customers(other.staff(DESK, request)).await.map(drop),
    ] {
        assert_eq!(reason(&refused.expect_err("not theirs")), "segment_not_found");
    }
    Ok(())
}
