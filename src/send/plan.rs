//! What would be said, for those who want to read it before.

use std::fmt::Write as _;

use crate::ports::net::Body;
use crate::safe;
use crate::smtp::line::lines;
use crate::smtp::sasl::client::Mechanism;

use super::Wish;

impl Wish {
    /// The lines of the client and the letter, as far as they do not depend on what the server offers.
    pub fn plan(&self) -> String {
        let mut said = vec![format!("EHLO {}", self.hello)];
        if let Some(login) = &self.login {
            let mechanism = login.mechanism.map_or("(the best that is listed)", Mechanism::name);
            said.push(format!("AUTH {mechanism}, as {}", login.user));
        }
        said.push(format!("MAIL FROM:<{}>", self.sender));
        said.extend(self.recipients.iter().map(|recipient| format!("RCPT TO:<{recipient}>")));
        let size = self.letter.size();
        said.push(if self.chunk.is_some() { format!("BDAT, {size} octets") } else { "DATA".to_owned() });
        let mut text = String::new();
        for line in said {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "C: {}", safe::plain(line.as_bytes()));
        }
        match &self.letter.body {
            Body::Octets(letter) => {
                for line in lines(letter) {
                    let _ = writeln!(text, "   {}", safe::plain(line.text));
                }
            }
            Body::File(_) => {
                let _ = writeln!(text, "   (the file, {size} octets)");
            }
        }
        text + "C: QUIT\n"
    }
}
