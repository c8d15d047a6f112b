//! The form in which secrets travel from one manager to another, under a passphrase.
//!
//! It is that of Cloudify's managers, so that exports can be read on both sides: a key of 64
//! bytes from the passphrase, and Fernet tokens made with AES-256 instead of AES-128.

use std::fmt;

use aes::Aes256;
use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use pbkdf2::pbkdf2_hmac_array;
use sha2::Sha256;

use crate::clock::Random;

/// The managers' salt is the same for everybody; only the passphrase keeps a key apart.
const SALT: &[u8] = b"salt_";
const ROUNDS: u32 = 100_000;

const VERSION: u8 = 0x80;
const IV_BYTES: usize = 16;
const TAG_BYTES: usize = 32;
/// Version, time, initialisation vector.
const HEAD_BYTES: usize = 1 + 8 + IV_BYTES;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why an exported value cannot be read. Which of the two it is cannot be told: without the key,
/// a token that was changed looks like one of another passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    #[error("the value is not encrypted in the form of an export")]
    Form,
    #[error("the passphrase is not the one the value was exported with, or the value is damaged")]
    Passphrase,
}

/// What a passphrase opens.
pub struct ShareKey {
    /// Filled up with zeros to a block, as HMAC does with shorter keys.
    signing: [u8; 64],
    encryption: [u8; 32],
}

impl fmt::Debug for ShareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareKey(…)")
    }
}

impl ShareKey {
    /// Derives the key. This takes a good part of a second's hundredths on purpose: make one for
    /// a whole export or import, and not on a thread that serves requests.
    pub fn from_passphrase(passphrase: &str) -> Self {
        let bytes: [u8; 64] = pbkdf2_hmac_array::<Sha256, 64>(passphrase.as_bytes(), SALT, ROUNDS);
        let (mut signing, mut encryption) = ([0; 64], [0; 32]);
        signing[..32].copy_from_slice(&bytes[..32]);
        encryption.copy_from_slice(&bytes[32..]);
        Self { signing, encryption }
    }

    /// Encrypts a value.
    pub fn encrypt(&self, now: Timestamp, random: &dyn Random, plain: &str) -> String {
        let mut iv = [0; IV_BYTES];
        random.fill(&mut iv);
        let mut token = vec![VERSION];
        token.extend(u64::try_from(now.as_second()).unwrap_or_default().to_be_bytes());
        token.extend(iv);
        let cipher = cbc::Encryptor::<Aes256>::new(&self.encryption.into(), &iv.into());
        token.extend(cipher.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()));
        let tag = self.mac(&token).finalize().into_bytes();
        token.extend(tag);
        BASE64.encode(token)
    }

    /// Gives back what was encrypted under the same passphrase.
    pub fn decrypt(&self, token: &str) -> Result<String, ShareError> {
        let token = BASE64.decode(token.trim()).map_err(|_| ShareError::Form)?;
        let (signed, tag) = token.split_last_chunk::<TAG_BYTES>().ok_or(ShareError::Form)?;
        let (head, sealed) = signed.split_first_chunk::<HEAD_BYTES>().ok_or(ShareError::Form)?;
        if head[0] != VERSION {
            return Err(ShareError::Form);
        }
        self.mac(signed).verify_slice(tag).map_err(|_| ShareError::Passphrase)?;
        let mut iv = [0; IV_BYTES];
        iv.copy_from_slice(&head[HEAD_BYTES - IV_BYTES..]);
        let cipher = cbc::Decryptor::<Aes256>::new(&self.encryption.into(), &iv.into());
        let plain = cipher.decrypt_padded_vec::<Pkcs7>(sealed).map_err(|_| ShareError::Passphrase)?;
        String::from_utf8(plain).map_err(|_| ShareError::Form)
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        Hmac::<Sha256>::new(&self.signing.into()).chain_update(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::SystemRandom;

    /// Counts up, as the test tokens do.
    #[derive(Debug)]
    struct Counting;

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(0..) {
                *byte = value;
            }
        }
    }

    static KEY: LazyLock<ShareKey> = LazyLock::new(|| ShareKey::from_passphrase("a passphrase of some length"));

    /// Made by cloudify-common 7.0.5 on cryptography 48.0.0, with time and vector set.
    const TOKENS: [(&str, &str); 2] = [
        (
            "Grüße, 秘密",
            "gAAAAABfXhAAAAECAwQFBgcICQoLDA0OD4lkl7MulkzkNKsBwBdYrpD14c0kbYR2zjSTC1JYd1wLQ684a1o9nKfWcumY5rnxbg==",
        ),
        (
            "sixteen bytes ok",
            "gAAAAABfXhAAAAECAwQFBgcICQoLDA0ODyTBuY4RmXtFVDynV235ove6PRQPb8XN_0XqDI4Oa7kJ9BMz6zfZYIt05ppOSxNeeUmN67Tep37m2fV-ZPuYQU4=",
        ),
    ];

    #[test]
    fn the_key_is_the_managers() {
        let key = [&KEY.signing[..32], &KEY.encryption].concat();
        assert_eq!(
            BASE64.encode(key),
            "mdH8knch2pUMjfDwNpGSuZs98coZXnYq54oH6f8tV0TinJJRD7dle71IJfaqBXVY6qbGVJ2HpWHmwpkgwNKYEQ=="
        );
    }

    #[test]
    fn tokens_are_the_managers_in_both_directions() {
        let then = Timestamp::from_second(1_600_000_000).unwrap();
        for (plain, token) in TOKENS {
            assert_eq!(KEY.decrypt(token).as_deref(), Ok(plain));
            assert_eq!(KEY.encrypt(then, &Counting, plain), token);
        }
        // An empty value, and a time at the epoch.
        let empty =
            "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACdFVRmNkDFNQJlCHRPBsUva3jusLkqLMhMwM7z-DSE_V1Qiqsl04WiTpsbr8UppwA==";
        assert_eq!(KEY.decrypt(empty).as_deref(), Ok(""));
    }

    #[test]
    fn another_passphrase_opens_nothing() {
        let other = ShareKey::from_passphrase("a passphrase of some Length");
        assert_eq!(other.decrypt(TOKENS[0].1), Err(ShareError::Passphrase));
    }

    #[test]
    fn each_changed_character_is_noticed() {
        let token = TOKENS[0].1;
        for at in 0..token.len() {
            let mut bytes = token.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(KEY.decrypt(&changed).is_err(), "{at}: {changed}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "plain", "gAAAAABf", "%%%%", "秘密", &TOKENS[0].1[..40]] {
            assert!(KEY.decrypt(text).is_err(), "{text}");
        }
        assert_eq!(KEY.decrypt("plain"), Err(ShareError::Form));
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let now = Timestamp::from_second(1_600_000_000).unwrap();
        assert_ne!(KEY.encrypt(now, &SystemRandom, "a"), KEY.encrypt(now, &SystemRandom, "a"));
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", *KEY), "ShareKey(…)");
    }

    proptest! {
        #[test]
        fn every_value_comes_back(plain in ".{0,200}", second in 0_i64..4_000_000_000) {
            let now = Timestamp::from_second(second).unwrap();
            let token = KEY.encrypt(now, &SystemRandom, &plain);
            prop_assert_eq!(KEY.decrypt(&token), Ok(plain));
        }

        #[test]
        fn any_text_is_taken_without_a_panic(text in ".{0,300}") {
            prop_assert!(KEY.decrypt(&text).is_err());
        }
    }
}
