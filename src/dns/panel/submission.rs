//! The panel of a domain's submission servers: the same questions, rows and addresses, with other ways at the end.

use super::{About, Content, Panel, Row, Section, Target};
use crate::dns::submission::{Service, Way, ways};
use crate::dns::typed::Typed;
use crate::dns::{Data, Kind, Name, Question};

impl Panel {
    /// A panel about where a domain's users hand in letters. `history` as for [`Panel::new`].
    pub fn submission(domain: impl Into<Typed>, history: Vec<Name>) -> Self {
        let mut panel = Self { about: About::Submission, ..Self::empty(domain.into(), history, 0) };
        for question in panel.services() {
            panel.want(question);
        }
        panel
    }

    /// The questions that lead to the servers.
    pub(super) fn services(&self) -> Vec<Question> {
        Service::ALL
            .iter()
            .filter(|_| self.about == About::Submission)
            .map(|service| service.question(&self.domain))
            .collect()
    }

    /// Asks for the addresses of the servers, once it is known which they are.
    pub(super) fn ask_ways(&mut self) {
        for way in self.ways().unwrap_or_default() {
            self.want(Question::new(way.host.clone(), Kind::A));
            self.want(Question::new(way.host, Kind::AAAA));
        }
    }

    /// Where letters are handed in, the first to try in front; nothing until both answers are in.
    pub fn ways(&self) -> Option<Vec<Way>> {
        let [submissions, submission] = Service::ALL.map(|service| self.heard(&service.question(&self.domain)));
        let known = submissions.zip(submission).filter(|_| self.about == About::Submission)?;
        Some(ways(&self.domain, [&known.0.answer, &known.1.answer]))
    }

    pub(super) fn submission_rows(&self) -> Vec<Row> {
        let ways = self.ways().unwrap_or_default();
        let mut rows = Vec::new();
        for service in Service::ALL {
            let mut of = self.of(Section::Submission, &service.question(&self.domain));
            for row in &mut of {
                let way = ways.iter().find(|way| way.service == service && leads(row, way));
                row.target = way.and_then(|way| self.way_target(way));
            }
            of.sort_by_key(|row| ways.iter().position(|way| way.service == service && leads(row, way)));
            rows.extend(of);
        }
        let mut hosts: Vec<&Way> = Vec::new();
        for way in &ways {
            if !hosts.iter().any(|known| known.host == way.host) {
                hosts.push(way);
            }
        }
        for way in hosts {
            rows.extend(self.address_rows(&way.host, |target| Target { way: Some(way.clone()), ..target }));
        }
        rows
    }

    fn way_target(&self, way: &Way) -> Option<Target> {
        self.target(&way.host).map(|target| Target { way: Some(way.clone()), ..target })
    }

    /// One sentence: which way comes first, and why.
    pub(super) fn why_way(&self) -> String {
        let Some(ways) = self.ways() else { return "The answers about submission are not in yet.".into() };
        let domain = self.domain.relative();
        match ways.first() {
            None => format!("{domain} says that it has no submission server (RFC 2782)"),
            Some(way) if !way.announced => {
                format!(
                    "no SRV names a submission server of {domain}: 465 with TLS comes first, then 587 with STARTTLS"
                )
            }
            Some(Way { host, port, service: Service::Submissions, .. }) => {
                format!("{}:{port} comes first: TLS from the first byte is best (RFC 8314 §3.3)", host.relative())
            }
            Some(Way { host, port, service: Service::Submission, .. }) => {
                format!(
                    "{}:{port}, with STARTTLS and never without: no server with TLS from the first byte is named",
                    host.relative()
                )
            }
        }
    }
}

/// True if a row names this way, or says that there is no record where the usual place is tried.
fn leads(row: &Row, way: &Way) -> bool {
    match &row.content {
        Content::Data(Data::Srv { port, target, .. }) => way.announced && (target, *port) == (&way.host, way.port),
        Content::Nothing(_) => !way.announced,
        _ => false,
    }
}
