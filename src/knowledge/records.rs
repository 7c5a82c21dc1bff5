//! DNS records that mail uses (`dns_records.toml`): types, policy texts and their tags, results, outcomes.

use std::sync::LazyLock;

use regex::bytes::RegexSet;
use serde::Deserialize;

use super::table::{Meta, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/dns_records.toml")));

/// Which policy text a TXT record is.
static DETECT: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(table().txt.iter().map(|text| text.detect.as_str())).unwrap_or_else(|_| RegexSet::empty())
});

/// The table of DNS records.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `dns_records.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// Record types.
    pub record: Vec<RecordType>,
    /// Policies that live in TXT records.
    pub txt: Vec<PolicyText>,
    /// Tags of a DKIM-Signature field.
    pub dkim_signature_tag: Vec<Tag>,
    /// The policy file of MTA-STS.
    pub mta_sts_policy: StsPolicy,
    /// Result types of TLS reports.
    pub tlsrpt_result: Vec<TlsResult>,
    /// Results of SPF, DKIM and others.
    pub auth_result: Vec<AuthResult>,
    /// Outcomes of a look-up.
    pub lookup: Vec<Outcome>,
    /// Answers of block lists.
    pub dnsbl: Vec<ListAnswer>,
    /// What a check of a domain looks for.
    pub check: Vec<Check>,
}

/// A record type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordType {
    /// Its name; `MX 0 .` and `MX (none)` are special cases of MX.
    #[serde(rename = "type")]
    pub kind: String,
    /// A heading.
    pub title: String,
    /// The name at which it stands.
    pub owner: String,
    /// What it is for.
    pub purpose: String,
    /// An example.
    #[serde(default)]
    pub example: String,
    /// Rules.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What people get wrong.
    #[serde(default)]
    pub mistakes: Vec<String>,
    /// Its fields.
    #[serde(default)]
    pub field: Vec<Field>,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A field of a record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name; for TLSA with the value, as `usage 3`.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Where it stands.
    #[serde(default, rename = "ref")]
    pub cite: String,
}

/// A policy that lives in a TXT record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// Its name in the table: `spf`, `dkim_key`, `dmarc`, …
    pub id: String,
    /// A heading.
    pub title: String,
    /// The name at which it stands.
    pub owner: String,
    /// A regular expression that recognises it.
    pub detect: String,
    /// An example.
    pub example: String,
    /// What it says.
    pub meaning: String,
    /// Its grammar in short.
    #[serde(default)]
    pub syntax: String,
    /// Rules.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What people get wrong.
    #[serde(default)]
    pub mistakes: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tag: Vec<Tag>,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A tag of a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// Its name, as `p`, or its form, as `include:<domain>`.
    pub name: String,
    /// A note of at most 60 cells; empty if the meaning is short enough.
    #[serde(default)]
    pub gloss: String,
    /// What single values mean.
    #[serde(default)]
    pub value: Vec<TagValue>,
    /// What values it takes.
    #[serde(default)]
    pub values: String,
    /// What it means.
    pub meaning: String,
    /// What holds if it is missing.
    #[serde(default)]
    pub default: String,
    /// Whether it must be there.
    pub required: String,
    /// `active`, `historic`, `discouraged`, …
    pub status: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A value of a tag.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagValue {
    /// The value.
    pub is: String,
    /// What it means, in a few words.
    pub means: String,
}

/// The policy file of MTA-STS.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StsPolicy {
    /// Where it is fetched.
    pub url: String,
    /// As what it is served.
    pub media_type: String,
    /// Rules.
    pub rules: Vec<String>,
    /// Its keys.
    pub tag: Vec<Tag>,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A result type of a TLS report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsResult {
    /// Its name.
    pub name: String,
    /// Whether it is about negotiation, DANE or MTA-STS.
    pub group: String,
    /// What it means.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A result of an authentication method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthResult {
    /// `spf`, `dkim`, `dmarc`, …
    pub method: String,
    /// `pass`, `fail`, …
    pub value: String,
    /// What it means.
    pub meaning: String,
    /// What a server may answer because of it.
    #[serde(default)]
    pub smtp_reply: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// An outcome of a look-up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// `NODATA`, `NXDOMAIN`, …
    pub outcome: String,
    /// What it means for an MX look-up.
    pub for_mx: String,
    /// What a mail server makes of it.
    pub smtp_effect: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// An answer of a block list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAnswer {
    /// Which list.
    pub list: String,
    /// What was asked.
    pub query: String,
    /// The answer.
    pub answer: String,
    /// What it means.
    pub meaning: String,
    /// Who says so.
    pub source: String,
}

/// What a check of a domain looks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name.
    pub id: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// What is wrong.
    pub text: String,
    /// Where the rule stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// The entry of a record type, in any case of letters.
pub fn record(kind: &str) -> Option<&'static RecordType> {
    table().record.iter().find(|entry| entry.kind.split(", ").any(|name| name.eq_ignore_ascii_case(kind)))
}

