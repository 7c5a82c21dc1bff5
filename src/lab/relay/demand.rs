//! What a sender that goes by DANE or MTA-STS demands of a server before it hands a letter over.
//!
//! ```text
//! signed TLSA records ──▶ TLS, and a certificate that one of them names (RFC 7672 §2.2); the policy is not looked at
//!      └ none usable ───▶ TLS
//! policy, enforce ──────▶ a host that it names, TLS, and a certificate that is valid for the host (RFC 8461 §4)
//! neither ──────────────▶ TLS if there is any (RFC 7435)
//! ```
//!
//! A demand that is not met never ends a letter at once: the next server may meet it, and so may this one later.

use tokio::time::{Instant, timeout};

use crate::dns::plan::Exchanger;
use crate::dns::policy::dane::{self, Case, Dane, Shown};
use crate::dns::policy::enforce::StsPolicy;
use crate::dns::policy::sts;
use crate::dns::{Answer, Kind, Name, Record, typed};
use crate::lab::queue::{Letter, Outcome, Verdict};
use crate::lab::site::HTTPS;
use crate::lab::world::{GoesBy, Host};
use crate::mail::field;
use crate::net::https;
use crate::ports::promises;
use crate::smtp::params;
use crate::smtp::status::Status;
use crate::tape::mark::{LookUp, Mark};
use crate::tape::policy::{self, Fetched, Unfetched};
use crate::tape::promise::{Kept, Promise};
use crate::tape::tls::TlsFacts;

use super::way::{Way, ask};
use super::{Names, PATIENCE, Relay};

/// "Encryption needed" (RFC 8689 §4.2.1).
const NO_TLS: Status = Status { class: 4, subject: 7, detail: 10 };
/// "Cryptographic failure": who the server is cannot be proved (RFC 3463 §3.8).
const NO_PROOF: Status = Status { class: 4, subject: 7, detail: 5 };

/// What a sender wants of the servers of a domain.
pub(super) struct Wishes {
    domain: Option<Name>,
    dane: bool,
    policy: Option<StsPolicy>,
    marks: Vec<Mark>,
}

/// What it demands of one of them.
#[derive(Default)]
pub(super) struct Demand {
    host: Option<Name>,
    dane: Option<Tlsa>,
    policy: Option<(String, StsPolicy)>,
    marks: Vec<Mark>,
}

/// All that DANE judges a server by, but for what it shows.
struct Tlsa {
    domain: Name,
    mx: Answer,
    addresses: Vec<Answer>,
    records: Vec<(Name, Answer)>,
}

/// What came of holding a demand against a server.
#[derive(Default)]
pub(super) struct Held {
    /// The same for the tape.
    pub(super) marks: Vec<Mark>,
    /// True if DANE proves who the server is, whatever else is said of its certificate (RFC 7672 §3.1.1).
    pub(super) by_dane: bool,
    /// Why no letter goes there.
    pub(super) doubt: Option<Unsafe>,
}

/// Why a letter does not go to a server.
#[derive(Debug)]
pub(super) struct Unsafe {
    status: Status,
    promise: Promise,
}

impl Relay {
    /// What a host wants for this letter of the servers of a domain.
    pub(super) async fn wishes(&self, host: &Host, letter: &Letter, domain: &str) -> Wishes {
        let mut wishes =
            Wishes { domain: typed::name(domain).ok().map(|it| it.name), dane: false, policy: None, marks: Vec::new() };
        if waives_tls(letter) {
            return wishes;
        }
        wishes.dane = host.goes_by.contains(&GoesBy::Dane);
        if host.goes_by.contains(&GoesBy::MtaSts) {
            wishes.policy = self.policy(host, domain, &mut wishes.marks).await;
        }
        wishes
    }

