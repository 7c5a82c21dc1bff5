//! What a TLS handshake showed: the verdict in one sentence, three judgements, and the chain.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::ports::pem;
use crate::session::words::milliseconds;
use crate::tape::Side;
use crate::tape::promise::Promise;
use crate::tape::tls::{
    Certificate, Checks, ClientCertificate, Content, Judgement, KeyLogging, Terms, TlsFacts, TlsFailure, TlsRecord,
};

use super::text::{Role, Run, wrap_hard, wrap_words};

/// The facts as lines of `room` cells.
///
/// `promises` is what the DNS promised about the host, and what came of it.
pub fn lines(facts: &TlsFacts, promises: &[Promise], room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let mut sheet = Sheet { room, shown, lines: Vec::new() };
    sheet.words(verdict(facts), if facts.in_doubt() { Role::Bad } else { Role::Good });
    sheet.blank();
    sheet.judged("chain", &facts.trust, "leads to an authority that is trusted here");
    sheet.judged("name", &facts.name, "the certificate names the host");
    sheet.judged("dates", &facts.dates, "today lies between its dates");
    for promise in promises {
        sheet.promise(promise);
    }
    sheet.blank();
    sheet.fact("version", &facts.version);
    sheet.fact("suite", &facts.suite);
    sheet.fact("group", facts.group.as_deref().unwrap_or("not told"));
    sheet.fact("SNI", facts.sni.as_deref().unwrap_or("none sent"));
    sheet.fact("asked for", &facts.expected);
    sheet.terms(facts.terms);
    sheet.fact("took", &milliseconds(facts.took));
    sheet.records(&facts.records);
    for (depth, certificate) in facts.chain.iter().enumerate() {
        sheet.blank();
        sheet.certificate(depth, certificate);
    }
    sheet.lines
}

/// A handshake that failed, told in a sentence: how long it took, and the records that passed.
pub fn failed(told: &str, failure: &TlsFailure, room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let mut sheet = Sheet { room, shown, lines: Vec::new() };
    sheet.words(&shown(told.as_bytes()), Role::Bad);
    sheet.blank();
    if !failure.detail.is_empty() {
        sheet.fact("detail", &failure.detail);
    }
    sheet.fact("took", &milliseconds(failure.took));
    sheet.records(&failure.records);
    if failure.records.is_empty() {
        sheet.fact("records", "none passed");
    }
    sheet.lines
}

/// Whose certificates they are and their fingerprints, leaf first, as plain text.
pub fn fingerprints(facts: &TlsFacts, shown: fn(&[u8]) -> String) -> String {
    let mut text = String::new();
    for certificate in &facts.chain {
        let (whole, key) = (&certificate.sha256, &certificate.spki_sha256);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", shown(certificate.subject.as_bytes()));
        let _ = writeln!(text, "certificate SHA-256 {whole}\nkey (SPKI)  SHA-256 {key}");
    }
    text
}

/// The judgement in one sentence.
pub fn verdict(facts: &TlsFacts) -> &'static str {
    if facts.is_own() {
        return "The lab showed this certificate; whether it is trusted is for the client to judge.";
    }
    let good = |judgement: &Judgement| *judgement == Judgement::Good;
    match (good(&facts.trust), good(&facts.name), good(&facts.dates)) {
        (true, true, true) => "The certificate is in order: chain, name and dates.",
        (false, true, true) => "Encrypted, but nobody trusted here vouches for this certificate.",
        (true, false, true) => "Encrypted, but the certificate is for another name.",
        (true, true, false) => "Encrypted, but the certificate is out of its dates.",
        _ => "Encrypted, but several things are wrong with the certificate.",
    }
}

/// The chain as PEM, leaf first.
pub fn pem(facts: &TlsFacts) -> String {
    facts.chain.iter().map(|certificate| pem::certificate(&certificate.der)).collect()
}

struct Sheet {
    room: usize,
    shown: fn(&[u8]) -> String,
    lines: Vec<Vec<Run>>,
}

impl Sheet {
    fn words(&mut self, text: &str, role: Role) {
        self.lines.extend(wrap_words(&[Run::new(text, role)], self.room));
    }

    fn blank(&mut self) {
        self.lines.push(Vec::new());
    }

