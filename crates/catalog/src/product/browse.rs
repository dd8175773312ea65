//! A slice of products by offset, as shop fronts of the Fleetbase kind ask for it.
use kit::failure::Violation;
use proto::catalog::v1 as pb;

/// Farthest row that can be asked for.
const FARTHEST: u32 = 10_000;

/// Reads limit (25 when it is 0) and offset.
pub fn slice(request: &pb::BrowseProductsRequest) -> Result<(u32, u32), Violation> {
    let limit = match request.limit {
        0 => 25,
        limit @ 1..=100 => limit,
        _ => return Err(Violation::new("/limit", "out_of_range", "limit must be 1 to 100")),
    };
    if request.offset > FARTHEST {
        return Err(Violation::new("/offset", "out_of_range", "offset must be at most 10000"));
    }
    Ok((limit, request.offset))
}
