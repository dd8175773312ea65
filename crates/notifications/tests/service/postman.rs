//! A small SMTP server: `mailin` knows the protocol, this holds the socket.
use std::{
    io::{self, BufRead, BufReader},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use mailin::{Action, Handler, Response, SessionBuilder, response};

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

impl Postman {
    /// Listens on a free port and answers the URL of it.
    pub fn start() -> anyhow::Result<(Self, String)> {
        let postman = Self::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let serving = postman.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let postman = serving.clone();
                thread::spawn(move || postman.talk(stream));
            }
        });
        Ok((postman, url))
    }

    /// What came so far: recipient and mail.
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn talk(self, mut stream: TcpStream) -> io::Result<()> {
        let handler = Conversation { postman: self, to: String::new(), mail: Vec::new() };
        let mut session = SessionBuilder::new("postman").build(IpAddr::V4(Ipv4Addr::LOCALHOST), handler);
        let mut lines = BufReader::new(stream.try_clone()?);
        session.greeting().write_to(&mut stream)?;
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            let answer = session.process(&line);
            line.clear();
            match answer.action {
                Action::NoReply => {}
                Action::Close => return answer.write_to(&mut stream),
                Action::Reply | Action::UpgradeTls => answer.write_to(&mut stream)?,
            }
        }
        Ok(())
    }
}
