//! What somebody without customers.pii sees and may ask.
use proto::customers::v1::{ListCustomersRequest, ListCustomersResponse};
use tonic::{Code, Status};

use crate::shop::{NO_PII, PII, Shop, filter, reason};

async fn list(shop: &Shop, request: ListCustomersRequest) -> Result<ListCustomersResponse, Status> {
    Ok(shop.client.clone().list_customers(shop.actors().staff(NO_PII, request)).await?.into_inner())
}

async fn found(shop: &Shop, query: &str) -> Result<String, Status> {
    let answer = list(shop, ListCustomersRequest { query: query.to_owned(), ..Default::default() }).await?;
    assert_eq!(answer.searched, ["id", "username", "order_number"]);
    Ok(answer.customers.into_iter().map(|customer| customer.id).collect::<Vec<_>>().join(" "))
}

/// ID-23: detail and list come redacted and say so; the record stays usable.
#[tokio::test]
async fn personal_data_comes_redacted() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada Lovelace").await?;
    let seen = shop.get(NO_PII, &ada.id).await?;
    assert_eq!((seen.name.as_str(), seen.email.as_str(), seen.slug.as_str()), ("A***", "a***@example.com", "***"));
    assert_eq!(seen.redacted, ["name", "email", "slug"]);
    assert_eq!((&seen.id, seen.lifecycle.as_str()), (&ada.id, "lead"));
    assert_eq!(list(&shop, ListCustomersRequest::default()).await?.customers, [seen]);
    assert!(shop.get(PII, &ada.id).await?.redacted.is_empty());
    Ok(())
}

/// ID-23: a filter or order by a personal field would tell what is masked.
#[tokio::test]
async fn personal_fields_cannot_be_asked_by() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for field in ["name", "email", "phone"] {
        let filtered = ListCustomersRequest { filter: Some(filter(field, "starts", &["a"])), ..Default::default() };
        let sorted = ListCustomersRequest { sort: vec![format!("-{field}")], ..Default::default() };
        for request in [filtered, sorted] {
            let status = list(&shop, request).await.expect_err("personal");
            assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "pii_required"));
        }
    }
    let request = ListCustomersRequest { sort: vec!["-total_spent".to_owned()], ..Default::default() };
    assert!(list(&shop, request).await.is_ok());
    Ok(())
}

/// ID-23: the search looks at id, user name and order number, and is no oracle for anything else.
#[tokio::test]
async fn a_search_is_no_oracle() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, grace) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("grace@example.com", "Grace").await?);
    shop.hear(&shop.placed(&ada.id, "A-1001", shop.now())).await?;
    sqlx::query("update customers set username = 'Hopper' where name = 'Grace'").execute(shop.db.pool()).await?;
    assert_eq!(found(&shop, &ada.id).await?, ada.id);
    assert_eq!(found(&shop, "A-1001").await?, ada.id);
    for part in ["hopper", "OPPE", "ho"] {
        assert_eq!(found(&shop, part).await?, grace.id, "{part}");
    }
    for personal in ["ada", "ada@example.com", "grace", "a%1001", "A-100", "example"] {
        assert_eq!(found(&shop, personal).await?, "", "{personal}");
    }
    let request = ListCustomersRequest {
        query: "hopper".to_owned(),
        page: Some(proto::base::v1::PageRequest { total: true, ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(list(&shop, request).await?.page.unwrap_or_default().total, "1");
    Ok(())
}
