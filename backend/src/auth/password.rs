//! Passwords, kept as argon2id hashes.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use crate::clock::{Clock, Random};

/// So many hashes at most are made at the same time, and never more than there are processors.
const AT_ONCE: usize = 4;
/// 33 MiB. What is larger than 32 MiB, glibc gives back to the system at once; smaller pieces stay
/// with the thread that had them, and every thread had one sooner or later. Only what is used of
/// it takes memory.
const GIVEN_BACK: usize = (33 << 20) / Block::SIZE;
/// How long the memory of the last hash is kept for another.
const KEPT: Duration = Duration::from_secs(10);

/// Why a password cannot be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has {} to {} characters", .0.start(), .0.end())]
    Length(RangeInclusive<usize>),
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// Hashes and checks passwords, away from the threads that serve requests.
#[derive(Clone, Debug)]
pub struct Passwords {
    room: Arc<Room>,
    params: Params,
}

/// Where hashes are made. One takes 19 MiB, and to get those from the system takes as long as the
/// hash itself: the memory goes from one to the next, and back when there has been none for a while.
#[derive(Debug)]
struct Room {
    gate: Arc<Semaphore>,
    memory: Mutex<Memory>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Memory {
    spare: Vec<Vec<Block>>,
    /// How many hashes have been made.
    made: u64,
}

impl Room {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let spare = self.memory().spare.pop();
        let mut blocks = spare.unwrap_or_else(|| Vec::with_capacity(GIVEN_BACK));
        let done = work(&mut blocks);
        let mut memory = self.memory();
        memory.spare.push(blocks);
        memory.made += 1;
        done
    }

    /// Counts from the call on, not from when somebody first waits for it.
    fn empty_when_idle(self: Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let made = self.memory().made;
        let kept = self.clock.sleep(KEPT);
        async move {
            kept.await;
            let mut memory = self.memory();
            if memory.made == made {
                memory.spare.clear();
            }
        }
    }
}

impl Passwords {
    /// Hashing with the recommended cost.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_params(clock, Params::DEFAULT)
    }

    /// Hashing with another cost than the recommended one.
    pub fn with_params(clock: Arc<dyn Clock>, params: Params) -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let gate = Arc::new(Semaphore::new(processors.min(AT_ONCE)));
        Self { room: Arc::new(Room { gate, memory: Mutex::default(), clock }), params }
    }

    /// The hash to store of a password that has one of these lengths: whoever sets one says by
    /// whose rule.
    pub async fn hash(
        &self,
        random: &dyn Random,
        password: String,
        lengths: &RangeInclusive<usize>,
    ) -> Result<String, PasswordError> {
        if !lengths.contains(&password.chars().count()) {
            return Err(PasswordError::Length(lengths.clone()));
        }
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let params = self.params.clone();
        self.work(move |memory| {
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params).map_err(lost)?,
                salt: Some(Salt::new(&salt).map_err(lost)?),
                hash: Some(output(params, password.as_bytes(), &salt, memory)?),
            };
            Ok(hash.to_string())
        })
        .await?
    }

    /// Whether the password fits the hash. Without a hash (nobody has that name, or the person
    /// has no password) the same work is done for nothing: time tells no one who exists.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        let params = self.params.clone();
        self.work(move |memory| {
            let Some(hash) = hash else {
                output(params, password.as_bytes(), &[0; 16], memory)?;
                return Ok(false);
            };
            let Ok(hash) = PasswordHash::new(&hash) else { return Ok(false) };
            let (Some(salt), Some(expected), Ok(params)) = (hash.salt, hash.hash, Params::try_from(&hash)) else {
                return Ok(false);
            };
            // Takes as long whatever differs: that is how these two are compared.
            Ok(output(params, password.as_bytes(), &salt, memory)? == expected)
        })
        .await?
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let room = Arc::clone(&self.room);
        let place = Arc::clone(&room.gate).acquire_owned().await.map_err(lost)?;
        // Goes on when whoever asked hangs up, and keeps its place until it has ended.
        let done = tokio::task::spawn_blocking(move || {
            let done = room.with(work);
            drop(place);
            tokio::spawn(room.empty_when_idle());
            done
        });
        done.await.map_err(lost)
    }
}

/// Longest text of a hash, and what checking it may cost: more than anybody uses, and not so much
/// that one sign-in takes the server's memory or minutes of its time.
const HASH_MAX: usize = 512;
const COST_MAX: (u32, u32, u32) = (128 * 1024, 16, 16);

/// Whether a hash that was made elsewhere can be kept here: argon2id of version 19, in the PHC form
/// (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`).
pub fn is_usable(hash: &str) -> bool {
    let Some(parsed) = (hash.len() <= HASH_MAX).then(|| PasswordHash::new(hash).ok()).flatten() else { return false };
    let Ok(params) = Params::try_from(&parsed) else { return false };
    let (memory, passes, lanes) = COST_MAX;
    parsed.algorithm == Algorithm::Argon2id.ident()
        && parsed.version == Some(Version::V0x13.into())
        && parsed.salt.is_some()
        && parsed.hash.is_some()
        && params.m_cost() <= memory
        && params.t_cost() <= passes
        && params.p_cost() <= lanes
}

fn lost(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Hash(error.to_string())
}

/// What the password gives with this salt. All hashes are argon2id of version 19.
fn output(params: Params, password: &[u8], salt: &[u8], memory: &mut Vec<Block>) -> Result<Output, PasswordError> {
    let (blocks, length) = (params.block_count(), params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN));
    memory.resize(blocks.max(memory.len()), Block::default());
    let mut out = vec![0; length];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, &mut out, memory.as_mut_slice())
        .map_err(lost)?;
    Output::new(&out).map_err(lost)
}

