//! Faults under load: each part of the house is broken in turn while people buy and staff read, and afterwards the
//! books have to be right. The report is printed (`--no-capture` shows it) and left beside the build.
mod books;
mod buyer;
mod fault;
mod front;
mod giver;
mod ledger;
mod load;
mod money;
mod months;
mod reader;
mod report;
mod scale;
mod stage;
mod till;

use report::Report;
use scale::Scale;
use stage::Stage;

/// PL-1, PL-2, PL-3, OR-1: whatever dies, freezes, fills up, answers late or tells the wrong time: every order that was
/// acknowledged is there once, with one payment; no charge is without an order; customers' figures, carts and
/// confirmations follow; nothing is buried. OR-3, OR-5, OR-7: what came in less what went back is what the ledger, both
/// gateways and customers' figures say; every acknowledged refund went back once and none is above what was captured; every
/// period of a subscription is charged once; webhooks count once, however often they come. While it lasts, answers are 503 with `Retry-After` in time, and it ends
/// without anybody's help.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_loses_or_doubles_anything() -> anyhow::Result<()> {
    let scale = Scale::chosen()?;
    let mut stage = Stage::set(&scale).await?;
    let mut report = Report::default();
    for fault in fault::chosen(&scale)? {
        report.add(stage.play(&fault, &scale).await?);
    }
    report.close(stage.all_sent().await?);
    report.write()?;
    println!("\n{report}");
    stage.show_logs(&report);
    anyhow::ensure!(report.is_clean(), "see the complaints above");
    Ok(())
}
