//! Name servers that misbehave, and what the resolver and the panel make of it (group "DNS" of the hostile cases).
//!
//! Each test scripts a server on loopback, asks it through the real resolver and asserts the diagnostic id and what
//! the panel shows.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail by panicking"
)]

#[path = "hostile_dns/peer.rs"]
mod peer;

use std::time::Duration;

use ehlo::dns::panel::{Content, Panel, Row, Section};
use ehlo::dns::typed::{self, BadName};
use ehlo::dns::{Heard, Kind, Name, Outcome, Question, Trouble};
use ehlo::net::resolver::Resolver;
use ehlo::ports::dns::Source;
use ehlo::safe::Profile;
use peer::{Peer, Reply, a, aaaa, cname, labels, mx, name_of, txt};

async fn ask(peer: &Peer, name: &str, kind: Kind) -> Heard {
    let question = Question::new(Name::ascii(name), kind);
    Resolver::new(None).look_up(1, question, &Source::Server(peer.addr)).await.heard()
}

/// Lets a panel ask the peer until it wants nothing more.
async fn fill(panel: &mut Panel, peer: &Peer) {
    let resolver = Resolver::new(None);
    loop {
        let questions = panel.questions();
        if questions.is_empty() {
            break;
        }
        for question in questions {
            let signal = resolver.look_up(1, question, &Source::Server(peer.addr)).await;
            assert!(panel.apply(signal.heard()));
        }
    }
}

async fn panel(peer: &Peer, domain: &str) -> Panel {
    let mut panel = Panel::new(Name::ascii(domain), vec![Name::ascii("example.test")], 1);
    fill(&mut panel, peer).await;
    panel
}

fn finding(panel: &Panel, id: &str) -> Trouble {
    let found = panel.findings();
    found.iter().find(|trouble| trouble.id == id).cloned().unwrap_or_else(|| panic!("no {id} in {found:?}"))
}

fn row(rows: &[Row], section: Section, kind: Kind) -> &Row {
    rows.iter().find(|row| row.section == section && row.kind == kind).expect("a row")
}

#[tokio::test]
async fn q182_nxdomain_says_so_and_suggests_from_the_history_only() {
    let peer = Peer::start(|_| Reply::code(3)).await;
    let shown = panel(&peer, "exmaple.test").await;
    assert_eq!(finding(&shown, "dns/nxdomain").text, "exmaple.test does not exist. Did you mean example.test?");
    assert_eq!(panel(&peer, "gmial.test").await.findings()[0].text, "gmial.test does not exist.");
    assert_eq!(row(&shown.rows(), Section::Exchangers, Kind::MX).content, Content::Nothing(Outcome::NxDomain));
    assert!(shown.takes_no_mail());
}

#[tokio::test]
async fn q183_no_mx_means_the_host_itself() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "tiny.test A" => Reply::of([a("tiny.test", 60, [192, 0, 2, 7])]),
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "tiny.test").await;
    let note = finding(&panel, "dns/implicit-mx");
    assert_eq!(note.text, "No MX; mail goes to the host itself.");
    let attempts = panel.attempts().unwrap().unwrap();
    assert_eq!((attempts[0].0.preference, attempts[0].1.to_string().as_str()), (0, "192.0.2.7"));
}

#[tokio::test]
async fn q184_servfail_and_refused_are_told_apart_on_both_resolvers() {
    for (code, outcome, word) in [(2, Outcome::ServFail, "SERVFAIL"), (5, Outcome::Refused, "REFUSED")] {
        let (one, two) = (Peer::start(move |_| Reply::code(code)).await, Peer::start(move |_| Reply::code(code)).await);
        let resolver = Resolver::with_servers(None, vec![one.addr, two.addr]);
        let question = Question::new(Name::ascii("harbor.test"), Kind::MX);
        let signal = resolver.look_up(1, question.clone(), &Source::System).await;
        assert_eq!(signal.answer.outcome, outcome);
        assert_eq!((one.asked().len(), two.asked().len()), (1, 1), "both were asked");
        assert_eq!(signal.from, format!("system {}", two.addr));
        let mut panel = Panel::new(Name::ascii("harbor.test"), Vec::new(), 1);
        panel.questions();
        panel.apply(signal.heard());
        let trouble = finding(&panel, "dns/servfail");
        assert!(trouble.text.contains(word), "{trouble}");
        assert!(panel.why(None).contains("the letter waits"), "{}", panel.why(None));
    }
}

