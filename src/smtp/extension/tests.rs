//! Offers as servers make them.

use super::*;
use proptest::prelude::*;

fn offer(lines: &[&str]) -> Extensions {
    let last = lines.len() - 1;
    let line = |(number, line): (usize, &&str)| format!("250{}{line}\r\n", if number == last { ' ' } else { '-' });
    let bytes: String = lines.iter().enumerate().map(line).collect();
    Extensions::parse(&Reply::parse(bytes.as_bytes()).unwrap())
}

fn ids(offer: &Extensions) -> Vec<&'static str> {
    offer.flaws().iter().map(|flaw| flaw.kind.id()).collect()
}

#[test]
fn an_offer_is_a_name_and_keywords() {
    let offer =
        offer(&["mx1.harbor.test at your service", "PIPELINING", "SIZE 35882577", "AUTH PLAIN LOGIN", "8BITMIME"]);
    assert_eq!((offer.domain(), offer.greet()), (&b"mx1.harbor.test"[..], &b"at your service"[..]));
    assert!(offer.has("PIPELINING") && offer.has("8bitmime") && !offer.has("STARTTLS"));
    assert_eq!(offer.size(), Size::Limit(35_882_577));
    assert!(offer.offers_mechanism("plain"));
    assert!(ids(&offer).is_empty());
}

#[test]
fn c018_keywords_are_offered_in_any_case() {
    assert!(offer(&["mx", "starttls"]).has("STARTTLS"));
}

#[test]
fn c049_a_keyword_twice_is_kept_and_flagged() {
    let offer = offer(&["mx", "DSN", "dsn"]);
    assert_eq!(offer.keywords().len(), 2);
    assert_eq!(ids(&offer), ["caps/duplicate"]);
    assert_eq!(offer.flaws()[0].span, 21..24);
}

#[test]
fn c050_unknown_keywords_are_kept_unchanged() {
    let offer = offer(&["mx", "xNew-Thing 1 two  THREE", "X"]);
    let keyword = offer.find("XNEW-THING").unwrap();
    assert_eq!(keyword.raw, b"xNew-Thing 1 two  THREE");
    assert_eq!(keyword.params, [b"1".to_vec(), b"two".to_vec(), b"THREE".to_vec()]);
    assert!(ids(&offer).is_empty());
}

#[test]
fn c051_the_first_line_is_never_a_keyword() {
    let offer = offer(&["STARTTLS", "PIPELINING"]);
    assert!(!offer.has("STARTTLS"));
    assert_eq!(offer.domain(), b"STARTTLS");
}

#[test]
fn an_offer_of_nothing_is_said() {
    let offer = offer(&["mx"]);
    assert_eq!(ids(&offer), ["caps/none"]);
    assert_eq!(offer.size(), Size::None);
}

#[test]
fn c135_size_without_a_number_zero_and_a_number_are_three_facts() {
    let size = |line: &str| offer(&["mx", line]).size();
    assert_eq!(size("SIZE"), Size::Undeclared);
    assert_eq!(size("SIZE 0"), Size::Unlimited);
    assert_eq!(size("SIZE 1000"), Size::Limit(1000));
}

#[test]
fn sizes_that_are_no_numbers_are_flagged_and_ignored() {
    assert_eq!(ids(&offer(&["mx", "SIZE", "SIZE abc"])), ["caps/duplicate", "caps/bad-param"]);
    for bad in ["SIZE abc", "SIZE -1", "SIZE 18446744073709551616", "SIZE 1 2"] {
        assert_eq!(
            (offer(&["mx", bad]).size(), ids(&offer(&["mx", bad]))),
            (Size::Bad, vec!["caps/bad-param"]),
            "{bad}"
        );
    }
    assert_eq!(
        (offer(&["mx", "SIZE 0"]).size(), ids(&offer(&["mx", "SIZE 0"]))),
        (Size::Unlimited, vec!["caps/size-zero"])
    );
    assert_eq!(offer(&["mx", "SIZE"]).size(), Size::Undeclared);
    assert_eq!(offer(&["mx", "SIZE x", "SIZE 7"]).size(), Size::Limit(7));
}

#[test]
fn the_legacy_spelling_of_auth_is_read_and_labelled() {
    let offer = offer(&["mx", "AUTH=PLAIN LOGIN", "AUTH SCRAM-SHA-256 PLAIN"]);
    assert_eq!(ids(&offer), ["caps/auth-legacy"]);
    let mechanisms: Vec<_> = offer.auth().into_iter().map(|mechanism| (mechanism.name, mechanism.legacy)).collect();
    assert_eq!(mechanisms, [("PLAIN".into(), false), ("LOGIN".into(), true), ("SCRAM-SHA-256".into(), false)]);
}

#[test]
fn only_whole_keywords_count() {
    for miss in ["STARTTLSX", "XSTARTTLS", "STARTTLSPLEASE", "STARTLS", "STRATTLS"] {
        let offer = offer(&["mx", miss]);
        assert!(!offer.has("STARTTLS"));
        assert_eq!((ids(&offer), near_miss(miss)), (vec!["caps/near-miss"], Some("STARTTLS")), "{miss}");
    }
    for other in ["XAUTH", "X-STARTUP", "SIZES", "XCLIENT", "X", "UTF8SMTP", "STARTTLS"] {
        assert_eq!(near_miss(other), None, "{other}");
    }
    assert_eq!(near_miss("8BITMINE"), Some("8BITMIME"));
    assert_eq!(near_miss("PIPLINING"), Some("PIPELINING"));
}

