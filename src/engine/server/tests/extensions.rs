//! DSN, SMTPUTF8, BINARYMIME, LIMITS, REQUIRETLS and SIZE: what is offered when, and what each brings.

use super::*;
use crate::smtp::extension::{Extensions, NamedLimits};
use crate::smtp::params::Param;

fn offering(extensions: &[Extension]) -> Config {
    let mut config = strict();
    config.offers.extend(extensions);
    config.offers_in_tls.clone_from(&config.offers);
    config
}

fn greeted(config: Config) -> Talk {
    let mut talk = Talk::with(config);
    talk.line("EHLO laptop.you.test");
    talk
}

fn offer(talk: &mut Talk) -> Extensions {
    let said = talk.line("EHLO laptop.you.test");
    Extensions::parse(&crate::smtp::reply::Reply::parse(said.as_bytes()).expect("a reply"))
}

#[test]
fn what_a_sender_wants_to_be_told_comes_with_its_recipient() {
    let mut talk = greeted(offering(&[Extension::Dsn]));
    assert!(talk.line("MAIL FROM:<you@you.test> RET=HDRS ENVID=QQ314159").starts_with("250 2.1.0"));
    assert!(
        talk.line("RCPT TO:<pat@harbor.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;pat+2Bx@you.test").starts_with("250")
    );
    assert!(talk.line("RCPT TO:<x@harbor.test> notify=never").starts_with("250"));
    talk.line("DATA");
    talk.line(".");
    let envelope = &talk.letters()[0].envelope;
    assert_eq!(envelope.params, [Param::new("RET", Some("HDRS")), Param::new("ENVID", Some("QQ314159"))]);
    let notify = Param::new("NOTIFY", Some("SUCCESS,DELAY"));
    assert_eq!(envelope.recipients[0].params, [notify, Param::new("ORCPT", Some("rfc822;pat+2Bx@you.test"))]);
    assert_eq!(envelope.recipients[1].params, [Param::new("notify", Some("never"))]);
}

#[test]
fn c182_dsn_parameters_get_501_when_malformed_and_555_when_not_offered() {
    let mail = |talk: &mut Talk, param: &str| talk.line(&format!("MAIL FROM:<you@you.test> {param}"));
    let rcpt = |talk: &mut Talk, param: &str| talk.line(&format!("RCPT TO:<pat@harbor.test> {param}"));
    let mut talk = greeted(offering(&[Extension::Dsn]));
    for bad in ["RET=ALL", "RET", "ENVID=a+zz", "ENVID=", "RET=FULL RET=HDRS"] {
        assert!(mail(&mut talk, bad).starts_with("501 5.5.4"), "{bad}");
    }
    for other in ["NOTIFY=NEVER", "ORCPT=rfc822;a@b", "XYZZY"] {
        assert!(mail(&mut talk, other).starts_with("555 5.5.4"), "{other} is none of MAIL's");
    }
    assert!(mail(&mut talk, "RET=FULL").starts_with("250"));
    for bad in ["NOTIFY=NEVER,SUCCESS", "NOTIFY=MAYBE", "NOTIFY", "ORCPT=a@b", "ORCPT=rfc822;a+ZZ"] {
        assert!(rcpt(&mut talk, bad).starts_with("501 5.5.4"), "{bad}");
    }
    assert!(rcpt(&mut talk, "RET=FULL").starts_with("555 5.5.4"));
    let mut without = greeted(strict());
    assert!(mail(&mut without, "RET=FULL").starts_with("555 5.5.4 Parameter RET not supported"));
    assert!(without.line("MAIL FROM:<you@you.test>").starts_with("250"));
    assert!(rcpt(&mut without, "NOTIFY=NEVER").starts_with("555 5.5.4 Parameter NOTIFY not supported"));
}

