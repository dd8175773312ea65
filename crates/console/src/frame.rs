//! What every page shows around its content.
use kit::permission::Permission;

use crate::{
    show::label,
    staff::Place,
    theme::Theme,
    visit::{Visit, Who},
};

/// What every page shows around its content.
pub struct Frame {
    /// Colours.
    pub theme: Theme,
    /// Path of this page.
    pub here: String,
    /// This page, to come back to after a switch.
    pub back: String,
    /// Whether shoppers read it, to whom the console is closed.
    pub hosted: bool,
    /// Who is signed in; nobody on the sign-in page, on hosted pages, and when it cannot be told.
    pub desk: Option<Desk>,
}

/// Who is signed in, and where they work.
#[expect(clippy::struct_excessive_bools, reason = "each is a section of the console that they have or have not")]
pub struct Desk {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// First letters of the name.
    pub initials: String,
    /// Their roles, in words.
    pub role: String,
    /// Where they work, `sto_…` or empty.
    pub store: String,
    /// Name of that place.
    pub place: String,
    /// Where they can work.
    pub places: Vec<Place>,
    /// Whether they may read support tickets.
    pub tickets: bool,
    /// Whether they may read what was sent.
    pub messages: bool,
    /// Whether they may read orders and subscriptions.
    pub orders: bool,
    /// Whether they may see what is sold, as staff do.
    pub catalog: bool,
    /// Whether they may read the audit.
    pub audits: bool,
    /// Zone that times are shown in.
    pub zone: String,
    /// Whether they look after the staff here.
    pub team: bool,
}

impl Frame {
    /// The frame of a page that `visit` asked for.
    pub fn of(visit: &Visit) -> Self {
        let desk = match &visit.who {
            Who::Staff(session) => {
                let places = session.places();
                let place = places.iter().find(|place| place.store == session.store).or(places.first());
                Some(Desk {
                    name: session.staff.name.clone(),
                    email: session.staff.email.clone(),
                    initials: label::initials(&session.staff.name),
                    role: session.role(),
                    store: session.store.clone(),
                    place: place.map(|place| place.name.clone()).unwrap_or_default(),
                    places,
                    tickets: session.may(Permission::TicketsRead),
                    messages: session.may(Permission::MessagesRead),
                    orders: session.may(Permission::OrdersRead),
                    catalog: session.may(Permission::CatalogRead),
                    audits: session.may(Permission::AuditRead),
                    zone: session.zone.name().to_owned(),
                    team: session.may(Permission::StaffWrite),
                })
            }
            Who::Nobody | Who::Shopper | Who::Unclear(_) => None,
        };
        let back = if visit.safe { visit.path.clone() } else { String::new() };
        let here = visit.path.split('?').next().unwrap_or_default().to_owned();
        Self { theme: visit.theme, here, back, hosted: matches!(visit.who, Who::Shopper), desk }
    }

    /// The frame of a page about somebody who is about to come in, whoever is signed in; it holds a secret, so that
    /// nothing leads back to it.
    pub fn nameless(visit: &Visit) -> Self {
        Self { theme: visit.theme, here: String::new(), back: String::new(), hosted: false, desk: None }
    }

    /// Address of the vendored file `name`.
    #[expect(clippy::unused_self, reason = "templates call methods of what they are given")]
    pub fn asset(&self, name: &str) -> String {
        crate::assets::url(name)
    }

    /// Whether this is the page at `path`, whatever was asked of it.
    pub fn is_at(&self, path: &str) -> bool {
        self.here == path
    }

    /// Whether this page belongs to the section at `path`.
    pub fn is_in(&self, path: &str) -> bool {
        self.back.starts_with(path)
    }
}
