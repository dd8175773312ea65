//! `patron seed --demo FILE`: two stores of their own, a network of two, products, staff in every role and some people,
//! described in a file for whoever wants to try things.
use std::{fs, path::Path};

use anyhow::{Context, bail};
use kit::{secret, service::Env, settings::Settings};
use proto::identity::v1::{
    CreateNetworkRequest, CreateStaffRequest, CreateStoreRequest, ListStoresRequest, Network, Store,
    network_service_client::NetworkServiceClient, staff_service_client::StaffServiceClient,
    store_service_client::StoreServiceClient,
};
use serde_json::{Value, json};

use crate::seed;

/// Name, currency, time zone, country.
const STORES: [(&str, &str, &str, &str); 4] = [
    ("Corner Shop", "EUR", "Europe/Berlin", "DE"),
    ("Harbour Books", "USD", "America/New_York", "US"),
    ("Northern Lights", "EUR", "Europe/Berlin", "DE"),
    ("Southern Cross", "EUR", "Europe/Paris", "FR"),
];
const ROLES: [&str; 5] = ["owner", "administrator", "customer_service", "sales_agent", "moderator"];

/// Makes the demo with `people` customers in its first store, unless it is there already.
pub async fn make(settings: Settings, file: &Path, people: u32) -> anyhow::Result<()> {
    let env = crate::in_process(settings).await?;
    let mut stores = StoreServiceClient::new(env.peer("seed", "identity")?);
    let known = stores.list_stores(ListStoresRequest::default()).await?.into_inner().stores;
    match (known.is_empty(), file.exists()) {
        (true, _) => {}
        (false, true) => return refresh(&env, file),
        (false, false) => bail!("the database has stores, but {} is gone: start over with a reset", file.display()),
    }
    let mut made = Vec::new();
    for store in STORES {
        made.push(create_store(&env, store).await?);
    }
    let network = create_network(&env, &made[2..]).await?;
    let staff = hire(&env, &made[..2], &network).await?;
    let shares = [u64::from(people), u64::from(people) / 4, u64::from(people) / 4, u64::from(people) / 8];
    for (store, people) in made.iter().zip(shares) {
        seed::quietly(&env, store.id.parse()?, people).await?;
    }
    let mut demo = json!({
        "stores": made[..2].iter().map(described).collect::<Vec<_>>(),
        "network": { "id": network.id, "name": network.name, "key": network.key,
                     "stores": network.stores.iter().map(described).collect::<Vec<_>>() },
        "staff": staff,
    });
    describe_place(&env, &mut demo);
    write(file, &demo)
}

/// The demo is there: only where it is reached may have changed.
fn refresh(env: &Env, file: &Path) -> anyhow::Result<()> {
    let mut demo: Value = serde_json::from_str(&fs::read_to_string(file)?)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    describe_place(env, &mut demo);
    write(file, &demo)
}

fn describe_place(env: &Env, demo: &mut Value) {
    demo["base_url"] = env.settings.public().into();
    for (name, folder) in
        [("mail_dir", &env.settings.mail_dir), ("sms_dir", &env.settings.sms_dir), ("push_dir", &env.settings.push_dir)]
    {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        demo[name] = folder.display().to_string().into();
    }
}

/// Passwords are in it, so nobody else may read it.
fn write(file: &Path, demo: &Value) -> anyhow::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    file.write_all(serde_json::to_string_pretty(demo)?.as_bytes())?;
    Ok(())
}

fn described(store: &Store) -> Value {
    json!({ "id": store.id, "name": store.name, "key": store.key })
}

async fn create_store(env: &Env, store: (&str, &str, &str, &str)) -> anyhow::Result<Store> {
    let (name, currency, timezone, country) = store;
    let host = name.to_lowercase().replace(' ', "-");
    let request = CreateStoreRequest {
        name: name.to_owned(),
        currency: currency.to_owned(),
        timezone: timezone.to_owned(),
        country: country.to_owned(),
        mail_from: format!("hello@{host}.example.com"),
        url: format!("https://{host}.example.com"),
    };
    let mut stores = StoreServiceClient::new(env.peer("seed", "identity")?);
    Ok(stores.create_store(request).await?.into_inner())
}

async fn create_network(env: &Env, members: &[Store]) -> anyhow::Result<Network> {
    let request = CreateNetworkRequest {
        name: "The Compass".to_owned(),
        stores: members.iter().map(|store| store.id.clone()).collect(),
        reviews_enabled: true,
        currency: members[0].currency.clone(),
    };
    let mut networks = NetworkServiceClient::new(env.peer("seed", "identity")?);
    Ok(networks.create_network(request).await?.into_inner())
}

/// One staff member for each role, with that role in both stores and in the network.
async fn hire(env: &Env, stores: &[Store], network: &Network) -> anyhow::Result<Vec<Value>> {
    let mut staff = StaffServiceClient::new(env.peer("seed", "identity")?);
    let mut hired = Vec::new();
    for role in ROLES {
        let (email, password) = (format!("{role}@demo.example.com"), secret::token("demo"));
        let mut places = stores.iter().map(|store| store.id.clone()).chain([network.id.clone()]);
        let request = CreateStaffRequest {
            name: format!("Demo {}", role.replace('_', " ")),
            email: email.clone(),
            password: password.clone(),
            enrol_totp: true,
            place: places.next().unwrap_or_default(),
            role: role.to_owned(),
            more_places: places.collect(),
        };
        let totp_secret = staff.create_staff(request).await?.into_inner().totp_secret;
        hired.push(json!({ "role": role, "email": email, "password": password, "totp_secret": totp_secret }));
    }
    Ok(hired)
}