    /// A label and a text that hangs from it.
    fn hang(&mut self, label: &str, text: &str, role: Role) {
        let parts = wrap_hard(&[Run::new((self.shown)(text.as_bytes()), role)], self.room.saturating_sub(11));
        self.hung(label, parts);
    }

    fn hung(&mut self, label: &str, parts: Vec<Vec<Run>>) {
        for (index, part) in parts.into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let mut line = vec![Run::new(format!("{label:<10} "), Role::Quiet)];
            line.extend(part);
            self.lines.push(line);
        }
    }

    /// The same for a sentence, which breaks between words.
    fn hang_words(&mut self, label: &str, text: &str, role: Role) {
        let parts = wrap_words(&[Run::new((self.shown)(text.as_bytes()), role)], self.room.saturating_sub(11));
        self.hung(label, parts);
    }

    fn fact(&mut self, label: &str, text: &str) {
        self.hang(label, text, Role::Text);
    }

    fn judged(&mut self, label: &str, judgement: &Judgement, good: &str) {
        match judgement {
            Judgement::Good => self.hang_words(label, &format!("ok: {good}"), Role::Good),
            Judgement::Theirs => self.hang_words(label, "for the other end to judge", Role::Quiet),
            Judgement::Bad { id, why } => self.hang_words(label, &format!("{id}: {why}"), Role::Bad),
        }
    }

    fn promise(&mut self, promise: &Promise) {
        let role = match promise.kept.is_good() {
            Some(true) => Role::Good,
            Some(false) => Role::Bad,
            None => Role::Text,
        };
        self.hang_words(promise.kept.by(), &promise.why, role);
    }

    /// The records of the handshake, a line each: when, who, how much, what.
    fn records(&mut self, records: &[TlsRecord]) {
        if !records.is_empty() {
            self.blank();
        }
        for (index, record) in records.iter().enumerate() {
            let what = match record.content {
                Content::ChangeCipherSpec => "change_cipher_spec".to_owned(),
                Content::Alert => "alert".to_owned(),
                Content::Encrypted => "encrypted".to_owned(),
                Content::Handshake => record.messages.join(", "),
            };
            let who = if record.from == Side::Client { 'C' } else { 'S' };
            let when = milliseconds(record.after);
            let label = if index == 0 { "records" } else { "" };
            self.fact(label, &format!("{when:>8} {who} {:>6} octets  {what}", record.octets));
        }
    }

    /// Octets in hex, up to a number.
    fn octets(&mut self, octets: &[u8]) {
        const SHOWN: usize = 256;
        let mut hex = String::new();
        for octet in octets.iter().take(SHOWN) {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{octet:02x}");
        }
        self.fact("bytes", &hex);
        if octets.len() > SHOWN {
            self.fact("", &format!("the first {SHOWN} of {} octets; y copies all", octets.len()));
        }
    }

    fn terms(&mut self, terms: Terms) {
        let checked = match terms.checks {
            Checks::All => "",
            Checks::Chain => "chain and dates; the session goes on whatever the name",
            Checks::Name => "the name; the session goes on whoever vouches for it",
            Checks::None => "nothing; the session goes on whatever the certificate",
        };
        if !checked.is_empty() {
            self.hang("checked", checked, Role::Bad);
        }
        match terms.client {
            ClientCertificate::NotAsked => {}
            ClientCertificate::None => self.fact("yours", "the server asked for a certificate of yours; there is none"),
            ClientCertificate::Unfit => self.fact("yours", "asked for, but the server takes no signature of its key"),
            ClientCertificate::Shown => self.fact("yours", "the server asked for your certificate and was shown it"),
        }
        match terms.keys {
            KeyLogging::Off => {}
            KeyLogging::On => {
                self.hang("keys", "in the key log: who has it can read a record of this session", Role::Bad);
            }
            KeyLogging::Failed => self.hang("keys", "could not be written to the key log, or not all", Role::Bad),
        }
    }

    fn certificate(&mut self, depth: usize, certificate: &Certificate) {
        let indent = " ".repeat(depth);
        self.hang(&format!("{indent}{}", depth + 1), &certificate.subject, Role::Heading);
        self.fact("issuer", &certificate.issuer);
        if !certificate.names.is_empty() {
            self.fact("names", &certificate.names.join(", "));
        }
        if certificate.readable {
            let (from, to) = (day(certificate.not_before), day(certificate.not_after));
            self.hang_words("valid", &format!("{from} to {to}, {}", left(certificate.seconds_left)), Role::Text);
            self.fact("key", &format!("{}, signed with {}", certificate.key, certificate.signature));
            let usage = certificate.usage.join(", ");
            self.hang_words("usage", if usage.is_empty() { "not restricted" } else { &usage }, Role::Text);
        }
        self.fact("SHA-256", &certificate.sha256);
        self.fact("key hash", &certificate.spki_sha256);
        if !certificate.readable {
            self.fact("", "its fields could not be read; only the bytes are known");
            self.octets(&certificate.der);
        }
    }
}

