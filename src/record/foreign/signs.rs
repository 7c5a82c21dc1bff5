//! Transcripts with a sign before each line that says who speaks: those of Postfix, of RFCs, of Exim and of Sendmail.

use super::text::Row;
use super::{Log, Said, reply};
use crate::tape::told::{Form, Means, Told};

/// The signs of one form.
struct Signs {
    form: Form,
    client: &'static [u8],
    /// Nothing where the server's lines stand by themselves.
    server: &'static [u8],
    /// Blanks that stand behind a sign at most.
    blanks: usize,
}

const SIGNS: [Signs; 8] = [
    // What Postfix mails to its postmaster; `In:` is set as wide as `Out:`.
    Signs { form: Form::Postfix, client: b"In:", server: b"Out:", blanks: 2 },
    // RFC 5321, appendix D.
    Signs { form: Form::Signs, client: b"C:", server: b"S:", blanks: 1 },
    Signs { form: Form::Signs, client: b"Client:", server: b"Server:", blanks: 1 },
    Signs { form: Form::Signs, client: b"CLIENT:", server: b"SERVER:", blanks: 1 },
    // Exim with -v, and its debug output.
    Signs { form: Form::Signs, client: b"SMTP>>", server: b"SMTP<<", blanks: 1 },
    // What Sendmail returns with a letter.
    Signs { form: Form::Signs, client: b">>>", server: b"<<<", blanks: 1 },
    // Sendmail with -v.
    Signs { form: Form::Signs, client: b">>>", server: b"", blanks: 1 },
    Signs { form: Form::Signs, client: b"->", server: b"<-", blanks: 1 },
];

impl Signs {
    fn behind<'a>(&self, line: &'a [u8], sign: &[u8]) -> Option<&'a [u8]> {
        let text = line.trim_ascii_start().strip_prefix(sign)?;
        let blanks = text.iter().take(self.blanks).take_while(|octet| **octet == b' ').count();
        text.get(blanks..)
    }

    fn client<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        self.behind(line, self.client)
    }

    fn server<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        let text = self.behind(line, self.server)?;
        (!self.server.is_empty() || reply(text).is_some()).then_some(text)
    }

    fn fit(&self, rows: &[Row]) -> bool {
        let replies = |row: &Row| self.server(&row.text).is_some_and(|text| reply(text).is_some());
        rows.iter().any(|row| self.client(&row.text).is_some()) && rows.iter().any(replies)
    }
}

/// Reads a transcript by its signs.
pub(super) fn read(rows: &[Row]) -> Option<Log> {
    let signs = SIGNS.iter().find(|signs| signs.fit(rows))?;
    let mut log = Log::new(signs.form);
    for row in rows {
        match (signs.client(&row.text), signs.server(&row.text)) {
            // Sendmail shows no letter, but the dot.
            (Some(b"."), _) if signs.client == b">>>" => {
                log.push(row, Said::Told(Told::new(super::paste::unseen(), Means::Letter)));
            }
            (Some(text), _) => log.client(row, text),
            (None, Some(text)) => log.server(row, text),
            (None, None) if is_tls(&row.text) => {
                let words = format!("the transcript says: {}", super::words(row.text.trim_ascii()));
                log.push(row, Said::Told(Told::new(words, Means::Secured { version: None, suite: None })));
            }
            (None, None) => log.left.add(row),
        }
    }
    Some(log)
}

/// What RFCs write where a handshake stands.
fn is_tls(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    [&b"<TLS negotiation"[..], b"<starts TLS negotiation", b"C & S: <negotiate a TLS session>"]
        .iter()
        .any(|it| text.starts_with(it))
}
