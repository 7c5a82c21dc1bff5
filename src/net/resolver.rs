//! The resolver: questions of [`ports::dns`](crate::ports::dns) in, signals out; it never blocks anybody.
//!
//! It asks exactly the name it is given: no search list, no hosts file, no cache. Every query carries AD and DO (RFC 6840
//! §5.7, RFC 3225), so that the resolver's own judgement is seen, and is judged again here. Limits are those of
//! [`limits::dns`](crate::smtp::limits::dns): a hostile server costs ten seconds and 64 records.

mod address;
mod convert;
mod exchange;
mod validate;

pub use address::Addresses;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::dnssec::TrustAnchors;
use hickory_proto::op::{DnsRequest, DnsRequestOptions, Message, Query, ResponseCode};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use crate::dns::{Answer, Data, Kind, Name, Outcome, Question, Record, Validation};
use crate::ports::dns::{Request, Signal, Source};
use crate::smtp::limits::dns as limits;
use exchange::{Exchange, Missed};
use validate::Validators;

/// How long the signatures of one answer may be followed.
const PATIENCE: Duration = Duration::from_secs(3);
/// Questions under way at the same time.
const AT_ONCE: usize = 16;

/// The lab's name server, as the resolver needs to know it.
#[derive(Clone)]
pub struct LabServer {
    /// Its loopback address.
    pub addr: SocketAddr,
    /// The lab's root key.
    pub trust_anchor: Arc<TrustAnchors>,
}

/// Asks the DNS. Cheap to clone.
#[derive(Clone)]
pub struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    lab: Option<LabServer>,
    /// Servers to ask instead of the operating system's, if given.
    system: Option<Vec<SocketAddr>>,
    validators: Validators,
}

impl Resolver {
    /// A resolver; `lab` is the lab's name server, if the lab runs.
    pub fn new(lab: Option<LabServer>) -> Self {
        Self::build(lab, None)
    }

    /// A resolver that asks these servers, in this order, where the operating system's would be asked.
    pub fn with_servers(lab: Option<LabServer>, servers: Vec<SocketAddr>) -> Self {
        Self::build(lab, Some(servers))
    }

    fn build(lab: Option<LabServer>, system: Option<Vec<SocketAddr>>) -> Self {
        Self { shared: Arc::new(Shared { lab, system, validators: Validators::default() }) }
    }

    /// Serves requests until the sender goes away; every request gets one signal.
    pub fn start(self, mut requests: mpsc::Receiver<Request>, signals: mpsc::Sender<Signal>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut under_way = JoinSet::new();
            loop {
                tokio::select! {
                    request = requests.recv(), if under_way.len() < AT_ONCE => {
                        let Some(Request { ticket, question, source }) = request else { break };
                        let resolver = self.clone();
                        under_way.spawn(async move { resolver.look_up(ticket, question, &source).await });
                    }
                    Some(done) = under_way.join_next() => {
                        if let Ok(signal) = done && signals.send(signal).await.is_err() {
                            break;
                        }
                    }
                }
            }
        })
    }

    /// Asks one question. Takes at most [`limits::QUESTION`] and the time of the validation (three seconds more).
    pub async fn look_up(&self, ticket: u64, question: Question, source: &Source) -> Signal {
        let started = Instant::now();
        let servers = match self.servers(source) {
            Ok(servers) => servers,
            Err(why) => {
                let answer = Answer::empty(Outcome::Failed(why));
                return Signal { ticket, question, answer, from: source.to_string(), took: started.elapsed() };
            }
        };
        let (asked, mut answer, path) = in_turn(servers, &question, started + limits::QUESTION).await;
        let took = started.elapsed();
        if let Some(server) = asked {
            self.judge(server, source, &mut answer, path).await;
        }
        Signal { ticket, question, answer, from: from(source, asked), took }
    }

    /// The servers to ask, in order, or why there is none.
    fn servers(&self, source: &Source) -> Result<Vec<SocketAddr>, String> {
        match source {
            Source::Server(server) => Ok(vec![*server]),
            Source::Lab => match &self.shared.lab {
                Some(lab) => Ok(vec![lab.addr]),
                None => Err("the lab is not running".into()),
            },
            Source::System => self.shared.system.clone().map_or_else(system_servers, Ok),
        }
    }

    /// Validates every question that was needed on the way through the aliases.
    async fn judge(&self, server: SocketAddr, source: &Source, answer: &mut Answer, path: Vec<Query>) {
        if !answer.outcome.is_answer() {
            return;
        }
        let lab = self.shared.lab.as_ref().filter(|lab| *source == Source::Lab || lab.addr == server);
        let anchors = lab.map(|lab| &lab.trust_anchor);
        let in_time = timeout(PATIENCE, async {
            for query in path {
                self.shared.validators.judge(server, anchors, query).await.apply(answer);
            }
        });
        if in_time.await.is_err() {
            answer.validation = Validation::Indeterminate;
        }
    }
}

/// Who answered, in words.
fn from(source: &Source, server: Option<SocketAddr>) -> String {
    match (source, server) {
        (Source::System, Some(server)) => format!("system {}", Source::Server(server)),
        _ => source.to_string(),
    }
}

