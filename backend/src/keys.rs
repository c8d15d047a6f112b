//! The server's own keys. They live in a file beside the database, so that a copy of the
//! database alone opens nothing.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use crate::clock::Random;

const FILE: &str = "keys.json";
const NONCE_BYTES: usize = 24;
/// Marks how a text was encrypted, so that another way can follow.
const PREFIX: &str = "x1:";

/// Keys for signing tokens, encrypting values and guarding sessions.
#[derive(Clone)]
pub struct Keys {
    signing: [u8; 32],
    encryption: [u8; 32],
    session: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    signing: String,
    encryption: String,
    session: String,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} can be read by other users (mode {mode:03o}); run: chmod 600 {path}")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{path} is damaged ({what}); restore it from a backup: without it encrypted values are lost")]
    Damaged { path: PathBuf, what: &'static str },
    #[error("a stored secret cannot be decrypted: it was encrypted with other keys, or was changed")]
    Decrypt,
    #[error("a secret cannot be encrypted")]
    Encrypt,
}

impl Keys {
    /// New keys.
    pub fn generate(random: &dyn Random) -> Self {
        let key = || {
            let mut bytes = [0; 32];
            random.fill(&mut bytes);
            bytes
        };
        Self { signing: key(), encryption: key(), session: key() }
    }

    /// Reads the keys of a data directory, which is made with new keys if it is not there.
    pub fn open(directory: &Path, random: &dyn Random) -> Result<Self, KeyError> {
        let path = directory.join(FILE);
        let io = |source| KeyError::Io { path: path.clone(), source };
        if !path.exists() {
            if !directory.exists() {
                fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(directory)
                    .map_err(|source| KeyError::Io { path: directory.to_owned(), source })?;
            }
            Self::generate(random).write(&path, random).map_err(io)?;
        }
        let file = File::open(&path).map_err(io)?;
        let mode = file.metadata().map_err(io)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path, mode });
        }
        let damaged = |what| KeyError::Damaged { path: path.clone(), what };
        let stored: Stored =
            serde_json::from_reader(file).map_err(|_| damaged("it is not the JSON that was written"))?;
        if stored.version != 1 {
            return Err(damaged("its version is not known"));
        }
        let key = |text: &str| -> Result<[u8; 32], KeyError> {
            let bytes = BASE64.decode(text).map_err(|_| damaged("a key is not base64"))?;
            bytes.try_into().map_err(|_| damaged("a key has not 32 bytes"))
        };
        Ok(Self {
            signing: key(&stored.signing)?,
            encryption: key(&stored.encryption)?,
            session: key(&stored.session)?,
        })
    }

    /// Writes the whole file under another name and links it into place: two servers that start
    /// together end with the same keys, and a crash leaves no half of a file.
    fn write(&self, path: &Path, random: &dyn Random) -> io::Result<()> {
        let stored = Stored {
            version: 1,
            signing: BASE64.encode(self.signing),
            encryption: BASE64.encode(self.encryption),
            session: BASE64.encode(self.session),
        };
        let mut suffix = [0; 8];
        random.fill(&mut suffix);
        let temporary = path.with_extension(format!("{:016x}", u64::from_le_bytes(suffix)));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        let result = serde_json::to_vec_pretty(&stored)
            .map_err(io::Error::from)
            .and_then(|bytes| file.write_all(&bytes))
            .and_then(|()| file.sync_all())
            .and_then(|()| match fs::hard_link(&temporary, path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                other => other,
            });
        fs::remove_file(&temporary)?;
        if let Some(directory) = path.parent() {
            File::open(directory)?.sync_all()?;
        }
        result
    }

    /// Signs tokens.
    pub const fn signing(&self) -> &[u8; 32] {
        &self.signing
    }

    /// Derives the tokens that guard a session.
    pub const fn session(&self) -> &[u8; 32] {
        &self.session
    }

    /// Encrypts a value. It can only be decrypted for the same context, so that a stored value
    /// cannot be moved to another place.
    pub fn encrypt(&self, random: &dyn Random, context: &str, plain: &str) -> Result<String, KeyError> {
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce);
        let cipher = XChaCha20Poly1305::new(&self.encryption.into());
        let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| KeyError::Encrypt)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("{PREFIX}{}", BASE64.encode(bytes)))
    }

    /// Gives back what [`Self::encrypt`] was given.
    pub fn decrypt(&self, context: &str, sealed: &str) -> Result<String, KeyError> {
        let encoded = sealed.strip_prefix(PREFIX).ok_or(KeyError::Decrypt)?;
        let bytes = BASE64.decode(encoded).map_err(|_| KeyError::Decrypt)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(KeyError::Decrypt)?;
        let cipher = XChaCha20Poly1305::new(&self.encryption.into());
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let plain = cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| KeyError::Decrypt)?;
        String::from_utf8(plain).map_err(|_| KeyError::Decrypt)
    }
}

/// The context of an access key's secret.
pub fn access_key_context(access_key: &str) -> String {
    format!("access_key.secret_key:{access_key}")
}

/// The context of the password that a tenant has at the message broker.
pub fn broker_context(tenant: &str) -> String {
    format!("broker password of tenant {tenant}")
}

/// The context of a secret's value. Neither the tenant's number nor the key ever changes.
pub fn secret_value_context(tenant_id: i64, key: &str) -> String {
    format!("secret.value:{tenant_id}:{key}")
}

/// The context of what a secret tells its provider.
pub fn secret_options_context(tenant_id: i64, key: &str) -> String {
    format!("secret.provider_options:{tenant_id}:{key}")
}

/// The context of a secrets provider's connection parameters.
pub fn secrets_provider_context(tenant_id: i64, name: &str) -> String {
    format!("secrets_provider.parameters:{tenant_id}:{name}")
}

/// The context of the password of the account that looks people up in a directory.
pub fn ldap_context() -> String {
    "ldap.password".to_owned()
}

/// The context of an account's registration key.
pub fn registration_key_context(account: &str) -> String {
    format!("account.registration_key:{account}")
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::{KeyError, Keys};
    use crate::clock::SystemRandom;

    #[test]
    fn keys_are_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = Keys::open(&data, &SystemRandom).unwrap();
        let second = Keys::open(&data, &SystemRandom).unwrap();
        assert_eq!(first.signing, second.signing);
        let mode = fs::metadata(data.join("keys.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn keys_that_others_can_read_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        Keys::open(dir.path(), &SystemRandom).unwrap();
        let file = dir.path().join("keys.json");
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let message = Keys::open(dir.path(), &SystemRandom).unwrap_err().to_string();
        assert!(message.contains("run: chmod 600"), "{message}");
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, "{}").unwrap();
        assert!(matches!(Keys::open(dir.path(), &SystemRandom), Err(KeyError::Damaged { .. })));
    }

    #[test]
    fn a_value_is_read_only_in_its_own_context() {
        let keys = Keys::generate(&SystemRandom);
        let sealed = keys.encrypt(&SystemRandom, "a", "plain").unwrap();
        assert!(!sealed.contains("plain"));
        assert_eq!(keys.decrypt("a", &sealed).unwrap(), "plain");
        assert!(keys.decrypt("b", &sealed).is_err());
        assert!(Keys::generate(&SystemRandom).decrypt("a", &sealed).is_err());
        assert!(keys.decrypt("a", "x1:").is_err());
        assert_eq!(format!("{keys:?}"), "Keys(…)");
    }
}
