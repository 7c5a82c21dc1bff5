//! A report in words.

use std::fmt::Write as _;

use super::{Action, Recipient, Report};

impl Report {
    /// What the report is about.
    pub(super) fn subject(&self) -> &'static str {
        match self.recipients.first().map(|recipient| recipient.action) {
            Some(Action::Delayed) => "Delayed letter",
            Some(Action::Delivered) => "Letter delivered",
            Some(Action::Relayed) => "Letter relayed",
            Some(Action::Expanded) => "Letter delivered and sent on",
            Some(Action::Failed) | None => "Undeliverable letter",
        }
    }

    /// What happened, for a person.
    pub(super) fn words(&self) -> String {
        let mut text = format!("This is the mail server {}.\r\n", self.reporting);
        let mut last = None;
        for recipient in &self.recipients {
            if last != Some(recipient.action) {
                let _ = write!(text, "\r\n{}\r\n", opening(recipient.action));
                last = Some(recipient.action);
            }
            recipient.say(&mut text);
        }
        text.push_str("\r\nBelow: the same for programs, then your letter or its header.\r\n");
        text
    }
}

fn opening(action: Action) -> &'static str {
    match action {
        Action::Failed => "Your letter could not be delivered, and it will not be tried again, to:",
        Action::Delayed => "Your letter still waits; there is no need to send it again. It is for:",
        Action::Delivered => "Your letter now lies in the mailbox of:",
        Action::Relayed => "Your letter was handed to a server that does not report deliveries, for:",
        Action::Expanded => "Your letter was delivered, and sent on to others, for:",
    }
}

impl Recipient {
    fn say(&self, text: &mut String) {
        let _ = write!(text, "\r\n  {}\r\n", self.address);
        if let Some(diagnostic) = &self.diagnostic {
            let who = self.remote.as_deref().unwrap_or("The server");
            let _ = write!(text, "    {who} said:\r\n      {}\r\n", wrapped(diagnostic));
        }
        if let Some(why) = &self.why {
            let _ = write!(text, "    {}\r\n", wrapped(why));
        }
        if let Some(until) = self.retry_until.as_ref().filter(|_| self.action == Action::Delayed) {
            let _ = write!(text, "    It will be tried until {until}.\r\n");
        }
    }
}

/// A long text in lines.
fn wrapped(text: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split_ascii_whitespace() {
        if width + word.len() > 60 && width > 0 {
            lines.push_str("\r\n      ");
            width = 0;
        } else if width > 0 {
            lines.push(' ');
        }
        lines.push_str(word);
        width += word.len() + 1;
    }
    lines
}
