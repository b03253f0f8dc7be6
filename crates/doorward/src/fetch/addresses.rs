//! Which addresses a fetch may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses a fetch may reach. It depends on who named the URL.
///
/// An IPv6 address that stands for an IPv4 address counts as both: mapped, compatible and translated
/// addresses, NAT64, 6to4, ISATAP and Teredo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AllowedAddresses {
    /// Every address: the operator named the URL, or metadata at the same host.
    Any,
    /// Neither this machine nor link-local addresses, nor other addresses at which clouds serve the
    /// credentials of their machines: metadata at another host named the URL.
    NotLocal,
    /// Like [`NotLocal`](Self::NotLocal), and no private, shared, reserved or multicast address: the
    /// issuer is marked by [`Issuer::untrusted_url`](crate::Issuer::untrusted_url).
    PublicOnly,
}

impl AllowedAddresses {
    /// Returns whether the fetch may reach this address.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::NotLocal => !is_link_local(address) && !is_this_machine(address),
            Self::PublicOnly => Self::NotLocal.allows(address) && !is_private(address),
        }
    }
}

/// Returns whether the address is link-local (RFC 3927, RFC 4291 §2.5.6 and §2.5.7), or another at
/// which a cloud serves the credentials of its machines: of Alibaba, Azure, Oracle, AWS and Google.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    any_reading(address, |address| match address {
        IpAddr::V4(address) => {
            address.is_link_local()
                || [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]]
                    .contains(&address.octets())
        }
        IpAddr::V6(address) => {
            let segments = address.segments();
            address.is_unicast_link_local()
                || matches!(
                    segments,
                    [0xfec0..=0xfeff, ..]
                        | [0xfd00, 0x0ec2, ..]
                        | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254]
                )
        }
    })
}

/// Returns whether the address leads to this machine: loopback, unspecified, or `0.0.0.0/8` (RFC
/// 1122 §3.2.1.3).
pub(super) fn is_this_machine(address: IpAddr) -> bool {
    any_reading(address, |address| match address {
        IpAddr::V4(address) => address.is_loopback() || is_this_network(address),
        IpAddr::V6(address) => address.is_loopback() || address.is_unspecified(),
    })
}

/// Returns whether the address is private (RFC 1918, RFC 4193), shared (RFC 6598), for protocols or
/// benchmarks (RFC 6890, RFC 2544), multicast or reserved.
fn is_private(address: IpAddr) -> bool {
    any_reading(address, |address| match address {
        IpAddr::V4(address) => {
            address.is_private()
                || matches!(
                    address.octets(),
                    [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..] | [224..=255, ..]
                )
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_multicast(),
    })
}

fn is_this_network(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [0, ..])
}

/// Returns whether the predicate holds of the address or of an IPv4 address that it stands for.
fn any_reading(address: IpAddr, holds: impl Fn(IpAddr) -> bool) -> bool {
    let embedded = match address {
        IpAddr::V4(_) => Vec::new(),
        IpAddr::V6(address) => embedded(address),
    };
    holds(address) || embedded.into_iter().any(|address| holds(address.into()))
}