#[tokio::test(start_paused = true)]
async fn q184_silence_ends_after_the_limits() {
    let (one, two) = (Peer::start(|_| Reply::Silence).await, Peer::start(|_| Reply::Silence).await);
    let resolver = Resolver::with_servers(None, vec![one.addr, two.addr]);
    let question = Question::new(Name::ascii("harbor.test"), Kind::MX);
    let signal = resolver.look_up(1, question, &Source::System).await;
    assert_eq!(signal.answer.outcome, Outcome::TimedOut);
    assert!(signal.took <= Duration::from_secs(11), "{:?}", signal.took);
    let mut panel = Panel::new(Name::ascii("harbor.test"), Vec::new(), 1);
    panel.questions();
    panel.apply(signal.heard());
    assert!(finding(&panel, "dns/servfail").text.contains("did not answer in time"));
}

#[tokio::test]
async fn q184_an_old_answer_is_never_shown_as_fresh() {
    let peer = Peer::start(|asked| match (asked.key().as_str(), asked.nth) {
        ("old.test MX", 0) => Reply::of([mx("old.test", 60, 10, &["mx", "old", "test"])]),
        ("old.test MX", _) => Reply::code(2),
        _ => Reply::nothing(),
    })
    .await;
    let mut panel = panel(&peer, "old.test").await;
    panel.refresh();
    assert!(row(&panel.rows(), Section::Exchangers, Kind::MX).stale);
    fill(&mut panel, &peer).await;
    let rows = panel.rows();
    let shown = row(&rows, Section::Exchangers, Kind::MX);
    assert_eq!((shown.content.text().as_str(), shown.stale), ("SERVFAIL", false));
    finding(&panel, "dns/servfail");
}

#[tokio::test]
async fn q185_a_cut_answer_is_fetched_over_tcp_once() {
    let peer = Peer::start(|_| Reply::Cut).await;
    let heard = ask(&peer, "big.test", Kind::TXT).await;
    assert_eq!((heard.answer.outcome, peer.tcp_tries()), (Outcome::Truncated, 0), "TCP is refused");

    let closing = Peer::with_tcp(|asked| if asked.tcp { Reply::Hangup } else { Reply::Cut }).await;
    let shown = panel(&closing, "big.test").await;
    let trouble = finding(&shown, "dns/truncated");
    assert_eq!(trouble.text, "The answer was cut and the full answer could not be fetched over TCP.");
    assert_eq!(closing.tcp_tries(), 5, "one try for each of the five questions");

    let honest = Peer::with_tcp(|asked| {
        if !asked.tcp {
            return Reply::Cut;
        }
        Reply::of([txt("big.test", 60, &[&[b'x'; 255], &[b'y'; 255]])])
    })
    .await;
    let heard = ask(&honest, "big.test", Kind::TXT).await;
    assert_eq!((heard.answer.outcome.clone(), heard.answer.tcp), (Outcome::Found, true));
}

#[tokio::test]
async fn q187_alias_loops_and_long_chains_stop() {
    let looping =
        Peer::start(|_| Reply::of([cname("a.test", 60, &["b", "test"]), cname("b.test", 60, &["a", "test"])])).await;
    let shown = panel(&looping, "a.test").await;
    assert_eq!(finding(&shown, "dns/cname-loop").text, "a.test → b.test → a.test: a loop.");
    let chain: Vec<String> = shown
        .rows()
        .iter()
        .filter(|row| row.section == Section::Exchangers && row.kind == Kind::CNAME)
        .map(|row| format!("{} → {}", row.owner, row.content.text()))
        .collect();
    assert_eq!(chain, ["a.test. → b.test.", "b.test. → a.test."]);

    let long = Peer::start(|asked| {
        let n: usize = asked.name().trim_start_matches('n').split('.').next().unwrap().parse().unwrap_or(0);
        Reply::of([cname(&asked.name(), 60, &[&format!("n{}", n + 1), "test"])])
    })
    .await;
    let heard = ask(&long, "n0.test", Kind::A).await;
    assert_eq!(heard.answer.outcome, Outcome::Loop);
    assert!(long.asked().len() <= 9, "{:?}", long.asked());
}