/// The day of a moment in seconds since 1970, in UTC.
fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| "?".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
}

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// How far off the end of a certificate was at the handshake, in whole days.
fn left(seconds: i64) -> String {
    let days = match (seconds / DAY).unsigned_abs() {
        0 => "less than a day".to_owned(),
        1 => "one day".to_owned(),
        days => format!("{days} days"),
    };
    if seconds < 0 { format!("ended {days} before") } else { format!("{days} left") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::promise::Kept;
    use std::time::Duration;

    fn shown(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn facts(name: Judgement) -> TlsFacts {
        let leaf = Certificate {
            subject: "CN=mx1.harbor.test".into(),
            names: vec!["mx1.harbor.test".into()],
            not_after: 86_400,
            seconds_left: -3 * DAY,
            usage: vec!["digitalSignature".into(), "serverAuth".into()],
            der: vec![1; 70],
            readable: true,
            ..Certificate::default()
        };
        TlsFacts {
            version: "TLS 1.3".into(),
            suite: "TLS13_AES_256_GCM_SHA384".into(),
            group: None,
            sni: None,
            expected: "mx1.harbor.test".into(),
            chain: vec![leaf],
            trust: Judgement::Good,
            name,
            dates: Judgement::Good,
            records: Vec::new(),
            terms: Terms::default(),
            took: Duration::from_millis(3),
        }
    }

    #[test]
    fn the_verdict_names_what_is_wrong() {
        assert!(verdict(&facts(Judgement::Good)).contains("in order"));
        let bad = facts(Judgement::Bad { id: "cert/name".into(), why: "it names mx9".into() });
        assert!(verdict(&bad).contains("another name"));
        let lines: Vec<String> =
            lines(&bad, &[], 80, shown).iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect();
        assert!(lines.iter().any(|line| line == "name       cert/name: it names mx9"), "{lines:?}");
        assert!(
            lines.iter().any(|line| line.trim_end() == "valid      1970-01-01 to 1970-01-02, ended 3 days before"),
            "{lines:?}"
        );
        assert!(lines.iter().any(|line| line == "usage      digitalSignature, serverAuth"), "{lines:?}");
    }

    #[test]
    fn the_days_to_the_end_are_whole_and_told_in_words() {
        for (seconds, words) in [
            (400 * DAY, "400 days left"),
            (2 * DAY - 1, "one day left"),
            (0, "less than a day left"),
            (-1, "ended less than a day before"),
            (-DAY, "ended one day before"),
            (-12 * DAY, "ended 12 days before"),
        ] {
            assert_eq!(left(seconds), words);
        }
    }

    #[test]
    fn what_the_dns_promised_stands_below_the_judgements() {
        let promise = |kept, why: &str| Promise { kept, why: why.into() };
        let promises = [promise(Kept::Dane, "a record matches"), promise(Kept::StsUnread, "a policy, not fetched")];
        let lines = lines(&facts(Judgement::Good), &promises, 50, shown);
        let text = |line: &Vec<Run>| line.iter().map(|run| run.text.as_str()).collect::<String>();
        let at = lines.iter().position(|line| text(line) == "DANE       a record matches").expect("DANE");
        assert_eq!(text(&lines[at - 1]), "dates      ok: today lies between its dates");
        assert_eq!(text(&lines[at + 1]), "MTA-STS    a policy, not fetched");
        assert_eq!(lines[at][1].role, Role::Good);
    }

    #[test]
    fn a_chain_is_copied_as_pem() {
        let text = pem(&facts(Judgement::Good));
        assert_eq!(text.lines().count(), 4);
        assert!(text.lines().all(|line| line.len() <= 64));
    }
}
