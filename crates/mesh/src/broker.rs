//! The way to nats-server: one, or several of a cluster.
use anyhow::Context;
use async_nats::{Client, ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

/// A client of the servers in `urls`, which commas separate. None of them needs to be there yet. The library takes no
/// credentials out of a URL: the first that names a user and a password, or a token, names them for all.
pub async fn connect(urls: &str, options: ConnectOptions) -> anyhow::Result<Client> {
    let servers: Vec<ServerAddr> =
        urls.split(',').map(|url| url.trim().parse()).collect::<Result<_, _>>().context("that is no URL")?;
    let options =
        servers.iter().find_map(credentials).into_iter().fold(options, |options, credentials| match credentials {
            (user, Some(password)) => options.user_and_password(user, password),
            (token, None) => options.token(token),
        });
    Ok(options.retry_on_initial_connect().connect(servers).await?)
}

/// User and password, or a token alone.
fn credentials(server: &ServerAddr) -> Option<(String, Option<String>)> {
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    server.username().map(|user| (plain(user), server.password().map(plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_from_the_url() {
        let read = |url: &str| credentials(&url.parse().unwrap());
        assert_eq!(read("nats://patron:a%40b@127.0.0.1:4222"), Some(("patron".to_owned(), Some("a@b".to_owned()))));
        assert_eq!(read("nats://s3cret@127.0.0.1"), Some(("s3cret".to_owned(), None)));
        assert_eq!(read("127.0.0.1:4222"), None);
    }
}
