//! A computer's wish to belong to an account, and what becomes of it.

use binnacle_shared::model::landscape::access_group::ROOT;
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::{AgentApi, AgentApiError, secret, secret_hash, storable};
use crate::{
    engine::{self, Effects},
    keys::registration_key_context,
    protocol::{
        Message,
        registration::{Refusal, Register, set_id},
    },
    store::{
        Conn, Scope, access_group,
        account::{self, Account},
        agent,
        computer::{self, NewComputer, PENDING},
    },
};

/// The longest title and other texts that a registration may set.
const MAX_TEXT: usize = 255;

/// What a registration led to.
#[derive(Debug)]
pub(super) struct Registered {
    /// What the agent is told.
    pub(super) reply: Message,
    /// The computer's number, unless the registration was refused.
    pub(super) computer_id: Option<i64>,
    pub(super) effects: Effects,
}

/// Takes up a computer: at once with the right key, else to wait until somebody accepts it.
pub(super) async fn register(
    api: &AgentApi,
    conn: &mut Conn,
    wish: &Register,
    now: Timestamp,
) -> Result<Registered, AgentApiError> {
    let refused =
        |refusal: Refusal| Registered { reply: refusal.to_message(), computer_id: None, effects: Effects::default() };
    let Some(account) = account::by_name(conn, &storable(&wish.account_name)).await? else {
        tracing::warn!(account = wish.account_name, title = wish.computer_title, "registration for an unknown account");
        return Ok(refused(Refusal::UnknownAccount));
    };
    let accepted = account.auto_register && key_fits(api, &account, wish)?;
    let secure_id = secret::<32>(api.random.as_ref());
    let insecure_id = secret::<12>(api.random.as_ref());
    let scope = Scope::account(account.id);
    let title = title(wish);
    let machine_id = wish.machine_id.as_deref().and_then(some);

    // The answer to an earlier try may have been lost; then this is the same computer again.
    if let Some(machine_id) = &machine_id
        && let Some((id, state)) = agent::unheard(conn, &scope, machine_id, &title).await?
        && (accepted || state == PENDING)
    {
        agent::replace_ids(conn, id, &secret_hash(secure_id.as_bytes()), &insecure_id).await?;
        let effects = if accepted { enrol(conn, &account, wish, id, now).await? } else { Effects::default() };
        return Ok(Registered { reply: set_id(&secure_id, &insecure_id), computer_id: Some(id), effects });
    }

    if !accepted && computer::count_pending(conn, account.id).await? >= account.max_pending {
        tracing::warn!(title, "too many computers wait to be accepted");
        return Ok(refused(Refusal::MaxPendingComputers));
    }
    let Some(root) = access_group::by_name(conn, &scope, ROOT).await? else {
        return Ok(refused(Refusal::UnknownAccount));
    };
    let original = match &wish.clone_secure_id {
        Some(id) => agent::by_secure_id(conn, &secret_hash(id.as_bytes())).await?,
        None => None,
    };
    let new = NewComputer {
        title,
        hostname: some(&wish.hostname),
        machine_id,
        vm_info: some(&wish.vm_info),
        container_info: some(&wish.container_info),
        suggested_access_group: wish.access_group.as_deref().and_then(some),
        tags: wish.tags.iter().cloned().collect::<Vec<_>>().join(","),
        secure_id_hash: secret_hash(secure_id.as_bytes()),
        insecure_id: insecure_id.clone(),
        clone_of_id: original.filter(|original| original.account_id == account.id).map(|original| original.computer_id),
        access_group_id: root.id,
    };
    let id = computer::create_pending(conn, account.id, &new, now).await?;
    let effects = if accepted { enrol(conn, &account, wish, id, now).await? } else { Effects::default() };
    tracing::info!(computer = id, title = new.title, accepted, "computer registered");
    Ok(Registered { reply: set_id(&secure_id, &insecure_id), computer_id: Some(id), effects })
}

async fn enrol(
    conn: &mut Conn,
    account: &Account,
    wish: &Register,
    computer_id: i64,
    now: Timestamp,
) -> Result<Effects, AgentApiError> {
    let scope = Scope::account(account.id);
    let wanted = wish.access_group.as_deref().and_then(some).unwrap_or_else(|| ROOT.to_owned());
    let group = match access_group::by_name(conn, &scope, &wanted).await? {
        Some(group) => Some(group),
        None => access_group::by_name(conn, &scope, ROOT).await?,
    };
    let Some(group) = group else { return Ok(Effects::default()) };
    let effects = engine::enrol(conn, &scope, computer_id, group.id, now).await?;
    Ok(effects.unwrap_or_default())
}

fn key_fits(api: &AgentApi, account: &Account, wish: &Register) -> Result<bool, AgentApiError> {
    let (Some(sealed), Some(given)) = (&account.registration_key, &wish.registration_key) else {
        return Ok(false);
    };
    let key = api.keys.decrypt(&registration_key_context(&account.name), sealed)?;
    Ok(!key.is_empty() && bool::from(key.as_bytes().ct_eq(given.as_bytes())))
}

fn title(wish: &Register) -> String {
    let given = if wish.computer_title.is_empty() { &wish.hostname } else { &wish.computer_title };
    some(given).unwrap_or_else(|| "unnamed computer".to_owned())
}

/// A text that is worth keeping, within bounds.
fn some(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default();
    (!text.is_empty()).then(|| storable(text))
}
