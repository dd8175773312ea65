//! `patron rotate-keys`: a new signing key at once.
use identity::signing::{Keyring, rotate};
use kit::settings::Settings;

/// Retires the keys that assertions are signed with and makes a new one.
pub async fn carry_out(settings: Settings) -> anyhow::Result<()> {
    let env = house::in_process(settings).await?;
    let keyring = Keyring::new(&env.db(identity::NAME)?, &env.secrets);
    rotate::replace(&keyring, env.clock.now()).await?;
    println!("assertions are signed by a new key within a minute; what was signed before is refused within five");
    Ok(())
}
