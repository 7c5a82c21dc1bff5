//! Replies of real servers, with the category that each must get.

use super::*;
use crate::knowledge::line::normal;
use crate::knowledge::servers::server;

/// Server (empty: not recognised), reply, category (empty: no message, the code alone speaks).
const REPLIES: &[(&str, &str, &str)] = &[
    // Postfix
    ("postfix", "554 5.7.1 <x@example.net>: Relay access denied", "relay"),
    ("postfix", "454 4.7.1 <x@example.net>: Relay access denied", "relay"),
    (
        "postfix",
        "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in local recipient table",
        "unknown_user",
    ),
    (
        "postfix",
        "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
        "unknown_user",
    ),
    (
        "postfix",
        "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual alias table",
        "unknown_user",
    ),
    ("postfix", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", "reverse_dns"),
    ("postfix", "504 5.5.2 <laptop>: Helo command rejected: need fully-qualified hostname", "helo"),
    ("postfix", "450 4.7.1 <x.example>: Helo command rejected: Host not found", "helo"),
    ("postfix", "501 5.5.2 <a_b>: Helo command rejected: Invalid name", "helo"),
    ("postfix", "450 4.1.8 <a@nx.example>: Sender address rejected: Domain not found", "sender_check"),
    ("postfix", "504 5.5.2 <a>: Sender address rejected: need fully-qualified address", "sender_check"),
    ("postfix", "553 5.7.1 <a@example.org>: Sender address rejected: not owned by user bob", "sender_check"),
    ("postfix", "503 5.5.1 Error: need MAIL command", "sequence"),
    ("postfix", "503 5.5.1 Error: nested MAIL command", "sequence"),
    ("postfix", "503 5.5.1 Error: send HELO/EHLO first", "sequence"),
    ("postfix", "502 5.5.2 Error: command not recognized", "syntax"),
    ("postfix", "552 5.3.4 Message size exceeds fixed limit", "size"),
    ("postfix", "530 5.7.0 Must issue a STARTTLS command first", "tls"),
    ("postfix", "503 5.5.1 Error: authentication not enabled", "login"),
    ("postfix", "535 5.7.8 Error: authentication failed: authentication failure", "login"),
    ("postfix", "421 4.4.2 mx.example.org Error: timeout exceeded", "timeout"),
    ("postfix", "452 4.5.3 Error: too many recipients", "rate"),
    ("postfix", "421 4.7.0 mx.example.org Error: too many errors", "syntax"),
    (
        "postfix",
        "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.7",
        "blocklist",
    ),
    (
        "postfix",
        "450 4.2.0 <x@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html",
        "greylist",
    ),
    ("postfix", "521 5.5.1 Protocol error", "sequence"),
    ("postfix", "521 5.5.2 mx.example.org Error: bare <LF> received", "syntax"),
    ("postfix", "555 5.5.4 Unsupported option: FOO=BAR", "syntax"),
    ("postfix", "452 4.3.1 Insufficient system storage", "system"),
    // Exim
    ("exim", "550 relay not permitted", "relay"),
    ("exim", "550 Unrouteable address", "unknown_user"),
    ("exim", "550 Unknown user", "unknown_user"),
    ("exim", "501 Syntactically invalid EHLO argument(s)", "helo"),
    ("exim", "554 SMTP synchronization error", "sequence"),
    ("exim", "503 sender not yet given", "sequence"),
    ("exim", "503 AUTH command used when not advertised", "sequence"),
    ("exim", "550 Sender verify failed", "sender_check"),
    ("exim", "550 Administrative prohibition", "policy"),
    ("exim", "535 Incorrect authentication data", "login"),
    ("exim", "435 Unable to authenticate at present", "login"),
    ("exim", "451 Temporary local problem - please try later", "temporary"),
    ("exim", "500 unrecognized command", "syntax"),
    ("exim", "501 <x>: recipient address must contain a domain", "syntax"),
    ("exim", "421 Too many concurrent SMTP connections; please try again later.", "rate"),
    // Sendmail
    ("sendmail", "550 5.7.1 <x@example.net>... Relaying denied", "relay"),
    ("sendmail", "550 5.7.1 <x@example.net>... Relaying denied. Proper authentication required.", "relay"),
    ("sendmail", "550 5.1.1 <x@example.org>... User unknown", "unknown_user"),
    ("sendmail", "553 5.1.8 <a@nx.example>... Domain of sender address a@nx.example does not exist", "dns"),
    ("sendmail", "451 4.1.8 Domain of sender address a@nx.example does not resolve", "dns"),
    ("sendmail", "503 5.0.0 Polite people say HELO first", "sequence"),
    ("sendmail", "503 5.0.0 Need MAIL before RCPT", "sequence"),
    ("sendmail", "553 5.5.4 <a>... Domain name required for sender address a", "syntax"),
    ("sendmail", "552 5.2.3 Message is too large; 5242880 bytes max", "size"),
    ("sendmail", "421 4.3.2 Connection rate limit exceeded.", "rate"),
    ("sendmail", "421 4.3.2 Too many open connections.", "rate"),
    ("sendmail", "550 5.7.1 Fix reverse DNS for 192.0.2.7", "reverse_dns"),
    ("sendmail", "554 mx.example.org ESMTP not accepting messages", "policy"),
    // OpenSMTPD
    ("opensmtpd", "503 5.5.1 Invalid command: Command not allowed at this point.", "sequence"),
    ("opensmtpd", "550 Invalid recipient: <x@example.org>", "format"),
    // Gmail
    (
        "gmail",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the recipient's email address for typos or\r\n550 5.1.1 unnecessary spaces. - gsmtp",
        "unknown_user",
    ),
    (
        "",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550 5.1.1  https://support.google.com/mail/?p=NoSuchUser d2e1a72fcca58-1a2b3c - gsmtp",
        "unknown_user",
    ),
    (
        "gmail",
        "552-5.2.2 The recipient's inbox is out of storage space. Please direct the\r\n552 5.2.2 recipient to https://support.google.com/mail/?p=OverQuotaPerm - gsmtp",
        "mailbox_full",
    ),
    (
        "gmail",
        "550-5.7.26 Your email has been blocked because the sender is unauthenticated.\r\n550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp",
        "auth_dns",
    ),
    (
        "gmail",
        "535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials - gsmtp",
        "login",
    ),
    (
        "gmail",
        "534-5.7.9 Application-specific password required. For more information, go to\r\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp",
        "login",
    ),
    (
        "gmail",
        "530-5.7.0 Must issue a STARTTLS command first. For more information, go to\r\n530 5.7.0  https://support.google.com/a/answer/3221692 - gsmtp",
        "tls",
    ),
    (
        "gmail",
        "530-5.7.0 Authentication Required. For more information, go to\r\n530 5.7.0  https://support.google.com/mail/?p=WantAuthError - gsmtp",
        "login",
    ),
    (
        "gmail",
        "555 5.5.2 Syntax error, cannot decode response. For more information, go to https://support.google.com/a/answer/3221692 - gsmtp",
        "syntax",
    ),
    (
        "gmail",
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from\r\n421 4.7.28 your IP address. - gsmtp",
        "rate",
    ),
    // Microsoft
    ("microsoft365", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "policy"),
    (
        "microsoft365",
        "550 5.4.1 Recipient address rejected: Access denied. [DB5PEPF00014B8A.eurprd02.prod.outlook.com 2026-08-22T10:00:00.000Z 08DD]",
        "unknown_user",
    ),
    (
        "microsoft365",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.",
        "login",
    ),
    ("microsoft365", "535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]", "login"),
    ("microsoft365", "451 4.7.500 Server busy. Please try again later from [192.0.2.7]. (S77719)", "greylist"),
    ("exchange", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relay"),
    ("exchange", "550 5.7.1 Unable to relay", "relay"),
    (
        "exchange",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "unknown_user",
    ),
    ("exchange", "452 4.3.1 Insufficient system resources", "system"),
    ("exchange", "530 5.7.57 Client not authenticated to send mail.", "login"),
    // Any server
    ("", "550 5.1.1 No such user here", "unknown_user"),
    ("", "552 5.2.2 Mailbox full", "mailbox_full"),
    ("", "451 4.7.1 Greylisting in action, please come back later", "greylist"),
    ("", "550 5.7.1 Message rejected due to DMARC policy", "auth_dns"),
    ("", "550 5.7.23 SPF check failed: 192.0.2.7 is not allowed to send mail for example.org", "auth_dns"),
    ("", "554 5.4.6 Too many hops", "loop"),
    ("", "550 5.7.1 relaying denied", "relay"),
    ("", "554 5.7.1 Virus found in message", "content"),
    ("", "421 4.7.0 Too many connections from your host", "rate"),
    // These carry no message: the code says it all.
    ("", "220 mx.example.org ESMTP", ""),
    ("postfix", "220 mx.example.org ESMTP Postfix", ""),
    ("gmail", "235 2.7.0 Accepted", ""),
    ("postfix", "250 2.1.5 Ok", ""),
    ("exim", "250 Accepted", ""),
    ("exim", "250 OK id=1abcde-000000-00", ""),
    ("postfix", "334 VXNlcm5hbWU6", ""),
    ("postfix", "354 End data with <CR><LF>.<CR><LF>", ""),
    ("sendmail", "354 Enter mail, end with \".\" on a line by itself", ""),
    ("postfix", "252 2.0.0 root", ""),
    ("", "550 mx1.harbor.test", ""),
];

#[test]
fn real_replies_get_their_category() {
    let mut wrong = Vec::new();
    for (name, reply, category) in REPLIES {
        let server = (!name.is_empty()).then(|| server(name).unwrap());
        let found = message(&normal(reply.as_bytes()), server);
        let got = found.map_or("", |message| message.category.as_str());
        if got != *category {
            wrong.push(format!("{name}: {reply}: {got:?} ({}), not {category:?}", found.map_or("", |m| &m.id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_parses() {
    assert_eq!(table().message.len(), 267);
}

#[test]
fn every_message_names_a_known_server_category_and_actor() {
    for message in &table().message {
        assert!(message.server == "any" || server(&message.server).is_some(), "{}", message.id);
        assert!(table().category.iter().any(|category| category.id == message.category), "{}", message.id);
        assert!(table().who.iter().any(|who| who.id == message.who), "{}", message.id);
        assert!(message.codes.iter().all(|code| (200..600).contains(code)), "{}", message.id);
    }
}

#[test]
fn every_expression_compiles_and_none_is_lost_in_the_set() {
    for message in &table().message {
        let compiled = regex::bytes::RegexBuilder::new(&message.pattern).unicode(false).build();
        compiled.unwrap_or_else(|error| panic!("{}: {error}", message.id));
    }
    assert_eq!(MESSAGES.len(), table().message.len());
}

#[test]
fn names_of_messages_are_unique() {
    for (index, message) in table().message.iter().enumerate() {
        assert_eq!(table().message.iter().position(|other| other.id == message.id), Some(index), "{}", message.id);
    }
}

#[test]
fn enhanced_codes_are_matched_one_by_one_and_in_ranges() {
    let status = |text: &str| Status::parse(text.as_bytes());
    assert!(covers("", None));
    assert!(!covers("", status("5.1.1")));
    assert!(covers("5.1.1", status("5.1.1")));
    assert!(covers("5.7.500-5.7.699", status("5.7.509")));
    assert!(!covers("5.7.500-5.7.699", status("5.7.5")));
    assert!(!covers("5.1.1", None));
}

#[test]
fn a_message_of_another_server_counts_only_if_its_text_names_it() {
    let reply = normal(b"550 5.7.1 <x@example.net>... Relaying denied");
    assert_eq!(message(&reply, server("sendmail")).unwrap().server, "sendmail");
    assert_eq!(message(&reply, server("postfix")).unwrap().server, "any");
    assert_eq!(message(&reply, None).unwrap().server, "any");
}
