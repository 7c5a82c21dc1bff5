//! The policy file of MTA-STS (RFC 8461 §3.2), and what it says of a host.
//!
//! ```text
//! version: STSv1                                 once each, the first one counts
//! mode: enforce                                  enforce / testing / none
//! mx: mx.bank.test                               any number; *.bank.test stands for exactly one label
//! max_age: 604800                                seconds, at most a year
//! ```

use super::covers;
use crate::dns::Name;

/// Octets of a policy that are read at most (RFC 8461 §3.2 leaves it to the sender).
pub const LONGEST: usize = 64 * 1024;
/// The longest `max_age`, in seconds.
const YEAR: u64 = 31_557_600;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StsPolicy {
    /// What senders are to do.
    pub mode: Mode,
    /// The patterns of the hosts that take the domain's mail.
    pub mx: Vec<String>,
    /// How long senders keep the policy, in seconds.
    pub max_age: u64,
}

/// What senders are to do with a host that does not keep the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Not deliver to it.
    Enforce,
    /// Deliver, and report.
    Testing,
    /// Nothing: the domain has no policy any more.
    None,
}

impl Mode {
    /// As the policy writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

/// What a policy says of a host and its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sts {
    /// The host is named, and its certificate is valid for its name.
    Kept,
    /// No pattern names the host.
    NotNamed(Mode),
    /// The host is named, but its certificate is not valid for its name.
    NotValid(Mode),
    /// Mode none: there is nothing to keep.
    Off,
}

/// Why a policy is none (RFC 8461 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoPolicy {
    /// The version is missing or another one.
    #[error("it does not say version: STSv1")]
    Version,
    /// The mode is missing or unknown.
    #[error("its mode is none of enforce, testing and none")]
    Mode,
    /// The lifetime is missing, no number, or too long.
    #[error("its max_age is not a number of seconds, at most a year")]
    MaxAge,
    /// No host is named.
    #[error("it names no MX")]
    Mx,
}

impl StsPolicy {
    /// Reads a policy. Line ends may be CR LF or LF; fields that nobody has defined are skipped.
    pub fn parse(text: &str) -> Result<Self, NoPolicy> {
        let fields: Vec<(&str, &str)> = text.lines().filter_map(field).collect();
        let first = |key: &str| fields.iter().find(|(found, _)| *found == key).map(|(_, value)| *value);
        if first("version") != Some("STSv1") {
            return Err(NoPolicy::Version);
        }
        let mode = match first("mode") {
            Some("enforce") => Mode::Enforce,
            Some("testing") => Mode::Testing,
            Some("none") => Mode::None,
            _ => return Err(NoPolicy::Mode),
        };
        let age = first("max_age").filter(|value| value.bytes().all(|octet| octet.is_ascii_digit()));
        let max_age = age.and_then(|value| value.parse().ok()).filter(|age| *age <= YEAR).ok_or(NoPolicy::MaxAge)?;
        let mx: Vec<String> =
            fields.iter().filter(|(key, _)| *key == "mx").map(|(_, value)| (*value).to_owned()).collect();
        if mx.is_empty() && mode != Mode::None {
            return Err(NoPolicy::Mx);
        }
        Ok(Self { mode, mx, max_age })
    }

    /// True if one of its patterns names the host, or there is nothing to keep (RFC 8461 §4.1).
    pub fn names(&self, host: &Name) -> bool {
        self.mode == Mode::None || self.mx.iter().any(|pattern| covers(pattern, host))
    }

    /// What it says of a host whose certificate is valid for its name, or is not (RFC 8461 §4.1, §4.2).
    pub fn judge(&self, host: &Name, valid: bool) -> Sts {
        match self.mode {
            Mode::None => Sts::Off,
            mode if !self.names(host) => Sts::NotNamed(mode),
            mode if !valid => Sts::NotValid(mode),
            _ => Sts::Kept,
        }
    }
}

fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    Some((key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx.bank.test\r\nmx: *.post.test\r\nmax_age: 604800\r\n";

    #[test]
    fn a_policy_is_read_with_either_line_end() {
        let policy = StsPolicy::parse(BANK).unwrap();
        assert_eq!((policy.mode, policy.mx.len(), policy.max_age), (Mode::Enforce, 2, 604_800));
        assert_eq!(StsPolicy::parse(&BANK.replace('\r', "")), Ok(policy.clone()));
        assert_eq!(StsPolicy::parse(&format!("{BANK}x-more: yes\r\nno field\r\n")), Ok(policy));
    }

    #[test]
    fn c224_version_mode_and_max_age_are_needed_and_mx_unless_the_mode_is_none() {
        let without = |line: &str| StsPolicy::parse(&BANK.replace(line, ""));
        assert_eq!(without("version: STSv1"), Err(NoPolicy::Version));
        assert_eq!(without("mode: enforce"), Err(NoPolicy::Mode));
        assert_eq!(without("max_age: 604800"), Err(NoPolicy::MaxAge));
        for bad in ["max_age: soon", "max_age: -1", "max_age: +5", "max_age: 31557601", "max_age: 99999999999999999999"]
        {
            assert_eq!(StsPolicy::parse(&BANK.replace("max_age: 604800", bad)), Err(NoPolicy::MaxAge), "{bad}");
        }
        let no_mx = "version: STSv1\nmode: enforce\nmax_age: 1\n";
        assert_eq!(StsPolicy::parse(no_mx), Err(NoPolicy::Mx));
        assert_eq!(StsPolicy::parse(&no_mx.replace("enforce", "none")).map(|policy| policy.mode), Ok(Mode::None));
    }

    #[test]
    fn c224_of_a_field_that_comes_twice_the_first_counts_but_every_mx_does() {
        let twice = format!("{BANK}mode: none\r\nmax_age: 1\r\nversion: STSv2\r\n");
        let policy = StsPolicy::parse(&twice).unwrap();
        assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, 604_800));
        assert_eq!(policy.mx, ["mx.bank.test", "*.post.test"]);
    }

    #[test]
    fn c226_enforce_wants_a_named_host_with_a_valid_certificate_and_testing_only_reports() {
        let policy = StsPolicy::parse(BANK).unwrap();
        let (named, other) = (Name::ascii("MX.bank.test"), Name::ascii("mx.evil.test"));
        assert_eq!(policy.judge(&named, true), Sts::Kept);
        assert_eq!(policy.judge(&named, false), Sts::NotValid(Mode::Enforce));
        assert_eq!(policy.judge(&other, true), Sts::NotNamed(Mode::Enforce));
        assert_eq!(policy.judge(&Name::ascii("a.post.test"), true), Sts::Kept);
        let testing = StsPolicy { mode: Mode::Testing, ..policy.clone() };
        assert_eq!(testing.judge(&other, true), Sts::NotNamed(Mode::Testing));
        let off = StsPolicy { mode: Mode::None, ..policy };
        assert_eq!(off.judge(&other, false), Sts::Off);
    }
}