    /// The policy of a domain as a host knows it now (RFC 8461 §5.1).
    async fn policy(&self, host: &Host, domain: &str, marks: &mut Vec<Mark>) -> Option<StsPolicy> {
        let name = typed::name(domain).ok()?.name;
        let heard = ask(&self.names, name.under("_mta-sts"), Kind::TXT).await;
        let record = sts::announced(&heard.answer);
        marks.push(Mark::LookedUp(LookUp::from(&heard)));
        let id = record.and_then(|record| String::from_utf8(record.value("id")?.to_vec()).ok());
        let now = self.hosts.inner.clock.now();
        if let Some(id) = id.filter(|id| self.hosts.inner.policies.asks(&host.name, domain, id, now)) {
            let fetched = self.fetch(host, domain, &id).await;
            let policy = fetched.found.as_ref().ok().and_then(|text| StsPolicy::parse(text).ok());
            marks.push(Mark::Fetched(Box::new(fetched)));
            self.hosts.inner.policies.keep(&host.name, domain, &id, policy, now);
        }
        self.hosts.inner.policies.of(&host.name, domain, now)
    }

    /// Asks the web server of a domain for its policy.
    async fn fetch(&self, host: &Host, domain: &str, id: &str) -> Fetched {
        let (started, site, mut at) = (Instant::now(), policy::host(domain), None);
        let asking = async {
            let name = typed::name(&site).map_err(|bad| Unfetched::NoAddress(bad.to_string()))?.name;
            let answer = ask(&self.names, name, Kind::A).await.answer;
            let Some(ip) = answer.records.iter().find_map(Record::address) else {
                return Err(Unfetched::NoAddress(answer.outcome.word().into_owned()));
            };
            at = Some(ip);
            let peer = (ip, HTTPS).into();
            let stream = self.hosts.connect(peer, &host.client());
            let stream = stream.map_err(|error| Unfetched::NotReached(error.to_string()))?;
            let tls = self.tls.as_ref().ok_or(Unfetched::NoTls)?;
            let shaken = tls.shake(stream, &tls.expected(&site, peer)).await;
            let (stream, facts) = shaken.map_err(|_| Unfetched::NoTls)?;
            match facts.doubt() {
                Some(why) => Err(Unfetched::NotValid(why.to_owned())),
                None => https::policy(stream, &site).await,
            }
        };
        let found = timeout(PATIENCE, asking).await.unwrap_or(Err(Unfetched::TimedOut(PATIENCE)));
        Fetched { domain: domain.to_owned(), id: id.to_owned(), at, found, took: started.elapsed() }
    }
}

impl Wishes {
    /// What is demanded of a server that the way leads to.
    pub(super) async fn of(&self, names: &Names, way: &Way, exchanger: &Exchanger) -> Demand {
        let Some(domain) = &self.domain else { return Demand::default() };
        let (host, mut marks) = (exchanger.host.clone(), self.marks.clone());
        let policy = self.policy.clone().map(|policy| (domain.relative(), policy));
        let mut dane = None;
        if self.dane {
            let addresses = way.addresses(&host);
            let mut records = Vec::new();
            for base in dane::bases(&host, &addresses) {
                let heard = ask(names, dane::place(&base), Kind::TLSA).await;
                marks.push(Mark::LookedUp(LookUp::from(&heard)));
                records.push((base, heard.answer));
            }
            let addresses = addresses.into_iter().cloned().collect();
            dane = Some(Tlsa { domain: domain.clone(), mx: way.mx().clone(), addresses, records });
        }
        Demand { host: Some(host), dane, policy, marks }
    }
}

impl Demand {
    /// How it came about, for the tape.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Whether the server is to be talked to at all.
    pub(super) fn before(&self) -> Result<(), Unsafe> {
        let (dane, Some(host)) = (self.judge(None), &self.host) else { return Ok(()) };
        let waits = promises::dane(&dane, host, 0).filter(|promise| promise.kept == Kept::DaneWait);
        let policy = self.policy(&dane).filter(|(_, policy)| !policy.names(host));
        let unnamed = policy.map(|(domain, policy)| promises::sts(policy, domain, host, None));
        let unnamed = unnamed.filter(|promise| promise.kept == Kept::StsBroken);
        waits.or(unnamed).map_or(Ok(()), |promise| Err(Unsafe { status: NO_PROOF, promise }))
    }

