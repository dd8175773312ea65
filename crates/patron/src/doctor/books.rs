//! Sums of one service, compared with their own parts.
use chrono::{DateTime, Utc};
use kit::clock;
use proto::base::v1::InspectRequest;

use super::{peers::Peers, report::Report};

/// Goes through the books of `service`.
pub async fn inspect(
    peers: &Peers,
    service: &'static str,
    until: DateTime<Utc>,
    repair: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut request = InspectRequest { until: Some(clock::timestamp(until)), repair, ..InspectRequest::default() };
    loop {
        let page = peers.inspect(service, &request).await?;
        report.looked_at(service, page.seen as usize);
        report.add(service, service, page.discrepancies);
        if page.next.is_empty() {
            return Ok(());
        }
        request.after = page.next;
    }
}
