//! Events about support tickets: never what was written in them.
use proto::customers::v1::{TicketChanged, TicketCommented, TicketOpened};
use serde_json::json;

use super::hook_event::{NOON, Public, Told, example};

impl Public for TicketOpened {
    const TITLE: &'static str = "ticket.opened";
    const SAYS: &'static str = "A support ticket was opened.";

    fn told(self) -> Told {
        let follows = Some(self.follows).filter(|ticket| !ticket.is_empty());
        let data =
            json!({ "ticket": self.ticket, "customer": self.customer, "channel": self.channel, "follows": follows });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            ticket: example("tkt"),
            customer: example("cus"),
            channel: "portal".to_owned(),
            comment: example("tcm"),
            public: true,
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for TicketCommented {
    const TITLE: &'static str = "ticket.commented";
    const SAYS: &'static str = "Something was written in a ticket; `public` says whether the customer sees it.";

    fn told(self) -> Told {
        let data = json!({
            "ticket": self.ticket, "customer": self.customer, "comment": self.comment, "public": self.public,
            "by": self.by,
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            ticket: example("tkt"),
            customer: example("cus"),
            comment: example("tcm"),
            public: true,
            by: "customer".to_owned(),
            at: NOON,
            ..Self::default()
        }
    }
}

impl Public for TicketChanged {
    const TITLE: &'static str = "ticket.changed";
    const SAYS: &'static str = "A ticket changed its status, its priority or who sees to it.";

    fn told(self) -> Told {
        let assignee = Some(self.assignee).filter(|staff| !staff.is_empty());
        let data = json!({
            "ticket": self.ticket, "customer": self.customer, "status": self.status,
            "status_before": self.status_before, "priority": self.priority, "assignee": assignee,
        });
        Told { realm: self.realm, store: self.store, at: self.at, data, ..Told::default() }
    }

    fn sample() -> Self {
        Self {
            store: example("sto"),
            ticket: example("tkt"),
            customer: example("cus"),
            status: "pending".to_owned(),
            status_before: "open".to_owned(),
            priority: "normal".to_owned(),
            at: NOON,
            ..Self::default()
        }
    }
}