#[tokio::test]
async fn q188_an_exchanger_that_is_an_alias_is_warned_of_and_still_resolved() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "crooked.test MX" => Reply::of([mx("crooked.test", 60, 10, &["mail", "crooked", "test"])]),
        "mail.crooked.test A" => Reply::of([
            cname("mail.crooked.test", 60, &["mx1", "harbor", "test"]),
            a("mx1.harbor.test", 60, [192, 0, 2, 10]),
        ]),
        "mx1.harbor.test A" => Reply::of([a("mx1.harbor.test", 60, [192, 0, 2, 10])]),
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "crooked.test").await;
    let trouble = finding(&panel, "dns/mx-cname");
    assert_eq!(trouble.text, "An MX should not point to an alias (mail.crooked.test → mx1.harbor.test).");
    assert_eq!(panel.attempts().unwrap().unwrap()[0].1.to_string(), "192.0.2.10");
}

#[tokio::test]
async fn q189_an_address_as_exchanger_is_not_used() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "ip.test MX" => Reply::of([mx("ip.test", 60, 10, &["192", "0", "2", "1"])]),
        "192.0.2.1 A" => Reply::of([a("192.0.2.1", 60, [192, 0, 2, 1])]),
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "ip.test").await;
    let trouble = finding(&panel, "dns/mx-ip");
    assert_eq!(trouble.text, "An MX must be a host name; '192.0.2.1.' is not one.");
    assert!(panel.attempts().unwrap().is_err());
    assert!(!peer.asked().iter().any(|key| key.starts_with("192.0.2.1 ")), "it is not even asked for");
    assert!(row(&panel.rows(), Section::Exchangers, Kind::MX).target.is_none());
}

#[tokio::test]
async fn q190_null_mx_stops_and_beside_others_is_ignored() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "quiet.test MX" => Reply::of([mx("quiet.test", 60, 0, &[])]),
        "mixed.test MX" => {
            Reply::of([mx("mixed.test", 60, 0, &[]), mx("mixed.test", 60, 10, &["mx", "mixed", "test"])])
        }
        "mx.mixed.test A" => Reply::of([a("mx.mixed.test", 60, [192, 0, 2, 9])]),
        _ => Reply::nothing(),
    })
    .await;
    let quiet = panel(&peer, "quiet.test").await;
    assert_eq!(finding(&quiet, "dns/null-mx").text, "This domain states that it accepts no mail.");
    assert!(quiet.takes_no_mail() && quiet.attempts().unwrap().is_err());
    assert!(!peer.asked().iter().any(|key| key == "quiet.test A"), "no address is asked for");
    let mixed = panel(&peer, "mixed.test").await;
    assert!(finding(&mixed, "dns/null-mx").text.contains("beside others"));
    assert_eq!(mixed.attempts().unwrap().unwrap().len(), 1);
}

#[tokio::test]
async fn q192_a_public_name_that_points_inside_needs_a_decision() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "bank.example MX" => Reply::of([mx("bank.example", 60, 10, &["mx", "bank", "example"])]),
        "mx.bank.example A" => Reply::of([
            a("mx.bank.example", 60, [10, 0, 0, 5]),
            a("mx.bank.example", 60, [127, 0, 0, 1]),
            a("mx.bank.example", 60, [169, 254, 169, 254]),
        ]),
        "mx.bank.example AAAA" => Reply::of([aaaa("mx.bank.example", 60, "::1")]),
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "bank.example").await;
    let warned: Vec<Trouble> = panel.findings().into_iter().filter(|it| it.id == "dns/private-target").collect();
    assert_eq!(warned.len(), 4);
    assert_eq!(warned[0].text, "The MX of a public name points into your own network (10.0.0.5). Connect anyway?");
    let rows = panel.rows();
    assert!(row(&rows, Section::Exchangers, Kind::MX).target.as_ref().unwrap().ask.is_some());
    assert!(row(&rows, Section::Addresses, Kind::AAAA).target.as_ref().unwrap().ask.is_some());
}

