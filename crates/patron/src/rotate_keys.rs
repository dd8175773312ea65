//! `patron rotate-keys`: the next signing key at once.
use identity::signing::{Keyring, rotate};
use kit::settings::Settings;

/// Has assertions signed with the key that is next, and retires the present one.
pub async fn carry_out(settings: Settings) -> anyhow::Result<()> {
    let env = house::in_process(settings).await?;
    let keyring = Keyring::new(&env.db(identity::NAME)?, &env.secrets);
    rotate::replace(&keyring, env.clock.now()).await?;
    println!(
        "assertions are signed by the next key within seconds; the one before is refused everywhere within three minutes"
    );
    Ok(())
}
