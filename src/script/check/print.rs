//! Checks as text that reads back as the same check.

use std::fmt::{self, Display};

use super::{Check, Condition, Kind, Op};

impl Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(checks) => joined(f, checks, " or "),
            Self::All(checks) => joined(f, checks, " and "),
            Self::Not(check) => write!(f, "not {}", Inner(check)),
            Self::Order(order) => {
                let event = |(kind, anywhere): &(Kind, bool)| {
                    if *anywhere { format!("{kind} anywhere") } else { kind.to_string() }
                };
                f.write_str(&order.iter().map(event).collect::<Vec<_>>().join(" then "))
            }
            Self::Count(kind, op, number) => write!(f, "count({kind}) {op} {number}"),
            Self::Distinct(kind, field, op, number) => write!(f, "distinct({kind}.{field}) {op} {number}"),
            Self::Within(first, second, op, time) => write!(f, "within({first}, {second}) {op} {}ms", time.as_millis()),
            Self::Against(one, field, op, other, its) => write!(f, "{one}.{field} {op} {other}.{its}"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, checks: &[Check], between: &str) -> fmt::Result {
    f.write_str(&checks.iter().map(|check| Inner(check).to_string()).collect::<Vec<_>>().join(between))
}

/// A check inside another one.
struct Inner<'a>(&'a Check);

impl Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Check::Any(_) | Check::All(_) => write!(f, "({})", self.0),
            check => write!(f, "{check}"),
        }
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if self.conditions.is_empty() {
            return Ok(());
        }
        let conditions: Vec<_> = self.conditions.iter().map(Condition::to_string).collect();
        write!(f, "[{}]", conditions.join(" "))
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.values.join(",");
        let plain = !value.is_empty() && !value.contains(|letter: char| letter.is_whitespace() || letter == ']');
        let quote = if plain { "" } else { "\"" };
        let blank = if self.op == Op::In { " " } else { "" };
        write!(f, "{}{blank}{}{blank}{quote}{value}{quote}", self.field, self.op)
    }
}

impl Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Matches => "~",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
            Self::In => "in",
        })
    }
}
