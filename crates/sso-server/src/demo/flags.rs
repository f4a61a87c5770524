//! What the demo can be told: where it listens and where it keeps its data, nothing else.

use crate::config::{Config, Flags, InstallationFlags, StartError};
use std::ffi::OsString;
use std::net::SocketAddr;

/// The flags of `demo`. `SSO_LISTEN`, `SSO_PUBLIC_URL`, `SSO_DATA_DIR` and the settings of the log are
/// read from the environment too; a database, a token or a configuration file is not.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DemoFlags {
    /// Address and port to listen on [default: 127.0.0.1:8080; environment: SSO_LISTEN]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Where the development identity provider listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    idp_listen: SocketAddr,
    /// How browsers reach the service [default: http://localhost and the port; environment: SSO_PUBLIC_URL]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The folder for everything that is kept [default: ./data/demo; environment: SSO_DATA_DIR]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
}

/// The variables that count. The database and the operator's token are files in the data folder,
/// whatever a real service on this machine is told.
const VARIABLES: [&str; 5] =
    ["SSO_LISTEN", "SSO_PUBLIC_URL", "SSO_DATA_DIR", "SSO_LOG", "SSO_LOG_FORMAT"];

impl DemoFlags {
    /// The settings of the service, and where the identity provider listens.
    ///
    /// # Errors
    /// A setting that cannot be used, or an address that is not loopback.
    pub(super) fn read(
        self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<(Config, SocketAddr), StartError> {
        let given = |name: &str| {
            VARIABLES
                .contains(&name)
                .then(|| variable(name))
                .flatten()
                .filter(|value| !value.is_empty())
        };
        let mut installation = InstallationFlags {
            public_url: self.public_url,
            data_dir: self.data_dir,
            ..InstallationFlags::default()
        };
        if installation.data_dir.is_none() && given("SSO_DATA_DIR").is_none() {
            installation.data_dir = Some("./data/demo".to_owned());
        }
        let derive_url = installation.public_url.is_none() && given("SSO_PUBLIC_URL").is_none();
        let flags = Flags { listen: self.listen, ..installation.into() };
        let mut config = Config::without_file(flags, given)?;
        if derive_url {
            config.public_url = crate::config::PublicUrl::read(&format!(
                "http://localhost:{}",
                config.listen.port()
            ))?;
        }
        for address in [config.listen, self.idp_listen] {
            if !address.ip().is_loopback() {
                return Err(StartError::Demo(format!(
                    "it listens on loopback addresses alone, since anybody can sign in as anybody, \
                     and {address} is not one"
                )));
            }
        }
        if config.public_url.is_secure() {
            return Err(StartError::Demo(format!(
                "it is reached by http on a loopback host, which {} (SSO_PUBLIC_URL) is not",
                config.public_url.url()
            )));
        }
        Ok((config, self.idp_listen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(flags: &[&str], environment: &[(&str, &str)]) -> Result<(Config, SocketAddr), String> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            flags: DemoFlags,
        }
        let line = std::iter::once("demo").chain(flags.iter().copied());
        let line = <Line as clap::Parser>::try_parse_from(line).map_err(|e| e.to_string())?;
        let find = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into());
        line.flags.read(find).map_err(|e| e.to_string())
    }

    #[test]
    fn without_anything_it_is_on_localhost_with_data_of_its_own() {
        let (config, idp) = read(&[], &[]).expect("usable");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.public_url.join("/"), "http://localhost:8080/");
        assert_eq!(config.data_dir.to_str(), Some("./data/demo"));
        assert_eq!(idp.to_string(), "127.0.0.1:8081");
    }

    #[test]
    fn the_public_url_follows_the_port() {
        let (config, _) = read(&["--listen", "127.0.0.1:9000"], &[]).expect("usable");
        assert_eq!(config.public_url.join("/"), "http://localhost:9000/");
        let (config, _) =
            read(&[], &[("SSO_PUBLIC_URL", "http://127.0.0.1:8080")]).expect("usable");
        assert_eq!(config.public_url.join("/"), "http://127.0.0.1:8080/");
    }

    #[test]
    fn the_database_of_a_real_service_is_never_touched() {
        let real = [("SSO_DATABASE_URL", "postgres://db.example/sso"), ("SSO_DATA_DIR", "/demo")];
        let (config, _) = read(&[], &real).expect("usable");
        assert_eq!(format!("{:?}", config.database), r#"Sqlite("/demo/sso.db")"#);
    }

    #[test]
    fn it_is_reached_on_loopback_alone() {
        let sentence = read(&["--public-url", "https://sso.example"], &[]).expect_err("refused");
        assert!(sentence.contains("https://sso.example/ (SSO_PUBLIC_URL)"), "{sentence}");
    }

    #[test]
    fn it_listens_on_loopback_alone() {
        let refused = [["--listen", "0.0.0.0:8080"], ["--idp-listen", "192.168.0.1:8081"]];
        for flags in refused {
            let sentence = read(&flags, &[]).expect_err("refused");
            assert!(sentence.contains("loopback") && sentence.contains(flags[1]), "{sentence}");
        }
    }
}
