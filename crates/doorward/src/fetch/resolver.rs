//! Names of hosts that an issuer's metadata names, resolved: neither to a link-local address nor to
//! this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves by the system and leaves out what metadata must not lead to.
#[derive(Debug)]
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(allowed(found)?)
        })
    }
}

fn allowed(found: impl Iterator<Item = SocketAddr>) -> Result<Addrs, &'static str> {
    let is_outward = |ip: IpAddr| !is_link_local(ip) && !is_this_machine(ip);
    let left: Vec<_> = found.filter(|address| is_outward(address.ip())).collect();
    if left.is_empty() {
        Err("metadata names a host that is link-local or this machine")
    } else {
        Ok(Box::new(left.into_iter()))
    }
}

/// Returns whether the address is link-local (RFC 3927, RFC 4291 §2.5.6), or another at which a cloud
/// serves the credentials of its machines: of Alibaba, Azure, Oracle, AWS and Google.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    match innermost(address) {
        IpAddr::V4(address) => {
            address.is_link_local()
                || [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]]
                    .contains(&address.octets())
        }
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || matches!(
                    address.segments(),
                    [0xfd00, 0x0ec2, ..] | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254]
                )
        }
    }
}

/// Returns whether the address leads to this machine: loopback, or none in particular.
pub(super) fn is_this_machine(address: IpAddr) -> bool {
    let address = innermost(address);
    address.is_loopback() || address.is_unspecified()
}

/// Returns the IPv4 address that an IPv6 address stands for: mapped or compatible (RFC 4291 §2.5.5),
/// through NAT64 (RFC 6052 §2.1) or 6to4 (RFC 3056 §2).
fn innermost(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    let (high, low) = match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => (high, low),
        // Not `::` and `::1`, which stand for themselves.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => (high, low),
        _ => return address,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_to_link_local_addresses_or_this_machine_alone_is_refused() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        for list in [
            &["169.254.169.254"][..],
            &["fe80::1", "::ffff:169.254.169.254"],
            &["fd00:ec2::254"],
            &["100.100.100.200"],
            &["127.0.0.1", "::1"],
            &["0.0.0.0", "::", "::ffff:127.0.0.1"],
        ] {
            assert!(allowed(addresses(list).into_iter()).is_err(), "{list:?}");
        }
        let mixed = addresses(&["169.254.169.254", "192.0.2.1", "10.0.0.1"]);
        let left: Vec<_> = allowed(mixed.into_iter()).ok().unwrap().collect();
        assert_eq!(left, addresses(&["192.0.2.1", "10.0.0.1"]));
    }

    #[tokio::test]
    async fn the_system_is_asked_and_its_answer_sifted() {
        let refused = PublicResolver.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(refused.to_string().starts_with("metadata names a host"), "{refused}");
    }
}
