//! The files of one run: the script, its attachments and its environment.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown},
    path::{Path, PathBuf},
};

use nix::unistd::{User, geteuid};

use sha2::{Digest as _, Sha256};

use crate::{agent::run_as, clock::Random};

/// How the directories of one agent begin, so that its next life can tell them from those of
/// another agent on the same machine.
pub(super) fn prefix(data: &Path) -> String {
    let path = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    format!("binnacle-{}-", hex(digest.get(..6).unwrap_or_default()))
}

/// Removes what an agent left behind that was killed in the middle of a run.
pub(super) fn remove_leftovers(prefix: &str, keep: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(env::temp_dir())?.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(prefix)
            && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw());
        if ours && !keep.contains(&entry.path()) {
            drop(Workspace::at(entry.path()));
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A temporary directory that goes when this value does.
///
/// The outer directory belongs to the agent and holds the environment, which the starting process
/// reads before it becomes the script's user; the inner one belongs to that user.
#[derive(Debug)]
pub(super) struct Workspace {
    directory: PathBuf,
}

impl Workspace {
    /// One that was laid out before.
    pub(super) fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Leaves the files to whoever watches the script.
    pub(super) fn leave(self) {
        std::mem::forget(self);
    }

    /// Lays everything out. The error is a text for the result of the operation.
    pub(super) async fn create(
        prefix: &str,
        random: &dyn Random,
        user: User,
        script: Vec<u8>,
        attachments: BTreeMap<String, Vec<u8>>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let mut name = [0_u8; 12];
        random.fill(&mut name);
        let directory = env::temp_dir().join(format!("{prefix}{}", hex(&name)));
        let made = tokio::task::spawn_blocking(move || {
            let workspace = Self { directory };
            workspace.fill(&user, &script, &attachments, environment)?;
            Ok(workspace)
        });
        made.await.map_err(|error| error.to_string())?
    }

    fn fill(
        &self,
        user: &User,
        script: &[u8],
        attachments: &BTreeMap<String, Vec<u8>>,
        mut environment: BTreeMap<String, String>,
    ) -> Result<(), String> {
        let failed = |error: io::Error| format!("The script's files could not be written: {error}");
        DirBuilder::new().mode(0o700).create(&self.directory).map_err(failed)?;
        // Others may pass through the outer directory, but not list it; whatever mask the agent has.
        fs::set_permissions(&self.directory, Permissions::from_mode(0o711)).map_err(failed)?;
        DirBuilder::new().mode(0o700).create(self.inner()).map_err(failed)?;
        write(&self.script(), 0o700, script, user).map_err(failed)?;
        if !attachments.is_empty() {
            let folder = self.inner().join("attachments");
            DirBuilder::new().mode(0o700).create(&folder).map_err(failed)?;
            for (name, content) in attachments {
                if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
                    return Err(format!("An attachment cannot have the name {name:?}."));
                }
                write(&folder.join(name), 0o600, content, user).map_err(failed)?;
            }
            give(&folder, user).map_err(failed)?;
            let path = folder.to_string_lossy().into_owned();
            environment.entry("LANDSCAPE_ATTACHMENTS".to_owned()).or_insert(path);
        }
        let file = run_as::format(&environment)?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.environment())
            .and_then(|mut target| target.write_all(&file))
            .map_err(failed)?;
        // Last, because from here on the user may change what is inside.
        give(&self.inner(), user).map_err(failed)
    }

    fn inner(&self) -> PathBuf {
        self.directory.join("run")
    }

    /// The file to start.
    pub(super) fn script(&self) -> PathBuf {
        self.inner().join("script")
    }

    /// The file that holds the environment.
    pub(super) fn environment(&self) -> PathBuf {
        self.directory.join("environment")
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, directory = %self.directory.display(), "a script's files were not removed");
            }
            _ => {}
        }
    }
}

fn write(path: &Path, mode: u32, content: &[u8], user: &User) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content)?;
    if geteuid().is_root() {
        fchown(&file, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    Ok(())
}

fn give(path: &Path, user: &User) -> io::Result<()> {
    if geteuid().is_root() { chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())) } else { Ok(()) }
}
