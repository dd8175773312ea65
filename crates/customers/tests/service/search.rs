//! The default search, in small and in large stores.
use proto::{
    base::v1::PageRequest,
    customers::v1::{EnsureCustomerRequest, ListCustomersRequest},
};

use crate::shop::{Shop, filter};

fn search(query: &str) -> ListCustomersRequest {
    ListCustomersRequest { query: query.to_owned(), ..ListCustomersRequest::default() }
}

/// CU-5: name, e-mail, phone and user name are searched by partial match, whatever the case.
#[tokio::test]
async fn parts_of_the_person_are_found() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let request = EnsureCustomerRequest {
        name: "Ada Lovelace".to_owned(),
        phone: "030 901820".to_owned(),
        ..shop.somebody("countess@example.com")
    };
    shop.client.clone().ensure_customer(shop.actors().system("carts", request)).await?;
    shop.meet("zoe@example.com", "Ζωή 100%").await?;
    sqlx::query("update customers set username = 'enchantress' where phone <> ''").execute(shop.db.pool()).await?;
    for part in ["lovelace", "LOVE", "countess@", "0901", "+4930", "chantr", "ada lo", "ad", "lo", "co", "+4"] {
        assert_eq!(shop.names(search(part)).await?, ["Ada Lovelace"], "{part}");
    }
    for part in ["ζωή", "ΖΩ", "100%"] {
        assert_eq!(shop.names(search(part)).await?, ["Ζωή 100%"], "{part}");
    }
    for nothing in ["xyz", "a_a", "da", "da lo", "1%0"] {
        assert!(shop.names(search(nothing)).await?.is_empty(), "{nothing}");
    }
    let answer = shop.list(search("love")).await?;
    assert_eq!(answer.searched, ["name", "email", "phone", "username"]);
    Ok(())
}

/// More customers than are looked through without an index; the oldest one is called Zebulon.
async fn large() -> anyhow::Result<Shop> {
    let shop = Shop::open().await?;
    shop.meet("zebulon@example.com", "Zebulon Pike").await?;
    sqlx::query(
        "insert into customers (realm_id, id, lifecycle, registration, name, email, email_canonical, slug,
           last_activity_at, created_at, updated_at)
         select $1, gen_random_uuid(), 'lead', 'guest', 'Common ' || n, n || '@example.net', n || '@example.net', n,
           $2, $2 + n * interval '1 second', $2 from generate_series(1, 5200) n",
    )
    .bind(shop.actors().realm)
    .bind(shop.now())
    .execute(shop.db.pool())
    .await?;
    Ok(shop)
}

/// CU-5: a rare name far down the list is found as surely as a common one at its top, in every order.
#[tokio::test]
async fn rare_and_common_names_are_found() -> anyhow::Result<()> {
    let shop = large().await?;
    for part in ["zebulon", "pike", "ze", "pi"] {
        assert_eq!(shop.names(search(part)).await?, ["Zebulon Pike"], "{part}");
    }
    let common = shop.names(search("common")).await?;
    assert_eq!((common.len(), common[0].as_str()), (25, "Common 5200"));
    let by_name = ListCustomersRequest { sort: vec!["name".to_owned()], ..search("zebulon") };
    assert_eq!(shop.names(by_name).await?, ["Zebulon Pike"]);
    let filtered = ListCustomersRequest { filter: Some(filter("lifecycle", "eq", &["customer"])), ..search("zebulon") };
    assert!(shop.names(filtered).await?.is_empty());
    Ok(())
}

/// CU-5: pages of a search go on from looking through to the index without losing or repeating anybody.
#[tokio::test]
async fn pages_of_a_search_are_complete() -> anyhow::Result<()> {
    let shop = large().await?;
    let mut page = PageRequest { limit: 100, total: true, ..PageRequest::default() };
    let mut names = Vec::new();
    loop {
        let answer = shop.list(ListCustomersRequest { page: Some(page.clone()), ..search("common 51") }).await?;
        let place = answer.page.unwrap_or_default();
        assert_eq!(place.total, "111");
        names.extend(answer.customers.into_iter().map(|customer| customer.name));
        if place.next.is_empty() {
            break;
        }
        page.after = place.next;
    }
    assert_eq!((names.len(), names[0].as_str(), names[110].as_str()), (111, "Common 5199", "Common 51"));
    names.dedup();
    assert_eq!(names.len(), 111);
    let capped =
        ListCustomersRequest { page: Some(PageRequest { total: true, ..Default::default() }), ..search("common") };
    assert_eq!(shop.list(capped).await?.page.unwrap_or_default().total, "5200");
    Ok(())
}
