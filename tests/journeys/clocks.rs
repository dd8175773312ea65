//! Processes of one service whose clocks differ.
use e2e::{Form, House, Shop, eventually};
use serde_json::json;

/// OR-1, PL-1: two processes of orders whose clocks are two minutes apart: what one of them is still charging is not
/// undone by the other, for which its time was up long ago.
#[tokio::test]
async fn a_fast_clock_undoes_no_payment() -> anyhow::Result<()> {
    let mut house = House::start(Form::Separate, Vec::new()).await?;
    house.double("orders", "orders ahead", vec![("PATRON_CLOCK_OFFSET", "120".to_owned())]).await?;
    let shop = Shop::open(&house, "Corner Shop", "EUR").await?;
    let mug = shop.product("MUG", 1_000).await?;
    let guest = shop.guest();
    let cart = guest.cart(&mug, 1).await?;
    let token = guest.checkout(&cart, "ada@example.com", "test").await?;
    // The gateway takes ten seconds; the other process looks for what is left over every second.
    let answer = guest.capture(&token, "pm_test_slow").await?.expect(202)?;
    assert_eq!(answer["status"], "pending");
    let order = eventually("the payment has an end", || async {
        let answer = guest.get(&format!("checkouts/status?token={token}")).await?;
        Ok((answer.body["status"] != "pending").then_some(answer.body))
    })
    .await?;
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("placed"), &json!("paid")), "{order}");
    let (charges, failures): (i64, i64) = sqlx::query_as(
        "select (select count(*) from test_gateway_charges where state = 'charged'),
                (select count(*) from payments where state = 'failed')",
    )
    .fetch_one(&house.tables("orders").await?)
    .await?;
    assert_eq!((charges, failures), (1, 0));
    Ok(())
}
