//! What an SPF check costs: the walk through includes and redirects, counting look-ups (RFC 7208 §4.6.4).
//!
//! At most ten terms may need the DNS, those inside includes counted, and at most two look-ups may come back empty.
//! The walk asks what a receiver would ask, stops at the limits, and names the rule that was broken. Terms with macros
//! depend on the letter: they are counted and not asked.

use std::collections::VecDeque;

use super::spf::{Term, split_prefix};
use super::{Parsed, Policy, Tag, shown};
use crate::dns::{Answer, Kind, Name, Outcome, Question, Trouble};
use crate::smtp::limits::dns as limits;

/// A walk under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Questions that wait for their answer.
    open: Vec<Step>,
    /// Questions not asked yet.
    next: VecDeque<Step>,
    /// Terms that need the DNS, so far.
    look_ups: usize,
    /// Look-ups that came back empty.
    void: usize,
    broken: Option<Trouble>,
    waits: Option<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    question: Question,
    /// The domains on the way here, for the loop check; only for records that are followed.
    path: Vec<Name>,
    follow: bool,
}

impl Walk {
    /// Begins at the record of a domain.
    pub fn new(domain: &Name, record: &Parsed) -> Self {
        let mut walk =
            Self { open: Vec::new(), next: VecDeque::new(), look_ups: 0, void: 0, broken: None, waits: None };
        walk.enter(record, std::slice::from_ref(domain));
        walk
    }

    /// The questions that come next; each is handed out once.
    pub fn questions(&mut self) -> Vec<Question> {
        if self.broken.is_some() {
            self.next.clear();
        }
        let steps: Vec<Step> = self.next.drain(..).collect();
        let questions = steps.iter().map(|step| step.question.clone()).collect();
        self.open.extend(steps);
        questions
    }

    /// Takes an answer; false if the walk did not ask for it.
    pub fn apply(&mut self, question: &Question, answer: &Answer) -> bool {
        let mut asked = false;
        while let Some(at) = self.open.iter().position(|step| step.question == *question) {
            let step = self.open.swap_remove(at);
            asked = true;
            self.take(&step, answer);
        }
        asked
    }

    /// Look-ups so far, as far as the walk has come.
    pub fn look_ups(&self) -> usize {
        self.look_ups
    }

