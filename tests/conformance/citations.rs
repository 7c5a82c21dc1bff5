//! Checks citations of the form `RFC 5321 §4.2.1` against the table of sections.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

/// The sections of each RFC, and the RFCs whose text was not at hand.
pub(crate) struct Table {
    sections: BTreeMap<String, BTreeSet<String>>,
    unread: BTreeSet<String>,
}

impl Table {
    /// Reads lines of an RFC number followed by its sections; `unread` heads the numbers that cannot be checked.
    pub(crate) fn parse(text: &str) -> Self {
        let mut table = Self { sections: BTreeMap::new(), unread: BTreeSet::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace().map(str::to_owned);
            match words.next() {
                Some(head) if head == "unread" => table.unread.extend(words),
                Some(rfc) => drop(table.sections.insert(rfc, words.collect())),
                None => {}
            }
        }
        table
    }

    /// Line numbers and complaints for citations of sections that do not exist.
    pub(crate) fn complaints(&self, text: &str) -> Vec<(usize, String)> {
        // `RFC 5321 §4.1.1.4, §4.5.2`, `RFC 7505 §3–4`, `RFC 6698 §§2.1.1`; a bare `5321 §4.2` in the assets.
        let citation = Regex::new(r"\b(?:RFC[ \u{a0}]?)?(\d{3,5}),?[ \u{a0}]?(§§?[ \u{a0}]?[0-9A-Z][0-9A-Za-z.]*(?:(?:, | and |, and )§§?[0-9A-Z][0-9A-Za-z.]*)*)")
            .expect("the pattern is sound");
        let section = Regex::new(r"§[ \u{a0}]?([0-9A-Z][0-9A-Za-z.]*)").expect("the pattern is sound");
        let mut found = Vec::new();
        for (number, line) in text.lines().enumerate() {
            for whole in citation.captures_iter(line) {
                let rfc = whole.get(1).map_or("", |rfc| rfc.as_str());
                for part in section.captures_iter(whole.get(2).map_or("", |sections| sections.as_str())) {
                    let name = part.get(1).map_or("", |name| name.as_str()).trim_end_matches('.');
                    found.extend(self.complaint(rfc, name).map(|what| (number + 1, what)));
                }
            }
        }
        found
    }

    fn complaint(&self, rfc: &str, section: &str) -> Option<String> {
        match self.sections.get(rfc) {
            Some(sections) if sections.contains(section) => None,
            Some(_) => Some(format!("RFC {rfc} has no §{section}")),
            None if self.unread.contains(rfc) => None,
            None => Some(format!("RFC {rfc} §{section}: this RFC is not in tests/conformance/sections.txt")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        Table::parse("# sections\nunread 1035\n5321 4 4.2 4.2.1 4.5 4.5.2 F F.3\n7505 3 4").complaints(text).len()
    }

    #[test]
    fn sections_that_do_not_exist_are_found() {
        assert_eq!(count("/// RFC 5321 §4.2.9."), 1);
        assert_eq!(count("cite = \"RFC 5321 §4.2.1, §4.5.7\""), 1);
        assert_eq!(count("source = \"5321 §9.9\""), 1);
        assert_eq!(count("RFC 5321 §G.1 and RFC 7505 §5"), 2);
        assert_eq!(count("RFC 9999 §1"), 1);
    }

    #[test]
    fn sections_that_exist_pass() {
        assert_eq!(count("RFC 5321 §4.2.1."), 0);
        assert_eq!(count("(RFC 5321 §4.2, §4.5.2; RFC 7505 §3–4)"), 0);
        assert_eq!(count("RFC 5321 §F.3, RFC 1035 §3.4.1, RFC 5321 alone"), 0);
    }
}
