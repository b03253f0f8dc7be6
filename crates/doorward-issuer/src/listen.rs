use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use crate::StartError;

/// Which addresses may be listened on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AllowedAddresses {
    Loopback,
    Any,
}

/// Returns a listener, and the address by which this machine reaches it.
pub(crate) fn listen(
    address: SocketAddr,
    allowed: AllowedAddresses,
) -> Result<(TcpListener, SocketAddr), StartError> {
    match allowed {
        AllowedAddresses::Loopback if !address.ip().to_canonical().is_loopback() => {
            return Err(StartError::BeyondLoopback { address });
        }
        AllowedAddresses::Loopback | AllowedAddresses::Any => {}
    }
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let host = reachable(listener.local_addr().map_err(failed)?);
    Ok((listener, host))
}

/// Returns the address by which this machine reaches a listener: loopback if it is unspecified.
fn reachable(mut bound: SocketAddr) -> SocketAddr {
    if bound.ip().is_unspecified() {
        bound.set_ip(match bound.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unspecified_address_is_reached_by_loopback() {
        for (bound, reached) in [
            ("0.0.0.0:9000", "127.0.0.1:9000"),
            ("[::]:9000", "[::1]:9000"),
            ("10.0.0.7:1", "10.0.0.7:1"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), reached);
        }
    }
}
