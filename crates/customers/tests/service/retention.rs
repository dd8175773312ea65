//! Who stays, who goes silent, who comes back.
use chrono::TimeDelta;
use kit::{permission::Permission, transport::Transport};
use proto::customers::v1::{GetRetentionRequest, Retention, retention_service_client::RetentionServiceClient};
use tonic::{Code, Status};

use crate::shop::{NO_PII, Shop};

async fn figures(shop: &Shop, permissions: &[Permission]) -> Result<Retention, Status> {
    let mut client: RetentionServiceClient<Transport> = RetentionServiceClient::new(shop.way.clone());
    Ok(client.get_retention(shop.actors().staff(permissions, GetRetentionRequest {})).await?.into_inner())
}

/// CU-17: levels count buyers only; cohorts are of the month of the first purchase, whatever came in which order.
#[tokio::test]
async fn buyers_are_counted_by_level_and_month() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let now = shop.now();
    shop.rig.clock.advance(-TimeDelta::days(400));
    let mut met = Vec::new();
    for name in ["ada", "bob", "eve", "lea"] {
        met.push(shop.meet(&format!("{name}@example.com"), name).await?.id);
    }
    shop.rig.clock.advance(TimeDelta::days(400));
    for (place, days) in [(0, 1), (0, 61), (0, 65), (1, 40), (2, 100), (2, 380)] {
        shop.hear(&shop.placed(&met[place], &format!("{place} {days}"), now - TimeDelta::days(days))).await?;
    }
    let told = figures(&shop, NO_PII).await?;
    let levels = [&told.buyers, &told.active, &told.cooling, &told.silent, &told.repeat];
    assert_eq!(levels, ["3", "1", "1", "1", "2"]);
    let months: Vec<_> = told.cohorts.iter().filter(|cohort| cohort.customers > 0).collect();
    let seen: Vec<_> =
        months.iter().map(|month| (month.month.as_str(), month.customers, month.returned.clone())).collect();
    // It is the 2nd of March: Ada bought on the 27th and the 31st of December and on the 1st of March, Bob on the 21st of
    // January, Eve more than a year ago and in November.
    assert_eq!(seen, [("2025-12", 1, vec![0, 0, 1]), ("2026-01", 1, vec![0, 0])]);
    assert_eq!((told.cohorts.len(), told.cohorts[11].month.as_str()), (12, "2026-03"));
    Ok(())
}

/// CU-17: how active somebody is and how often they buy is told with the customer; the numbers need customers.read and are
/// of the caller's own customer base.
#[tokio::test]
async fn levels_are_told_with_the_customer() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?.id;
    for days in [0, 10] {
        shop.hear(&shop.placed(&ada, &days.to_string(), shop.now() + TimeDelta::days(days))).await?;
    }
    shop.rig.clock.advance(TimeDelta::days(40) - TimeDelta::seconds(1));
    let seen = shop.get(NO_PII, &ada).await?;
    assert_eq!((seen.activity.as_str(), seen.engagement.as_str()), ("active", "frequent"));
    shop.rig.clock.advance(TimeDelta::seconds(1));
    assert_eq!(shop.get(NO_PII, &ada).await?.activity, "cooling");
    assert_eq!(figures(&shop, &[Permission::OrdersRead]).await.expect_err("may not").code(), Code::PermissionDenied);
    let mut client: RetentionServiceClient<Transport> = RetentionServiceClient::new(shop.way.clone());
    let theirs = client.get_retention(other.staff(NO_PII, GetRetentionRequest {})).await?.into_inner();
    assert_eq!(theirs.buyers, "0");
    Ok(())
}
