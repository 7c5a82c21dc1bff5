//! Near spellings: a name that does not exist may be a slip of one the user has looked up before. Nothing else is
//! ever suggested; no list of popular domains is carried.

use super::Name;

/// The name in `history` that differs from `name` by at most two letters, the nearest first.
pub fn nearest<'a>(name: &Name, history: impl IntoIterator<Item = &'a Name>) -> Option<&'a Name> {
    let typed = name.relative().to_ascii_lowercase();
    let distances = history.into_iter().filter(|known| *known != name).map(|known| {
        let other = known.relative().to_ascii_lowercase();
        (distance(typed.as_bytes(), other.as_bytes()), known)
    });
    distances.filter(|(slips, _)| *slips <= 2).min_by_key(|(slips, _)| *slips).map(|(_, known)| known)
}

/// Letters to add, drop, change or swap with their neighbour (optimal string alignment).
pub fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, known) in other.iter().enumerate() {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX - 1);
            let same = usize::from(letter != known);
            let mut cost = (at(&above, column) + same).min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            let left = column.checked_sub(1).and_then(|index| other.get(index).map(|left| (index, *left)));
            if let Some((index, left)) = left
                && last == Some(*known)
                && *letter == left
            {
                cost = cost.min(at(&before, index) + 1);
            }
            line.push(cost);
        }
        last = Some(*letter);
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or(one.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_in_the_history_only() {
        let history = ["harbor.test", "example.test", "examples.test"].map(Name::ascii);
        let near = |name: &str| nearest(&Name::ascii(name), &history).map(Name::relative);
        assert_eq!(near("exmaple.test").as_deref(), Some("example.test"));
        assert_eq!(near("habror.test").as_deref(), Some("harbor.test"));
        assert_eq!(near("bank.test"), None);
        assert_eq!(near("example.test").as_deref(), Some("examples.test"), "the name itself is no suggestion");
    }

    #[test]
    fn distances_count_swaps_as_one() {
        assert_eq!(distance(b"exmaple", b"example"), 1);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b""), 3);
        assert_eq!(distance(b"kitten", b"sitting"), 3);
    }
}
