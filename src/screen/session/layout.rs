//! The geometry of the session screen: a pure function shared by the view, the mouse and the tests.
//!
//! Classes by width: **S** 60–99 (transcript, one pane beside it, Send), **M** 100–139 (adds Stage), **L** from 140 (all
//! six panes). By height: below 24 lines the coach line goes, below 20 the frames. Below 60x16 nothing is drawn but the
//! fact. Panes keep their number in every class; those without a place are tabs of the pane beside the transcript.

use ratatui::layout::{Position, Rect};

/// Narrowest screen that is drawn, in columns.
pub const MIN_WIDTH: u16 = 60;
/// Lowest screen that is drawn, in lines.
pub const MIN_HEIGHT: u16 = 16;

/// True if nothing but the fact is drawn.
pub const fn is_too_small(area: Rect) -> bool {
    area.width < MIN_WIDTH || area.height < MIN_HEIGHT
}

/// A region of the screen, by its number key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pane {
    /// 1: where one types.
    Send,
    /// 2: what was said.
    Transcript,
    /// 3: what the selected line means.
    Explain,
    /// 4: the DNS and MX panel.
    Dns,
    /// 5: the stage rail.
    Stage,
    /// 6: extensions and timing.
    Capabilities,
}

impl Pane {
    /// All panes, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Send, Self::Transcript, Self::Explain, Self::Dns, Self::Stage, Self::Capabilities];

    /// Its number on screen and on the keyboard.
    pub const fn number(self) -> u8 {
        match self {
            Self::Send => 1,
            Self::Transcript => 2,
            Self::Explain => 3,
            Self::Dns => 4,
            Self::Stage => 5,
            Self::Capabilities => 6,
        }
    }

    /// Its short name, as a tab shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Send => "Send",
            Self::Transcript => "Transcript",
            Self::Explain => "Explain",
            Self::Dns => "DNS",
            Self::Stage => "Stage",
            Self::Capabilities => "Caps",
        }
    }

    /// Its whole name, as its heading shows it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dns => "DNS and MX",
            Self::Capabilities => "Capabilities and timing",
            _ => self.name(),
        }
    }

    /// True for the panes that may share the place beside the transcript.
    pub const fn is_side(self) -> bool {
        matches!(self, Self::Explain | Self::Dns | Self::Stage | Self::Capabilities)
    }
}

/// How much fits side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// 60–99 columns.
    S,
    /// 100–139 columns.
    M,
    /// 140 columns or more.
    L,
}

impl Class {
    /// The class of a width in columns.
    pub const fn of(width: u16) -> Self {
        match width {
            0..=99 => Self::S,
            100..=139 => Self::M,
            _ => Self::L,
        }
    }
}

/// What the state of the screen asks of its geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The pane that fills the place of all but Send.
    pub zoom: Option<Pane>,
    /// The tab that is open beside the transcript, when not all panes have a place.
    pub side: Pane,
    /// True if Send holds a letter or a batch and wants more lines.
    pub letter: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self { zoom: None, side: Pane::Explain, letter: false }
    }
}

/// A pane and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub pane: Pane,
    /// With heading and frame.
    pub outer: Rect,
    /// Its content.
    pub inner: Rect,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The class of the width.
    pub class: Class,
    /// True if panes have frames; else a heading line each.
    pub framed: bool,
    /// The title line.
    pub title: Rect,
    /// The stage rail as one line, where Stage is no pane.
    pub rail: Option<Rect>,
    /// The panes that have a place.
    pub panes: Vec<Placed>,
    /// The coach line.
    pub coach: Option<Rect>,
    /// The line of keys.
    pub footer: Rect,
}

impl Layout {
    /// The geometry of `area`, or `None` if it is too small.
    pub fn of(area: Rect, wish: Wish) -> Option<Self> {
        if is_too_small(area) {
            return None;
        }
        let class = Class::of(area.width);
        let framed = area.height >= 20;
        let mut rest = area;
        let title = take_top(&mut rest, 1);
        let rail = (class == Class::S).then(|| take_top(&mut rest, 1));
        let footer = take_bottom(&mut rest, 1);
        let coach = (area.height >= 24).then(|| take_bottom(&mut rest, 1));
        let send = take_bottom(&mut rest, send_height(area, class, framed, wish));
        let mut layout = Self { class, framed, title, rail, panes: Vec::new(), coach, footer };
        layout.upper(rest, wish);
        layout.put(Pane::Send, send, false);
        Some(layout)
    }

