//! Properties of every policy parser: total, and every place it names lies in the text.

use proptest::prelude::*;

use super::*;

const ALL: [Policy; 5] = [Policy::Spf, Policy::Dmarc, Policy::DkimKey, Policy::MtaSts, Policy::TlsRpt];

/// Texts that look like records: pieces of real ones, mixed with any octets.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "v=spf1",
        " ",
        "v=DMARC1",
        ";",
        "p=",
        "rua=mailto:",
        "a",
        "/24",
        "//",
        "mx",
        ":",
        "include:",
        "%{",
        "l",
        "d2r}",
        "%",
        "ip4:",
        "192.0.2.1",
        "redirect=",
        "-all",
        "~",
        "v=DKIM1",
        "k=rsa",
        "p=MIGf",
        "t=y",
        "v=STSv1",
        "id=",
        ",",
        "v=TLSRPTv1",
        "=",
        "!10m",
        "@",
        ".",
    ]);
    let pieces = prop_oneof![3 => words.prop_map(|word| word.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..4)];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn parsers_are_total_and_stay_inside_the_text(text in record()) {
        for policy in ALL {
            let parsed = policy.parse(&text);
            prop_assert_eq!(&parsed.text, &text);
            let mut end = 0;
            for tag in &parsed.tags {
                prop_assert!(tag.span.start >= end && tag.span.end <= text.len(), "{tag:?}");
                prop_assert!(tag.name.start >= tag.span.start && tag.name.end <= tag.span.end, "{tag:?}");
                prop_assert!(tag.value.start >= tag.name.end && tag.value.end <= tag.span.end, "{tag:?}");
                end = tag.span.end;
            }
            for trouble in &parsed.troubles {
                prop_assert!(!trouble.text.chars().any(char::is_control), "{trouble:?}");
            }
        }
    }

    #[test]
    fn a_walk_asks_at_most_ten_questions_of_any_record(text in record()) {
        let record = Policy::Spf.parse(&text);
        let mut walk = walk::Walk::new(&Name::ascii("a.test"), &record);
        prop_assert!(walk.questions().len() <= crate::smtp::limits::dns::SPF_LOOK_UPS);
    }
}

#[test]
fn c225_a_star_stands_for_exactly_one_label() {
    let covered = |pattern: &str, name: &str| covers(pattern, &Name::ascii(name));
    assert!(covered("mx.bank.test", "MX.bank.test") && covered("*.bank.test", "mx.bank.test"));
    for (pattern, name) in [
        ("*.bank.test", "bank.test"),
        ("*.bank.test", "a.b.bank.test"),
        ("*.bank.test", "mxbank.test"),
        ("*", "bank"),
        ("*.", "bank"),
        ("", ""),
        ("m*.bank.test", "mx.bank.test"),
        ("mx.*.test", "mx.bank.test"),
    ] {
        assert!(!covered(pattern, name), "{pattern} {name}");
    }
}