#[tokio::test]
async fn q194_control_sequences_in_a_text_are_shown_not_executed() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "evil.test TXT" => Reply::of([txt("evil.test", 60, &[b"v=spf1 \x1b]0;pwn\x07 -all"])]),
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "evil.test").await;
    let trouble = finding(&panel, "safe/escape");
    assert_eq!(trouble.text, "The text contains terminal control sequences; shown, not executed.");
    let rows = panel.rows();
    let shown = rows.iter().find(|row| row.section == Section::Policies && row.kind == Kind::TXT).unwrap();
    assert_eq!(shown.content.text(), r#""v=spf1 \027]0;pwn\007 -all""#);
    assert_eq!(shown.content.safe(Profile::Screen).as_str(), r#""v=spf1 ^[]0;pwn^G -all""#);
    for row in &rows {
        assert!(row.content.text().bytes().all(|octet| (0x20..0x7f).contains(&octet) || octet >= 0x80), "{row:?}");
    }
    for trouble in panel.findings() {
        assert!(!trouble.text.chars().any(char::is_control), "{trouble:?}");
    }
}

#[tokio::test]
async fn q196_odd_octets_in_names_are_escaped_and_never_read_back() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "odd.test MX" => {
            Reply::of([mx("odd.test", 60, 10, &["ev\x1b[2Jil", "test"]), mx("odd.test", 60, 20, &["ex.ample", "test"])])
        }
        _ if asked.labels == labels(&["ex.ample", "test"]) && asked.kind == 1 => {
            Reply::of([(asked.labels.clone(), 1, 60, vec![192, 0, 2, 66])])
        }
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "odd.test").await;
    let trouble = finding(&panel, "dns/odd-name");
    assert_eq!(trouble.text, "The name contains unusual bytes, shown as \\027.");
    let texts: Vec<String> = panel.rows().iter().map(|row| row.content.text()).collect();
    assert!(texts.contains(&"10 ev\\027[2Jil.test.".to_owned()), "{texts:?}");
    assert!(texts.contains(&"20 ex\\.ample.test.".to_owned()), "{texts:?}");
    assert_eq!(panel.attempts().unwrap().unwrap()[0].1.to_string(), "192.0.2.66", "asked by label, not by text");
}

#[tokio::test]
async fn q197_the_a_label_is_shown_and_the_likeness_said() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "spoof.test MX" => Reply::of([mx("spoof.test", 60, 10, &["xn--80ak6aa92e", "com"])]),
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "spoof.test").await;
    assert_eq!(row(&panel.rows(), Section::Exchangers, Kind::MX).content.text(), "10 xn--80ak6aa92e.com.");
    assert_eq!(finding(&panel, "addr/confusable").text, "Looks like 'apple' but is xn--80ak6aa92e.");
}

