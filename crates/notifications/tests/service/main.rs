//! Notifications through their client, on a real database, into real folders and a real SMTP conversation.
mod confirmation;
mod delivery;
mod devices;
mod hook_delivery;
mod hook_places;
mod hooks;
mod mailroom;
mod merges;
mod orders;
mod postman;
mod provider;
mod reading;
mod sending;
mod smtp;
mod texts;
mod webhooks;
