//! Measures the release server against what is possible on the same machine.

mod agents;
mod conductor;
mod console;
mod due;
mod fill;
mod http;
mod limits;
mod measure;
mod report;
mod server;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;

use agents::Agent;
use fill::Filled;
use http::{Connection, request};
use limits::{Bare, PasswordCheck, RawRead, RawWrite, Request};
use measure::{Figures, Worker, both, now, run};
use report::{Table, cells, machine, milliseconds, rate};
use server::{PASSWORD, Server};

/// Requests at the same time where the rate is measured.
const AT_ONCE: usize = 8;
/// What takes longer than so many times its limit is to be looked at.
const TOO_FAR: f64 = 4.0;

#[derive(Debug, Parser)]
enum Command {
    /// Measure everything
    Run(Options),
    /// Answer every request with the bytes of a file
    #[command(hide = true)]
    Bare { file: PathBuf },
}

#[derive(Debug, clap::Args)]
struct Options {
    /// The server's binary
    #[arg(long)]
    binary: PathBuf,
    /// The built console
    #[arg(long)]
    console: PathBuf,
    /// The program that opens the console in a browser
    #[arg(long)]
    usable: PathBuf,
    /// Chromium; without it the browser is not measured
    #[arg(long)]
    chromium: Option<PathBuf>,
    /// A folder that is empty
    #[arg(long)]
    folder: PathBuf,
    /// Little of everything, to see that it works
    #[arg(long)]
    quick: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Run(options) => everything(&options).await,
        Command::Bare { file } => limits::serve_bare(&file).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A list that is measured, and the rows it is made of.
struct List {
    name: &'static str,
    path: &'static str,
    /// What a reader of the database alone would read.
    raw: &'static [&'static str],
}

const LISTS: &[List] = &[
    List {
        name: "Computers, 50 of 10,000",
        path: "/api/v2/computers?limit=50",
        raw: &[
            "SELECT * FROM computer WHERE account_id = 1 AND state = 'enrolled' ORDER BY lower(title), id LIMIT 50",
            "SELECT count(*) FROM computer WHERE account_id = 1 AND state = 'enrolled'",
        ],
    },
    List {
        name: "Computers, 1,000 of 10,000",
        path: "/api/v2/computers?limit=1000",
        raw: &[
            "SELECT * FROM computer WHERE account_id = 1 AND state = 'enrolled' ORDER BY lower(title), id LIMIT 1000",
            "SELECT count(*) FROM computer WHERE account_id = 1 AND state = 'enrolled'",
        ],
    },
    List {
        name: "Computers with a tag, 50 of 2,500",
        path: "/api/v2/computers?limit=50&query=tag:web",
        raw: &[
            "SELECT * FROM computer WHERE account_id = 1 AND state = 'enrolled' AND id IN \
             (SELECT computer_id FROM computer_tag WHERE tag = 'web') ORDER BY lower(title), id LIMIT 50",
            "SELECT count(*) FROM computer WHERE account_id = 1 AND state = 'enrolled' AND id IN \
             (SELECT computer_id FROM computer_tag WHERE tag = 'web')",
        ],
    },
    List {
        name: "Activities, 50 of 100,000",
        path: "/api/v2/activities?limit=50",
        raw: &[
            "SELECT * FROM activity WHERE account_id = 1 ORDER BY created_at DESC, id DESC LIMIT 50",
            "SELECT count(*) FROM activity WHERE account_id = 1",
        ],
    },
    List {
        name: "Summary of the alerts",
        path: "/api/v2/alerts/summary",
        raw: &[
            "SELECT count(*), min(upgrades_since), min(security_upgrades_since), min(package_report_failed_at), \
             min(reboot_required_at), min(last_ping_at), min(last_exchange_at) FROM computer \
             WHERE account_id = 1 AND state = 'enrolled'",
            "SELECT count(*) FROM (SELECT machine_id FROM computer WHERE account_id = 1 AND state = 'enrolled' \
             GROUP BY machine_id HAVING count(*) > 1)",
        ],
    },
    List {
        name: "Script profiles, 50 of 1,000",
        path: "/api/v2/script-profiles?limit=50",
        raw: &[
            "SELECT * FROM script_profile WHERE account_id = 1 AND archived_at IS NULL \
             ORDER BY created_at DESC, id DESC LIMIT 50",
            "SELECT count(*) FROM script_profile WHERE account_id = 1 AND archived_at IS NULL",
            // The answer says how many computers each of them reaches.
            "SELECT script_profile_id, count(*) FROM script_profile_tag CROSS JOIN computer_tag USING (tag) \
             CROSS JOIN computer ON computer.id = computer_id WHERE state = 'enrolled' AND script_profile_id IN (SELECT id FROM script_profile WHERE account_id = 1 AND archived_at IS NULL \
             ORDER BY created_at DESC, id DESC LIMIT 50) GROUP BY script_profile_id",
        ],
    },
    List {
        name: "Script profiles, all 1,000",
        path: "/api/v2/script-profiles",
        raw: &[
            "SELECT * FROM script_profile WHERE account_id = 1 AND archived_at IS NULL \
             ORDER BY created_at DESC, id DESC LIMIT 1000",
            // As many different tags as they have among them.
            "SELECT tag, count(*) FROM computer_tag CROSS JOIN computer ON computer.id = computer_id \
             WHERE state = 'enrolled' AND tag IN (SELECT tag FROM script_profile_tag) GROUP BY tag",
        ],
    },
];

