//! The card of a served lab as text: what to type into the other program.

use std::fmt::Write as _;

use crate::ports::lab::{Card, Service};

/// The card.
pub fn text(card: &Card) -> String {
    let mut text = String::new();
    let who = if card.exposed { "this machine and its private network" } else { "this machine" };
    let _ = writeln!(text, "The lab is served to {who}. Nothing it takes ever leaves it.\n");
    for service in &card.services {
        let _ = writeln!(text, "  127.0.0.1:{:<5}  {:<20} {}", service.port, service.host, about(service));
    }
    if let Some(dns) = card.dns {
        let _ = writeln!(text, "  127.0.0.1:{dns:<5}  {:<20} as: dig @127.0.0.1 -p {dns} harbor.test MX", "DNS");
    }
    let users: Vec<_> = card.users.iter().map(|(name, password)| format!("{name} with {password}")).collect();
    let _ = writeln!(text, "\nLogins, inside TLS: {}.", users.join(", "));
    let first = card.services.first().map_or(0, |service| service.port);
    let _ =
        writeln!(text, "A first letter: swaks --server 127.0.0.1:{first} --from mina@you.test --to pat@harbor.test");
    text.push_str(
        "Any reply on demand: mail to code-550-5.1.1@harbor.test, delay-5@, drop@ or later-550-5.1.1@; data- or final- before it\n\
         moves it there. EHLO fault-NAME.you.test bends a session; --scene NAME sets the lab up for one thing to be seen.\n",
    );
    text.push_str("Certificates name localhost too; --ca-file FILE writes the authority to trust.\n");
    if let Some(site) = card.services.iter().find(|service| service.web) {
        let (port, host) = (site.port, &site.host);
        let _ = writeln!(
            text,
            "A policy: curl --cacert FILE --connect-to ::127.0.0.1:{port} https://{host}/.well-known/mta-sts.txt"
        );
    }
    if card.anchor.is_some() {
        text.push_str("--anchor-file FILE writes the key of the root zone, for delv -a FILE +root.\n");
    }
    text.push_str(
        "\nPostfix sends to the lab with transport_maps = texthash:/etc/postfix/transport and these lines there:\n",
    );
    for (domain, service) in exchangers(card) {
        let how = if service.lmtp { "lmtp:inet:127.0.0.1" } else { "smtp:[127.0.0.1]" };
        let _ = writeln!(text, "  {domain:<16} {how}:{}", service.port);
    }
    text
}

/// What a person must know first who serves the lab from a terminal; nothing if nothing is served.
pub fn first(card: &Card) -> Option<String> {
    let Service { host, port, .. } = card.services.first()?;
    Some(format!("{host} is served on 127.0.0.1:{port}. Alt-g lists who came; c there shows the card of all hosts."))
}

/// The domains of the lab and the first service that takes mail for each from anybody.
fn exchangers(card: &Card) -> Vec<(&str, &Service)> {
    let mut found: Vec<(&str, &Service)> = Vec::new();
    for service in card.services.iter().filter(|service| !service.users_only && !service.tls) {
        for domain in &service.domains {
            if found.iter().all(|(known, _)| known != domain) {
                found.push((domain, service));
            }
        }
    }
    found
}

fn about(service: &Service) -> String {
    let what = match service {
        Service { web: true, .. } => return format!("HTTPS, the MTA-STS policy of {}", service.domains.join(", ")),
        Service { domains, .. } if domains.is_empty() => return "SMTP, takes no mail".to_owned(),
        Service { lmtp: true, .. } => "LMTP",
        Service { tls: true, .. } => "submission, TLS from the first octet",
        Service { users_only: true, .. } => "submission, STARTTLS",
        _ => "SMTP",
    };
    let domains = if service.users_only { String::new() } else { format!(" for {}", service.domains.join(", ")) };
    format!("{what}{domains}")
}