/// The servers that the operating system names, port 53.
fn system_servers() -> Result<Vec<SocketAddr>, String> {
    let unread = |why: hickory_net::NetError| format!("the system's resolver is not set: {why}");
    let (config, _) = hickory_resolver::system_conf::read_system_conf().map_err(unread)?;
    let mut servers: Vec<SocketAddr> = Vec::new();
    for server in config.name_servers() {
        let port = server.connections.first().map_or(53, |connection| connection.port);
        let addr = SocketAddr::new(server.ip, port);
        if !servers.contains(&addr) {
            servers.push(addr);
        }
    }
    if servers.is_empty() { Err("the system names no resolver".into()) } else { Ok(servers) }
}

/// Asks the servers one after the other until one answers, be it "there is none". Says who was asked last.
async fn in_turn(
    servers: Vec<SocketAddr>,
    question: &Question,
    deadline: Instant,
) -> (Option<SocketAddr>, Answer, Vec<Query>) {
    let mut last = (None, Answer::empty(Outcome::TimedOut), Vec::new());
    for server in servers {
        let Ok((answer, path)) = timeout_at(deadline, follow(server, question)).await else {
            return (Some(server), Answer::empty(Outcome::TimedOut), Vec::new());
        };
        let answered = answer.outcome.is_answer();
        last = (Some(server), answer, path);
        if answered {
            break;
        }
    }
    last
}

/// Asks one server and follows aliases until the chain ends. Also returns the questions that were asked.
async fn follow(server: SocketAddr, question: &Question) -> (Answer, Vec<Query>) {
    let mut answer = Answer::empty(Outcome::NoData);
    let mut path = Vec::new();
    let mut at = question.name.clone();
    loop {
        let Some(query) = query(&at, question.kind) else {
            answer.outcome = Outcome::Failed("the name is too long".into());
            return (answer, path);
        };
        let before = answer.records.len();
        match ask(server, query.clone()).await {
            Ok((message, tcp)) => take(&mut answer, &message, tcp, &mut at, question.kind),
            Err(missed) => answer.outcome = outcome_of(missed),
        }
        path.push(query);
        let went_on = answer.records.len() > before;
        if went_round(&answer, &question.name) {
            answer.outcome = Outcome::Loop;
        }
        // An authoritative server gives the alias only; a recursive one has followed it already.
        if answer.outcome != Outcome::NoData || !went_on {
            return (answer, path);
        }
    }
}

fn query(name: &Name, kind: Kind) -> Option<Query> {
    convert::name_to(name).map(|name| Query::query(name, convert::kind_to(kind)))
}

/// Sends one query; once more without EDNS if the server does not understand that (RFC 6891 §7).
async fn ask(server: SocketAddr, query: Query) -> Result<(Message, bool), Missed> {
    let mut request = with_bits(query.clone(), true);
    let mut received = Exchange { server }.ask(request).await?;
    if matches!(
        received.response.metadata.response_code,
        ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS
    ) {
        request = with_bits(query, false);
        received = Exchange { server }.ask(request).await?;
    }
    Ok((received.response.into_message(), received.tcp))
}

fn with_bits(query: Query, edns: bool) -> DnsRequest {
    let mut options = DnsRequestOptions::default();
    options.use_edns = edns;
    options.edns_set_dnssec_ok = edns;
    let mut request = DnsRequest::from_query(query, options);
    request.metadata.authentic_data = true;
    request
}

/// Takes what belongs to the question out of a message: the chain of aliases from `at`, and the records at its end.
/// `at` moves to the end of the chain.
fn take(answer: &mut Answer, message: &Message, tcp: bool, at: &mut Name, kind: Kind) {
    let came: Vec<Record> = message.answers.iter().filter_map(convert::record_from).collect();
    let before = answer.records.len();
    let mut found = false;
    while answer.records.len() - before <= came.len() {
        let kept = if kind == Kind::MX { limits::EXCHANGES } else { limits::RECORDS };
        let here: Vec<&Record> = came.iter().filter(|record| record.owner == *at && record.kind() == kind).collect();
        if !here.is_empty() {
            found = true;
            answer.left_out = here.len().saturating_sub(kept);
            answer.records.extend(here.into_iter().take(kept).cloned());
            break;
        }
        let alias = came.iter().find_map(|record| match &record.data {
            Data::Cname(target) if record.owner == *at => Some((record, target)),
            _ => None,
        });
        let Some((record, target)) = alias else { break };
        let seen = answer.records.iter().any(|before| before.owner == *target) || record.owner == *target;
        answer.records.push(record.clone());
        *at = target.clone();
        if seen {
            break;
        }
    }
    answer.outcome = convert::outcome_from(message.metadata.response_code, found);
    answer.claimed = message.metadata.authentic_data && (before == 0 || answer.claimed);
    answer.extended = convert::extended_error(message);
    answer.tcp = tcp;
    answer.negative =
        message.authorities.iter().filter_map(convert::record_from).find_map(|record| match record.data {
            Data::Soa { minimum, .. } => Some(minimum.min(record.lifetime())),
            _ => None,
        });
}

/// Whether the aliases lead back to a name that was seen, or are more than anybody follows.
fn went_round(answer: &Answer, asked: &Name) -> bool {
    let chain = answer.chain(asked);
    let again = chain.iter().enumerate().any(|(at, name)| chain.iter().take(at).any(|seen| seen == name));
    again || chain.len() > limits::ALIASES + 1
}

fn outcome_of(missed: Missed) -> Outcome {
    match missed {
        Missed::TimedOut => Outcome::TimedOut,
        Missed::Truncated => Outcome::Truncated,
        Missed::Malformed => Outcome::Malformed,
        Missed::Failed(why) => Outcome::Failed(why),
    }
}
