use std::{
    ffi::OsString,
    net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _},
    path::PathBuf,
};

pub(crate) const USAGE: &str = "\
A development issuer of OAuth 2.0 access tokens. Not for production.

Usage: doorward-issuer [--listen HOST:PORT] [--config FILE] [--https] [--control]

  --listen HOST:PORT                address to listen on, default 127.0.0.1:9000; port 0 is any free one
  --addr HOST:PORT                  the same
  --config FILE                     directory of tenants, default the demo directory; see the README
  --https                           serve https too, on the same port
  --ca-file FILE                    write the CA certificate to this file; it is at /ca.pem too
  --automatic                       sign users in without a page
  --control                         serve the control endpoint: rotate keys, set faults
  --danger-listen-beyond-loopback   allow an address that other machines can reach
  --help                            print this
";

/// The parsed command line.
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
    /// The file of the directory; the demo directory if it is absent.
    pub(crate) config: Option<PathBuf>,
    pub(crate) https: bool,
    /// The file to write the CA certificate to.
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) automatic: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("unknown argument {0:?}; see --help")]
    Unknown(String),
    #[error("{0} needs a value; see --help")]
    NoValue(String),
    #[error("{0} is repeated")]
    Repeated(&'static str),
    #[error("{0:?} is not an address of the form HOST:PORT that this machine can resolve")]
    BadAddress(String),
    #[error("--ca-file needs --https")]
    CaFileWithoutHttps,
}

impl Command {
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, ArgumentError> {
        let mut arguments =
            arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
        let mut address = None;
        let (mut config, mut ca_file) = (None, None);
        let (mut beyond_loopback, mut control) = (false, false);
        let (mut https, mut automatic) = (false, false);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--danger-listen-beyond-loopback" => beyond_loopback = true,
                "--control" => control = true,
                "--https" => https = true,
                "--automatic" => automatic = true,
                _ => {
                    let (name, value) = match argument.split_once('=') {
                        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                        None => (argument.clone(), None),
                    };
                    let value = || {
                        value
                            .or_else(|| arguments.next())
                            .ok_or(ArgumentError::NoValue(name.clone()))
                    };
                    match name.as_str() {
                        "--listen" | "--addr" => {
                            once("--listen", &mut address, resolve(&value()?)?)?
                        }
                        "--config" => once("--config", &mut config, PathBuf::from(value()?))?,
                        "--ca-file" => once("--ca-file", &mut ca_file, PathBuf::from(value()?))?,
                        _ => return Err(ArgumentError::Unknown(argument)),
                    }
                }
            }
        }
        if ca_file.is_some() && !https {
            return Err(ArgumentError::CaFileWithoutHttps);
        }
        let address = address.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 9000)));
        let serve = Serve { address, beyond_loopback, control, config, https, ca_file, automatic };
        Ok(Self::Serve(serve))
    }
}

fn once<T>(name: &'static str, slot: &mut Option<T>, value: T) -> Result<(), ArgumentError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(ArgumentError::Repeated(name)),
    }
}

/// Prefers IPv4, because `localhost` often resolves to both and most examples use 127.0.0.1.
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

    fn plain(address: &str) -> Serve {
        Serve {
            address: address.parse().unwrap(),
            beyond_loopback: false,
            control: false,
            config: None,
            https: false,
            ca_file: None,
            automatic: false,
        }
    }

    fn serve(address: &str, beyond_loopback: bool) -> Result<Command, ArgumentError> {
        Ok(Command::Serve(Serve { beyond_loopback, ..plain(address) }))
    }

    #[test]
    fn directory_and_https_have_options() {
        let arguments = [
            "--config",
            "d.toml",
            "--listen=127.0.0.1:1",
            "--https",
            "--ca-file=ca.pem",
            "--automatic",
        ];
        let expected = Serve {
            config: Some("d.toml".into()),
            https: true,
            ca_file: Some("ca.pem".into()),
            automatic: true,
            ..plain("127.0.0.1:1")
        };
        assert_eq!(parse(&arguments), Ok(Command::Serve(expected)));
        assert_eq!(parse(&["--ca-file", "ca.pem"]), Err(ArgumentError::CaFileWithoutHttps));
        assert_eq!(parse(&["--config"]), Err(ArgumentError::NoValue("--config".to_owned())));
    }

    #[test]
    fn port_9000_of_loopback_is_the_default() {
        assert_eq!(parse(&[]), serve("127.0.0.1:9000", false));
    }

    #[test]
    fn address_is_parsed_in_both_spellings() {
        assert_eq!(parse(&["--addr", "127.0.0.1:1234"]), serve("127.0.0.1:1234", false));
        assert_eq!(parse(&["--addr=[::1]:0"]), serve("[::1]:0", false));
    }

    #[test]
    fn listening_beyond_loopback_is_a_flag_of_its_own() {
        let arguments = ["--danger-listen-beyond-loopback", "--addr", "0.0.0.0:80"];
        assert_eq!(parse(&arguments), serve("0.0.0.0:80", true));
    }

    #[test]
    fn control_endpoint_is_off_by_default() {
        let with_control = Serve { control: true, ..plain("127.0.0.1:9000") };
        assert_eq!(parse(&["--control"]), Ok(Command::Serve(with_control)));
    }

    #[test]
    fn help_wins_over_the_arguments_before_it() {
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
        assert_eq!(parse(&["--addr"]), Err(ArgumentError::NoValue("--addr".to_owned())));
    }

    #[test]
    fn second_address_is_refused() {
        let twice = parse(&["--addr", "127.0.0.1:1", "--addr", "127.0.0.1:2"]);
        assert_eq!(twice, Err(ArgumentError::Repeated("--listen")));
    }

    #[test]
    fn address_without_a_port_is_refused_by_name() {
        let bad = ArgumentError::BadAddress("127.0.0.1".to_owned());
        assert_eq!(parse(&["--addr", "127.0.0.1"]), Err(bad));
    }
}
