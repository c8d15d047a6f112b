//! Remembers the browsers that somebody has signed in with, so that a stranger's guesses do not
//! keep that person out (ADR 0012). The cookie opens nothing: it only gives its own tries.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::Random;
use crate::keys::Keys;

/// Name of the cookie.
pub const COOKIE: &str = "binnacle_device";
/// How long a browser is known, in seconds: 180 days.
const SECONDS: i64 = 180 * 24 * 3600;

/// What a browser says about itself; true or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    person_id: i64,
    nonce: String,
    mac: String,
}

impl Device {
    /// A browser that this person has just signed in with.
    pub fn generate(keys: &Keys, random: &dyn Random, person_id: i64) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        let nonce = URL_SAFE_NO_PAD.encode(bytes);
        let mac = mac(keys, person_id, &nonce).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        Self { person_id, nonce, mac: mac.unwrap_or_default() }
    }

    /// What a `Cookie` header says.
    pub fn from_cookies(header: &str) -> Option<Self> {
        let mut cookies = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = cookies.find(|(name, value)| *name == COOKIE && value.len() <= 120)?;
        let mut parts = value.splitn(3, '.');
        let person_id = parts.next()?.parse().ok()?;
        Some(Self { person_id, nonce: parts.next()?.to_owned(), mac: parts.next()?.to_owned() })
    }

    /// The browser's name, if we gave it to this person.
    pub fn known(&self, keys: &Keys, person_id: i64) -> Option<&str> {
        let given = URL_SAFE_NO_PAD.decode(&self.mac).ok()?;
        let fits = mac(keys, self.person_id, &self.nonce)?.verify_slice(&given).is_ok();
        (fits && self.person_id == person_id).then_some(self.nonce.as_str())
    }

    /// The header that gives the browser its cookie. Only the API needs it.
    pub fn set_cookie(&self, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        let Self { person_id, nonce, mac } = self;
        format!("{COOKIE}={person_id}.{nonce}.{mac}; HttpOnly; SameSite=Strict; Path=/api; Max-Age={SECONDS}{secure}")
    }
}

fn mac(keys: &Keys, person_id: i64, nonce: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.session()).ok()?;
    mac.update(format!("device:{person_id}:{nonce}").as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::Device;
    use crate::clock::SystemRandom;
    use crate::keys::Keys;

    #[test]
    fn a_browser_is_known_for_its_person_only() {
        let keys = Keys::generate(&SystemRandom);
        let device = Device::generate(&keys, &SystemRandom, 7);
        let set = device.set_cookie(true);
        assert!(set.contains("; HttpOnly; SameSite=Strict; Path=/api; Max-Age=15552000; Secure"), "{set}");
        let header = format!("theme=dark; {}", set.split(';').next().unwrap());
        let read = Device::from_cookies(&header).unwrap();
        assert_eq!(read, device);
        assert_eq!(read.known(&keys, 7), Some(device.nonce.as_str()));
        assert_eq!(read.known(&keys, 8), None);
        let forged = Device { person_id: 8, ..device.clone() };
        assert_eq!(forged.known(&keys, 8), None);
        assert_eq!(device.known(&Keys::generate(&SystemRandom), 7), None);
        for bad in ["", "binnacle_device=", "binnacle_device=x.y.z", "binnacle_device=7.a", "binnacle_device=7.a.!"] {
            assert!(Device::from_cookies(bad).is_none_or(|d| d.known(&keys, 7).is_none()), "{bad}");
        }
    }
}
