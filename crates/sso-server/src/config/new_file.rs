//! Writing `sso.toml`, once: every setting with its comment, those that were given filled in.

use super::{Flags, StartError, example, private_file};
use std::path::Path;

impl Flags {
    /// What the flags set, by the names in `sso.toml`.
    pub(crate) fn given(&self) -> Vec<(&'static str, &str)> {
        let installation = &self.installation;
        let all = [
            ("listen", &self.listen),
            ("public_url", &installation.public_url),
            ("cookie_domain", &self.cookie_domain),
            ("data_dir", &installation.data_dir),
            ("database_url", &installation.database_url),
            ("master_key_file", &installation.master_key_file),
            ("trusted_proxies", &self.trusted_proxies),
            ("outgoing_networks", &self.outgoing_networks),
            ("log", &self.log),
            ("log_format", &self.log_format),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }

    /// Writes a new configuration file with what the flags set, readable by its owner alone, since the
    /// address of a database can hold a password.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(crate) fn write(&self, file: &Path) -> Result<(), StartError> {
        private_file::create(file, filled(&self.given()).as_bytes())
    }
}

/// The commented example with these settings in it.
fn filled(settings: &[(&str, &str)]) -> String {
    let line = |line: &str| {
        let given = settings.iter().find(|(name, _)| {
            let commented = line.strip_prefix('#').and_then(|line| line.strip_prefix(name));
            commented.is_some_and(|rest| rest.starts_with(" ="))
        });
        match given {
            Some((name, value)) => format!("{name} = {}\n", toml::Value::from(*value)),
            None => format!("{line}\n"),
        }
    };
    example().lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::InstallationFlags;

    #[test]
    fn every_flag_is_written_as_its_setting() {
        let value = |name: &str| Some(format!("the \"{name}\""));
        let flags = Flags {
            installation: InstallationFlags {
                config: None,
                public_url: value("public_url"),
                data_dir: value("data_dir"),
                database_url: value("database_url"),
                master_key_file: value("master_key_file"),
            },
            listen: value("listen"),
            cookie_domain: value("cookie_domain"),
            trusted_proxies: value("trusted_proxies"),
            outgoing_networks: value("outgoing_networks"),
            log: value("log"),
            log_format: value("log_format"),
        };
        let table: toml::Table = filled(&flags.given()).parse().expect("TOML");
        assert_eq!(table.len(), 10);
        for (name, value) in table {
            assert_eq!(value.as_str(), Some(format!("the \"{name}\"").as_str()));
        }
        let untouched: toml::Table = filled(&[]).parse().expect("TOML");
        assert_eq!(untouched.len(), 0);
        assert_eq!(filled(&[]).trim_end(), example().trim_end());
    }
}