#[test]
fn c139_the_line_of_mail_grows_with_what_is_offered_and_a_size_has_twenty_digits() {
    let params = |octets: usize| format!("XYZZY={}", "x".repeat(octets - "MAIL FROM:<> XYZZY=\r\n".len()));
    let all = [Extension::Dsn, Extension::SmtpUtf8, Extension::Chunking, Extension::BinaryMime];
    for (config, longest) in [(strict(), 512 + 26), (offering(&all), 512 + 26 + 107 + 10 + 16)] {
        let mut talk = greeted(config);
        assert!(
            talk.line(&format!("MAIL FROM:<> {}", params(longest))).starts_with("555"),
            "{longest} octets are read"
        );
        assert!(talk.line(&format!("MAIL FROM:<> {}", params(longest + 1))).starts_with("500 5.5.2"));
    }
    let mut talk = greeted(offering(&[Extension::Dsn]));
    talk.line("MAIL FROM:<>");
    let rcpt = |octets: usize| format!("RCPT TO:<pat@harbor.test> X={}", "x".repeat(octets - 30));
    assert!(talk.line(&rcpt(512 + 530)).starts_with("555"));
    assert!(talk.line(&rcpt(512 + 531)).starts_with("500 5.5.2"));
    let mut talk = greeted(strict());
    assert!(talk.line("MAIL FROM:<> SIZE=18446744073709551615").starts_with("552 5.3.4"));
    assert!(talk.line("MAIL FROM:<> SIZE=99999999999999999999").starts_with("552 5.3.4"), "more than any number holds");
    assert!(talk.line("MAIL FROM:<> SIZE=100000000000000000000").starts_with("501"));
    assert!(talk.line("MAIL FROM:<> SIZE=00000000000000000010").starts_with("250"));
}

#[test]
fn c140_what_is_too_large_for_ever_gets_552_and_what_is_too_large_for_now_452() {
    let mut config = Config { room: Some(2000), ..offering(&[Extension::Chunking]) };
    config.limits.message = 5000;
    let mut talk = greeted(config);
    assert!(talk.line("MAIL FROM:<> SIZE=5001").starts_with("552 5.3.4"));
    assert!(talk.line("MAIL FROM:<> SIZE=2001").starts_with("452 4.3.1 Room for 2000 octets only, try again later"));
    let letter = |octets: usize| format!("{}\r\n.", "x".repeat(octets - 2));
    for (octets, verdict) in [(2000, "250"), (2001, "452 4.3.1"), (5001, "552 5.3.4")] {
        talk.line("MAIL FROM:<>");
        talk.line("RCPT TO:<pat@harbor.test>");
        talk.line("DATA");
        assert!(talk.line(&letter(octets)).starts_with(verdict), "{octets}");
    }
    talk.line("MAIL FROM:<>");
    talk.line("RCPT TO:<pat@harbor.test>");
    let chunk = [b"BDAT 2001\r\n", "x".repeat(2001).as_bytes()].concat();
    assert!(talk.send(&chunk).starts_with("452 4.3.1"));
    assert!(talk.line("BDAT 0 LAST").starts_with("503"), "a chunk has failed");
}

#[test]
fn c152_a_binary_letter_comes_by_bdat_and_data_gets_503() {
    let binary = "MAIL FROM:<you@you.test> BODY=BINARYMIME";
    let mut talk = greeted(offering(&[Extension::Chunking, Extension::BinaryMime]));
    assert!(talk.line(binary).starts_with("250"));
    talk.line("RCPT TO:<pat@harbor.test>");
    assert_eq!(talk.line("DATA"), "503 5.5.1 A letter of BODY=BINARYMIME comes by BDAT\r\n");
    assert!(talk.send(b"BDAT 4 LAST\r\n\x00\r.\n").starts_with("250"));
    assert_eq!(talk.letters()[0].content, b"\x00\r.\n");
    let mut without = greeted(offering(&[Extension::Chunking]));
    assert!(without.line(binary).starts_with("555 5.5.4 Parameter BODY not supported"));
    assert!(!offer(&mut greeted(offering(&[Extension::BinaryMime]))).has("BINARYMIME"), "never without CHUNKING");
}

#[test]
fn c157_smtputf8_is_offered_only_beside_8bitmime() {
    assert!(offer(&mut greeted(offering(&[Extension::SmtpUtf8]))).has("SMTPUTF8"));
    let mut config = offering(&[Extension::SmtpUtf8]);
    config.offers.retain(|extension| *extension != Extension::EightBitMime);
    let mut talk = greeted(config);
    assert!(!offer(&mut talk).has("SMTPUTF8"));
    assert!(talk.line("MAIL FROM:<you@you.test> SMTPUTF8").starts_with("555"));
}

