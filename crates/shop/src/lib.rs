//! A small shop front, for the demo: pages in the browser that use the public storefront API and nothing else. What a
//! merchant's own front does, in the fewest lines.
mod files;
mod place;
mod router;

pub use place::Place;
pub use router::router;
