//! The stage rail of a session, from its dialogue and the marks of its tape.
//!
//! The last few hundred exchanges are looked through for the times of each step: a session of a million lines has the
//! same rail as one of ten.

use std::net::IpAddr;
use std::time::Duration;

use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::forecast::{Legal, legal};
use crate::dialogue::phase::Phase;
use crate::dialogue::{Dialogue, Login};
use crate::session::Session;
use crate::session::words::milliseconds;
use crate::smtp::command::Verb;
use crate::tape::mark::{Failure, LookUp, Mark};
use crate::tape::tls::TlsFacts;
use crate::tape::told::Means;
use crate::ui::rail::{NotNow, Rail, State, Step};
use crate::ui::remote;

/// The verbs of the rail, in the order in which they are used.
const VERBS: [Verb; 12] = [
    Verb::Ehlo,
    Verb::StartTls,
    Verb::Auth,
    Verb::Mail,
    Verb::Rcpt,
    Verb::Data,
    Verb::Bdat,
    Verb::Rset,
    Verb::Noop,
    Verb::Vrfy,
    Verb::Helo,
    Verb::Quit,
];

/// The rail of a session.
pub fn rail(session: &Session) -> Rail {
    let steps = Steps { session, dialogue: session.dialogue() };
    let mut rail = Rail {
        steps: steps.all(),
        here: steps.here(),
        clock: if session.tells_times() { clock(session.tape().end().micros()) } else { "-".into() },
        round_trip: session.opened().map(|opened| milliseconds(opened.took)),
        envelope: steps.envelope(),
        ..Rail::default()
    };
    steps.legal(&mut rail);
    rail
}

/// Minutes and seconds.
fn clock(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

struct Steps<'a> {
    session: &'a Session,
    dialogue: &'a Dialogue,
}

