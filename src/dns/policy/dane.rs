//! DANE for SMTP (RFC 7672): whether the TLSA records of a host count, and whether the certificates it shows keep them.
//!
//! ```text
//! MX ── secure? ──▶ addresses ── secure? ──▶ TLSA ── secure? ──▶ usable? ──▶ does one match?
//!  └ bogus, no answer: wait        └ and so on: wait      not signed, none: no DANE       none: do not deliver
//! ```

use std::borrow::Cow;

use super::covers;
use crate::dns::record::hex;
use crate::dns::{Answer, Data, Kind, Name, Validation};

/// What was heard on the way to a host, and what the host showed.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The answer about the MX records that lead to the host; none if nobody asked for any.
    pub mx: Option<&'a Answer>,
    /// The answers about its addresses.
    pub addresses: Vec<&'a Answer>,
    /// The answers about TLSA records, in the order of [`bases`], as far as they are there.
    pub tlsa: Vec<(Name, &'a Answer)>,
    /// The domain the letter is for.
    pub next_hop: &'a Name,
    /// The chain as presented, leaf first.
    pub chain: Vec<Shown<'a>>,
}

/// A certificate in every form in which a TLSA record may name it (RFC 6698 §2.1). Digests are in hex, small letters.
#[derive(Debug, Clone, Default)]
pub struct Shown<'a> {
    /// The certificate (selector 0), DER.
    pub whole: Cow<'a, [u8]>,
    /// Its SHA-256.
    pub whole_256: Cow<'a, str>,
    /// Its SHA-512.
    pub whole_512: Cow<'a, str>,
    /// Its public key (selector 1), DER.
    pub key: Cow<'a, [u8]>,
    /// The SHA-256 of that.
    pub key_256: Cow<'a, str>,
    /// The SHA-512 of that.
    pub key_512: Cow<'a, str>,
    /// The names it is for.
    pub names: &'a [String],
    /// True if the chain from the leaf up to it holds when it alone is trusted: signatures, dates and purpose.
    pub vouches: bool,
}

