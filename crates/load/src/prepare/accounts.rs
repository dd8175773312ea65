//! People with a password, registered as everybody is: with a code from a mail.
use std::{
    collections::{HashMap, HashSet},
    fs,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use http::{Request, StatusCode, header, request::Builder};
use serde_json::json;

use super::{Account, House};
use crate::{access::Access, connection::Connection};

const PASSWORD: &str = "a long enough password";
/// How many register at once.
const AT_ONCE: usize = 8;
/// How long mails may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Registers `count` people.
pub async fn register(access: &Access, mails: &Path, count: usize) -> anyhow::Result<Vec<Account>> {
    let mut letterbox = Letterbox::new(mails);
    // So that nobody of an earlier try is met again.
    let run = RandomState::new().hash_one(count);
    let emails: Vec<String> = (0..count).map(|number| format!("load-{run:x}-{number}@example.net")).collect();
    let parts = || emails.chunks(count.div_ceil(AT_ONCE));
    try_join_all(parts().map(|emails| ask(access, emails))).await?;
    letterbox.wait(count).await?;
    try_join_all(parts().map(|emails| enter(access, emails, &letterbox))).await?;
    Ok(emails.into_iter().map(|identity| Account { identity, password: PASSWORD.to_owned() }).collect())
}

/// Has codes sent.
async fn ask(access: &Access, emails: &[String]) -> anyhow::Result<()> {
    let mut house = House { connection: Connection::open(&access.base_url).await? };
    for email in emails {
        let request = at_shop(access, "/storefront/v1/customers/request-creation-code");
        house.json(request, &json!({ "mode": "email", "identity": email }), StatusCode::OK).await?;
    }
    Ok(())
}

/// Registers with the codes that came.
async fn enter(access: &Access, emails: &[String], letterbox: &Letterbox) -> anyhow::Result<()> {
    let mut house = House { connection: Connection::open(&access.base_url).await? };
    for email in emails {
        let code = letterbox.codes.get(email).with_context(|| format!("no code came for {email}"))?;
        let body = json!({ "identity": email, "code": code, "name": "Ada Lovelace", "password": PASSWORD });
        house.json(at_shop(access, "/storefront/v1/customers"), &body, StatusCode::CREATED).await?;
    }
    Ok(())
}

fn at_shop(access: &Access, path: &str) -> Builder {
    Request::post(path).header(header::AUTHORIZATION, format!("Bearer {}", access.store_key))
}

/// The folder that mails are written to.
struct Letterbox {
    folder: PathBuf,
    seen: HashSet<PathBuf>,
    /// By the address they were sent to.
    codes: HashMap<String, String>,
}

impl Letterbox {
    /// What lies in it now is of no interest.
    fn new(folder: &Path) -> Self {
        let mut letterbox = Self { folder: folder.to_path_buf(), seen: HashSet::new(), codes: HashMap::new() };
        letterbox.seen = letterbox.new_files().into_iter().collect();
        letterbox
    }

    /// Waits until `count` codes have come.
    async fn wait(&mut self, count: usize) -> anyhow::Result<()> {
        let began = Instant::now();
        while self.codes.len() < count {
            let came = self.codes.len();
            ensure!(began.elapsed() < PATIENCE, "{came} of {count} codes came into {}", self.folder.display());
            tokio::time::sleep(Duration::from_millis(200)).await;
            for file in self.new_files() {
                if let Some((address, code)) = fs::read_to_string(&file).ok().as_deref().and_then(read) {
                    self.codes.insert(address, code);
                    self.seen.insert(file);
                }
            }
        }
        Ok(())
    }

    fn new_files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_mail = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "eml");
        files.filter(|file| is_mail(file) && !self.seen.contains(file)).collect()
    }
}

/// Address and code of a mail: the first six digits that stand alone in its body.
fn read(mail: &str) -> Option<(String, String)> {
    let mail = mail.replace("\r\n", "\n").replace("=\n", "");
    let (head, body) = mail.split_once("\n\n")?;
    let to = head.lines().find_map(|line| line.strip_prefix("To:"))?;
    let mut words = body.split(|c: char| !c.is_ascii_alphanumeric());
    let code = words.find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((to.trim().trim_matches(['<', '>']).to_owned(), code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_read_from_a_mail() {
        let mail = "From: shop@example.com\r\nTo: a@example.net\r\nDate: 1\r\n\r\nYour code:\r\n\r\n    042137\r\n";
        assert_eq!(read(mail), Some(("a@example.net".to_owned(), "042137".to_owned())));
        assert_eq!(read("To: a@example.net\n\nWelcome\n"), None);
    }
}
