//! The ledger of a compaction: what became of every line, and why.
//!
//! A [`Draft`] starts with every line kept; steps and compressors drop, merge or rewrite lines through it and never
//! build output text by hand. So no line can be lost without a reason, and protected lines cannot be dropped at all.
//! What the fates look like on paper is decided in `render/`.

use std::ops::Range;

use serde::Serialize;

use crate::document::Document;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stands as it was.
    Keep,
    /// It stands with another text.
    Rewrite {
        /// Index of the text.
        text: u32,
        /// Why it was rewritten.
        reason: ReasonId,
    },
    /// It is part of another line's new text, which says so: a repeat that is counted, a match under its file.
    Merge(ReasonId),
    /// It is gone, and a marker covers it.
    Drop(ReasonId),
}

/// Index of a [`Reason`] in its draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonId(u16);

impl ReasonId {
    /// Its place among the reasons of the draft.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Whether a change lost meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Only layout changed; nobody needs the original back.
    None,
    /// Something is gone that only the original has.
    Some,
}

/// Where a marker for dropped lines stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At every gap, with that gap's count.
    EachGap,
    /// At the first gap, with the count of all.
    Once,
    /// Nowhere: the lines are parts of units that another reason with the same label counts.
    Covered,
}

/// Why lines were changed: the step that did it, and what the lines were in the reader's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The step or compressor, as `hr explain` names it.
    pub step: &'static str,
    /// What went, in the plural: `lines`, `passing tests`.
    pub label: String,
    /// Whether meaning was lost.
    pub loss: Loss,
    /// Where the marker stands.
    pub place: Place,
}

impl Reason {
    /// Lines that were dropped with loss of meaning, marked at every gap.
    pub fn dropped(step: &'static str, label: impl Into<String>) -> Self {
        Self { step, label: label.into(), loss: Loss::Some, place: Place::EachGap }
    }

    /// The same, but marked once with the count of all.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.place = Place::Once;
        self
    }

    /// The other lines of units whose first lines are dropped for this reason.
    #[must_use]
    pub fn covered(mut self) -> Self {
        self.place = Place::Covered;
        self
    }

    /// A change of layout that loses nothing.
    pub fn layout(step: &'static str) -> Self {
        Self { step, label: "lines".into(), loss: Loss::None, place: Place::EachGap }
    }
}

/// Lines that are not in the output, for the JSON form and for whoever wants them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// First and last line, 1-based, of the raw input.
    pub lines: [usize; 2],
    /// The step that decided.
    pub step: &'static str,
    /// What the lines were.
    pub why: String,
}

/// Every line of a document with its fate.
#[derive(Debug, Clone)]
pub struct Draft<'d> {
    doc: &'d Document<'d>,
    fates: Vec<Fate>,
    texts: Vec<Box<[u8]>>,
    reasons: Vec<Reason>,
    protected: Vec<bool>,
    held: bool,
}

impl<'d> Draft<'d> {
    /// A draft that keeps every line and protects none.
    pub fn new(doc: &'d Document<'d>) -> Self {
        let fates = vec![Fate::Keep; doc.len()];
        Self { doc, fates, texts: Vec::new(), reasons: Vec::new(), protected: Vec::new(), held: false }
    }

    /// The document behind the draft.
    pub fn doc(&self) -> &'d Document<'d> {
        self.doc
    }

    /// Protects lines: from now on no step can drop them. One flag a line.
    pub fn protect(&mut self, protected: Vec<bool>) {
        debug_assert_eq!(protected.len(), self.doc.len());
        self.protected = protected;
    }

    /// Holds protected lines as they are until it is called with `false`: for steps that nobody trusts.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// Whether a line can get another text.
    fn is_free(&self, line: usize) -> bool {
        self.is_live(line) && !(self.held && self.is_protected(line))
    }

    /// Whether a line is protected.
    pub fn is_protected(&self, line: usize) -> bool {
        self.protected.get(line).copied().unwrap_or(false)
    }

    /// How many lines there are, whatever their fate.
    pub fn len(&self) -> usize {
        self.fates.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.fates.is_empty()
    }

    /// What became of a line.
    pub fn fate(&self, line: usize) -> Fate {
        self.fates[line]
    }

    /// Every reason that was registered, by [`ReasonId::index`].
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// The reason behind an id of this draft.
    pub fn reason(&self, id: ReasonId) -> &Reason {
        &self.reasons[usize::from(id.0)]
    }

    /// Whether a line is still in the output.
    pub fn is_live(&self, line: usize) -> bool {
        matches!(self.fates[line], Fate::Keep | Fate::Rewrite { .. })
    }

    /// The indexes of the lines that are still in the output.
    pub fn live(&self) -> Vec<usize> {
        (0..self.len()).filter(|&line| self.is_live(line)).collect()
    }

    /// The same, of a stretch of lines.
    pub fn live_in(&self, lines: Range<usize>) -> Vec<usize> {
        lines.filter(|&line| self.is_live(line)).collect()
    }

    /// Whether a rule had one message for all of it, and nothing else stands.
    pub fn is_one_message(&self) -> bool {
        let mut live = (0..self.len()).filter(|&line| self.is_live(line) && !self.text(line).is_empty());
        let Some(Fate::Rewrite { reason, .. }) = live.next().map(|line| self.fates[line]) else { return false };
        self.reason(reason).step == "short" && live.next().is_none()
    }

    /// The text of a line as it stands now.
    pub fn text(&self, line: usize) -> &[u8] {
        match self.fates[line] {
            Fate::Rewrite { text, .. } => &self.texts[text as usize],
            Fate::Keep | Fate::Merge(_) | Fate::Drop(_) => self.doc.line(line),
        }
    }

