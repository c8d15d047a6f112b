//! `binnacle user`: people, straight in the database of a server that need not run.

use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use binnacle_shared::model::landscape::session::PASSWORD_LENGTH;
use binnacle_shared::permission::Role;

use crate::auth::password::{self, Passwords};
use crate::clock::{Clock, SystemClock, SystemRandom};
use crate::config::{Config, Flags};
use crate::operation::administrators;
use crate::operation::first_start::ACCOUNT;
use crate::store::person::{self, NewPerson, Person};
use crate::store::{Conn, Db, Scope, StoreError, account, role};

/// Manages the people who may log in.
#[derive(Clone, Debug, clap::Args)]
pub struct User {
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Make a person; prints a password unless one is given
    Add {
        /// Name to log in with
        username: String,
        #[arg(long)]
        email: String,
        /// Name that others see; the user name if absent
        #[arg(long)]
        name: Option<String>,
        /// Role by its name, such as GlobalAdmin, SupportAnalyst or Auditor; may be given several times
        #[arg(long = "role", value_name = "NAME", default_value = Role::Auditor.name())]
        roles: Vec<String>,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Show everybody
    List,
    /// Give somebody a new password; ends all their sessions and tokens
    SetPassword {
        username: String,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lock somebody out
    Disable { username: String },
    /// Let somebody in again
    Enable { username: String },
}

/// Runs one of the commands.
pub async fn user(user: User) -> anyhow::Result<ExitCode> {
    let config = Config::load(&user.flags)?;
    if config.database.is_none() && !config.embedded_database().exists() {
        bail!("there is no database in {}; name the server's directory with --data", config.data.display());
    }
    let db = Db::open(&config.database_url()).await?;
    let result = run(&db, user.command).await;
    db.close().await;
    result?;
    Ok(ExitCode::SUCCESS)
}

async fn run(db: &Db, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add { username, email, name, roles, password_stdin } => {
            let (hash, generated) = new_password(password_stdin).await?;
            let mut conn = db.write().await?;
            let account_id = account_id(&mut conn).await?;
            let mut role_ids = Vec::new();
            for name in &roles {
                let role = role::by_name(&mut conn, &Scope::account(account_id), name).await?;
                role_ids.push(role.with_context(|| format!("there is no role {name}"))?.id);
            }
            let person = NewPerson {
                account_id,
                username: &username,
                email: &email,
                name: name.as_deref().unwrap_or(&username),
                password_hash: Some(&hash),
                role_ids: &role_ids,
            };
            match person::create(&mut conn, &person, SystemClock.now()).await {
                Err(StoreError::Duplicate) => bail!("the user name {username} or the address {email} is taken"),
                other => other?,
            };
            conn.commit().await?;
            show(&username, generated);
        }
        Command::List => {
            let mut conn = db.read().await?;
            let account_id = account_id(&mut conn).await?;
            for person in person::list(&mut conn, account_id).await? {
                let state = if person.disabled { "  (disabled)" } else { "" };
                println!("{}  {}  {}{state}", person.username, person.email, person.roles.join(", "));
            }
        }
        Command::SetPassword { username, password_stdin } => {
            let (hash, generated) = new_password(password_stdin).await?;
            let mut conn = db.write().await?;
            let person = find(&mut conn, &username).await?;
            person::set_password(&mut conn, person.id, &hash).await?;
            conn.commit().await?;
            show(&username, generated);
        }
        Command::Disable { username } => set_disabled(db, &username, true).await?,
        Command::Enable { username } => set_disabled(db, &username, false).await?,
    }
    Ok(())
}

async fn set_disabled(db: &Db, username: &str, disabled: bool) -> anyhow::Result<()> {
    let mut conn = db.write().await?;
    let person = find(&mut conn, username).await?;
    administrators::set_disabled(&mut conn, &Scope::account(person.account_id), person.id, disabled).await?;
    conn.commit().await?;
    println!("{username}: {}", if disabled { "disabled" } else { "enabled" });
    Ok(())
}

async fn account_id(conn: &mut Conn) -> anyhow::Result<i64> {
    let account = account::by_name(conn, ACCOUNT).await?;
    Ok(account.context("the database is empty; start the server once")?.id)
}

async fn find(conn: &mut Conn, username: &str) -> anyhow::Result<Person> {
    let found = person::by_identity(conn, username).await?;
    found.with_context(|| format!("there is nobody named {username}"))
}

/// The hash of a password that was given or made; the latter is shown once.
async fn new_password(from_stdin: bool) -> anyhow::Result<(String, Option<String>)> {
    let given = if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        Some(line.trim_end_matches(['\r', '\n']).to_owned())
    } else {
        None
    };
    let generated = given.is_none().then(|| password::generate(&SystemRandom));
    let password = given.or_else(|| generated.clone()).unwrap_or_default();
    let passwords = Passwords::new(Arc::new(SystemClock));
    Ok((passwords.hash(&SystemRandom, password, &PASSWORD_LENGTH).await?, generated))
}

fn show(username: &str, generated: Option<String>) {
    match generated {
        Some(password) => println!("{username}  password: {password}"),
        None => println!("{username}: done"),
    }
}
