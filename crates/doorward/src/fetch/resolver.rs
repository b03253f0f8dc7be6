//! Resolves host names to the addresses that a fetch may reach.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::AllowedAddresses;

/// Resolves by the system and leaves out what the fetch must not reach.
#[derive(Debug)]
pub(super) struct FilteringResolver(pub(super) AllowedAddresses);

/// The name resolves to no address that the fetch may reach.
#[derive(Debug, thiserror::Error)]
#[error("no allowed address")]
pub(super) struct NoAllowedAddress;

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0;
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(filter(allowed, addresses)?)
        })
    }
}

fn filter(
    allowed: AllowedAddresses,
    addresses: impl Iterator<Item = SocketAddr>,
) -> Result<Addrs, NoAllowedAddress> {
    let left: Vec<_> = addresses.filter(|address| allowed.allows(address.ip())).collect();
    if left.is_empty() { Err(NoAllowedAddress) } else { Ok(Box::new(left.into_iter())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_must_not_be_reached_are_left_out() {
        let addresses = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()
        };
        let filtered = |allowed, list| {
            let left = filter(allowed, addresses(list).into_iter()).ok()?;
            Some(left.collect::<Vec<_>>())
        };
        let mixed = ["169.254.169.254", "192.0.2.1", "10.0.0.1"];
        assert_eq!(
            filtered(AllowedAddresses::NotLocal, &mixed),
            Some(addresses(&["192.0.2.1", "10.0.0.1"]))
        );
        let public = Some(addresses(&["192.0.2.1"]));
        assert_eq!(filtered(AllowedAddresses::PublicOnly, &mixed), public);
        assert_eq!(filtered(AllowedAddresses::NotLocal, &["127.0.0.1", "::1"]), None);
        assert_eq!(filtered(AllowedAddresses::PublicOnly, &["10.0.0.1"]), None);
    }
}
