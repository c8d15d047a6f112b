//! The process that watches one script to its end.
//!
//! It is not the agent, so that a script comes to its end, or to its time limit, also when the
//! agent is restarted or killed. What it sees is in files of its folder; the agent reads them, in
//! this life or the next.

use std::{
    fs::{File, OpenOptions},
    io::{self, PipeReader, Read, Write},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Sender},
    thread,
    time::Duration,
};

use nix::{
    errno::Errno,
    sys::{
        prctl,
        signal::{Signal, kill, killpg},
        wait::{WaitStatus, waitpid},
    },
    unistd::{Pid, getpid, setsid},
};

use super::{
    process,
    script::spool::{Ending, Spool, Status},
};

/// How long output is still read after the script's own process has ended, when something it left
/// in the background keeps its output open.
const GRACE: Duration = Duration::from_secs(1);

/// Watches over one script. Started by the agent, not by people.
#[derive(Debug, clap::Args)]
pub struct Supervise {
    /// The folder of this run
    #[arg(long)]
    pub spool: PathBuf,

    /// The user the script runs as
    #[arg(long)]
    pub user: String,

    /// A file with the script's environment
    #[arg(long)]
    pub environment: PathBuf,

    /// Seconds until the script is killed
    #[arg(long)]
    pub time_limit: Option<u64>,

    /// Bytes of output that are kept
    #[arg(long)]
    pub output_limit: u64,

    /// The script
    pub program: PathBuf,
}

/// What can happen to a script.
enum Event {
    Ended(Ending),
    OutputClosed(io::Result<()>),
    TimeUp,
    GraceOver,
}

/// Runs the script and writes down how it went.
pub fn supervise(arguments: &Supervise) -> io::Result<()> {
    let spool = Spool::at(&arguments.spool);
    // A session of its own: neither the agent's terminal nor its group reach the script. It fails
    // only for a process that leads its group already, which is as good.
    let _ = setsid();
    // What leaves the script's process group stays below this process, where it can be found.
    prctl::set_child_subreaper(true)?;
    spool.reserve_status()?;
    let (events, happened) = mpsc::channel();
    let (child, reader, output) = match begin(arguments, &spool) {
        Ok(begun) => begun,
        Err(error) => return spool.write_status(&Status { ending: Ending::NotStarted(error.to_string()), note: None }),
    };
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    // Only somebody who kills this process makes the agent look for it; the script runs already.
    let _ = spool.write_group(group);
    watch_output(reader, output, arguments.output_limit, events.clone());
    watch_child(group, events.clone());
    if let Some(seconds) = arguments.time_limit {
        timer(Duration::from_secs(seconds), Event::TimeUp, events.clone());
    }
    let (mut ending, mut open, mut limited, mut note) = (None, true, false, None);
    while ending.is_none() || open {
        match happened.recv() {
            Ok(Event::Ended(how)) => {
                ending = Some(how);
                timer(GRACE, Event::GraceOver, events.clone());
            }
            Ok(Event::OutputClosed(result)) => {
                open = false;
                if let Err(error) = result {
                    note = Some(format!("The rest of the output could not be kept: {error}"));
                    // The end has to be written down, and the agent has to store it, on the same disk.
                    halve(&spool.output());
                }
            }
            Ok(Event::TimeUp) if ending.is_none() => {
                limited = true;
                kill_all(group);
            }
            Ok(Event::TimeUp) => {}
            Ok(Event::GraceOver) => open = false,
            // The senders live as long as this loop.
            Err(_) => break,
        }
    }
    let failure = spool.failure();
    let ending = match ending {
        _ if limited => Ending::TimeLimit,
        _ if failure.is_some() => Ending::NotStarted(failure.unwrap_or_default()),
        Some(ending) => ending,
        None => Ending::NotStarted("it could not be watched".to_owned()),
    };
    spool.write_status(&Status { ending, note })
}

fn begin(arguments: &Supervise, spool: &Spool) -> io::Result<(Child, PipeReader, File)> {
    let output = private(&spool.output())?;
    let (reader, writer) = io::pipe()?;
    spool.mark_begun()?;
    Ok((spawn(arguments, spool, writer)?, reader, output))
}

#[allow(clippy::disallowed_methods, reason = "a process of its own, with nothing else to do")]
fn spawn(arguments: &Supervise, spool: &Spool, writer: io::PipeWriter) -> io::Result<Child> {
    Command::new("/proc/self/exe")
        .arg("run-as")
        .arg("--user")
        .arg(&arguments.user)
        .arg("--environment")
        .arg(&arguments.environment)
        .arg("--failure")
        .arg(spool.failure_file())
        .arg(&arguments.program)
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
}

/// Gives half of what a file takes back to its disk. That fails where nothing can be mended.
fn halve(path: &std::path::Path) {
    if let Ok(file) = OpenOptions::new().write(true).open(path)
        && let Ok(found) = file.metadata()
    {
        let _ = file.set_len(found.len() / 2);
    }
}

fn private(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Keeps output up to the limit and one byte more, which tells that there was more. The rest is
/// read and forgotten, so that the script can go on.
fn watch_output(mut reader: PipeReader, mut output: File, limit: u64, events: Sender<Event>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        let mut room = usize::try_from(limit.saturating_add(1)).unwrap_or(usize::MAX);
        let mut kept = Ok(());
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let taken = length.min(room);
                    if kept.is_ok() && taken > 0 {
                        kept = output.write_all(buffer.get(..taken).unwrap_or_default());
                    }
                    room -= taken;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // Nobody waits any more when this fails.
        let _ = events.send(Event::OutputClosed(kept));
    });
}

/// Waits for the script, and for what it left behind to become this process's children.
fn watch_child(child: Pid, events: Sender<Event>) {
    thread::spawn(move || {
        loop {
            let ending = match waitpid(None, None) {
                Ok(WaitStatus::Exited(pid, code)) if pid == child => Ending::Exit(code),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => Ending::Signal(signal as i32),
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(_) => return,
            };
            let _ = events.send(Event::Ended(ending));
        }
    });
}

fn timer(duration: Duration, event: Event, events: Sender<Event>) {
    thread::spawn(move || {
        thread::sleep(duration);
        let _ = events.send(event);
    });
}

/// Kills the script and everything that came of it, wherever it went.
fn kill_all(group: Pid) {
    // A process that forks faster than this looks would win a few rounds, not all of them.
    for _ in 0..200 {
        let _ = killpg(group, Signal::SIGKILL);
        let alive = process::descendants(getpid());
        if alive.is_empty() {
            return;
        }
        for pid in alive {
            let _ = kill(pid, Signal::SIGKILL);
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Reads a file of at most so many bytes.
pub(super) fn read_bounded(path: &std::path::Path, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