    /// Registers a reason; the same reason twice has one id.
    pub fn because(&mut self, reason: Reason) -> ReasonId {
        let at = self.reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        ReasonId(at as u16)
    }

    /// Drops a line; says whether it could. A protected line stays, a line that is gone stays gone for its own reason.
    pub fn drop(&mut self, line: usize, reason: ReasonId) -> bool {
        let can = self.is_live(line) && !self.is_protected(line);
        if can {
            self.fates[line] = Fate::Drop(reason);
        }
        can
    }

    /// Makes a line part of another line's text; the caller writes that text so that it says so.
    pub fn merge(&mut self, line: usize, reason: ReasonId) {
        if self.is_free(line) {
            self.fates[line] = Fate::Merge(self.lossier(line, reason));
        }
    }

    /// The reason for a change that comes after others: what an earlier rewriting lost stays lost.
    fn lossier(&self, line: usize, reason: ReasonId) -> ReasonId {
        match self.fates[line] {
            Fate::Rewrite { reason: before, .. }
                if self.reason(before).loss == Loss::Some && self.reason(reason).loss == Loss::None =>
            {
                before
            }
            Fate::Keep | Fate::Rewrite { .. } | Fate::Merge(_) | Fate::Drop(_) => reason,
        }
    }

    /// Gives a live line another text.
    pub fn rewrite(&mut self, line: usize, text: impl Into<Box<[u8]>>, reason: ReasonId) {
        if !self.is_free(line) {
            return;
        }
        let reason = self.lossier(line, reason);
        if let Fate::Rewrite { text: old, .. } = self.fates[line] {
            self.texts[old as usize] = text.into();
            self.fates[line] = Fate::Rewrite { text: old, reason };
        } else {
            self.texts.push(text.into());
            self.fates[line] = Fate::Rewrite { text: (self.texts.len() - 1) as u32, reason };
        }
    }

    /// Gives the live lines of a stretch one text together, of one line or several: it stands where the first of them was.
    ///
    /// The caller writes the text so that what it leaves out is said in it, by a marker.
    pub fn rewrite_block(&mut self, lines: Range<usize>, text: impl Into<Box<[u8]>>, reason: ReasonId) {
        let mut live = lines.filter(|&line| self.is_live(line)).collect::<Vec<_>>().into_iter();
        if let Some(first) = live.next() {
            self.rewrite(first, text, reason);
            live.for_each(|line| self.merge(line, reason));
        }
    }

    /// Lifts the protection of all lines, for a reader whose own budget comes before it.
    pub fn unprotect(&mut self) {
        self.protected.clear();
    }

    /// Drops a line whether it is protected or not, for want of room, and the repeats that are folded into it.
    pub fn give_up(&mut self, line: usize, reason: ReasonId) {
        if let Some(protected) = self.protected.get_mut(line) {
            *protected = false;
        }
        self.drop(line, reason);
        let mut next = line + 1;
        while let Some(Fate::Merge(id)) = self.fates.get(next)
            && self.reason(*id).label == "repeats"
        {
            self.fates[next] = Fate::Drop(reason);
            if let Some(protected) = self.protected.get_mut(next) {
                *protected = false;
            }
            next += 1;
        }
    }

    /// Whether meaning was lost anywhere.
    pub fn lost_meaning(&self) -> bool {
        let mut lossy = self.reasons.iter().map(|reason| reason.loss == Loss::Some).collect::<Vec<_>>();
        if !lossy.contains(&true) {
            return false;
        }
        lossy.push(false);
        self.fates.iter().any(|fate| match fate {
            Fate::Keep => false,
            Fate::Rewrite { reason, .. } | Fate::Merge(reason) | Fate::Drop(reason) => lossy[usize::from(reason.0)],
        })
    }

    /// The lines that are not in the output as runs of the same reason, in order.
    pub fn dropped(&self) -> Vec<Dropped> {
        self.runs()
            .filter_map(|(lines, fate)| match fate {
                Fate::Keep | Fate::Rewrite { .. } => None,
                Fate::Merge(id) | Fate::Drop(id) => {
                    let reason = self.reason(id);
                    Some(Dropped {
                        lines: [self.doc.source_line(lines.start), self.doc.source_line(lines.end - 1)],
                        step: reason.step,
                        why: reason.label.clone(),
                    })
                }
            })
            .collect()
    }

    /// All lines as runs of the same fate, in order; rewritten lines stand alone.
    pub fn runs(&self) -> impl Iterator<Item = (Range<usize>, Fate)> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let fate = *self.fates.get(at)?;
            let start = at;
            at += 1;
            while !matches!(fate, Fate::Rewrite { .. }) && self.fates.get(at) == Some(&fate) {
                at += 1;
            }
            Some((start..at, fate))
        })
    }

    /// Whether the ledger is sound: one fate a line, every text and reason there, no protected line dropped.
    pub fn is_sound(&self) -> bool {
        self.fates.len() == self.doc.len()
            && self.fates.iter().enumerate().all(|(line, fate)| match *fate {
                Fate::Keep => true,
                Fate::Rewrite { text, reason } => {
                    (text as usize) < self.texts.len() && usize::from(reason.0) < self.reasons.len()
                }
                Fate::Merge(reason) => usize::from(reason.0) < self.reasons.len(),
                Fate::Drop(reason) => usize::from(reason.0) < self.reasons.len() && !self.is_protected(line),
            })
    }
}
