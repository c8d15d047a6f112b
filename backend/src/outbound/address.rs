//! Which addresses are of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Whether the server may call this address: it is public, or in a network that was allowed.
/// Groups of hosts and “no address” are never called.
pub fn may_be_called(address: IpAddr, allow: &[IpNet]) -> bool {
    let address = meant(address);
    if address.is_unspecified() || address.is_multicast() || address == IpAddr::V4(Ipv4Addr::BROADCAST) {
        return false;
    }
    allow.iter().any(|network| network.contains(&address)) || is_public(address)
}

/// IPv6 has several ways to write an IPv4 address, and some systems connect to that one.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let embedded = match v6.segments() {
        // ::ffff:a.b.c.d, ::ffff:0:a.b.c.d, 64:ff9b::a.b.c.d, 2002:a.b.c.d::
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some((high, low)),
        // ::a.b.c.d, which is no longer used; :: and ::1 are themselves.
        [0, 0, 0, 0, 0, 0, high, low] => Some((high, low)).filter(|(high, low)| *high != 0 || *low > 1),
        _ => None,
    };
    embedded.map_or(address, |(high, low)| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared_by_carriers = a == 100 && (64..128).contains(&b);
    let for_protocols = (a, b, c) == (192, 0, 0);
    let for_measuring = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 240
        || address.is_loopback()
        || address.is_link_local()
        || address.is_private()
        || address.is_documentation()
        || shared_by_carriers
        || for_protocols
        || for_measuring)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Of all addresses only 2000::/3 are given out; that leaves ::1, fc00::/7, fe80::/10 and more aside.
    let given_out = segments[0] & 0xe000 == 0x2000;
    // Teredo, benchmarks and other protocols: 2001::/23. Examples: 2001:db8::/32, 3fff::/20.
    let for_protocols = segments[0] == 0x2001 && segments[1] < 0x200;
    let for_documents = segments[..2] == [0x2001, 0xdb8] || (segments[0] == 0x3fff && segments[1] < 0x1000);
    given_out && !for_protocols && !for_documents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str, allow: &[&str]) -> bool {
        let allow: Vec<IpNet> = allow.iter().map(|network| network.parse().unwrap()).collect();
        may_be_called(text.parse().unwrap(), &allow)
    }

    #[test]
    fn the_public_internet_may_be_called() {
        for address in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(judge(address, &[]), "{address}");
        }
    }

    #[test]
    fn everything_else_may_not() {
        for address in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "fd00:ec2::254",
        ] {
            assert!(!judge(address, &[]), "{address}");
        }
    }

    #[test]
    fn networks_that_are_named_may_be_called_in_each_way_to_write_them() {
        assert!(judge("10.1.2.3", &["192.168.0.0/16", "10.0.0.0/8"]));
        assert!(judge("::ffff:10.1.2.3", &["10.0.0.0/8"]));
        assert!(judge("fd00::1", &["fd00::/8"]));
        assert!(judge("127.0.0.1", &["127.0.0.0/8"]));
        assert!(!judge("192.168.0.1", &["10.0.0.0/8"]));
    }

    #[test]
    fn groups_and_no_address_are_never_called() {
        for address in ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::ffff:0.0.0.0"] {
            assert!(!judge(address, &["0.0.0.0/0", "::/0"]), "{address}");
        }
        for address in ["::", "ff02::1"] {
            assert!(!judge(address, &["::/0"]), "{address}");
        }
    }
}
