//! What the panel amounts to: the findings about the domain, and why mail goes where it goes.

use super::{About, Panel, State};
use crate::dns::plan::Route;
use crate::dns::{Kind, Name, Outcome, Question, Trouble, judge, near};

impl Panel {
    /// Everything worth saying about the domain, the gravest first, each once.
    pub fn findings(&self) -> Vec<Trouble> {
        let mut found: Vec<Trouble> = self.notes.clone();
        found.extend(judge::name(&self.domain));
        found.extend(self.does_not_exist());
        found.extend(self.plan.iter().flat_map(|plan| plan.troubles.clone()));
        found.extend(self.rows().into_iter().flat_map(|row| row.troubles));
        if self.dropped > 0 {
            let text =
                format!("{} questions were not asked: the panel asks {} at most.", self.dropped, self.slots.len());
            found.push(Trouble::note("dns/limit", "", text));
        }
        let mut said = Vec::new();
        for trouble in found {
            let doubled = said.iter().any(|other: &Trouble| other.id == trouble.id && other.text == trouble.text);
            let replaced = trouble.id == "dns/nxdomain"
                && said.iter().any(|other| other.id == trouble.id && other.text.starts_with(&*trouble.text));
            if !doubled && !replaced {
                said.push(trouble);
            }
        }
        said.sort_by_key(|trouble| std::cmp::Reverse(trouble.weight));
        said
    }

    /// That the domain does not exist, with a near spelling from the user's own history.
    fn does_not_exist(&self) -> Option<Trouble> {
        let heard = self.heard(&Question::new(self.domain.clone(), Kind::MX))?;
        let mut trouble = judge::outcome(&heard.question, &heard.answer).filter(|it| it.id == "dns/nxdomain")?;
        if let Some(name) = near::nearest(&self.domain, &self.history) {
            trouble.text = format!("{} Did you mean {}?", trouble.text, name.relative()).into();
        }
        Some(trouble)
    }

    /// One sentence: why this host, if `host` is the one connected to; else where mail goes.
    pub fn why(&self, host: Option<&Name>) -> String {
        if self.about == About::Submission {
            return self.why_way();
        }
        let Some(plan) = &self.plan else { return "The MX answer is not in yet.".into() };
        let Some(chosen) = host.and_then(|host| self.hosts().iter().find(|it| it.host == *host)) else {
            return self.way(&plan.route);
        };
        let name = chosen.host.relative();
        if chosen.implicit {
            return format!("why {name}: no MX, so mail goes to the host itself");
        }
        let answers = |host: &Name| !self.addresses(host).is_empty();
        let better = self.hosts().iter().find(|it| it.preference < chosen.preference && answers(&it.host));
        match better {
            None => format!("why {name}: lowest preference that answered"),
            Some(first) => format!(
                "{name} has preference {}; {} ({}) comes first",
                chosen.preference,
                first.host.relative(),
                first.preference
            ),
        }
    }

    fn way(&self, route: &Route) -> String {
        match self.attempts() {
            Some(Err(dead_end)) if self.addresses_are_in() => dead_end.sentence(),
            _ => route.sentence(),
        }
    }

    fn addresses_are_in(&self) -> bool {
        let in_hand = |host: &Name, kind| {
            self.slot(&Question::new(host.clone(), kind)).is_none_or(|slot| slot.state == State::Answered)
        };
        self.hosts().iter().all(|it| in_hand(&it.host, Kind::A) && in_hand(&it.host, Kind::AAAA))
    }

    /// One line about the cost of an SPF check, once there is a record to follow.
    pub fn spf_cost(&self) -> Option<String> {
        self.walk.as_ref().map(crate::dns::policy::walk::Walk::sentence)
    }

    /// Whether the domain takes no mail, for a reason that is certain.
    pub fn takes_no_mail(&self) -> bool {
        let gone = self.heard(&Question::new(self.domain.clone(), Kind::MX));
        let nxdomain = gone.is_some_and(|heard| heard.answer.outcome == Outcome::NxDomain);
        nxdomain || self.plan.as_ref().is_some_and(|plan| plan.route == Route::NullMx)
    }
}
