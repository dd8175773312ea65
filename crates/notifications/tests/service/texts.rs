//! Text messages by a provider that speaks as Twilio does (NO-2).
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use kit::{ids::MessageId, settings::Settings};
use proto::notifications::v1::{GetChannelRequest, channel_service_client::ChannelServiceClient};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::{mailroom::Mailroom, provider::Provider};

const NUMBER: &str = "+4930901820";

fn account(provider: &Provider) -> impl FnOnce(&mut Settings) {
    let url = provider.url.clone();
    move |settings| {
        settings.messengers.twilio_account = Some("AC0815".to_owned());
        settings.messengers.twilio_token = Some("twilio-secret".to_owned());
        settings.messengers.twilio_from = Some("+15005550006".to_owned());
        settings.messengers.twilio_url = format!("{url}/");
    }
}

/// Everything that is logged on this thread, which is the only one of a test.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn watch() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
        (log.clone(), tracing::subscriber::set_default(subscriber.finish()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Why a message was given up.
async fn failure(room: &Mailroom, message: &str) -> anyhow::Result<String> {
    let failure = sqlx::query_scalar("select failure from messages where id = $1 and status = 'failed'");
    Ok(failure.bind(message.parse::<MessageId>()?).fetch_one(room.db.pool()).await?)
}

/// NO-2: a text message is posted as a form, under the account's own credentials.
#[tokio::test]
async fn a_text_message_goes_to_the_provider() -> anyhow::Result<()> {
    let provider = Provider::open().await?;
    let room = Mailroom::with(account(&provider)).await?;
    let id = room.send(room.code("sms", NUMBER)).await?.id;
    room.delivery.send_due().await?;
    assert_eq!(room.read(&id).await?.status, "sent");
    let [asked] = &provider.messages()[..] else { anyhow::bail!("one message") };
    assert_eq!(asked.path, "/2010-04-01/Accounts/AC0815/Messages.json");
    assert_eq!(asked.header("authorization"), "Basic QUMwODE1OnR3aWxpby1zZWNyZXQ=");
    assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
    let text = "Body=314159+is+your+code+for+Corner+Shop.+It+is+valid+for+10+minutes.";
    assert_eq!(asked.body, format!("To=%2B4930901820&From=%2B15005550006&{text}"));
    assert!(room.files("sms")?.is_empty());

    let service = |settings: &mut Settings| settings.messengers.twilio_from = Some("MG0815".to_owned());
    let (base, from) = (account(&provider), service);
    let room = Mailroom::with(|settings| {
        base(settings);
        from(settings);
    })
    .await?;
    room.send(room.code("sms", NUMBER)).await?;
    room.delivery.send_due().await?;
    assert!(provider.messages()[1].body.contains("&MessagingServiceSid=MG0815&"));
    Ok(())
}

/// NO-1: what the provider refuses for good has failed; what is our own fault, or its own, waits, as long as it asks.
#[tokio::test]
async fn refusals_are_told_apart() -> anyhow::Result<()> {
    let provider = Provider::open().await?;
    let room = Mailroom::with(account(&provider)).await?;
    let lasting = [(400, 21211, "rejected"), (400, 21610, "unsubscribed"), (400, 21614, "rejected")];
    for (status, code, reason) in lasting {
        provider.refuse(status, None, json!({"code": code, "message": format!("{NUMBER} is no number")}));
        let id = room.send(room.code("sms", NUMBER)).await?.id;
        room.delivery.send_due().await?;
        assert_eq!(failure(&room, &id).await?, reason);
    }
    let passing = [(401, 20003), (400, 21606), (404, 20404), (429, 20429), (500, 20500), (503, 0), (302, 0)];
    for (status, code) in passing {
        provider.refuse(status, None, json!({"code": code}));
        let id = room.send(room.code("sms", NUMBER)).await?.id;
        room.delivery.send_due().await?;
        assert_eq!(room.read(&id).await?.status, "queued", "{status} {code}");
        room.rig.clock.advance(TimeDelta::seconds(2));
        room.delivery.send_due().await?;
        assert_eq!(room.read(&id).await?.status, "sent", "{status} {code}");
    }
    provider.refuse(429, Some(30), json!({"code": 20429}));
    let id = room.send(room.code("sms", NUMBER)).await?.id;
    room.delivery.send_due().await?;
    room.rig.clock.advance(TimeDelta::seconds(29));
    assert_eq!(room.delivery.send_due().await?, 0);
    room.rig.clock.advance(TimeDelta::seconds(1));
    room.delivery.send_due().await?;
    assert_eq!(room.read(&id).await?.status, "sent");
    Ok(())
}

/// ID-3: while the provider refuses us, the channel is known to be down; a message that is refused for its own sake says
/// nothing about it.
#[tokio::test]
async fn a_provider_that_is_away_is_known() -> anyhow::Result<()> {
    let provider = Provider::open().await?;
    let room = Mailroom::with(account(&provider)).await?;
    let works = async || {
        let request = room.rig.actors.system("identity", GetChannelRequest { channel: "sms".to_owned() });
        let mut channels = ChannelServiceClient::new(room.rig.env.peer("test", "notifications")?);
        anyhow::Ok(channels.get_channel(request).await?.into_inner().works)
    };
    for (status, code, expected) in [(400, 21211, true), (429, 20429, false), (200, 0, true), (401, 20003, false)] {
        provider.refuse(status, Some(60), json!({"code": code}));
        room.send(room.code("sms", NUMBER)).await?;
        room.delivery.send_due().await?;
        assert_eq!(works().await?, expected, "{status} {code}");
    }
    Ok(())
}

/// PL-5: neither number nor text nor credentials are logged, whatever becomes of the message.
#[tokio::test]
async fn nothing_of_a_message_is_logged() -> anyhow::Result<()> {
    let (log, _watched) = Log::watch();
    let provider = Provider::open().await?;
    let room = Mailroom::with(account(&provider)).await?;
    let echo = json!({"code": 21211, "message": format!("{NUMBER}: 314159 is your code")});
    for status in [400, 401, 429, 500] {
        provider.refuse(status, None, echo.clone());
        room.send(room.code("sms", NUMBER)).await?;
        room.delivery.send_due().await?;
    }
    let away = Mailroom::with(|settings| {
        account(&provider)(settings);
        settings.messengers.twilio_url = "http://127.0.0.1:9".to_owned();
    })
    .await?;
    away.send(away.code("sms", NUMBER)).await?;
    away.delivery.send_due().await?;
    let text = log.text();
    let own: Vec<&str> = text.lines().filter(|line| line.contains("notifications:")).collect();
    for words in ["Twilio answered 429 21211", "Twilio could not be reached", "rejected"] {
        assert!(own.iter().any(|line| line.contains(words)), "{words} is told: {own:?}");
    }
    let warned = text.lines().filter(|line| line.contains("WARN") || line.contains("INFO") || line.contains("ERROR"));
    for line in warned {
        for secret in ["901820", "314159", "twilio-secret", "QUMwODE1", "AC0815"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    Ok(())
}

/// Half a set of credentials is an error at the start, not at the first message.
#[tokio::test]
async fn credentials_are_whole() -> anyhow::Result<()> {
    for forget in 0..3 {
        let refused = Mailroom::with(|settings| {
            let messengers = &mut settings.messengers;
            let parts = [&mut messengers.twilio_account, &mut messengers.twilio_token, &mut messengers.twilio_from];
            for (place, part) in parts.into_iter().enumerate() {
                *part = Some(if place == forget { String::new() } else { "given".to_owned() });
            }
        });
        assert!(refused.await.is_err_and(|error| error.to_string().contains("belong together")));
    }
    Ok(())
}
