use std::{
    ffi::OsString,
    net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _},
};

pub(crate) const USAGE: &str = "\
A development issuer of OAuth 2.0 access tokens. Not for production.

Usage: doorward-issuer [--addr HOST:PORT] [--control]

  --addr HOST:PORT                  listen here instead of 127.0.0.1:9000; port 0 is any free one
  --control                         take orders over HTTP: rotate keys, serve documents wrongly
  --danger-listen-beyond-loopback   allow an address that other machines can reach
  --help                            print this
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(Serve),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Serve {
    pub(crate) address: SocketAddr,
    pub(crate) beyond_loopback: bool,
    pub(crate) control: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("unknown argument {0:?}; see --help")]
    Unknown(String),
    #[error("--addr needs a value, such as 127.0.0.1:9000")]
    NoAddress,
    #[error("--addr is given twice")]
    RepeatedAddress,
    #[error("{0:?} is no address of the form HOST:PORT that this machine can resolve")]
    BadAddress(String),
}

impl Command {
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, ArgumentError> {
        let mut arguments =
            arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
        let mut address = None;
        let (mut beyond_loopback, mut control) = (false, false);
        while let Some(argument) = arguments.next() {
            let value = match argument.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--danger-listen-beyond-loopback" => {
                    beyond_loopback = true;
                    continue;
                }
                "--control" => {
                    control = true;
                    continue;
                }
                "--addr" => arguments.next().ok_or(ArgumentError::NoAddress)?,
                other => match other.strip_prefix("--addr=") {
                    Some(value) => value.to_owned(),
                    None => return Err(ArgumentError::Unknown(argument)),
                },
            };
            if address.replace(resolve(&value)?).is_some() {
                return Err(ArgumentError::RepeatedAddress);
            }
        }
        let address = address.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 9000)));
        Ok(Self::Serve(Serve { address, beyond_loopback, control }))
    }
}

/// Prefers IPv4, because `localhost` often resolves to both and most examples say 127.0.0.1.
fn resolve(value: &str) -> Result<SocketAddr, ArgumentError> {
    let bad = || ArgumentError::BadAddress(value.to_owned());
    let addresses: Vec<SocketAddr> = value.to_socket_addrs().map_err(|_| bad())?.collect();
    let preferred = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    preferred.copied().ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, ArgumentError> {
        Command::parse(arguments.iter().map(OsString::from))
    }

    fn serve(address: &str, beyond_loopback: bool) -> Result<Command, ArgumentError> {
        let address = address.parse().unwrap();
        Ok(Command::Serve(Serve { address, beyond_loopback, control: false }))
    }

    #[test]
    fn port_9000_of_loopback_is_the_default() {
        assert_eq!(parse(&[]), serve("127.0.0.1:9000", false));
    }

    #[test]
    fn address_is_read_in_both_spellings() {
        assert_eq!(parse(&["--addr", "127.0.0.1:1234"]), serve("127.0.0.1:1234", false));
        assert_eq!(parse(&["--addr=[::1]:0"]), serve("[::1]:0", false));
    }

    #[test]
    fn listening_beyond_loopback_is_a_flag_of_its_own() {
        let arguments = ["--danger-listen-beyond-loopback", "--addr", "0.0.0.0:80"];
        assert_eq!(parse(&arguments), serve("0.0.0.0:80", true));
    }

    #[test]
    fn orders_are_taken_only_where_it_is_asked_for() {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9000));
        let with_control = Serve { address, beyond_loopback: false, control: true };
        assert_eq!(parse(&["--control"]), Ok(Command::Serve(with_control)));
    }

    #[test]
    fn help_is_given_whatever_precedes_it() {
        assert_eq!(parse(&["--addr", "127.0.0.1:1", "--help"]), Ok(Command::Help));
    }

    #[test]
    fn unknown_argument_is_refused_by_name() {
        let unknown = |name: &str| Err(ArgumentError::Unknown(name.to_owned()));
        assert_eq!(parse(&["--port", "1"]), unknown("--port"));
        assert_eq!(parse(&["127.0.0.1:1"]), unknown("127.0.0.1:1"));
    }

    #[test]
    fn address_without_a_value_is_refused() {
        assert_eq!(parse(&["--addr"]), Err(ArgumentError::NoAddress));
    }

    #[test]
    fn second_address_is_refused() {
        let twice = parse(&["--addr", "127.0.0.1:1", "--addr", "127.0.0.1:2"]);
        assert_eq!(twice, Err(ArgumentError::RepeatedAddress));
    }

    #[test]
    fn address_without_a_port_is_refused_by_name() {
        let bad = ArgumentError::BadAddress("127.0.0.1".to_owned());
        assert_eq!(parse(&["--addr", "127.0.0.1"]), Err(bad));
    }
}
