//! Where a mail program hands in letters: RFC 6186 with RFC 8314, step by step.
//!
//! 1. `_submissions._tcp` names servers with TLS from the first octet (RFC 8314 §5.1), `_submission._tcp` those with
//!    STARTTLS; a target of `.` says that there is none (RFC 2782).
//! 2. TLS from the first octet comes before STARTTLS (RFC 8314 §3.3).
//! 3. Within a service the lowest priority first, then the greatest weight (RFC 2782).
//! 4. Where no server is announced, nor denied: the name itself at port 465, then at 587.

use super::{Answer, Data, Kind, Name, Question};

/// How a letter is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// TLS from the first octet.
    Submissions,
    /// STARTTLS, and nothing without it.
    Submission,
}

impl Service {
    /// Every service, the preferred one first.
    pub const ALL: [Self; 2] = [Self::Submissions, Self::Submission];

    /// The port that is registered for it (RFC 8314 §7.3, RFC 6409 §3.1).
    pub const fn port(self) -> u16 {
        match self {
            Self::Submissions => 465,
            Self::Submission => 587,
        }
    }

    /// What asks for its servers.
    pub fn question(self, domain: &Name) -> Question {
        let prefix = match self {
            Self::Submissions => "_submissions._tcp",
            Self::Submission => "_submission._tcp",
        };
        Question::new(domain.under(prefix), Kind::SRV)
    }
}

/// One way to hand in letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The server.
    pub host: Name,
    /// Its port.
    pub port: u16,
    /// How.
    pub service: Service,
    /// An SRV record says so; otherwise it is the usual place.
    pub announced: bool,
}

/// The ways for a domain, the one to try first in front. `answers` are those to the questions of [`Service::ALL`].
pub fn ways(domain: &Name, answers: [&Answer; 2]) -> Vec<Way> {
    let announced = || Service::ALL.into_iter().zip(answers).flat_map(|(service, answer)| announced(service, answer));
    if answers.iter().any(|answer| answer.of(Kind::SRV).next().is_some()) {
        return announced().collect();
    }
    let usual = |service: Service| Way { host: domain.clone(), port: service.port(), service, announced: false };
    Service::ALL.into_iter().map(usual).collect()
}

fn announced(service: Service, answer: &Answer) -> Vec<Way> {
    let mut ways: Vec<_> = answer
        .of(Kind::SRV)
        .filter_map(|record| match &record.data {
            Data::Srv { priority, weight, port, target } if !target.is_root() => {
                let way = Way { host: target.clone(), port: *port, service, announced: true };
                Some(((*priority, u16::MAX - weight), way))
            }
            _ => None,
        })
        .collect();
    ways.sort_by_key(|(order, _)| *order);
    ways.into_iter().map(|(_, way)| way).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Outcome, Record, Validation, typed};

    fn name(text: &str) -> Name {
        if text == "." { Name::root() } else { typed::name(text).unwrap().name }
    }

    fn srv(records: &[(u16, u16, u16, &str)]) -> Answer {
        let mut answer = Answer::empty(if records.is_empty() { Outcome::NxDomain } else { Outcome::Found });
        for (priority, weight, port, target) in records {
            let data = Data::Srv { priority: *priority, weight: *weight, port: *port, target: name(target) };
            let owner = name("_submission._tcp.you.test");
            answer.records.push(Record { owner, ttl: 300, data, proof: Validation::NotChecked });
        }
        answer
    }

    fn found(submissions: &[(u16, u16, u16, &str)], submission: &[(u16, u16, u16, &str)]) -> Vec<String> {
        let ways = ways(&name("you.test"), [&srv(submissions), &srv(submission)]);
        ways.iter().map(|way| format!("{}:{} {:?}", way.host.relative(), way.port, way.service)).collect()
    }

    #[test]
    fn c112_tls_from_the_first_octet_comes_before_starttls_whatever_the_priorities() {
        let both = found(&[(20, 1, 465, "b.test")], &[(10, 1, 587, "a.test")]);
        assert_eq!(both, ["b.test:465 Submissions", "a.test:587 Submission"]);
        let equals = found(&[(10, 1, 465, "c.test"), (5, 1, 4650, "b.test"), (5, 9, 465, "a.test")], &[]);
        assert_eq!(equals, ["a.test:465 Submissions", "b.test:4650 Submissions", "c.test:465 Submissions"]);
    }

    #[test]
    fn c112_where_nothing_is_announced_465_comes_first_then_587() {
        assert_eq!(found(&[], &[]), ["you.test:465 Submissions", "you.test:587 Submission"]);
        assert_eq!(found(&[], &[(0, 0, 587, "a.test")]), ["a.test:587 Submission"]);
        assert!(found(&[(0, 0, 0, ".")], &[(0, 0, 0, ".")]).is_empty(), "the domain says that there is none");
    }
}
