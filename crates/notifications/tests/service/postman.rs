//! A small SMTP server: `mailin` knows the protocol, this holds the socket.
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use mailin::{Action, Handler, Response, Session, SessionBuilder, response};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A server that keeps what it gets. It has no mailbox `gone@…`, and that of `full@…` is full.
#[derive(Clone, Default)]
pub struct Postman(Arc<Mutex<Vec<Mail>>>);

/// Recipient and content.
type Mail = (String, Vec<u8>);

struct Conversation {
    postman: Postman,
    to: String,
    mail: Vec<u8>,
}

impl Handler for Conversation {
    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        match to.split('@').next() {
            Some("gone") => response::NO_MAILBOX,
            Some("full") => response::OUT_OF_SPACE,
            _ => response::OK,
        }
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.mail.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let mail = (self.to.clone(), std::mem::take(&mut self.mail));
        self.postman.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        response::OK
    }
}

/// When a conversation is encrypted.
#[derive(Clone)]
pub enum Envelope {
    /// Never.
    Open,
    /// From the beginning.
    Sealed(Arc<ServerConfig>),
    /// From the command on that asks for it.
    Asked(Arc<ServerConfig>),
}

impl Postman {
    /// Listens on a free port and answers the URL of it.
    pub fn start() -> anyhow::Result<(Self, String)> {
        Self::start_with(&Envelope::Open)
    }

    /// The same with encryption.
    pub fn start_with(envelope: &Envelope) -> anyhow::Result<(Self, String)> {
        let postman = Self::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = match envelope {
            Envelope::Open => format!("smtp://{}", listener.local_addr()?),
            Envelope::Sealed(_) => format!("smtps://{}", listener.local_addr()?),
            Envelope::Asked(_) => format!("smtp://{}?tls=required", listener.local_addr()?),
        };
        let (serving, envelope) = (postman.clone(), envelope.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (postman, envelope) = (serving.clone(), envelope.clone());
                thread::spawn(move || postman.talk(stream, &envelope));
            }
        });
        Ok((postman, url))
    }

    /// What came so far: recipient and mail.
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn talk(self, stream: TcpStream, envelope: &Envelope) -> io::Result<()> {
        let handler = Conversation { postman: self, to: String::new(), mail: Vec::new() };
        let mut session = SessionBuilder::new("postman");
        if matches!(envelope, Envelope::Asked(_)) {
            session.enable_start_tls();
        }
        let mut session = session.build(IpAddr::V4(Ipv4Addr::LOCALHOST), handler);
        let greeting = session.greeting();
        match envelope {
            Envelope::Open => converse(stream, &mut session, Some(&greeting)).map(drop),
            Envelope::Sealed(config) => converse(sealed(stream, config)?, &mut session, Some(&greeting)).map(drop),
            Envelope::Asked(config) => {
                let Some(stream) = converse(stream, &mut session, Some(&greeting))? else { return Ok(()) };
                session.tls_active();
                converse(sealed(stream, config)?, &mut session, None).map(drop)
            }
        }
    }
}

fn sealed(stream: TcpStream, config: &Arc<ServerConfig>) -> io::Result<impl Read + Write> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// Talks until the end; answers the stream when it is to be encrypted from here on.
fn converse<S: Read + Write>(
    stream: S,
    session: &mut Session<Conversation>,
    greeting: Option<&Response>,
) -> io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if let Some(greeting) = greeting {
        greeting.write_to(stream.get_mut())?;
    }
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line)? > 0 {
        let answer = session.process(&line);
        line.clear();
        match answer.action {
            Action::NoReply => {}
            Action::Reply => answer.write_to(stream.get_mut())?,
            Action::UpgradeTls => {
                answer.write_to(stream.get_mut())?;
                return Ok(Some(stream.into_inner()));
            }
            Action::Close => {
                answer.write_to(stream.get_mut())?;
                break;
            }
        }
    }
    Ok(None)
}