/// A password that nobody can guess and anybody can type: 20 characters without look-alikes.
pub fn generate(random: &dyn Random) -> String {
    pick(random, b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 20)
}

/// A word of so many characters out of an alphabet of at most 256.
pub fn pick(random: &dyn Random, alphabet: &[u8], length: usize) -> String {
    // Bytes beyond the last whole multiple would favour the first characters.
    let fair = 256 - 256 % alphabet.len().max(1);
    let mut word = String::with_capacity(length);
    while word.len() < length {
        let mut byte = [0];
        random.fill(&mut byte);
        let value = usize::from(byte[0]);
        if value < fair
            && let Some(c) = alphabet.get(value % alphabet.len().max(1))
        {
            word.push(char::from(*c));
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use argon2::Params;
    use tokio::sync::oneshot;

    use super::{KEPT, PasswordError, Passwords, generate, is_usable};
    use crate::clock::{SystemClock, SystemRandom};

    fn passwords() -> Passwords {
        Passwords::new(Arc::new(SystemClock))
    }

    fn cheap() -> Passwords {
        let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
        Passwords::with_params(Arc::new(SystemClock), params)
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = passwords();
        let hash = passwords.hash(&SystemRandom, "correct horse".into(), &(8..=200)).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn the_recommendation_of_the_standard_gives_its_known_hash() {
        let passwords = passwords();
        // Made by the reference implementation, with the salt "somesaltsomesalt".
        let known = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$k9ohroejZy1PN5E1SbHNPug6vB8eQAahb5SOAp6iGF4";
        for _ in 0..2 {
            assert!(passwords.verify("correct horse".into(), Some(known.into())).await.unwrap());
        }
        // With the memory that they left behind, another cost and another password.
        let cheap = Passwords { params: cheap().params, ..passwords.clone() };
        let hash = cheap.hash(&SystemRandom, "another horse".into(), &(8..=200)).await.unwrap();
        assert!(passwords.verify("another horse".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_is_given_back_when_nobody_signs_in() {
        let passwords = cheap();
        let spare = || passwords.room.memory().spare.len();
        passwords.verify("correct horse".into(), None).await.unwrap();
        let first = Arc::clone(&passwords.room).empty_when_idle();
        tokio::time::advance(KEPT / 2).await;
        passwords.verify("correct horse".into(), None).await.unwrap();
        first.await;
        assert_eq!(spare(), 1, "the second one used what the first one left, and it is still there");
        Arc::clone(&passwords.room).empty_when_idle().await;
        assert_eq!(spare(), 0);
    }

    #[tokio::test]
    async fn who_hangs_up_makes_no_room_for_more() {
        let passwords = passwords();
        let gate = Arc::clone(&passwords.room.gate);
        let places = gate.available_permits();
        let (go_on, held) = mpsc::channel::<()>();
        let (started, begun) = oneshot::channel();
        let asked = tokio::spawn(async move {
            let hold = move |_: &mut Vec<_>| {
                started.send(()).unwrap();
                // Ends with an error when the other end is dropped.
                held.recv().unwrap_err();
            };
            passwords.work(hold).await
        });
        begun.await.unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        assert_eq!(gate.available_permits(), places - 1);
        drop(go_on);
        gate.acquire_many(u32::try_from(places).unwrap()).await.unwrap().forget();
    }

    #[tokio::test]
    async fn the_length_is_what_the_rule_says_in_characters() {
        let passwords = cheap();
        for (password, taken) in [("ä", false), ("äö", true), ("äöü", true), ("äöüß", false)] {
            let result = passwords.hash(&SystemRandom, password.into(), &(2..=3)).await;
            match result {
                Ok(hash) => {
                    assert!(taken && passwords.verify(password.into(), Some(hash)).await.unwrap(), "{password}");
                }
                Err(PasswordError::Length(rule)) => assert!(!taken && rule == (2..=3), "{password}"),
                Err(error) => panic!("{password}: {error}"),
            }
        }
    }

    #[test]
    fn hashes_of_others_are_kept_if_they_can_be_checked() {
        let tail = "c29tZXNhbHRzb21lc2FsdA$k9ohroejZy1PN5E1SbHNPug6vB8eQAahb5SOAp6iGF4";
        for good in ["$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=65536,t=3,p=4$"] {
            assert!(is_usable(&format!("{good}{tail}")), "{good}");
        }
        for bad in [
            "$argon2i$v=19$m=19456,t=2,p=1$",
            "$argon2id$v=16$m=19456,t=2,p=1$",
            "$argon2id$m=19456,t=2,p=1$",
            "$argon2id$v=19$m=4194304,t=2,p=1$",
            "$argon2id$v=19$m=19456,t=900,p=1$",
            "$2b$12$",
            "",
        ] {
            assert!(!is_usable(&format!("{bad}{tail}")), "{bad}");
        }
        assert!(!is_usable("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA"));
        assert!(!is_usable("$pbkdf2-sha256$i=600000$c29tZXNhbHQ$k9ohroejZy1PN5E1SbHNPg"));
        assert!(!is_usable(&"$".repeat(10_000)));
    }

    #[test]
    fn generated_passwords_differ() {
        let (a, b) = (generate(&SystemRandom), generate(&SystemRandom));
        assert_eq!(a.len(), 20);
        assert_ne!(a, b);
    }
}
