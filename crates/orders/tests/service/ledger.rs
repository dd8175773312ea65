//! The ledger is written once.
use crate::shop::Shop;

/// OR-4: no entry is ever changed or removed, whoever asks the database.
#[tokio::test]
async fn the_ledger_is_append_only() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    shop.capture(&shop.checkout().await?.token, "pm_test_ok").await?;
    for statement in ["update transactions set amount = 0", "delete from transactions", "truncate transactions"] {
        let refused = sqlx::query(statement).execute(shop.db.pool()).await.expect_err("refused");
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(shop.count("select count(*) from transactions where amount = 4498").await?, 1);
    Ok(())
}
