//! TLSA records for SMTP (RFC 6698, RFC 7671, RFC 7672): `usage selector matching association`.

use super::super::{Data, Trouble, Validation};

/// The key under which the reference explains each of the three numbers.
pub fn keys(data: &Data) -> Option<[String; 3]> {
    match data {
        Data::Tlsa { usage, selector, matching, .. } => {
            Some([format!("usage {usage}"), format!("selector {selector}"), format!("matching {matching}")])
        }
        _ => None,
    }
}

/// What keeps a TLSA record from being used, or would surprise.
pub fn troubles(data: &Data, validation: Validation) -> Vec<Trouble> {
    let Data::Tlsa { usage, selector, matching, association } = data else { return Vec::new() };
    let mut found = Vec::new();
    match usage {
        0 | 1 => {
            let says = format!("Usage {usage} is not for SMTP; senders treat the record as unusable.");
            found.push(Trouble::warning("tlsa/usage", "RFC 7672 §3.1.3", says));
        }
        2 | 3 => {}
        other => found.push(unknown("usage", *other)),
    }
    if *selector > 1 {
        found.push(unknown("selector", *selector));
    }
    let expected = match matching {
        1 => Some(32),
        2 => Some(64),
        0 => None,
        other => {
            found.push(unknown("matching type", *other));
            None
        }
    };
    if let Some(octets) = expected.filter(|octets| *octets != association.len()) {
        let says = format!("The digest has {} octets; matching type {matching} has {octets}.", association.len());
        found.push(Trouble::error("tlsa/digest", "RFC 6698 §2.1.3", says));
    }
    if validation == Validation::Insecure {
        let says = "The zone is not signed, so senders ignore the record.";
        found.push(Trouble::warning("tlsa/unsigned", "RFC 7672 §2.1.1", says));
    }
    found
}

fn unknown(what: &str, number: u8) -> Trouble {
    let says = format!("Nobody has defined {what} {number}; senders treat the record as unusable.");
    Trouble::warning("tlsa/unknown", "RFC 7671 §4", says)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(usage: u8, selector: u8, matching: u8, octets: usize, validation: Validation) -> Vec<&'static str> {
        let data = Data::Tlsa { usage, selector, matching, association: vec![7; octets] };
        troubles(&data, validation).iter().map(|trouble| trouble.id).collect()
    }

    #[test]
    fn three_one_one_in_a_signed_zone_is_right() {
        assert!(ids(3, 1, 1, 32, Validation::Secure).is_empty());
        assert!(ids(2, 0, 2, 64, Validation::Secure).is_empty());
        assert!(ids(3, 0, 0, 900, Validation::NotChecked).is_empty());
    }

    #[test]
    fn what_senders_do_not_use_is_named() {
        assert_eq!(ids(1, 1, 1, 32, Validation::Secure), ["tlsa/usage"]);
        assert_eq!(ids(3, 1, 1, 31, Validation::Secure), ["tlsa/digest"]);
        assert_eq!(ids(3, 1, 1, 32, Validation::Insecure), ["tlsa/unsigned"]);
        assert_eq!(ids(9, 9, 9, 32, Validation::Secure), ["tlsa/unknown"; 3]);
        let data = Data::Tlsa { usage: 3, selector: 1, matching: 1, association: Vec::new() };
        assert_eq!(keys(&data).unwrap(), ["usage 3", "selector 1", "matching 1"]);
    }
}