/// What DANE says of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dane {
    /// There are no TLSA records, and that is proved or at least not doubtful: DANE has no part in it.
    None,
    /// There are records, but what leads to them is not signed: senders do not count them.
    NotSigned(&'static str),
    /// There are records, and nobody here could judge their signatures.
    NotJudged(&'static str),
    /// A look-up failed or is bogus: a sender waits, it does not do without (RFC 7672 §2.1).
    Wait(&'static str),
    /// There are secure records, but none that SMTP uses: TLS is required, with any certificate.
    Unusable,
    /// A record matches.
    Kept {
        /// The record, as `3 1 1 9f86…`.
        record: String,
        /// 0 for the server's certificate, else how far up the chain.
        depth: usize,
    },
    /// No usable record matches: a sender that goes by DANE does not deliver here.
    Broken,
}

/// The names under which TLSA records are looked for, in order: where the aliases of the host end, if every step there is
/// secure, then the host itself (RFC 7672 §2.2.3).
pub fn bases(host: &Name, addresses: &[&Answer]) -> Vec<Name> {
    let led = addresses.iter().filter(|answer| answer.validation == Validation::Secure);
    let mut bases: Vec<Name> = Vec::new();
    for end in led.filter_map(|answer| answer.chain(host).pop()).chain([host.clone()]) {
        if !bases.contains(&end) {
            bases.push(end);
        }
    }
    bases
}

/// Where the TLSA records of a base stand: `_25._tcp.` and the name.
pub fn place(base: &Name) -> Name {
    base.under("_25._tcp")
}

impl Case<'_> {
    /// Judges it.
    pub fn judge(&self) -> Dane {
        let found = self.tlsa.iter().any(|(_, answer)| answer.of(Kind::TLSA).next().is_some());
        let steps = self.mx.into_iter().map(|answer| ("MX records", answer));
        let steps = steps.chain(self.addresses.iter().map(|answer| ("addresses", *answer)));
        let mut doubt = None;
        for (what, answer) in steps {
            match Standing::of(answer) {
                Standing::Secure => {}
                Standing::Failed => return Dane::Wait(what),
                Standing::NotSigned => doubt = doubt.or(Some(Dane::NotSigned(what))),
                Standing::NotJudged => doubt = doubt.or(Some(Dane::NotJudged(what))),
            }
        }
        if let Some(doubt) = doubt {
            return if found { doubt } else { Dane::None };
        }
        for (base, answer) in &self.tlsa {
            let there = answer.of(Kind::TLSA).next().is_some();
            match Standing::of(answer) {
                Standing::Failed => return Dane::Wait("TLSA records"),
                Standing::Secure if there => return self.compare(base, answer),
                Standing::NotSigned if there => return Dane::NotSigned("TLSA records"),
                Standing::NotJudged if there => return Dane::NotJudged("TLSA records"),
                _ => {}
            }
        }
        Dane::None
    }

    /// The name that a server is asked for in TLS where its domain's records decide: their base (RFC 7672 §3.2.2). Nothing
    /// where DANE has no part in it.
    pub fn base(&self) -> Option<&Name> {
        let decides = matches!(self.judge(), Dane::Kept { .. } | Dane::Broken | Dane::Unusable);
        let has_records = |(_, answer): &&(Name, &Answer)| answer.of(Kind::TLSA).next().is_some();
        self.tlsa.iter().find(has_records).map(|(base, _)| base).filter(|_| decides)
    }

    /// Compares secure records with the chain.
    fn compare(&self, base: &Name, answer: &Answer) -> Dane {
        let usable: Vec<&Data> =
            answer.of(Kind::TLSA).map(|record| &record.data).filter(|data| is_usable(data)).collect();
        if usable.is_empty() {
            return Dane::Unusable;
        }
        let kept = usable.into_iter().find_map(|data| Some((data, self.depth(base, data)?)));
        kept.map_or(Dane::Broken, |(data, depth)| Dane::Kept { record: data.text(), depth })
    }

    /// How far up the chain a record matches, if it does.
    fn depth(&self, base: &Name, data: &Data) -> Option<usize> {
        let Data::Tlsa { usage, selector, matching, association } = data else { return None };
        let names = |shown: &Shown<'_>| shown.is(*selector, *matching, association);
        if *usage == 3 {
            // The name, the dates and who signed it do not matter (RFC 7672 §3.1.1).
            return self.chain.first().filter(|leaf| names(leaf)).map(|_| 0);
        }
        let leaf = self.chain.first()?;
        let called = [base, self.next_hop].into_iter().any(|name| leaf.names.iter().any(|own| covers(own, name)));
        let at = |(depth, shown): (usize, &Shown<'_>)| (shown.vouches && names(shown)).then_some(depth);
        called.then(|| self.chain.iter().enumerate().find_map(at)).flatten()
    }
}

impl Shown<'_> {
    fn is(&self, selector: u8, matching: u8, association: &[u8]) -> bool {
        match (selector, matching) {
            (0, 0) => *self.whole == *association,
            (0, 1) => self.whole_256 == hex(association),
            (0, 2) => self.whole_512 == hex(association),
            (1, 0) => *self.key == *association,
            (1, 1) => self.key_256 == hex(association),
            (1, 2) => self.key_512 == hex(association),
            _ => false,
        }
    }
}

/// True for a record that SMTP uses: usage 2 or 3, and numbers that somebody has defined (RFC 7672 §3.1).
fn is_usable(data: &Data) -> bool {
    let Data::Tlsa { usage, selector, matching, association } = data else { return false };
    let whole = match matching {
        0 => !association.is_empty(),
        1 => association.len() == 32,
        2 => association.len() == 64,
        _ => false,
    };
    matches!(usage, 2 | 3) && *selector <= 1 && whole
}

/// How far one answer can be built on.
enum Standing {
    Secure,
    NotSigned,
    NotJudged,
    Failed,
}

impl Standing {
    fn of(answer: &Answer) -> Self {
        match answer.validation {
            _ if !answer.outcome.is_answer() => Self::Failed,
            Validation::Bogus => Self::Failed,
            Validation::Secure => Self::Secure,
            Validation::Insecure => Self::NotSigned,
            Validation::NotChecked | Validation::Disputed | Validation::Indeterminate => Self::NotJudged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Outcome, Record};

    const LEAF: [u8; 32] = [0x1e; 32];
    const AUTHORITY: [u8; 32] = [0xca; 32];

    fn answer(validation: Validation, data: &[Data]) -> Answer {
        let mut answer = Answer::empty(if data.is_empty() { Outcome::NoData } else { Outcome::Found });
        answer.validation = validation;
        let record =
            |data: &Data| Record { owner: Name::ascii("mx.bank.test"), ttl: 60, data: data.clone(), proof: validation };
        answer.records = data.iter().map(record).collect();
        answer
    }

    fn tlsa(usage: u8, digest: [u8; 32]) -> Data {
        Data::Tlsa { usage, selector: 1, matching: 1, association: digest.to_vec() }
    }

    fn address() -> Data {
        Data::A([203, 0, 113, 9].into())
    }

    fn mx() -> Data {
        Data::Mx { preference: 10, exchange: Name::ascii("mx.bank.test") }
    }

    /// A leaf for these names, and an authority that vouches for it or not.
    fn judged(mx: &Answer, address: &Answer, tlsa: &Answer, names: &[&str], vouches: bool) -> Dane {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let shown = |digest: [u8; 32], vouches| Shown {
            key_256: hex(&digest).into(),
            names: &names,
            vouches,
            ..Shown::default()
        };
        let chain = vec![shown(LEAF, false), shown(AUTHORITY, vouches)];
        let tlsa = vec![(Name::ascii("mx.bank.test"), tlsa)];
        Case { mx: Some(mx), addresses: vec![address], tlsa, next_hop: &Name::ascii("bank.test"), chain }.judge()
    }

    /// With secure MX and addresses.
    fn with(records: &[Data], names: &[&str], vouches: bool) -> Dane {
        let (mx, address) = (answer(Validation::Secure, &[mx()]), answer(Validation::Secure, &[address()]));
        judged(&mx, &address, &answer(Validation::Secure, records), names, vouches)
    }

    #[test]
    fn c228_what_failed_or_is_bogus_makes_a_sender_wait_and_never_do_without() {
        let good = [
            answer(Validation::Secure, &[mx()]),
            answer(Validation::Secure, &[address()]),
            answer(Validation::Secure, &[tlsa(3, LEAF)]),
        ];
        let failures = [Outcome::ServFail, Outcome::TimedOut, Outcome::Refused].map(Answer::empty);
        let bogus = answer(Validation::Bogus, &[]);
        for bad in failures.iter().chain([&bogus]) {
            for place in 0..3 {
                let mut all = [&good[0], &good[1], &good[2]];
                all[place] = bad;
                let said = judged(all[0], all[1], all[2], &[], false);
                assert!(matches!(said, Dane::Wait(_)), "{:?} at {place}: {said:?}", bad.outcome);
            }
        }
        assert!(matches!(judged(&good[0], &good[1], &good[2], &[], false), Dane::Kept { .. }));
    }

    #[test]
    fn c229_without_secure_mx_and_addresses_there_is_no_dane() {
        let (secure_mx, secure) = (answer(Validation::Secure, &[mx()]), answer(Validation::Secure, &[address()]));
        let (open_mx, open) = (answer(Validation::Insecure, &[mx()]), answer(Validation::Insecure, &[address()]));
        let records = answer(Validation::Secure, &[tlsa(3, LEAF)]);
        assert_eq!(judged(&open_mx, &secure, &records, &[], false), Dane::NotSigned("MX records"));
        assert_eq!(judged(&secure_mx, &open, &records, &[], false), Dane::NotSigned("addresses"));
        let unsigned = answer(Validation::Insecure, &[tlsa(3, LEAF)]);
        assert_eq!(judged(&secure_mx, &secure, &unsigned, &[], false), Dane::NotSigned("TLSA records"));
        let unseen = answer(Validation::NotChecked, &[address()]);
        assert_eq!(judged(&secure_mx, &unseen, &records, &[], false), Dane::NotJudged("addresses"));
        assert_eq!(judged(&open_mx, &open, &answer(Validation::Insecure, &[]), &[], false), Dane::None);
        assert_eq!(with(&[], &[], false), Dane::None);
    }

    #[test]
    fn c230_records_are_looked_for_where_secure_aliases_end_and_then_at_the_name_itself() {
        let (host, end) = (Name::ascii("mail.crooked.test"), Name::ascii("mx1.harbor.test"));
        let mut led = answer(Validation::Secure, &[]);
        led.records = vec![
            Record { owner: host.clone(), ttl: 60, data: Data::Cname(end.clone()), proof: Validation::Secure },
            Record { owner: end.clone(), ttl: 60, data: address(), proof: Validation::Secure },
        ];
        assert_eq!(bases(&host, &[&led]), [end.clone(), host.clone()]);
        led.validation = Validation::Insecure;
        assert_eq!(bases(&host, &[&led]), std::slice::from_ref(&host));
        assert_eq!(bases(&host, &[]), [host]);
        assert_eq!(place(&end).to_string(), "_25._tcp.mx1.harbor.test.");
    }

    #[test]
    fn c230_the_first_base_that_has_records_decides() {
        let (mx, address) = (answer(Validation::Secure, &[mx()]), answer(Validation::Secure, &[address()]));
        let (none, other) = (answer(Validation::Secure, &[]), answer(Validation::Secure, &[tlsa(3, AUTHORITY)]));
        let right = answer(Validation::Secure, &[tlsa(3, LEAF)]);
        let bank = Name::ascii("bank.test");
        let case = |tlsa| {
            let chain = vec![Shown { key_256: hex(&LEAF).into(), ..Shown::default() }];
            Case { mx: Some(&mx), addresses: vec![&address], tlsa, next_hop: &bank, chain }
        };
        let (end, host) = (Name::ascii("end.test"), Name::ascii("mx.bank.test"));
        let second = case(vec![(end.clone(), &none), (host.clone(), &right)]);
        assert!(matches!(second.judge(), Dane::Kept { depth: 0, .. }));
        assert_eq!(second.base(), Some(&host), "the name that SNI says (RFC 7672 §3.2.2)");
        let first = case(vec![(end.clone(), &other), (host.clone(), &right)]);
        assert_eq!((first.judge(), first.base()), (Dane::Broken, Some(&end)));
        assert_eq!(case(vec![(end, &none), (host, &none)]).base(), None);
    }

    #[test]
    fn c231_for_usage_3_neither_name_nor_dates_nor_issuer_matter() {
        let kept = with(&[tlsa(3, LEAF)], &["somebody.else.test"], false);
        assert_eq!(kept, Dane::Kept { record: format!("3 1 1 {}", hex(&LEAF)), depth: 0 });
        assert_eq!(
            with(&[tlsa(3, AUTHORITY)], &["mx.bank.test"], true),
            Dane::Broken,
            "usage 3 is the server's own key"
        );
        assert!(matches!(with(&[tlsa(3, AUTHORITY), tlsa(3, LEAF)], &[], false), Dane::Kept { .. }), "one is enough");
    }

    #[test]
    fn c232_for_usage_2_the_chain_must_hold_and_the_name_be_that_of_the_host_or_of_the_domain() {
        for name in ["mx.bank.test", "bank.test", "*.bank.test"] {
            assert!(matches!(with(&[tlsa(2, AUTHORITY)], &[name], true), Dane::Kept { depth: 1, .. }), "{name}");
        }
        assert_eq!(with(&[tlsa(2, AUTHORITY)], &["mx.evil.test"], true), Dane::Broken);
        assert_eq!(with(&[tlsa(2, AUTHORITY)], &["*.evil.test", "*.mx.bank.test"], true), Dane::Broken);
        assert_eq!(with(&[tlsa(2, AUTHORITY)], &["mx.bank.test"], false), Dane::Broken);
        assert_eq!(with(&[tlsa(2, LEAF)], &["mx.bank.test"], true), Dane::Broken, "the leaf does not vouch for itself");
    }

    #[test]
    fn c233_usages_0_and_1_are_not_for_smtp() {
        for usage in [0, 1] {
            assert_eq!(with(&[tlsa(usage, LEAF)], &["mx.bank.test"], true), Dane::Unusable);
            assert!(matches!(with(&[tlsa(usage, LEAF), tlsa(3, LEAF)], &[], false), Dane::Kept { .. }));
            assert_eq!(with(&[tlsa(usage, LEAF), tlsa(3, AUTHORITY)], &[], false), Dane::Broken);
        }
    }

    #[test]
    fn c234_records_of_which_none_is_usable_ask_for_tls_with_any_certificate() {
        let odd =
            |usage, selector, matching, octets| Data::Tlsa { usage, selector, matching, association: vec![7; octets] };
        for record in
            [odd(3, 2, 1, 32), odd(3, 1, 3, 32), odd(3, 1, 1, 31), odd(3, 1, 2, 32), odd(3, 0, 0, 0), odd(9, 1, 1, 32)]
        {
            assert_eq!(with(std::slice::from_ref(&record), &["mx.bank.test"], true), Dane::Unusable, "{record:?}");
        }
    }
}