impl Steps<'_> {
    fn all(&self) -> Vec<Step> {
        let mut steps =
            vec![self.look_up(), self.connection(), self.greeting(), self.hello(), self.tls(), self.login()];
        steps.push(self.mail());
        steps.push(self.recipients());
        steps.push(self.verb("DATA", "DATA", Verb::Data));
        steps.push(self.end_of_data());
        steps.push(self.verb("QUIT", "QUIT", Verb::Quit));
        steps
    }

    /// Which of [`Steps::all`] the session stands at.
    fn here(&self) -> usize {
        let greeted = self.dialogue.hello().is_some();
        match self.dialogue.phase() {
            _ if self.dialogue.opened().is_none() => usize::from(self.look_up().state != State::Due),
            Phase::Opening | Phase::Refused | Phase::Foreign => 2,
            Phase::Ready if !greeted => 3,
            Phase::Ready => self.after_hello(),
            Phase::Upgrading => 4,
            Phase::Sasl => 5,
            Phase::Envelope if self.dialogue.envelope().recipients.is_empty() => 6,
            Phase::Envelope => 7,
            Phase::Content => 8,
            Phase::Verdict => 9,
            Phase::Closing | Phase::Closed => 10,
        }
    }

    /// Between transactions: at the last step that succeeded.
    fn after_hello(&self) -> usize {
        if self.dialogue.letters().last().is_some() {
            9
        } else if self.dialogue.login() == Login::In {
            5
        } else {
            3
        }
    }

    fn marks(&self) -> impl DoubleEndedIterator<Item = &Mark> {
        self.session.tape().marks().iter().map(|(_, mark)| mark)
    }

    /// The MX look-up of a domain, or else the look-up of the host's addresses. Who names an address passes it over.
    fn look_up(&self) -> Step {
        let look_ups = self.marks().filter_map(|mark| match mark {
            Mark::LookedUp(look_up) => Some(look_up),
            _ => None,
        });
        let look_ups: Vec<&LookUp> = look_ups.collect();
        let mx = look_ups.first().is_some_and(|first| first.kind == "MX");
        let (short, long) = if mx { ("MX", "MX look-up") } else { ("DNS", "DNS look-up") };
        let step = |state, aside, details| Step { short, long, state, aside, details };
        // A host may have addresses of one family only.
        let answered =
            look_ups.iter().find(|look_up| !look_up.answers.is_empty() && (look_up.kind == "MX" || !mx)).copied();
        match answered.or(look_ups.first().copied()) {
            Some(look_up) => {
                let state = if answered.is_some() { State::Done } else { State::Refused };
                let answers = remote::shown(&look_up.answers.join("  "));
                step(state, milliseconds(look_up.took), vec![(None, answers)])
            }
            None if self.is_looking_up() => step(State::Due, String::new(), Vec::new()),
            None => step(State::Skipped, "skipped".into(), Vec::new()),
        }
    }

    /// True while the host's name has not led anywhere yet.
    fn is_looking_up(&self) -> bool {
        let target = &self.session.target;
        let named = target.socket.is_none() && target.pinned.is_empty() && target.host.parse::<IpAddr>().is_err();
        named && self.dialogue.opened().is_none() && self.gave_up().is_none()
    }

    fn connection(&self) -> Step {
        let step = |state, aside, details| Step { short: "TCP", long: "TCP", state, aside, details };
        if let Some(opened) = self.session.opened() {
            return step(State::Done, milliseconds(opened.took), vec![(None, opened.peer.to_string())]);
        }
        if self.dialogue.opened().is_some() {
            return step(State::Done, String::new(), Vec::new());
        }
        match self.gave_up() {
            Some(Failure::NoAddress { .. }) => step(State::Refused, "no address".into(), Vec::new()),
            Some(_) => step(State::Refused, String::new(), Vec::new()),
            None if self.look_up().state == State::Due => step(State::Ahead, String::new(), Vec::new()),
            None => step(State::Due, String::new(), Vec::new()),
        }
    }

    /// Why there never was a connection.
    fn gave_up(&self) -> Option<&Failure> {
        self.marks().find_map(|mark| match mark {
            Mark::GaveUp(failure) => Some(failure),
            _ => None,
        })
    }

    fn greeting(&self) -> Step {
        let greeting = self.dialogue.exchanges().first().filter(|exchange| exchange.cause == Cause::Greeting);
        self.step("220", "greeting", greeting)
    }

    fn hello(&self) -> Step {
        let hello = self.last(|exchange| matches!(exchange.verb(), Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo)));
        let (short, long) = match hello.and_then(Exchange::verb) {
            Some(Verb::Helo) => ("HELO", "HELO"),
            Some(Verb::Lhlo) => ("LHLO", "LHLO"),
            _ if self.dialogue.is_upgraded() && self.dialogue.hello().is_some() => ("EHLO", "EHLO again"),
            _ => ("EHLO", "EHLO"),
        };
        let mut step = self.step(short, long, hello);
        if step.state == State::Done && self.dialogue.hello().is_none() {
            // TLS has made the answer void.
            step.state = State::Ahead;
            step.aside.clear();
        }
        step
    }

    fn tls(&self) -> Step {
        let step = |state, took, details| Step { short: "TLS", long: "TLS", state, aside: milliseconds(took), details };
        let verdict = |facts: &TlsFacts| if facts.in_doubt() { State::Refused } else { State::Done };
        // The 220 to STARTTLS is only the beginning: the handshake decides.
        let handshake = self.marks().rev().find_map(|mark| match mark {
            Mark::TlsReady(facts) => {
                Some(step(verdict(facts), facts.took, vec![(None, remote::shown(&facts.version))]))
            }
            Mark::Told(told) => match &told.means {
                Means::Secured { version, .. } => {
                    let details = version.iter().map(|version| (None, remote::shown(version))).collect();
                    Some(Step { short: "TLS", long: "TLS", state: State::Done, aside: String::new(), details })
                }
                _ => None,
            },
            Mark::TlsFailed(failure) => {
                Some(step(State::Refused, failure.took, vec![(None, "handshake failed".into())]))
            }
            _ => None,
        });
        let mut step = handshake.unwrap_or_else(|| self.verb("TLS", "STARTTLS", Verb::StartTls));
        if self.dialogue.phase() == Phase::Upgrading && step.state == State::Done {
            step.state = State::Due;
        }
        if step.state == State::Ahead && self.past_hello() {
            step.state = State::Skipped;
            step.aside = "skipped".into();
        }
        step
    }

    fn login(&self) -> Step {
        let last = self.last(|exchange| matches!(exchange.cause, Cause::Command(Verb::Auth) | Cause::Sasl));
        let mut step = self.step("AUTH", "AUTH", last);
        match self.dialogue.login() {
            Login::In => step.state = State::Done,
            Login::Pending => step.state = State::Due,
            Login::Out if step.state == State::Ahead && self.past_hello() => {
                step.state = State::Skipped;
                step.aside = "skipped".into();
            }
            Login::Out => {}
        }
        step
    }

    /// A transaction has begun, so what was passed over is passed over.
    fn past_hello(&self) -> bool {
        self.dialogue.envelope().is_open() || !self.dialogue.letters().is_empty()
    }

    fn mail(&self) -> Step {
        self.verb("MAIL", "MAIL FROM", Verb::Mail)
    }

    fn recipients(&self) -> Step {
        let envelope = self.dialogue.envelope();
        // Between transactions, those of the last letter stay in sight.
        let last = self.dialogue.letters().last().filter(|_| !envelope.is_open());
        let envelope = last.map_or(envelope, |letter| &letter.envelope);
        let mut step = self.verb("RCPT", "RCPT TO", Verb::Rcpt);
        if envelope.recipients.is_empty() {
            return step;
        }
        let accepted = envelope.accepted().count();
        step.aside = format!("{accepted}/{}", envelope.recipients.len());
        if accepted > 0 {
            step.state = State::Done;
        }
        let shown = envelope.recipients.iter().rev().take(4).rev();
        step.details = shown
            .map(|recipient| {
                let state = match recipient.verdict {
                    None => State::Due,
                    Some(_) if recipient.accepted() => State::Done,
                    Some(_) => State::Refused,
                };
                (Some(state), remote::text(&recipient.path))
            })
            .collect();
        step
    }

    fn end_of_data(&self) -> Step {
        let last = self.last(|exchange| exchange.cause == Cause::EndOfData);
        self.step("END", "end of data", last)
    }

    fn verb(&self, short: &'static str, long: &'static str, verb: Verb) -> Step {
        self.step(short, long, self.last(|exchange| exchange.verb() == Some(verb)))
    }

    fn step(&self, short: &'static str, long: &'static str, exchange: Option<&Exchange>) -> Step {
        let answer = exchange.and_then(|exchange| exchange.answer);
        let state = match (exchange, exchange.and_then(Exchange::code)) {
            (None, _) => State::Ahead,
            (Some(_), None) => State::Due,
            (Some(_), Some(code)) if code.get() < 400 => State::Done,
            (Some(_), Some(_)) => State::Refused,
        };
        let timed = answer.filter(|_| self.session.tells_times());
        let took = exchange.zip(timed).map(|(exchange, answer)| answer.first.since(exchange.asked));
        Step { short, long, state, aside: took.map(milliseconds).unwrap_or_default(), details: Vec::new() }
    }

    fn last(&self, wanted: impl Fn(&Exchange) -> bool) -> Option<&Exchange> {
        self.dialogue.recent().find(|exchange| wanted(exchange))
    }

    fn envelope(&self) -> Vec<(&'static str, String)> {
        let envelope = self.dialogue.envelope();
        let Some(from) = &envelope.reverse_path else { return Vec::new() };
        let from = if from.is_empty() { "<> (nobody)".to_owned() } else { remote::text(from) };
        let mut lines = vec![("FROM", from)];
        lines.extend(envelope.accepted().take(6).map(|recipient| ("TO", remote::text(&recipient.path))));
        if let Some(size) = envelope.size {
            lines.push(("SIZE", format!("{size} declared")));
        }
        lines
    }

    fn legal(&self, rail: &mut Rail) {
        for verb in VERBS {
            match legal(self.dialogue, verb) {
                Legal::Now => rail.may.push(verb.name()),
                Legal::Careful(why) => match rail.careful.iter_mut().find(|group| group.1 == why) {
                    Some(group) => group.0.push(verb.name()),
                    None => rail.careful.push((vec![verb.name()], why)),
                },
                Legal::Not { code, why } => {
                    match rail.not_now.iter_mut().find(|group| group.code == code && group.why == why) {
                        Some(group) => group.verbs.push(verb.name()),
                        None => rail.not_now.push(NotNow { verbs: vec![verb.name()], code, why }),
                    }
                }
            }
        }
    }
}