    /// The rule that was broken, if any.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.broken.as_ref()
    }

    /// Whether everything was asked and answered, or a rule was broken.
    pub fn is_done(&self) -> bool {
        self.broken.is_some() || (self.open.is_empty() && self.next.is_empty())
    }

    /// One line about the cost.
    pub fn sentence(&self) -> String {
        match (&self.broken, &self.waits) {
            (Some(trouble), _) => trouble.text.to_string(),
            (None, Some(outcome)) => {
                format!("SPF costs {} of 10 look-ups; one failed for now ({}).", self.look_ups, outcome.word())
            }
            (None, None) => format!("SPF costs {} of 10 look-ups.", self.look_ups),
        }
    }

    fn take(&mut self, step: &Step, answer: &Answer) {
        match &answer.outcome {
            Outcome::NoData | Outcome::NxDomain => self.empty(),
            Outcome::Found => {}
            other => self.waits = Some(other.clone()),
        }
        if !step.follow || self.broken.is_some() || answer.outcome.is_temporary() {
            return;
        }
        let (records, several) = Policy::Spf.find(answer);
        match (records.as_slice(), several) {
            (_, Some(_)) => {
                let text = format!("{} has more than one SPF record: receivers must give up.", step.question.name);
                self.break_rule("RFC 7208 §4.5", text);
            }
            ([record], None) => self.enter(record, &step.path),
            _ => {
                let text = format!("{} is included but has no SPF record: receivers must give up.", step.question.name);
                self.break_rule("RFC 7208 §5.2", text);
            }
        }
    }

    /// Counts the terms of one record and plans its questions. `path` ends with the record's own domain.
    fn enter(&mut self, record: &Parsed, path: &[Name]) {
        if let Some(error) = record.troubles.iter().find(|trouble| trouble.id == "spf/permerror") {
            self.broken.get_or_insert_with(|| error.clone());
            return;
        }
        let all = record.tags.iter().any(|tag| tag.term() == Some(Term::All));
        for tag in &record.tags {
            match tag.term() {
                Some(Term::All) => break,
                Some(Term::Redirect) if all => {}
                Some(term) if term.needs_dns() => self.count(term, tag, record, path),
                _ => {}
            }
        }
    }

    fn count(&mut self, term: Term, tag: &Tag, record: &Parsed, path: &[Name]) {
        if self.broken.is_some() {
            return;
        }
        self.look_ups += 1;
        if self.look_ups > limits::SPF_LOOK_UPS {
            self.break_rule("RFC 7208 §4.6.4", "More than 10 DNS lookups: receivers must give up.".into());
            return;
        }
        let (domain, _) = split_prefix(record.slice(&tag.value));
        let target = match (domain.is_empty(), domain.contains(&b'%')) {
            (_, true) => return,
            (true, false) => path.last().cloned().unwrap_or_default(),
            (false, false) => Name::from_labels(domain.split(|octet| *octet == b'.')),
        };
        if target.labels().any(|label| label.len() > limits::LABEL) || target.wire_len() > limits::NAME {
            self.break_rule("RFC 7208 §4.3", format!("'{}' is no domain name: receivers must give up.", shown(domain)));
            return;
        }
        let follow = matches!(term, Term::Include | Term::Redirect);
        if follow && path.contains(&target) {
            let chain: Vec<String> = path.iter().chain([&target]).map(Name::relative).collect();
            self.break_rule(
                "RFC 7208 §4.6.4",
                format!("{}: a loop, which costs more than 10 lookups.", chain.join(" → ")),
            );
            return;
        }
        let kind = match term {
            Term::Include | Term::Redirect => Kind::TXT,
            Term::Mx => Kind::MX,
            Term::Ptr => return,
            _ => Kind::A,
        };
        let path = path.iter().cloned().chain([target.clone()]).collect();
        self.next.push_back(Step { question: Question::new(target, kind), path, follow });
    }

    fn empty(&mut self) {
        self.void += 1;
        if self.void > limits::SPF_VOID {
            let text = "More than 2 lookups without an answer: receivers must give up.".into();
            self.break_rule("RFC 7208 §4.6.4", text);
        }
    }

    fn break_rule(&mut self, cite: &'static str, text: String) {
        self.broken.get_or_insert_with(|| Trouble::error("spf/permerror", cite, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Data, Record, Validation};

    /// Walks with these TXT records; other look-ups find something unless `void`.
    fn walk(records: &[(&str, &str)], void: bool) -> (Walk, Vec<String>) {
        let text_of =
            |name: &Name| records.iter().find(|(owner, _)| Name::ascii(owner) == *name).map(|(_, text)| *text);
        let start = Name::ascii(records[0].0);
        let mut walk = Walk::new(&start, &Policy::Spf.parse(records[0].1.as_bytes()));
        let mut asked = Vec::new();
        for _ in 0..50 {
            for question in walk.questions() {
                asked.push(format!("{} {}", question.name, question.kind));
                let outcome = if void && question.kind != Kind::TXT { Outcome::NxDomain } else { Outcome::Found };
                let mut answer = Answer::empty(outcome);
                if question.kind == Kind::TXT
                    && let Some(text) = text_of(&question.name)
                {
                    let data = Data::Txt(vec![text.as_bytes().to_vec()]);
                    let owner = question.name.clone();
                    answer.records.push(Record { owner, ttl: 60, data, proof: Validation::NotChecked });
                }
                assert!(walk.apply(&question, &answer));
            }
        }
        (walk, asked)
    }

    #[test]
    fn a_small_record_is_counted() {
        let (walk, asked) = walk(&[("a.test", "v=spf1 mx a:b.test ip4:192.0.2.1 -all")], false);
        assert_eq!((walk.look_ups(), walk.trouble()), (2, None));
        assert_eq!(asked, ["a.test. MX", "b.test. A"]);
        assert!(walk.is_done());
        assert_eq!(walk.sentence(), "SPF costs 2 of 10 look-ups.");
    }

    #[test]
    fn q198_eleven_look_ups_are_a_permerror_and_the_walk_stops() {
        let text = format!("v=spf1 {} -all", (0..300).map(|n| format!("a:h{n}.test")).collect::<Vec<_>>().join(" "));
        let (walk, asked) = walk(&[("a.test", &text)], false);
        let trouble = walk.trouble().unwrap();
        assert_eq!((trouble.id, trouble.cite), ("spf/permerror", "RFC 7208 §4.6.4"));
        assert_eq!(trouble.text, "More than 10 DNS lookups: receivers must give up.");
        assert!(asked.len() <= 10, "{asked:?}");
    }

    #[test]
    fn q198_includes_count_together() {
        let many = "v=spf1 a:1.test a:2.test a:3.test a:4.test a:5.test -all";
        let (walk, _) =
            walk(&[("a.test", "v=spf1 include:b.test include:c.test -all"), ("b.test", many), ("c.test", many)], false);
        assert_eq!(walk.trouble().unwrap().text, "More than 10 DNS lookups: receivers must give up.");
    }

    #[test]
    fn q198_a_loop_of_includes_or_redirects_is_named() {
        let (include, _) =
            walk(&[("a.test", "v=spf1 include:b.test -all"), ("b.test", "v=spf1 include:a.test -all")], false);
        assert_eq!(
            include.trouble().unwrap().text,
            "a.test → b.test → a.test: a loop, which costs more than 10 lookups."
        );
        let (redirect, _) = walk(&[("a.test", "v=spf1 redirect=a.test")], false);
        assert_eq!(redirect.trouble().unwrap().id, "spf/permerror");
    }

    #[test]
    fn q198_three_empty_look_ups_are_a_permerror() {
        let (walk, _) = walk(&[("a.test", "v=spf1 a:1.test a:2.test a:3.test -all")], true);
        assert_eq!(walk.trouble().unwrap().text, "More than 2 lookups without an answer: receivers must give up.");
    }

    #[test]
    fn q198_a_long_macro_is_counted_and_never_asked() {
        let text = format!("v=spf1 exists:{}.test -all", "%{l}".repeat(300));
        let (walk, asked) = walk(&[("a.test", &text)], false);
        assert_eq!((walk.look_ups(), walk.trouble()), (1, None));
        assert!(asked.is_empty());
    }

    #[test]
    fn an_include_without_a_record_is_a_permerror() {
        let (walk, _) = walk(&[("a.test", "v=spf1 include:b.test -all")], false);
        assert_eq!(walk.trouble().unwrap().text, "b.test. is included but has no SPF record: receivers must give up.");
    }
}