async fn everything(options: &Options) -> Result<()> {
    let (size, lasting) =
        if options.quick { (fill::QUICK, Duration::from_millis(500)) } else { (fill::FULL, Duration::from_secs(5)) };
    let data = options.folder.join("data");
    println!("Measured on {}.\n", machine());

    let server = Server::start(&options.binary, &data).await?;
    let first_start = server.started_in;
    let memory_new = server.memory()?;
    eprintln!("filling …");
    let before = now();
    let filled = fill::fill(&server, &data, size).await?;
    println!(
        "{} computers, {} profiles and {} activities, made through the API in {:.0} s.\n",
        size.computers,
        size.profiles,
        size.activities,
        before.elapsed().as_secs_f64()
    );
    server.stop().await?;
    conductor::fill(&data, size.computers).await?;

    let server = Server::start(&options.binary, &data).await?;
    let start = server.started_in;
    let memory_rest = server.memory()?;
    server.forget_peak()?;
    eprintln!("lists …");
    let requests = requests(&server, &data, &options.folder, &filled, lasting).await?;
    requests.print();
    let memory_load = server.peak_memory()?;
    let exchanges = exchanges(&server, filled.agents, lasting).await?;
    let memory_agents = server.peak_memory()?;

    eprintln!("due …");
    let times = if options.quick { 2 } else { 10 };
    let due = due::measure(&options.binary, &server, &options.folder, &filled.registration_key, times).await?;

    let mut table = Table::new(&["what", "figure"]);
    let mut line = |name: &str, figure: String| table.row([name.to_owned(), figure]);
    line("Start on an empty folder, to the first answer", milliseconds(first_start));
    line("Start on the filled one, to the first answer", milliseconds(start));
    line("Memory after the first start", format!("{memory_new:.0} MiB"));
    line("Memory after a start on the filled folder, at rest", format!("{memory_rest:.0} MiB"));
    line("Most memory while lists, profiles and sign-ins are measured", format!("{memory_load:.0} MiB"));
    line(&format!("Most memory with {} agents as well", size.agents), format!("{memory_agents:.0} MiB"));
    line(&format!("Exchanges of {} agents", size.agents), rate(exchanges.per_second()));
    line("… each of them, p50", milliseconds(exchanges.percentile(50)));
    line("… each of them, p99", milliseconds(exchanges.percentile(99)));
    line(&format!("From due to the script's start, median of {}", due.count()), milliseconds(due.percentile(50)));
    line("… at most", milliseconds(due.percentile(100)));
    table.print();

    console(options, &server).await?;
    server.stop().await
}