    /// True if nothing goes without TLS.
    pub(super) fn wants_tls(&self) -> bool {
        self.hold(None).doubt.is_some()
    }

    /// Holds it against what the server showed; `facts` is missing where there is no TLS.
    pub(super) fn hold(&self, facts: Option<&TlsFacts>) -> Held {
        let mut held = Held::default();
        let Some(host) = &self.host else { return held };
        let dane = self.judge(facts);
        held.by_dane = matches!(dane, Dane::Kept { .. });
        let status = if facts.is_none() { NO_TLS } else { NO_PROOF };
        let asks_tls = matches!(dane, Dane::Broken | Dane::Unusable);
        let told = match facts {
            Some(facts) => promises::dane(&dane, host, facts.chain.len()),
            None if asks_tls => {
                let why =
                    format!("{} has signed TLSA records, but no TLS came about; no letter goes there", host.relative());
                Some(Promise { kept: Kept::DaneBroken, why })
            }
            None => None,
        };
        let said = self.policy(&dane).map(|(domain, policy)| promises::sts(policy, domain, host, facts));
        let both = || told.iter().chain(&said);
        held.marks = both().cloned().map(Mark::Promised).collect();
        let broken = both().find(|promise| matches!(promise.kept, Kept::DaneBroken | Kept::StsBroken));
        held.doubt = broken.cloned().map(|promise| Unsafe { status, promise });
        held
    }

    /// The name that the server is asked for in TLS, where DANE says it.
    pub(super) fn name(&self) -> Option<String> {
        let base = self.case(None)?.base()?.relative();
        Some(base.trim_end_matches('.').to_owned())
    }

    /// What DANE says of what was shown.
    fn judge(&self, facts: Option<&TlsFacts>) -> Dane {
        self.case(facts).map_or(Dane::None, |case| case.judge())
    }

    fn case<'a>(&'a self, facts: Option<&'a TlsFacts>) -> Option<Case<'a>> {
        let Tlsa { domain, mx, addresses, records } = self.dane.as_ref()?;
        Some(Case {
            mx: Some(mx),
            addresses: addresses.iter().collect(),
            tlsa: records.iter().map(|(base, answer)| (base.clone(), answer)).collect(),
            next_hop: domain,
            chain: facts.map(|facts| facts.chain.iter().map(Shown::from).collect()).unwrap_or_default(),
        })
    }

    /// The policy, where it has a say: it never overrides what DANE says (RFC 8461 §2).
    fn policy(&self, dane: &Dane) -> Option<&(String, StsPolicy)> {
        self.policy.as_ref().filter(|_| !matches!(dane, Dane::Kept { .. } | Dane::Broken | Dane::Wait(_)))
    }
}

impl Unsafe {
    /// The same for the tape.
    pub(super) fn mark(&self) -> Mark {
        Mark::Promised(self.promise.clone())
    }

    /// What it means for the letter: not here, and not now.
    pub(super) fn outcome(self, server: &str) -> Outcome {
        let why = Some(format!("{}: {}.", self.promise.kept.by(), self.promise.why));
        Outcome { verdict: Verdict::Nobody, status: self.status, remote: Some(server.to_owned()), said: None, why }
    }
}

/// True if the sender would rather have the letter arrive in plain text than not at all (RFC 8689 §3), and has not asked
/// for TLS on the whole way (§4.1).
fn waives_tls(letter: &Letter) -> bool {
    let asks = params::find(&letter.params, "REQUIRETLS").is_some();
    let says = field::first(&letter.content, b"TLS-Required");
    !asks && says.is_some_and(|says| says.eq_ignore_ascii_case(b"no"))
}
