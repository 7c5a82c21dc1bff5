//! The fields of an event by their names, for whoever asks what happened.

use serde_json::Value;

use super::Event;

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A text, or a word for true and false.
    Text(String),
    /// A number.
    Number(f64),
    /// Several values; of a table, its names.
    List(Vec<Field>),
}

impl Event {
    /// The values of a field, as the event's line of JSON has it; a dot leads into a table, as in `params.SIZE`. Nothing if
    /// there is no such field.
    pub fn field(&self, name: &str) -> Option<Field> {
        match name {
            "by" => serde_json::to_value(self.by).ok().and_then(field),
            "s" => self.session.map(|session| Field::Number(f64::from(session))),
            _ => {
                let own = serde_json::to_value(&self.what).ok()?;
                let mut value = &own;
                for part in name.split('.') {
                    value = value.get(part)?;
                }
                field(value.clone())
            }
        }
    }
}

fn field(value: Value) -> Option<Field> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(truth) => Field::Text(truth.to_string()),
        Value::Number(number) => Field::Number(number.as_f64()?),
        Value::String(text) => Field::Text(text),
        Value::Array(values) => Field::List(values.into_iter().filter_map(field).collect()),
        Value::Object(table) => Field::List(table.into_iter().map(|(name, _)| Field::Text(name)).collect()),
    })
}
