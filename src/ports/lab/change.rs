//! What can be different in the lab from the way its world describes it, switched while it runs.

use serde::{Deserialize, Serialize};

use super::setting::Setting;

/// Something that is different.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// What becomes of those who connect to a host.
    Way {
        /// The host.
        host: String,
        /// What they meet.
        loss: Loss,
    },
    /// What is wrong with a host's certificate.
    Certificate {
        /// The host.
        host: String,
        /// What is wrong.
        doubt: Doubt,
    },
    /// One of the world's faults is on at a host.
    Fault {
        /// The host.
        host: String,
        /// The fault's name.
        name: String,
    },
    /// Something about a host is set to another value.
    Setting {
        /// The host.
        host: String,
        /// What.
        name: Setting,
        /// The value, as [`Setting`] has it.
        value: String,
    },
    /// What a web server gives instead of its policy.
    Site {
        /// The web server.
        host: String,
        /// What it gives.
        gives: Gift,
    },
    /// What goes wrong with the DNS at a name.
    Names(Spot),
    /// A record stands in the zones that was not there: a line as a zone file has it, with its owner's whole name.
    Record {
        /// The line.
        line: String,
    },
}

impl Change {
    /// True if both cannot be so at once.
    pub fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Way { host, .. }, Self::Way { host: other, .. })
            | (Self::Certificate { host, .. }, Self::Certificate { host: other, .. })
            | (Self::Site { host, .. }, Self::Site { host: other, .. }) => host == other,
            (Self::Setting { host, name, .. }, Self::Setting { host: other, name: set, .. }) => {
                host == other && name == set
            }
            (Self::Names(spot), Self::Names(other)) => spot.at == other.at,
            _ => self == other,
        }
    }

    /// The host or the name that it is about.
    pub fn place(&self) -> &str {
        match self {
            Self::Way { host, .. }
            | Self::Certificate { host, .. }
            | Self::Fault { host, .. }
            | Self::Setting { host, .. }
            | Self::Site { host, .. } => host,
            Self::Names(spot) => &spot.at,
            Self::Record { line } => line.split_whitespace().next().unwrap_or_default(),
        }
    }

    /// Its kind in one word; of a setting its name.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Way { .. } => "way",
            Self::Certificate { .. } => "certificate",
            Self::Fault { .. } => "fault",
            Self::Setting { name, .. } => name.name(),
            Self::Site { .. } => "site",
            Self::Names(_) => "names",
            Self::Record { .. } => "record",
        }
    }

    /// What is different, in the words of the data.
    pub fn value(&self) -> &str {
        match self {
            Self::Way { loss, .. } => loss.name(),
            Self::Certificate { doubt, .. } => doubt.name(),
            Self::Fault { name, .. } => name,
            Self::Setting { value, .. } => value,
            Self::Site { gives, .. } => gives.name(),
            Self::Names(spot) => spot.fault.name(),
            Self::Record { line } => line,
        }
    }
}

/// Names and words for every value of a setting.
macro_rules! values {
    ($type:ident { $($variant:ident $name:literal $words:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in data.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means, in a few words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),+ }
            }
        }
    };
}

/// What becomes of those who connect to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// They hear nothing, as behind a network that drops what goes to port 25.
    Silent,
    /// They are refused, as by a machine on which no server runs.
    Refused,
    /// They are told that there is no way.
    Unreachable,
    /// The connection comes about after a while.
    Slow,
}

values!(Loss {
    Silent "silent" "no answer comes, as behind a filter",
    Refused "refused" "no server runs there",
    Unreachable "unreachable" "there is no way to it",
    Slow "slow" "a connection takes two seconds",
});

/// What is wrong with what a host shows, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// It ended three days before the scene's date.
    Expired,
    /// It begins two days after the scene's date.
    NotYetValid,
    /// It ends two days after the scene's date: it is in order until the clock is turned.
    EndsSoon,
    /// It is for another name of the same domain.
    WrongName,
    /// It vouches for itself.
    SelfSigned,
    /// An intermediate authority signed it, and the server does not send that one's certificate.
    Incomplete,
    /// All is in order, but the key is a new one: TLSA records still name the one before.
    NewKey,
}

