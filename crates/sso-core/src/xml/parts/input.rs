//! Bytes as they come, made into text: UTF-8, of XML's characters, line ends normalized, as
//! [`Document::parse`](super::super::Document::parse) has it. A character and a line end that the bytes were cut in are
//! waited for.

use super::PartError;
use crate::error::{Code, Rejection};
use crate::xml::characters::all_chars;
use memchr::memchr;
use std::io::Read;

#[derive(Debug)]
pub(super) struct Input<R> {
    from: R,
    /// What was read and is not text yet.
    pending: Vec<u8>,
    /// How many bytes were read.
    read: u64,
    most: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(from: R, most: u64) -> Self {
        Self { from, pending: Vec::new(), read: 0, most, ended: false }
    }

    /// Whether all of it is text.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Appends the text of about so many bytes more. `joined` gets the place of each line end that was
    /// written with two characters. The result is the number of bytes at the very beginning that are no
    /// text: a byte order mark.
    pub(super) fn append(
        &mut self,
        bytes: usize,
        text: &mut String,
        joined: &mut Vec<usize>,
    ) -> Result<usize, PartError> {
        let first = self.read == 0;
        // The first bytes are looked at together.
        let bytes = bytes.max(4);
        let got = (&mut self.from).take(bytes as u64).read_to_end(&mut self.pending)?;
        self.ended = got < bytes;
        self.read += got as u64;
        if self.read > self.most {
            return Err(too_large(self.most).into());
        }
        let mark = match self.pending.as_slice() {
            [0, ..] | [_, 0, ..] if first => {
                return Err(not_utf8("a zero among the first two bytes, as in UTF-16").into());
            }
            [0xEF, 0xBB, 0xBF, ..] if first => 3,
            _ => 0,
        };
        let used = self.complete()?;
        let new = self.pending.get(mark..used).unwrap_or_default();
        let new = std::str::from_utf8(new).map_err(|_| not_utf8("bytes that are not UTF-8"))?;
        if !all_chars(new) {
            return Err(Rejection::new(
                Code::NotWellFormed,
                "characters that XML allows",
                "a control character or a noncharacter",
            )
            .into());
        }
        normalize(new, text, joined);
        self.pending.drain(..used);
        Ok(mark)
    }

    /// How much of what was read can be made text.
    fn complete(&self) -> Result<usize, Rejection> {
        let length = match std::str::from_utf8(&self.pending) {
            Ok(text) => text.len(),
            Err(cut) if cut.error_len().is_none() && !self.ended => cut.valid_up_to(),
            Err(_) => return Err(not_utf8("bytes that are not UTF-8")),
        };
        let cut = !self.ended && self.pending.get(..length).is_some_and(|it| it.ends_with(b"\r"));
        Ok(length - usize::from(cut))
    }
}

fn normalize(new: &str, text: &mut String, joined: &mut Vec<usize>) {
    let mut rest = new;
    while let Some(at) = memchr(b'\r', rest.as_bytes()) {
        let (line, end) = rest.split_at_checked(at).unwrap_or((rest, ""));
        text.push_str(line);
        rest = end.get(1..).unwrap_or_default();
        if let Some(next) = rest.strip_prefix('\n') {
            joined.push(text.len());
            rest = next;
        }
        text.push('\n');
    }
    text.push_str(rest);
}

fn not_utf8(found: &'static str) -> Rejection {
    Rejection::new(Code::NotUtf8, "UTF-8", found)
}

fn too_large(most: u64) -> Rejection {
    Rejection::new(Code::MessageTooLarge, format!("at most {most} bytes"), "more")
}