#[test]
fn c158_an_address_beyond_ascii_needs_smtputf8_in_mail() {
    for config in [strict(), offering(&[Extension::SmtpUtf8])] {
        let mut talk = greeted(config);
        assert!(talk.line("MAIL FROM:<zoë@you.test>").starts_with("550 5.6.7"));
        assert!(talk.line("MAIL FROM:<you@you.test>").starts_with("250"));
        assert!(talk.line("RCPT TO:<zoë@bücher.test>").starts_with("553 5.6.7"));
        assert!(talk.line("RCPT TO:<pat@bücher.test>").starts_with("553 5.6.7"));
        assert!(talk.send(b"RCPT TO:<zo\xeb@harbor.test>\r\n").starts_with("501 5.5.2"), "that is no UTF-8 at all");
        assert!(talk.line("NOOP zoë").starts_with("501 5.5.2"));
    }
    let mut talk = greeted(offering(&[Extension::SmtpUtf8]));
    assert!(talk.line("MAIL FROM:<zoë@bücher.test> SMTPUTF8=1").starts_with("501"));
    assert!(talk.line("MAIL FROM:<zoë@bücher.test> SMTPUTF8").starts_with("250 2.1.0"));
    assert!(talk.line("RCPT TO:<zoë@bücher.test>").starts_with("250 2.1.5"));
    talk.line("DATA");
    talk.line(".");
    let letter = talk.letters()[0];
    assert_eq!(letter.protocol.keyword(), "UTF8SMTP");
    assert_eq!(letter.envelope.recipients[0].path.encode(), "<zoë@bücher.test>".as_bytes());
}

#[test]
fn c159_replies_go_beyond_ascii_only_for_a_client_that_showed_smtputf8() {
    let mut talk = greeted(offering(&[Extension::SmtpUtf8]));
    assert_eq!(talk.line("VRFY zoe"), "252 2.6.8 The answer is not ASCII, ask with SMTPUTF8 behind the name\r\n");
    assert_eq!(talk.line("VRFY zoë SMTPUTF8"), "250 2.1.5 Zoë <zoë@bücher.test>\r\n");
    assert!(talk.line("VRFY zoë").starts_with("501"));
    assert!(talk.line("VRFY zoe").starts_with("252 2.6.8"), "for that command only");
    let rcpt = "RCPT TO:<moved@harbor.test>";
    talk.line("MAIL FROM:<you@you.test>");
    assert_eq!(talk.line(rcpt), "550 5.1.6 User not local; please try\r\n");
    talk.line("RSET");
    talk.line("MAIL FROM:<you@you.test> SMTPUTF8");
    assert_eq!(talk.line(rcpt), "551 5.1.6 User not local; please try <zoë@bücher.test>\r\n");
    talk.line("RSET");
    talk.line("MAIL FROM:<you@you.test>");
    assert!(talk.line(rcpt).is_ascii());
}

#[test]
fn c162_what_goes_beyond_a_named_limit_gets_a_4yz_reply() {
    let named = NamedLimits { mails: Some(3), recipients: Some(2), domains: Some(2), others: Vec::new() };
    let mut talk = greeted(Config { named: named.clone(), ..offering(&[Extension::Limits]) });
    assert_eq!(offer(&mut talk).limits(), named);
    talk.line("MAIL FROM:<>");
    for (recipient, reply) in [
        ("nobody@else.test", "550"),
        ("pat@harbor.test", "250"),
        ("pat@HARBOR.test", "250"),
        ("pat@old.test", "452 4.5.3 Too many recipients"),
    ] {
        assert!(talk.line(&format!("RCPT TO:<{recipient}>")).starts_with(reply), "{recipient}");
    }
    talk.line("RSET");
    talk.line("MAIL FROM:<>");
    assert!(talk.line("RCPT TO:<pat@old.test>").starts_with("250"));
    assert!(talk.line("RCPT TO:<pat@tiny.test>").starts_with("452 4.5.3 Recipients in 2 domains"));
    talk.line("RSET");
    assert!(talk.line("MAIL FROM:<>").starts_with("250"), "the third");
    talk.line("RSET");
    assert!(talk.line("MAIL FROM:<>").starts_with("421 4.7.0"));
    assert!(talk.closed);
    assert!(!offer(&mut greeted(offering(&[Extension::Limits]))).has("LIMITS"), "where none is named");
}

#[test]
fn c165_requiretls_is_offered_inside_tls_only() {
    let mut talk = greeted(offering(&[Extension::StartTls, Extension::RequireTls]));
    assert!(!offer(&mut talk).has("REQUIRETLS"));
    assert!(talk.line("MAIL FROM:<you@you.test> REQUIRETLS").starts_with("555"));
    assert!(talk.line("STARTTLS").starts_with("220"));
    assert!(offer(&mut talk).has("REQUIRETLS"));
    assert!(talk.line("MAIL FROM:<you@you.test> REQUIRETLS=1").starts_with("501"));
    assert!(talk.line("MAIL FROM:<you@you.test> REQUIRETLS").starts_with("250"));
}