async fn requests(server: &Server, data: &Path, folder: &Path, filled: &Filled, lasting: Duration) -> Result<Table> {
    let mut table = Table::new(&[
        "request",
        "p50",
        "p99",
        "rate",
        "bare p50",
        "bare p99",
        "bare rate",
        "raw p50",
        "raw p99",
        "raw rate",
        "× limit",
    ]);
    let admin = server.log_in().await?;
    let headers = [("authorization", admin.authorization.as_str())];
    // As `cfy` and curl do it: the password with every request.
    let basic = format!("Basic {}", STANDARD.encode(format!("admin:{PASSWORD}")));
    let in_tenant = [("authorization", basic.as_str()), ("tenant", conductor::TENANT)];
    let lists = LISTS.iter().map(|list| (list, &headers[..]));
    for (list, headers) in lists.chain(conductor::LISTS.iter().map(|list| (list, &in_tenant[..]))) {
        let bytes: Arc<[u8]> = request("GET", list.path, headers, b"").into();
        let answer = Connection::open(&server.address).await?.succeed(&bytes).await?.to_vec();
        let ours = both(AT_ONCE, lasting, async || Request::new(&server.address, Arc::clone(&bytes)).await).await?;
        let bare = Bare::start(folder, &answer).await?;
        let bare = both(AT_ONCE, lasting, async || Request::new(&bare.address, Arc::clone(&bytes)).await).await?;
        let raw = both(AT_ONCE, lasting, async || RawRead::new(data, list.raw).await).await?;
        add(&mut table, list.name, &ours, &bare, &raw);
    }

    let number = Arc::new(AtomicUsize::new(0));
    let make = async || {
        Ok(Creation {
            connection: Connection::open(&server.address).await?,
            authorization: admin.authorization.clone(),
            script_id: filled.script_id,
            number: Arc::clone(&number),
        })
    };
    let ours = both(AT_ONCE, lasting, make).await?;
    let bytes: Arc<[u8]> = request("POST", "/", &headers, fill::new_profile(1, "x", 0).as_bytes()).into();
    let bare = Bare::start(folder, &[b'x'; 500]).await?;
    let bare = both(AT_ONCE, lasting, async || Request::new(&bare.address, Arc::clone(&bytes)).await).await?;
    // One at a time, also in the server: SQLite has one writer.
    let raw =
        run(vec![RawWrite::new(folder, data, &["script_profile", "script_profile_tag", "event"]).await?], lasting)
            .await?;
    add(&mut table, "A new script profile", &ours, &bare, &Figures { alone: raw.clone(), together: raw });

    let body = serde_json::json!({"identity": "admin", "password": PASSWORD}).to_string();
    let bytes: Arc<[u8]> = request("POST", "/api/v2/login", &[], body.as_bytes()).into();
    let answer = Connection::open(&server.address).await?.succeed(&bytes).await?.to_vec();
    let ours = both(AT_ONCE, lasting, async || Request::new(&server.address, Arc::clone(&bytes)).await).await?;
    let bare = Bare::start(folder, &answer).await?;
    let bare = both(AT_ONCE, lasting, async || Request::new(&bare.address, Arc::clone(&bytes)).await).await?;
    let check = PasswordCheck::new(PASSWORD).await?;
    let raw = both(AT_ONCE, lasting, async || Ok(check.clone())).await?;
    add(&mut table, "Sign in (raw: the password's hash alone)", &ours, &bare, &raw);
    Ok(table)
}

/// A row with how far the server is from its limit: one bare answer and one raw read.
fn add(table: &mut Table, name: &str, ours: &Figures, bare: &Figures, raw: &Figures) {
    let limit = bare.alone.percentile(50) + raw.alone.percentile(50);
    let ratio = ours.alone.percentile(50).as_secs_f64() / limit.as_secs_f64();
    let mark = if ratio > TOO_FAR { " !" } else { "" };
    let figures = [ours, bare, raw].into_iter().flat_map(cells);
    table.row([name.to_owned()].into_iter().chain(figures).chain([format!("{ratio:.1}{mark}")]));
}

/// Makes a profile after the other.
struct Creation {
    connection: Connection,
    authorization: String,
    script_id: i64,
    number: Arc<AtomicUsize>,
}

impl Worker for Creation {
    async fn once(&mut self) -> Result<()> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let body = fill::new_profile(self.script_id, &format!("Measured {number}"), number);
        let headers = [("authorization", self.authorization.as_str())];
        let bytes = request("POST", "/api/v2/script-profiles", &headers, body.as_bytes());
        self.connection.succeed(&bytes).await.map(drop)
    }
}

/// The agents registered at an earlier process of the server; their connections are gone.
async fn exchanges(server: &Server, agents: Vec<Agent>, lasting: Duration) -> Result<measure::Samples> {
    if agents.is_empty() {
        bail!("there are no agents");
    }
    let mut reconnected = Vec::new();
    for agent in agents {
        let mut agent = agent.reconnect(&server.address).await?;
        // What has been waiting for them is no part of an ordinary exchange.
        agent.once().await?;
        agent.once().await?;
        reconnected.push(agent);
    }
    run(reconnected, lasting).await
}

async fn console(options: &Options, server: &Server) -> Result<()> {
    let files = console::files(&options.console)?;
    let mut table = Table::new(&["file", "bytes", "brotli"]);
    for file in &files {
        table.row([file.name.clone(), file.raw.to_string(), file.brotli.to_string()]);
    }
    let sum = |of: fn(&console::File) -> u64| files.iter().map(of).sum::<u64>().to_string();
    table.row(["all".into(), sum(|file| file.raw), sum(|file| file.brotli)]);
    table.print();
    let Some(chromium) = &options.chromium else {
        println!("No Chromium: the browser was not measured.");
        return Ok(());
    };
    eprintln!("browser …");
    let times = if options.quick { 1 } else { 5 };
    let seen = console::open(server, chromium, &options.usable, times).await.context("the console in a browser")?;
    let mut table = Table::new(&["in Chromium, cold, at 10 Mbit/s", "figure"]);
    table.row(["until one can sign in".into(), format!("{:.0} ms", seen.sign_in)]);
    table.row(["until the list of computers is there (signed in)".into(), format!("{:.0} ms", seen.computers)]);
    table.row(["bytes of the first load".into(), format!("{:.0} KiB", seen.bytes / 1024.0)]);
    table.print();
    Ok(())
}