    /// The place of a pane, if it has one.
    pub fn place(&self, pane: Pane) -> Option<Placed> {
        self.panes.iter().copied().find(|placed| placed.pane == pane)
    }

    /// The pane under a position.
    pub fn pane_at(&self, at: Position) -> Option<Pane> {
        self.panes.iter().find(|placed| placed.outer.contains(at)).map(|placed| placed.pane)
    }

    /// The panes that have no place of their own and are tabs of `host`.
    pub fn tabs(&self, host: Pane) -> Vec<Pane> {
        if !host.is_side() || host == Pane::Stage && self.class != Class::S {
            return Vec::new();
        }
        Pane::ALL.into_iter().filter(|pane| pane.is_side() && self.place(*pane).is_none()).collect()
    }

    fn upper(&mut self, area: Rect, wish: Wish) {
        let mut rest = area;
        if let Some(pane) = wish.zoom.filter(|pane| *pane != Pane::Send) {
            self.put(pane, rest, false);
            return;
        }
        // Three panes one above the other need some height.
        let class = if self.class == Class::L && rest.height < STACK { Class::M } else { self.class };
        match class {
            Class::S => {
                let left = take_left(&mut rest, area.width * 5 / 8);
                self.put(Pane::Transcript, left, true);
                self.put(if wish.side.is_side() { wish.side } else { Pane::Explain }, rest, false);
            }
            Class::M => {
                let stage = take_left(&mut rest, STAGE_WIDTH);
                self.put(Pane::Stage, stage, true);
                let side = take_right(&mut rest, (area.width * 27 / 100).max(32));
                self.put(Pane::Transcript, rest, true);
                let tab = if wish.side.is_side() && wish.side != Pane::Stage { wish.side } else { Pane::Explain };
                self.put(tab, side, false);
            }
            Class::L => {
                let stage = take_left(&mut rest, STAGE_WIDTH);
                self.put(Pane::Stage, stage, true);
                let mut right = take_right(&mut rest, (area.width * 34 / 100).max(48));
                self.put(Pane::Transcript, rest, true);
                let explain_height = right.height * 40 / 100;
                let explain = take_top(&mut right, explain_height);
                let dns_height = right.height * 56 / 100;
                let dns = take_top(&mut right, dns_height);
                self.put(Pane::Explain, explain, false);
                self.put(Pane::Dns, dns, false);
                self.put(Pane::Capabilities, right, false);
            }
        }
    }

    /// Without frames a pane has a heading line, and a bar on its right if another pane follows there.
    fn put(&mut self, pane: Pane, outer: Rect, bar: bool) {
        let inner = if self.framed {
            Rect {
                x: outer.x.saturating_add(1),
                y: outer.y.saturating_add(1),
                width: outer.width.saturating_sub(2),
                height: outer.height.saturating_sub(2),
            }
        } else {
            Rect {
                x: outer.x,
                y: outer.y.saturating_add(1),
                width: outer.width.saturating_sub(u16::from(bar)),
                height: outer.height.saturating_sub(1),
            }
        };
        self.panes.push(Placed { pane, outer, inner });
    }
}

/// Lowest place for three panes, one above the other.
const STACK: u16 = 15;
/// Columns of the Stage pane.
const STAGE_WIDTH: u16 = 23;

/// Lines of the Send pane with its frame or heading.
fn send_height(area: Rect, class: Class, framed: bool, wish: Wish) -> u16 {
    if wish.zoom == Some(Pane::Send) {
        return area.height.saturating_sub(12).max(4);
    }
    let content = match (framed, class) {
        _ if wish.letter => (area.height * 2 / 5).max(4),
        (true, Class::L) if area.height >= 40 => 5,
        _ => 3,
    };
    content + if framed { 2 } else { 1 }
}

fn take_top(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    let taken = Rect { height, ..*rest };
    rest.y += height;
    rest.height -= height;
    taken
}

fn take_bottom(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    rest.height -= height;
    Rect { y: rest.y + rest.height, height, ..*rest }
}

