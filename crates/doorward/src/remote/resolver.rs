//! Names of hosts that an issuer's metadata names, resolved: never to a link-local address.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves by the system and leaves link-local addresses out.
#[derive(Debug)]
pub(super) struct NoLinkLocal;

impl Resolve for NoLinkLocal {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(allowed(found)?)
        })
    }
}

fn allowed(found: impl Iterator<Item = SocketAddr>) -> Result<Addrs, &'static str> {
    let left: Vec<_> = found.filter(|address| !is_link_local(address.ip())).collect();
    if left.is_empty() {
        Err("its addresses are link-local")
    } else {
        Ok(Box::new(left.into_iter()))
    }
}

/// Returns whether the address is link-local (RFC 3927, RFC 4291 §2.5.6), or another at which a cloud
/// serves the credentials of its machines: `fd00:ec2::254` and `100.100.100.200`.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local() || address.octets() == [100, 100, 100, 200],
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address.segments() == [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_to_link_local_addresses_alone_is_refused() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        for list in [
            &["169.254.169.254"][..],
            &["fe80::1", "::ffff:169.254.169.254"],
            &["fd00:ec2::254"],
            &["100.100.100.200"],
        ] {
            assert!(allowed(addresses(list).into_iter()).is_err(), "{list:?}");
        }
        let mixed = addresses(&["169.254.169.254", "192.0.2.1", "10.0.0.1"]);
        let left: Vec<_> = allowed(mixed.into_iter()).ok().unwrap().collect();
        assert_eq!(left, addresses(&["192.0.2.1", "10.0.0.1"]));
    }
}