/// Times from question to reply of the last exchanges, oldest first.
pub fn reply_times(dialogue: &Dialogue) -> Vec<Duration> {
    let mut times: Vec<_> =
        dialogue.recent().filter_map(|exchange| Some(exchange.answer?.first.since(exchange.asked))).collect();
    times.reverse();
    times
}

/// The exchange of the newest row that has one, for a time beside it.
pub fn took(session: &Session, exchange: ExchangeId) -> Option<Duration> {
    let exchange = session.dialogue().exchange(exchange)?;
    exchange.answer.map(|answer| answer.first.since(exchange.asked))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    use crate::ports::net::{Place, SessionId, Target, What};
    use crate::tape::mark::Opened;
    use crate::tape::tls::{TlsFailure, TlsTrouble};
    use crate::tape::{Moment, Side};

    fn connecting(host: &str) -> Session {
        let target = Target::new(host, 25, Place::Lab);
        Session::new(SessionId(1), target)
    }

    fn session() -> Session {
        let mut session = connecting("mx1.harbor.test");
        let peer = ([192, 0, 2, 10], 25).into();
        let opened =
            Opened { host: "mx1.harbor.test".into(), peer, local: None, lmtp: false, took: Duration::from_millis(31) };
        session.apply(Moment::START, &What::Mark(Mark::Opened(opened)));
        session
    }

    fn say(session: &mut Session, side: Side, text: &str) {
        session.apply(Moment::START, &What::Bytes(side, Arc::from(text.as_bytes())));
    }

    fn looked_up(session: &mut Session, kind: &str, answers: &[&str]) {
        let look_up = LookUp {
            name: "mx1.harbor.test.".into(),
            kind: kind.into(),
            answers: answers.iter().map(|&answer| answer.into()).collect(),
            outcome: "NOERROR".into(),
            source: "lab".into(),
            ttl: None,
            took: Duration::from_millis(3),
        };
        session.apply(Moment::START, &What::Mark(Mark::LookedUp(look_up)));
    }

    /// The first two steps: name, state, what stands beside it; and where the session stands.
    fn beginning(session: &Session) -> (Vec<(&'static str, State, String)>, usize) {
        let rail = rail(session);
        let steps = rail.steps.into_iter().take(2).map(|step| (step.short, step.state, step.aside));
        (steps.collect(), rail.here)
    }

    /// The state of a step of the rail.
    fn state(session: &Session, short: &str) -> State {
        rail(session).steps.into_iter().find(|step| step.short == short).expect("the step").state
    }

    #[test]
    fn the_handshake_decides_whether_starttls_succeeded() {
        let mut session = session();
        say(&mut session, Side::Server, "220 mx1.harbor.test ESMTP\r\n");
        say(&mut session, Side::Client, "STARTTLS\r\n");
        assert_eq!(state(&session, "TLS"), State::Due, "no reply yet");
        say(&mut session, Side::Server, "220 go\r\n");
        assert_eq!(state(&session, "TLS"), State::Due, "no handshake yet");
        let failure = TlsFailure { took: Duration::from_millis(2), ..TlsFailure::at_once(TlsTrouble::Closed) };
        session.apply(Moment::START, &What::Mark(Mark::TlsFailed(failure)));
        assert_eq!(state(&session, "TLS"), State::Refused);
    }

    #[test]
    fn a_handshake_that_fails_without_starttls_is_shown_too() {
        let mut session = session();
        assert_eq!(state(&session, "TLS"), State::Ahead);
        let failure = TlsFailure { took: Duration::from_millis(2), ..TlsFailure::at_once(TlsTrouble::Version) };
        session.apply(Moment::START, &What::Mark(Mark::TlsFailed(failure)));
        assert_eq!(state(&session, "TLS"), State::Refused);
    }

    #[test]
    fn an_address_is_not_looked_up() {
        for host in ["192.0.2.10", "2001:db8::10"] {
            let (steps, here) = beginning(&connecting(host));
            assert_eq!(steps, [("DNS", State::Skipped, "skipped".into()), ("TCP", State::Due, String::new())]);
            assert_eq!(here, 1, "{host}");
        }
    }

    #[test]
    fn a_host_is_looked_up_before_it_is_dialled() {
        let mut session = connecting("mx1.harbor.test");
        let (steps, here) = beginning(&session);
        assert_eq!(steps, [("DNS", State::Due, String::new()), ("TCP", State::Ahead, String::new())]);
        assert_eq!(here, 0);
        looked_up(&mut session, "A", &[]);
        looked_up(&mut session, "AAAA", &["2001:db8::10"]);
        let (steps, here) = beginning(&session);
        assert_eq!(steps, [("DNS", State::Done, "3.0 ms".into()), ("TCP", State::Due, String::new())]);
        assert_eq!(here, 1);
    }

    #[test]
    fn a_name_without_addresses_ends_at_the_look_up() {
        let mut session = connecting("mx1.harbor.test");
        looked_up(&mut session, "A", &[]);
        let failure = Failure::NoAddress { outcome: "NXDOMAIN".into() };
        session.apply(Moment::START, &What::Failed(failure));
        let (steps, _) = beginning(&session);
        assert_eq!(steps, [("DNS", State::Refused, "3.0 ms".into()), ("TCP", State::Refused, "no address".into())]);
    }

    #[test]
    fn a_domain_is_asked_for_its_mx() {
        let mut session = connecting("mx1.harbor.test");
        looked_up(&mut session, "MX", &[]);
        looked_up(&mut session, "A", &["192.0.2.10"]);
        assert_eq!(beginning(&session).0.first(), Some(&("MX", State::Refused, "3.0 ms".into())));
    }
}