values!(Doubt {
    Expired "expired" "it ended three days ago",
    NotYetValid "not-yet-valid" "it begins in two days",
    EndsSoon "ends-soon" "it ends in two days",
    WrongName "wrong-name" "it names another host",
    SelfSigned "self-signed" "it vouches for itself",
    Incomplete "incomplete" "the one between it and the authority is not sent",
    NewKey "new-key" "in order, but TLSA still names the old key",
});

/// What a web server gives to whoever asks for the policy of its domain (RFC 8461 §3.3): nothing that a sender may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gift {
    /// A redirect to another place where the policy lies, and where it is given.
    Redirect,
    /// 404.
    Nothing,
    /// The policy, said to be HTML.
    Html,
    /// The policy and what fills it up to an octet more than senders read.
    TooLong,
    /// No answer at all.
    Silence,
}

values!(Gift {
    Redirect "redirect" "a redirect, which nobody may follow",
    Nothing "nothing" "404",
    Html "html" "the policy, said to be HTML",
    TooLong "too-long" "more than 64 KiB",
    Silence "silence" "no answer",
});

/// What goes wrong with answers of the DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameFault {
    /// The server cannot answer (SERVFAIL).
    Servfail,
    /// Nothing comes back.
    Silence,
    /// The answer over UDP is cut; over TCP it is whole.
    Truncation,
    /// The server is not responsible for the zone.
    Lame,
    /// The answer takes its time.
    Slow,
    /// Signatures are wrong.
    Tampered,
    /// MX records name `mx.evil.test`.
    Spoofed,
}

values!(NameFault {
    Servfail "servfail" "the server cannot answer (SERVFAIL)",
    Silence "silence" "no answer comes",
    Truncation "truncation" "over UDP only the beginning comes",
    Lame "lame" "the server knows nothing of the zone",
    Slow "slow" "answers take three seconds",
    Tampered "tampered" "the signatures are wrong",
    Spoofed "spoofed" "MX records name mx.evil.test",
});

/// Where the DNS goes wrong: as data, `{ at = "harbor.test", below = true, fault = "servfail" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// The name.
    pub at: String,
    /// True if it goes wrong for every name below it as well, as for a zone.
    #[serde(default)]
    pub below: bool,
    /// What goes wrong.
    pub fault: NameFault,
}

/// Who lives in the lab and what can be different there: what a person who changes it chooses from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// The hosts, in the world's order.
    pub hosts: Vec<Member>,
    /// The faults that a server can have: name, and what happens then.
    pub faults: Vec<(String, String)>,
    /// Whole scenes.
    pub scenes: Vec<Scene>,
    /// Users and passwords, which are public.
    pub users: Vec<(String, String)>,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub host: String,
    /// What it is like, in a few words.
    pub about: String,
    /// The domains whose mail it takes.
    pub domains: Vec<String>,
    /// The web servers that hold the policies of those domains.
    pub sites: Vec<String>,
    /// What can be set about it, and to which value it is set by itself.
    pub settings: Vec<(Setting, String)>,
}

/// The lab set up for one thing to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Its name, as `--scene` takes it.
    pub name: String,
    /// What can be seen in it, and what to do for that.
    pub about: String,
    /// What is different.
    pub changes: Vec<Change>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_certificate_and_any_number_of_faults() {
        let certificate = |host: &str, doubt| Change::Certificate { host: host.into(), doubt };
        let fault = |name: &str| Change::Fault { host: "mx1.harbor.test".into(), name: name.into() };
        let expired = certificate("mx1.harbor.test", Doubt::Expired);
        assert!(expired.excludes(&certificate("mx1.harbor.test", Doubt::WrongName)));
        assert!(!expired.excludes(&certificate("mx2.harbor.test", Doubt::WrongName)));
        assert!(!fault("late").excludes(&fault("strip")) && fault("late").excludes(&fault("late")));
        assert!(!expired.excludes(&fault("expired")));
    }
}