#[test]
fn what_is_no_keyword_is_shown_safely_and_not_used() {
    let offer = offer(&["mx\x1b[2J hello", "\x1b]0;x\x07KEY", "STARTTLS\t", "_X", "-X", ""]);
    assert_eq!(ids(&offer), ["caps/bad-keyword"; 5]);
    assert_eq!(offer.keywords()[0].name, r"\x1b]0;x\x07KEY");
    assert!(offer.keywords().iter().all(|keyword| !offer.has(&keyword.name)));
}

#[test]
fn keywords_that_need_others_are_flagged() {
    assert_eq!(ids(&offer(&["mx", "SMTPUTF8"])), ["caps/dependency"]);
    assert_eq!(ids(&offer(&["mx", "BINARYMIME"])), ["caps/dependency"]);
    assert!(ids(&offer(&["mx", "SMTPUTF8", "8BITMIME", "CHUNKING", "BINARYMIME"])).is_empty());
    assert_eq!(ids(&offer(&["mx", "STARTTLS now"])), ["caps/bad-param"]);
}

#[test]
fn enhanced_codes_do_not_belong_in_an_offer() {
    assert_eq!(ids(&offer(&["2.0.0 mx", "SIZE"])), ["esc/misplaced"]);
}

#[test]
fn sixty_two_mechanisms_are_read() {
    let names: Vec<String> = (0..62).map(|number| format!("X-MECHANISM-{number}")).collect();
    let offer = offer(&["mx", &format!("AUTH {}", names.join(" "))]);
    assert_eq!(offer.auth().len(), 62);
}

#[test]
fn what_changed_after_tls_is_told() {
    let before = offer(&["mx", "STARTTLS", "SIZE 10", "AUTH PLAIN LOGIN"]);
    let after = offer(&["mx", "AUTH LOGIN PLAIN", "SIZE 20", "DSN"]);
    let diff = before.diff(&after);
    assert_eq!(diff.gone.iter().map(|keyword| &*keyword.name).collect::<Vec<_>>(), ["STARTTLS"]);
    assert_eq!(diff.new.iter().map(|keyword| &*keyword.name).collect::<Vec<_>>(), ["DSN"]);
    assert_eq!(diff.changed.iter().map(|(keyword, _)| &*keyword.name).collect::<Vec<_>>(), ["SIZE"]);
    assert!(before.differs(&after) && !before.differs(&before));
}

#[test]
fn a_keyword_that_is_listed_twice_is_compared_place_by_place() {
    let twice = offer(&["mx", "AUTH PLAIN", "AUTH LOGIN"]);
    assert!(!twice.differs(&twice));
    let once = offer(&["mx", "AUTH PLAIN"]);
    for (before, after) in [(&twice, &once), (&once, &twice)] {
        let diff = before.diff(after);
        assert!(diff.gone.is_empty() && diff.new.is_empty(), "AUTH is offered both times");
        assert_eq!(diff.changed.len(), 1);
    }
}

proptest! {
    #[test]
    fn any_reply_is_an_offer(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(&b"250- \r\nAUTH=SIZE"[..])], 0..120)) {
        let bytes = [b"250-mx\r\n250 ", &bytes[..], b"\r\n"].concat();
        let reply = Reply::parse(&bytes).unwrap();
        let offer = Extensions::parse(&reply);
        for keyword in offer.keywords() {
            prop_assert_eq!(&reply.bytes()[keyword.span.clone()], &keyword.raw[..]);
        }
        prop_assert!(!offer.differs(&offer.clone()));
        prop_assert!(offer.flaws().iter().all(|flaw| flaw.span.end <= reply.bytes().len()));
    }
}

#[test]
fn c160_a_malformed_limits_line_is_ignored_whole_and_a_bad_value_alone() {
    let good = offer(&["mx", "LIMITS RCPTMAX=50 mailmax=20 RCPTDOMAINMAX=3 NEW-ONE=x FLAG"]);
    let limits = good.limits();
    assert_eq!((limits.recipients, limits.mails, limits.domains), (Some(50), Some(20), Some(3)));
    assert_eq!(limits.others, ["NEW-ONE=x", "FLAG"]);
    assert!(ids(&good).is_empty());
    for bad in ["LIMITS RCPTMAX=50 MAIL/MAX=20", "LIMITS RCPTMAX=50 =20", "LIMITS", "LIMITS RCPTMAX=50 MAILMAX="] {
        let offer = offer(&["mx", bad]);
        assert_eq!(offer.limits(), NamedLimits::default(), "{bad}");
        assert_eq!(ids(&offer), ["caps/bad-param"], "{bad}");
    }
    for value in ["0", "1234567", "ten", "-1"] {
        let limits = offer(&["mx", &format!("LIMITS RCPTMAX={value} MAILMAX=20")]).limits();
        assert_eq!((limits.recipients, limits.mails), (None, Some(20)), "{value}");
    }
}