fn take_left(rest: &mut Rect, width: u16) -> Rect {
    let width = width.min(rest.width);
    let taken = Rect { width, ..*rest };
    rest.x += width;
    rest.width -= width;
    taken
}

fn take_right(rest: &mut Rect, width: u16) -> Rect {
    let width = width.min(rest.width);
    rest.width -= width;
    Rect { x: rest.x + rest.width, width, ..*rest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(width: u16, height: u16) -> Layout {
        Layout::of(Rect::new(0, 0, width, height), Wish::default()).unwrap()
    }

    fn pane(layout: &Layout, pane: Pane) -> Rect {
        layout.place(pane).unwrap().outer
    }

    #[test]
    fn eighty_by_twenty_four_is_the_picture() {
        let layout = of(80, 24);
        assert_eq!(pane(&layout, Pane::Transcript), Rect::new(0, 2, 50, 15));
        assert_eq!(pane(&layout, Pane::Explain), Rect::new(50, 2, 30, 15));
        assert_eq!(pane(&layout, Pane::Send), Rect::new(0, 17, 80, 5));
        assert_eq!(layout.coach, Some(Rect::new(0, 22, 80, 1)));
        assert_eq!(layout.footer, Rect::new(0, 23, 80, 1));
        assert_eq!(layout.tabs(Pane::Explain), [Pane::Dns, Pane::Stage, Pane::Capabilities]);
    }

    #[test]
    fn a_hundred_and_sixty_by_forty_eight_is_the_picture() {
        let layout = of(160, 48);
        assert_eq!(pane(&layout, Pane::Stage), Rect::new(0, 1, 23, 38));
        assert_eq!(pane(&layout, Pane::Transcript), Rect::new(23, 1, 83, 38));
        assert_eq!(pane(&layout, Pane::Explain), Rect::new(106, 1, 54, 15));
        assert_eq!(pane(&layout, Pane::Send), Rect::new(0, 39, 160, 7));
        assert_eq!(layout.rail, None);
        assert!(layout.tabs(Pane::Explain).is_empty());
    }

    #[test]
    fn less_height_drops_the_coach_then_the_frames() {
        assert!(of(80, 24).coach.is_some() && of(80, 24).framed);
        assert!(of(80, 23).coach.is_none() && of(80, 23).framed);
        assert!(!of(80, 19).framed);
        assert_eq!(Layout::of(Rect::new(0, 0, 59, 16), Wish::default()), None);
        assert_eq!(Layout::of(Rect::new(0, 0, 60, 15), Wish::default()), None);
        assert!(of(60, 16).place(Pane::Transcript).unwrap().inner.height >= 8);
    }

    #[test]
    fn every_class_has_its_panes() {
        assert_eq!(of(99, 30).panes.len(), 3);
        assert_eq!(of(100, 30).panes.len(), 4);
        assert_eq!(of(140, 30).panes.len(), 6);
    }

    proptest! {
        #[test]
        fn every_region_lies_inside_and_no_two_overlap(
            (x, y, width, height) in (0u16..20, 0u16..20, 0u16..200, 0u16..60),
            zoom in proptest::option::of(0usize..6), side in 0usize..6, letter: bool,
        ) {
            let area = Rect::new(x, y, width, height);
            let wish = Wish { zoom: zoom.map(|index| Pane::ALL[index]), side: Pane::ALL[side], letter };
            if let Some(layout) = Layout::of(area, wish) {
                let mut regions = vec![layout.title, layout.footer];
                regions.extend(layout.rail);
                regions.extend(layout.coach);
                regions.extend(layout.panes.iter().map(|placed| placed.outer));
                for placed in &layout.panes {
                    prop_assert!(placed.inner.is_empty() || placed.outer.intersection(placed.inner) == placed.inner);
                    prop_assert!(placed.inner.height >= 1, "{placed:?}");
                }
                let cells: u32 = regions.iter().map(|rect| rect.area()).sum();
                prop_assert_eq!(cells, area.area(), "regions tile the area");
                for (index, one) in regions.iter().enumerate() {
                    prop_assert_eq!(area.intersection(*one), *one);
                    for other in &regions[index + 1..] {
                        prop_assert!(one.intersection(*other).is_empty());
                    }
                }
            }
        }
    }
}
