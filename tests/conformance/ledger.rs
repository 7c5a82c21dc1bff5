//! A list of rules, and the list of those that have no test yet.

use std::collections::{BTreeMap, BTreeSet};

/// A rule or case: its id and the heading it stands under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) topic: String,
}

/// The rules, those that wait with the reason, and the topics of which none may wait any more.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    rules: Vec<Rule>,
    waiting: BTreeMap<String, String>,
    complete: BTreeSet<String>,
}

impl Ledger {
    /// Reads `[[kind]]` tables with `id` and `topic` or `group`, and a list of `[[waiting]]` tables with `reason` and
    /// `ids`, headed by `complete`: the topics and single ids that are done for good.
    pub(crate) fn read(rules: &str, kind: &str, not_yet: &str) -> Self {
        let rules = tables(rules, kind).into_iter().map(|row| {
            let topic = row.get("topic").or_else(|| row.get("group"));
            Rule { id: text(row.get("id")), topic: text(topic) }
        });
        let mut ledger = Self { rules: rules.collect(), ..Self::default() };
        for row in tables(not_yet, "waiting") {
            let reason = text(row.get("reason"));
            ledger.waiting.extend(texts(row.get("ids")).into_iter().map(|id| (id, reason.clone())));
        }
        let head: toml::Table = not_yet.parse().expect("the list of what is missing is TOML");
        ledger.complete.extend(texts(head.get("complete")));
        ledger
    }

    /// The rules in the order of the list.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is wrong with the ledger, given the ids that tests carry in their names.
    pub(crate) fn complaints(&self, tested: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        for Rule { id, topic } in &self.rules {
            let waits = self.waiting.get(id);
            match (tested.contains(id), waits) {
                (false, None) => found.push(format!("{id} ({topic}): no test carries this id, and no line says why")),
                (true, Some(_)) => {
                    found.push(format!("{id} ({topic}): has a test now; take it off the list of missing ones"));
                }
                _ => {}
            }
            if waits.is_some_and(|reason| reason.len() < 10) {
                found.push(format!("{id} ({topic}): waits without a reason"));
            }
            if waits.is_some() && (self.complete.contains(topic) || self.complete.contains(id)) {
                found.push(format!("{id} ({topic}): counts as complete and may not wait"));
            }
        }
        let known: BTreeSet<&String> = self.rules.iter().map(|rule| &rule.id).collect();
        found.extend(
            self.waiting.keys().filter(|id| !known.contains(id)).map(|id| format!("{id}: waits, but is on no list")),
        );
        found
    }
}

fn tables(document: &str, kind: &str) -> Vec<toml::Table> {
    let document: toml::Table = document.parse().expect("a list is TOML");
    let rows = document.get(kind).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    rows.into_iter().filter_map(|row| row.as_table().cloned()).collect()
}

fn text(value: Option<&toml::Value>) -> String {
    value.and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

fn texts(value: Option<&toml::Value>) -> Vec<String> {
    let values = value.and_then(toml::Value::as_array).cloned().unwrap_or_default();
    values.iter().map(|value| text(Some(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [[item]]
        id = "c001"
        topic = "Replies"
        [[item]]
        id = "c002"
        topic = "Queue"
    "#;

    fn complaints(not_yet: &str, tested: &[&str]) -> usize {
        let tested = tested.iter().map(|id| (*id).to_owned()).collect();
        Ledger::read(RULES, "item", not_yet).complaints(&tested).len()
    }

    #[test]
    fn each_id_needs_a_test_or_a_reason_but_not_both() {
        let waiting = "[[waiting]]\nreason = \"the queue is not built\"\nids = [\"c002\"]";
        assert_eq!(complaints("", &["c001"]), 1);
        assert_eq!(complaints(waiting, &["c001"]), 0);
        assert_eq!(complaints(waiting, &["c001", "c002"]), 1);
        assert_eq!(complaints("[[waiting]]\nreason = \"\"\nids = [\"c002\"]", &["c001"]), 1);
        assert_eq!(
            complaints("[[waiting]]\nreason = \"the queue is not built\"\nids = [\"c002\", \"c999\"]", &["c001"]),
            1
        );
    }

    #[test]
    fn a_complete_topic_waits_for_nothing() {
        let waiting = "complete = [\"Queue\"]\n[[waiting]]\nreason = \"the queue is not built\"\nids = [\"c002\"]";
        assert_eq!(complaints(waiting, &["c001"]), 1);
    }
}
