//! What the screen works on and what it asks of the edge.

use crate::ports::{dns, net};
use crate::session::Model;

/// Something that the edge does for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the network.
    Net(net::Request),
    /// Ask the DNS.
    Dns(dns::Request),
    /// Put a text on the clipboard.
    Copy {
        /// What it is, for the message.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Write a text to a new file that only the user may read.
    Save {
        /// Where.
        path: String,
        /// The text.
        text: String,
    },
    /// Let the user's editor have a text; it comes back as a letter.
    Edit(String),
    /// Read a file into the letter.
    Insert {
        /// Where from.
        path: String,
    },
    /// Tell the user something, for a while.
    Say(String),
}

/// The model, and a list for what is asked of the edge.
#[derive(Debug)]
pub struct Desk<'a> {
    /// What happened.
    pub model: &'a mut Model,
    /// What is asked of the edge.
    pub effects: &'a mut Vec<Effect>,
}

impl Desk<'_> {
    /// Asks the edge for something.
    pub fn ask(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Tells the user something.
    pub fn say(&mut self, text: impl Into<String>) {
        self.ask(Effect::Say(text.into()));
    }

    /// Sends what the DNS panel wants to ask now.
    pub fn look_up(&mut self) {
        for request in self.model.look_ups.requests() {
            self.ask(Effect::Dns(request));
        }
    }
}