#[tokio::test]
async fn q198_every_way_to_a_permerror_is_named_and_bounded() {
    let peer = Peer::start(|asked| {
        let record = |text: &str| Reply::of([txt(&asked.name(), 60, &[text.as_bytes()])]);
        match asked.key().as_str() {
            "two.test TXT" => {
                Reply::of([txt("two.test", 60, &[b"v=spf1 -all"]), txt("two.test", 60, &[b"v=spf1 mx -all"])])
            }
            "loop.test TXT" => record("v=spf1 include:pool.test -all"),
            "pool.test TXT" => record("v=spf1 include:loop.test -all"),
            "again.test TXT" => record("v=spf1 redirect=again.test"),
            "void.test TXT" => record("v=spf1 a:v1.test a:v2.test a:v3.test -all"),
            "macro.test TXT" => record(&format!("v=spf1 exists:{}.test -all", "%{l}".repeat(50))),
            key if key.starts_with("deep") && key.ends_with("TXT") => {
                let n: u32 = asked.name()[4..].split('.').next().unwrap().parse().unwrap();
                record(&format!("v=spf1 include:deep{}.test -all", n + 1))
            }
            _ => Reply::code(3),
        }
    })
    .await;
    for (domain, cite, text) in [
        ("two.test", "RFC 7208 §4.5", "2 SPF records at one name: receivers must give up (permerror)."),
        (
            "loop.test",
            "RFC 7208 §4.6.4",
            "loop.test → pool.test → loop.test: a loop, which costs more than 10 lookups.",
        ),
        ("again.test", "RFC 7208 §4.6.4", "again.test → again.test: a loop, which costs more than 10 lookups."),
        ("void.test", "RFC 7208 §4.6.4", "More than 2 lookups without an answer: receivers must give up."),
        ("deep0.test", "RFC 7208 §4.6.4", "More than 10 DNS lookups: receivers must give up."),
    ] {
        let trouble = finding(&panel(&peer, domain).await, "spf/permerror");
        assert_eq!((trouble.cite, &*trouble.text), (cite, text), "{domain}");
    }
    let deepest = peer.asked().iter().filter(|key| key.starts_with("deep")).count();
    assert!(deepest <= 12, "stops at ten look-ups: {deepest}");
    let long = panel(&peer, "macro.test").await;
    assert_eq!(long.spf_cost().unwrap(), "SPF costs 1 of 10 look-ups.");
}

#[tokio::test]
async fn q200_broken_dmarc_tags_are_named() {
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "_dmarc.bad.test TXT" => {
            Reply::of([txt("_dmarc.bad.test", 60, &[b"v=DMARC1; p=rejekt; pct=999; rua=javascript:alert(1)"])])
        }
        _ => Reply::nothing(),
    })
    .await;
    let panel = panel(&peer, "bad.test").await;
    let said: Vec<String> = panel
        .findings()
        .iter()
        .filter(|trouble| trouble.id == "dmarc/bad-tag")
        .map(|trouble| trouble.text.to_string())
        .collect();
    assert!(said.contains(&"DMARC tag p=rejekt is not valid; receivers ignore the record.".to_owned()), "{said:?}");
    assert!(said.iter().any(|text| text.contains("pct=999")) && said.iter().any(|text| text.contains("javascript:")));
}

#[tokio::test]
async fn q203_bad_names_cost_no_query() {
    let peer = Peer::start(|_| Reply::nothing()).await;
    let resolver = Resolver::new(None);
    let long_label = format!("mail.{}.test", "a".repeat(70));
    let long_name = ["a".repeat(60).as_str(); 5].join(".");
    for (typed, expected) in [
        ("exa mple", "There is a space at character 4; a name has none."),
        ("-x.test", "Label 1 begins or ends with a hyphen."),
        (long_label.as_str(), "Label 2 is 70 characters; the limit is 63."),
        (long_name.as_str(), "The name is 306 octets long; the limit is 255."),
        ("", "There is no name to look up."),
        ("..", "Label 1 is empty: two dots in a row, or a dot at the start."),
        ("ev\x1b[2Jil.test", "There is a control character (^[) at character 3."),
    ] {
        let error: BadName = resolver.addresses(typed, &Source::Server(peer.addr)).await.unwrap_err();
        assert_eq!((error.id(), error.to_string().as_str()), ("dns/bad-name", expected));
        assert!(!error.next().is_empty());
    }
    assert!(peer.asked().is_empty(), "{:?}", peer.asked());
}

#[tokio::test]
async fn q204_a_short_name_is_asked_exactly() {
    let peer = Peer::start(|_| Reply::code(3)).await;
    let mut panel = Panel::new(typed::name("mx").unwrap(), Vec::new(), 1);
    fill(&mut panel, &peer).await;
    assert_eq!(finding(&panel, "dns/search").text, "Looked up exactly as 'mx.'; search domains are not used here.");
    assert!(peer.asked().iter().all(|key| key.starts_with("mx ") || key.contains(".mx ")), "{:?}", peer.asked());
    assert_eq!(typed::name("test.").unwrap().name, typed::name("test").unwrap().name);
}

