//! Who works here and what for, which programs do, and who is kept out.
mod blocks;
mod gateways;
mod keys;
mod members;
mod roles;
mod webhook;
mod webhooks;

pub use blocks::{add as add_block, drop as drop_block, list as list_blocks};
pub use gateways::{list as list_gateways, set as set_gateway};
pub use keys::{list as list_keys, make as make_key, revoke as revoke_key};
pub use members::{change as change_member, invite, list as list_members, remove as remove_member, take_back};
pub use roles::{drop as drop_role, list as list_roles, make as make_role};
pub use webhook::{manage as manage_webhook, show as show_webhook};
pub use webhooks::{list as list_webhooks, make as make_webhook};

/// The values of a form under `name`, and the first of each other name on demand.
#[derive(Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form, in which a name may stand several times.
    pub fn read(body: &str) -> Self {
        Self(form_urlencoded::parse(body.as_bytes()).into_owned().collect())
    }

    /// Every value of `name`.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// The values whose names start with `prefix`, by what follows it.
    pub fn starting(&self, prefix: &str) -> impl Iterator<Item = (String, String)> {
        let named = self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value)));
        named.map(|(name, value)| (name.to_owned(), value.clone()))
    }

    /// The first value of `name`; empty without one.
    pub fn text(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_default()
    }
}

/// What identity says against what was typed, in words; everything else is a problem of its own.
pub fn complaint(status: tonic::Status) -> Result<String, crate::problem::Problem> {
    use kit::failure::{Code, Told};

    let told = Told::read(&status);
    match told.code {
        Code::Invalid | Code::Conflict | Code::Refused | Code::Stale => {
            let faults: Vec<String> = told.violations.iter().map(|fault| fault.detail.to_string()).collect();
            Ok(if faults.is_empty() { told.detail } else { faults.join("; ") })
        }
        Code::Forbidden if told.reason != "step_up_required" => {
            let lacking = told.facts.get("required_permission");
            Ok(lacking.map_or(told.detail, |slug| format!("you do not have the permission {slug} yourself")))
        }
        _ => Err(status.into()),
    }
}
