//! Which rows of a growing transcript are shown, or match: all of them, or a list that grows with it.
//!
//! All rows need no list, so an unfiltered transcript of a million rows costs nothing. A list is extended by what was
//! appended; rows that may still change (a line without its end, a line whose meaning the reply decides) are judged
//! again each time.

/// A choice of rows, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Rows {
    /// Every row.
    #[default]
    All,
    /// These.
    Some(Chosen),
}

/// A list of rows and how far it has been made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chosen {
    rows: Vec<u32>,
    judged: u32,
}

impl Rows {
    /// A list that nothing was judged for yet.
    pub fn chosen() -> Self {
        Self::Some(Chosen::default())
    }

    /// Judges what was appended, up to `total` rows. Rows from `settled` on may change and are judged again next time.
    pub fn extend(&mut self, total: u32, settled: u32, mut keep: impl FnMut(u32) -> bool) {
        let Self::Some(list) = self else { return };
        let from = list.judged.min(total);
        list.rows.truncate(list.rows.partition_point(|row| *row < from));
        list.rows.extend((from..total).filter(|row| keep(*row)));
        list.judged = settled.min(total);
    }

    /// How many rows are shown of `total`.
    pub fn len(&self, total: u32) -> u32 {
        match self {
            Self::All => total,
            Self::Some(list) => u32::try_from(list.rows.len()).unwrap_or(u32::MAX),
        }
    }

    /// The row at a position.
    pub fn row(&self, position: u32) -> Option<u32> {
        match self {
            Self::All => Some(position),
            Self::Some(list) => list.rows.get(position as usize).copied(),
        }
    }

    /// The position of a row, or of the nearest shown row before it; the first one if there is none.
    pub fn position(&self, row: u32) -> u32 {
        match self {
            Self::All => row,
            Self::Some(list) => {
                let after = list.rows.partition_point(|shown| *shown <= row);
                u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX)
            }
        }
    }

    /// The nearest chosen row after `row`, else the first one: stepping goes round.
    pub fn after(&self, row: u32) -> Option<u32> {
        let Self::Some(list) = self else { return None };
        let at = list.rows.partition_point(|hit| *hit <= row);
        list.rows.get(at).or_else(|| list.rows.first()).copied()
    }

    /// The nearest chosen row before `row`, else the last one.
    pub fn before(&self, row: u32) -> Option<u32> {
        let Self::Some(list) = self else { return None };
        let at = list.rows.partition_point(|hit| *hit < row);
        at.checked_sub(1).and_then(|at| list.rows.get(at)).or_else(|| list.rows.last()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(total: u32) -> Rows {
        let mut rows = Rows::chosen();
        rows.extend(total, total, |row| row % 2 == 0);
        rows
    }

    #[test]
    fn all_rows_need_no_list() {
        let mut rows = Rows::All;
        rows.extend(1_000_000, 1_000_000, |_| unreachable!("nothing is judged"));
        assert_eq!(rows.len(1_000_000), 1_000_000);
        assert_eq!(rows.row(999_999), Some(999_999));
        assert_eq!(rows.position(7), 7);
    }

    #[test]
    fn a_list_grows_with_the_transcript() {
        let mut rows = even(5);
        rows.extend(9, 9, |row| row % 2 == 0);
        assert_eq!(rows, even(9));
        assert_eq!(rows.len(9), 5);
        assert_eq!(rows.row(3), Some(6));
        assert_eq!((rows.position(6), rows.position(7), rows.position(0)), (3, 3, 0));
    }

    #[test]
    fn rows_that_may_change_are_judged_again() {
        let mut rows = Rows::chosen();
        rows.extend(4, 2, |_| true);
        assert_eq!(rows.len(4), 4);
        rows.extend(4, 4, |row| row < 3);
        assert_eq!(rows.len(4), 3);
    }

    #[test]
    fn stepping_goes_round() {
        let rows = even(6);
        assert_eq!((rows.after(0), rows.after(3), rows.after(4)), (Some(2), Some(4), Some(0)));
        assert_eq!((rows.before(4), rows.before(3), rows.before(0)), (Some(2), Some(2), Some(4)));
        assert_eq!(Rows::chosen().after(3), None);
    }
}
