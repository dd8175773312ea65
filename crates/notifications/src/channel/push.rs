//! Push messages, by the service that reaches the device: Apple's for iOS where it is set up, Firebase for all others,
//! which also reaches the iOS apps that use it.
use super::{Outgoing, apns::Apns, fcm::Fcm, folder::Folder, note};
use crate::message::Trouble;

/// The ways to devices.
#[derive(Clone)]
pub struct Push {
    pub(super) folder: Folder,
    pub(super) fcm: Option<Fcm>,
    pub(super) apns: Option<Apns>,
}

impl Push {
    /// Hands `message` over.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<(), Trouble> {
        match (message.platform, &self.apns, &self.fcm) {
            ("ios", Some(apns), _) => apns.send(message).await,
            (_, _, Some(fcm)) => fcm.send(message).await,
            _ => self.folder.put(format!("{}.json", message.id), note(message)).await,
        }
    }
}
