//! Dialogues with the server engine: `->` is what the client sends, `<-` what it must get.

use super::*;

/// A host on which `pat@harbor.test` and any postmaster have a mailbox, and `mina` may sign in with `sunflower`.
fn decide(ask: &Ask) -> Decision {
    let no = |text| Decision::Say(Reply::read(text).expect("a reply"));
    match ask {
        Ask::Rcpt(path) if path.encode().to_ascii_lowercase().starts_with(b"<postmaster") => Decision::Accept,
        Ask::Rcpt(path) if path.encode().eq_ignore_ascii_case(b"<pat@harbor.test>") => Decision::Accept,
        Ask::Rcpt(_) => no("550 5.1.1 No such user here"),
        Ask::Login(login) if login.user != b"mina" || login.password != b"sunflower" => no("535 5.7.8 no"),
        _ => Decision::Accept,
    }
}

/// Lets the engine go on until it waits for the client.
fn settle(server: &mut Server) -> String {
    let mut said = Vec::new();
    loop {
        let ask = server.poll();
        said.extend_from_slice(server.outgoing());
        server.wrote(server.outgoing().len());
        match ask {
            Some(Ask::Close) => said.extend_from_slice(b"(closed)\r\n"),
            Some(Ask::StartTls) => {
                server.tls_ready();
                continue;
            }
            Some(ask) => {
                server.answer(&decide(&ask));
                continue;
            }
            None => {}
        }
        return String::from_utf8(said).expect("ASCII");
    }
}

fn talk(config: Config, script: &str) {
    let mut server = Server::new(config, Moment::START);
    let mut said = settle(&mut server);
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(sent) = line.strip_prefix("-> ") {
            assert_eq!(said, "", "the client speaks although something was said");
            server.receive(format!("{}\r\n", sent.replace("\\n", "\n").replace("\\r", "\r")).as_bytes(), Moment::START);
            said = settle(&mut server);
        } else if let Some(wanted) = line.strip_prefix("<- ") {
            let (first, rest) = said.split_once("\r\n").unwrap_or((&said, ""));
            assert!(first.starts_with(wanted), "wanted {wanted:?}, got {first:?}");
            said = rest.to_owned();
        } else {
            panic!("{line:?} is neither -> nor <-");
        }
    }
    assert_eq!(said, "", "something more was said");
}

fn strict() -> Config {
    Config::strict("mx1.harbor.test")
}

#[test]
fn c052_every_command_that_must_be_there_is_there() {
    talk(
        strict(),
        "
        <- 220 mx1.harbor.test
        -> EHLO laptop.you.test
        <- 250-mx1.harbor.test
        <- 250-PIPELINING
        <- 250-SIZE 10485760
        <- 250-8BITMIME
        <- 250-ENHANCEDSTATUSCODES
        <- 250-EXPN
        <- 250 HELP
        -> MAIL FROM:<you@you.test>
        <- 250 2.1.0
        -> RCPT TO:<pat@harbor.test>
        <- 250 2.1.5
        -> DATA
        <- 354
        -> hello
        -> ..hidden
        -> .
        <- 250 2.0.0
        -> RSET
        <- 250
        -> NOOP
        <- 250
        -> VRFY pat
        <- 252
        -> HELO laptop.you.test
        <- 250
        -> QUIT
        <- 221
        <- (closed)
    ",
    );
}
