//! `patron owner`: makes somebody the owner of a store or network, by an invitation link or with a password; of a new
//! store on the first run (ID-20).
use std::io::Read;

use anyhow::{Context, bail};
use kit::{
    ids::{NetworkId, StoreId},
    settings::Settings,
};
use proto::identity::v1::{
    CreateInvitationRequest, CreateStaffRequest, CreateStoreRequest,
    invitation_service_client::InvitationServiceClient, staff_service_client::StaffServiceClient,
    store_service_client::StoreServiceClient,
};

/// Whom to make an owner, and of what.
#[derive(clap::Args)]
#[group(skip)]
pub struct Owner {
    /// E-mail address they sign in with.
    email: String,
    /// Of this store.
    #[arg(long, conflicts_with_all = ["network", "new_store"])]
    store: Option<StoreId>,
    /// Of this network.
    #[arg(long, conflicts_with = "new_store")]
    network: Option<NetworkId>,
    /// Of a new store of this name.
    #[arg(long, value_name = "NAME", requires_all = ["currency", "timezone", "country"])]
    new_store: Option<String>,
    /// ISO 4217 code of the new store's prices.
    #[arg(long)]
    currency: Option<String>,
    /// IANA time zone of the new store, such as Europe/Berlin.
    #[arg(long)]
    timezone: Option<String>,
    /// ISO 3166-1 alpha-2 code of the new store's country.
    #[arg(long)]
    country: Option<String>,
    /// Address that the new store's mails come from; the owner's by default.
    #[arg(long)]
    store_mail_from: Option<String>,
    /// Display name, with --password-stdin; the e-mail address by default.
    #[arg(long)]
    name: Option<String>,
    /// Make the account at once, with the password (15 characters at least) read from standard input, instead of
    /// printing an invitation link. The second factor is set up at the first sign-in.
    #[arg(long)]
    password_stdin: bool,
}

/// Does it, and says what to do next.
pub async fn carry_out(settings: Settings, owner: Owner) -> anyhow::Result<()> {
    let password = owner.password()?;
    let env = house::in_process(settings).await?;
    let place = match (&owner.store, &owner.network, &owner.new_store) {
        (Some(store), ..) => store.to_string(),
        (_, Some(network), _) => network.to_string(),
        (.., Some(name)) => {
            let mut stores = StoreServiceClient::new(env.peer("owner", "identity")?);
            let store = stores.create_store(owner.plan(name)).await.map_err(|status| explain(&status))?.into_inner();
            println!("made {} ({}); its publishable key is {}", store.name, store.id, store.key);
            store.id
        }
        _ => bail!("say of what: --store, --network or --new-store"),
    };
    let Some(password) = password else {
        let mut invitations = InvitationServiceClient::new(env.peer("owner", "identity")?);
        let request = CreateInvitationRequest { email: owner.email.clone(), role: "owner".to_owned(), place };
        let link = invitations.create_invitation(request).await.map_err(|status| explain(&status))?.into_inner().link;
        println!("{} becomes the owner by this link, which is good for three days and once:\n{link}", owner.email);
        return Ok(());
    };
    let request = CreateStaffRequest {
        name: owner.name.clone().unwrap_or_else(|| owner.email.clone()),
        email: owner.email.clone(),
        password,
        enrol_totp: false,
        place,
        role: "owner".to_owned(),
        more_places: Vec::new(),
    };
    let mut staff = StaffServiceClient::new(env.peer("owner", "identity")?);
    staff.create_staff(request).await.map_err(|status| explain(&status))?;
    println!("{} is the owner and can sign in; the second factor is set up then", owner.email);
    Ok(())
}

/// What a service says of a request, with every fault.
fn explain(status: &tonic::Status) -> anyhow::Error {
    let told = kit::failure::Told::read(status);
    let faults: Vec<_> = told.violations.iter().map(|fault| format!("{}: {}", fault.pointer, fault.detail)).collect();
    if faults.is_empty() { anyhow::anyhow!(told.detail) } else { anyhow::anyhow!(faults.join("; ")) }
}

impl Owner {
    fn password(&self) -> anyhow::Result<Option<String>> {
        if !self.password_stdin {
            return Ok(None);
        }
        let mut text = String::new();
        std::io::stdin().lock().take(10_000).read_to_string(&mut text).context("the password cannot be read")?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn plan(&self, name: &str) -> CreateStoreRequest {
        CreateStoreRequest {
            name: name.to_owned(),
            currency: self.currency.clone().unwrap_or_default(),
            timezone: self.timezone.clone().unwrap_or_default(),
            country: self.country.clone().unwrap_or_default(),
            mail_from: self.store_mail_from.clone().unwrap_or_else(|| self.email.clone()),
            url: String::new(),
        }
    }
}