#[tokio::test]
async fn q206_lifetimes_out_of_range_and_an_address_that_changes() {
    let peer = Peer::start(|asked| match (asked.key().as_str(), asked.nth) {
        ("flux.test MX", _) => Reply::of([mx("flux.test", 0, 10, &["mx", "flux", "test"])]),
        ("mx.flux.test A", 0) => Reply::of([a("mx.flux.test", 1 << 31, [192, 0, 2, 1])]),
        ("mx.flux.test A", _) => Reply::of([a("mx.flux.test", u32::MAX, [10, 0, 0, 5])]),
        _ => Reply::nothing(),
    })
    .await;
    let mut panel = panel(&peer, "flux.test").await;
    let rows = panel.rows();
    assert_eq!(row(&rows, Section::Exchangers, Kind::MX).ttl, Some(0));
    assert_eq!(row(&rows, Section::Addresses, Kind::A).ttl, Some(0));
    let said: Vec<String> =
        panel.findings().iter().filter(|it| it.id == "dns/ttl").map(|it| it.text.to_string()).collect();
    assert!(said.iter().any(|text| text.contains("2147483648")), "{said:?}");
    panel.refresh();
    fill(&mut panel, &peer).await;
    assert_eq!(
        finding(&panel, "dns/changed").text,
        "The address changed between look-up and connect (192.0.2.1 → 10.0.0.5). Using the first one."
    );
    let target = row(&panel.rows(), Section::Exchangers, Kind::MX).target.clone().unwrap();
    assert_eq!(target.addresses, ["192.0.2.1".parse::<std::net::IpAddr>().unwrap()], "pinned");
}

#[tokio::test]
async fn forged_and_foreign_data_is_not_taken() {
    // another id first, then another question, then records nobody asked for beside the true one
    let peer = Peer::start(|asked| match asked.key().as_str() {
        "harbor.test A" => Reply::Forged(vec![
            a("harbor.test", 60, [192, 0, 2, 1]),
            a("bank.test", 60, [203, 0, 113, 66]),
            mx("harbor.test", 60, 1, &["evil", "test"]),
        ]),
        _ => Reply::nothing(),
    })
    .await;
    let heard = ask(&peer, "harbor.test", Kind::A).await;
    let texts: Vec<String> = heard.answer.records.iter().map(|record| record.data.text()).collect();
    assert_eq!(texts, ["192.0.2.1"]);
}

#[tokio::test]
async fn garbage_and_a_crowd_are_bounded() {
    let garbage = Peer::start(|_| Reply::Garbage).await;
    assert_eq!(ask(&garbage, "x.test", Kind::A).await.answer.outcome, Outcome::Malformed);
    let crowd = Peer::with_tcp(|asked| {
        if !asked.tcp {
            return Reply::Cut;
        }
        Reply::of((0..200).map(|n| mx("crowd.test", 60, n, &[&format!("mx{n}"), "crowd", "test"])))
    })
    .await;
    let heard = ask(&crowd, "crowd.test", Kind::MX).await;
    assert_eq!((heard.answer.records.len(), heard.answer.left_out), (64, 136));
}

#[tokio::test]
async fn a_server_without_edns_is_asked_again_plainly() {
    let peer = Peer::start(
        |asked| {
            if asked.edns { Reply::code(1) } else { Reply::of([a(&asked.name(), 60, [192, 0, 2, 1])]) }
        },
    )
    .await;
    assert_eq!(ask(&peer, "ancient.test", Kind::A).await.answer.outcome, Outcome::Found);
}

#[tokio::test]
async fn ad_is_asked_for_and_shown_as_a_claim() {
    let peer = Peer::start(|asked| {
        assert!(asked.ad, "AD is set in the query (RFC 6840)");
        Reply::Claimed(vec![a(&asked.name(), 60, [192, 0, 2, 1])])
    })
    .await;
    let heard = ask(&peer, "harbor.test", Kind::A).await;
    assert!(heard.answer.claimed);
    assert_eq!(heard.answer.validation.words(heard.answer.claimed), "the resolver says AD");
}

#[test]
fn names_of_the_wire_are_read_back_label_by_label() {
    assert_eq!(name_of(&labels(&["ex.ample", "test"])), "ex\\.ample.test");
}
