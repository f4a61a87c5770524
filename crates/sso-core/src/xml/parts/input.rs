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
    /// text: a byte order mark. Where it fails there is no text any more, and nothing to come.
    pub(super) fn append(
        &mut self,
        bytes: usize,
        text: &mut String,
        joined: &mut Vec<usize>,
    ) -> Result<usize, PartError> {
        let first = self.read == 0;
        self.ended = true;
        // The first bytes are looked at together.
        let bytes = bytes.max(4);
        let before = text.len();
        // What comes is read behind the text and made text there, without a copy of it.
        let mut all = std::mem::take(text).into_bytes();
        all.append(&mut self.pending);
        let got = (&mut self.from).take(bytes as u64).read_to_end(&mut all)?;
        self.read += got as u64;
        if self.read > self.most {
            return Err(too_large(self.most).into());
        }
        if first && matches!(all.as_slice(), [0, ..] | [_, 0, ..]) {
            return Err(not_utf8("a zero among the first two bytes, as in UTF-16").into());
        }
        let ended = got < bytes;
        let mut all = self.complete(all, ended)?;
        let mut mark = 0;
        if first && all.starts_with('\u{FEFF}') {
            mark = '\u{FEFF}'.len_utf8();
            all.drain(..mark);
        }
        let new = all.get(before..).unwrap_or_default();
        if !all_chars(new) {
            return Err(Rejection::new(
                Code::NotWellFormed,
                "characters that XML allows",
                "a control character or a noncharacter",
            )
            .into());
        }
        if memchr(b'\r', new.as_bytes()).is_some() {
            let new = new.to_owned();
            all.truncate(before);
            normalize(&new, &mut all, joined);
        }
        *text = all;
        self.ended = ended;
        Ok(mark)
    }

    /// What of the bytes can be made text now. A character and a line end that were cut are kept for later.
    fn complete(&mut self, bytes: Vec<u8>, ended: bool) -> Result<String, Rejection> {
        let invalid = || not_utf8("bytes that are not UTF-8");
        let mut text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(cut) if cut.utf8_error().error_len().is_none() && !ended => {
                let whole = cut.utf8_error().valid_up_to();
                let mut bytes = cut.into_bytes();
                self.pending = bytes.split_off(whole);
                String::from_utf8(bytes).map_err(|_| invalid())?
            }
            Err(_) => return Err(invalid()),
        };
        if !ended && text.ends_with('\r') {
            text.pop();
            self.pending.insert(0, b'\r');
        }
        Ok(text)
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