/// The policy that the text of a TXT record holds, if it is a known one.
pub fn policy(text: &[u8]) -> Option<&'static PolicyText> {
    DETECT.matches(text).iter().next().and_then(|index| table().txt.get(index))
}

/// The policy with this name in the table: `spf`, `dmarc`, …
pub fn policy_named(id: &str) -> Option<&'static PolicyText> {
    table().txt.iter().find(|entry| entry.id.eq_ignore_ascii_case(id))
}

/// The tag of a policy: `p` of DMARC, `include:…` or `-all` of SPF.
pub fn tag(policy: &'static PolicyText, text: &str) -> Option<&'static Tag> {
    let term = text.trim();
    if policy.id == "spf" {
        return spf_term(policy, term);
    }
    let name = term.split_once('=').map_or(term, |(name, _)| name).trim();
    policy.tag.iter().find(|tag| tag.name.eq_ignore_ascii_case(name))
}

/// What the value of a tag says, or the sign in front of an SPF mechanism: `refuse it` for `p=reject`, `fail: may not
/// send` for `-all`.
pub fn value(policy: &'static PolicyText, tag: &'static Tag, text: &str) -> Option<&'static str> {
    if policy.id == "spf" {
        let sign = text.trim().get(..1).filter(|sign| matches!(*sign, "+" | "-" | "~" | "?"))?;
        return policy.tag.iter().find(|tag| tag.name == sign).map(|tag| tag.gloss.as_str());
    }
    let value = text.split_once('=')?.1.trim();
    tag.value.iter().find(|known| known.is.eq_ignore_ascii_case(value)).map(|known| known.means.as_str())
}

/// The mechanism or modifier of an SPF term, without its qualifier and value.
fn spf_term(policy: &'static PolicyText, term: &str) -> Option<&'static Tag> {
    if let Some(tag) = policy.tag.iter().find(|tag| tag.name.eq_ignore_ascii_case(term)) {
        return Some(tag);
    }
    let bare = term.trim_start_matches(['+', '-', '~', '?']);
    let name = |text: &str| text.split([':', '=', '/', '[']).next().unwrap_or_default().to_ascii_lowercase();
    let wanted = name(bare);
    policy.tag.iter().find(|tag| !wanted.is_empty() && name(&tag.name) == wanted)
}

/// What an outcome of a look-up means: `NXDOMAIN`, `timeout`, …
pub fn outcome(name: &str) -> Option<&'static Outcome> {
    let wanted = match name {
        "NOERROR" => "answer",
        other => other,
    };
    table().lookup.iter().find(|entry| entry.outcome.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_every_detector_compiles() {
        assert_eq!((table().record.len(), table().txt.len()), (16, 14));
        for text in &table().txt {
            regex::bytes::Regex::new(&text.detect).unwrap_or_else(|error| panic!("{}: {error}", text.id));
        }
        assert_eq!(DETECT.len(), table().txt.len());
    }

    #[test]
    fn every_example_is_recognised_as_itself() {
        for text in &table().txt {
            let found = policy(text.example.as_bytes()).map(|policy| policy.id.as_str());
            // These begin like another; only their owner names tell them apart.
            let expected = match text.id.as_str() {
                "dmarc_report" => "dmarc",
                "domainkeys" => "dkim_key",
                id => id,
            };
            assert_eq!(found, Some(expected), "{}", text.example);
        }
    }

    #[test]
    fn terms_of_spf_lead_to_their_mechanism() {
        let spf = policy_named("spf").unwrap();
        for (term, name) in [
            ("-all", "all"),
            ("~all", "all"),
            ("include:_spf.example.net", "include:<domain>"),
            ("ip4:192.0.2.0/24", "ip4:<net>"),
            ("mx", "mx[:<domain>][/n][//m]"),
            ("a/24", "a[:<domain>][/n][//m]"),
            ("redirect=_spf.example.net", "redirect=<domain>"),
            ("v=spf1", "v=spf1"),
        ] {
            assert_eq!(tag(spf, term).map(|tag| tag.name.as_str()), Some(name), "{term}");
        }
        assert!(tag(spf, "frobnicate").is_none());
    }

    #[test]
    fn values_and_signs_are_told() {
        let (spf, dmarc) = (policy_named("spf").unwrap(), policy_named("dmarc").unwrap());
        let told = |policy, text| value(policy, tag(policy, text).unwrap(), text);
        assert_eq!(told(spf, "-all"), Some("fail: may not send"));
        assert_eq!(told(spf, "all"), None);
        assert_eq!(told(dmarc, "p=reject"), Some("refuse it"));
        assert_eq!(told(dmarc, "rua=mailto:x@example.org"), None);
    }

    #[test]
    fn tags_of_dmarc_are_found_by_name() {
        let dmarc = policy(b"v=DMARC1; p=reject").unwrap();
        assert_eq!(tag(dmarc, "p=reject").unwrap().name, "p");
        assert_eq!(tag(dmarc, " pct = 50").unwrap().status, "removed by RFC 9989");
    }
}