/// Returns the IPv4 addresses that an IPv6 address may stand for: mapped or compatible (RFC 4291
/// §2.5.5), translated (RFC 2765 §2.1), through NAT64 (RFC 6052 §2.1, RFC 8215), 6to4 (RFC 3056
/// §2), ISATAP (RFC 5214 §6.1) or Teredo (RFC 4380 §4).
fn embedded(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let (high, low) = match address.segments() {
        [0x0064, 0xff9b, 0x0001, ..] => return of_local_nat64(address),
        [0x2001, 0x0000, .., high, low] => (!high, !low),
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [_, _, _, _, 0x0000 | 0x0200, 0x5efe, high, low]
        | [0x2002, high, low, ..] => (high, low),
        // Not `::` and `::1`, which stand for themselves.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => (high, low),
        _ => return Vec::new(),
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    vec![Ipv4Addr::new(a, b, c, d)]
}

/// Returns what an address of the local NAT64 prefix `64:ff9b:1::/48` may stand for. The network
/// chooses the length of the prefix and with it the place of the IPv4 address (RFC 6052 §2.2). A
/// place in which the address begins with zero is taken only if all do.
fn of_local_nat64(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let [.., s6, s7, _, s9, s10, s11, s12, s13, s14, s15] = address.octets();
    let places = vec![
        Ipv4Addr::new(s6, s7, s9, s10),
        Ipv4Addr::new(s7, s9, s10, s11),
        Ipv4Addr::new(s9, s10, s11, s12),
        Ipv4Addr::new(s12, s13, s14, s15),
    ];
    if places.iter().copied().all(is_this_network) {
        return places;
    }
    places.into_iter().filter(|place| !is_this_network(*place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(allowed: AllowedAddresses, text: &str) -> bool {
        allowed.allows(text.parse().unwrap())
    }

    /// Every form in which an IPv6 address may stand for the IPv4 address.
    fn forms(four: Ipv4Addr) -> Vec<String> {
        let [a, b, c, d] = four.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let mut forms = vec![
            format!("::ffff:{high:x}:{low:x}"),
            format!("::ffff:0:{high:x}:{low:x}"),
            format!("64:ff9b::{high:x}:{low:x}"),
            format!("64:ff9b:1::{high:x}:{low:x}"),
            // The prefixes of 48, 56 and 64 bits.
            format!("64:ff9b:1:{high:x}:{c:x}:{d:02x}00::"),
            format!("64:ff9b:1:00{a:02x}:{b:x}:{low:x}::"),
            format!("64:ff9b:1:0:{a:x}:{b:02x}{c:02x}:{d:02x}00:0"),
            format!("2002:{high:x}:{low:x}::1"),
            format!("2001:db8::5efe:{high:x}:{low:x}"),
            format!("2001:db8::200:5efe:{high:x}:{low:x}"),
            format!("2001:0:102:304::{:x}:{:x}", !high, !low),
        ];
        if high != 0 {
            forms.push(format!("::{high:x}:{low:x}"));
        }
        forms
    }

    #[test]
    fn this_machine_and_link_local_addresses_are_refused_in_every_form() {
        let not_local = AllowedAddresses::NotLocal;
        for four in ["127.0.0.1", "127.9.9.9", "169.254.169.254", "100.100.100.200", "0.0.0.0"] {
            assert!(!allows(not_local, four), "{four}");
            for form in forms(four.parse().unwrap()) {
                assert!(!allows(not_local, &form), "{form} stands for {four}");
            }
        }
        for six in ["::", "::1", "fe80::1", "fec0::1", "feff::1", "fd00:ec2::254", "fd20:ce::254"] {
            assert!(!allows(not_local, six), "{six}");
        }
        for refused in ["0.1.2.3", "168.63.129.16", "192.0.0.192"] {
            assert!(!allows(not_local, refused), "{refused}");
        }
    }

    #[test]
    fn private_addresses_are_refused_for_untrusted_urls_alone() {
        for four in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(allows(AllowedAddresses::NotLocal, four), "{four}");
            assert!(!allows(AllowedAddresses::PublicOnly, four), "{four}");
            for form in forms(four.parse().unwrap()) {
                assert!(!allows(AllowedAddresses::PublicOnly, &form), "{form} stands for {four}");
            }
        }
        for six in ["fc00::1", "fd12::1", "ff02::1"] {
            assert!(allows(AllowedAddresses::NotLocal, six), "{six}");
            assert!(!allows(AllowedAddresses::PublicOnly, six), "{six}");
        }
    }

    #[test]
    fn public_addresses_are_allowed_in_every_form() {
        for four in ["8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "198.51.100.1"] {
            assert!(allows(AllowedAddresses::PublicOnly, four), "{four}");
            for form in forms(four.parse().unwrap()) {
                assert!(allows(AllowedAddresses::PublicOnly, &form), "{form} stands for {four}");
            }
        }
        assert!(allows(AllowedAddresses::PublicOnly, "2606:4700::1111"));
        for any in ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"] {
            assert!(allows(AllowedAddresses::Any, any), "{any}");
        }
    }
}
