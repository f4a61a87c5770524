//! Request bodies too long to hold, read as they come by a thread that may wait.

use super::body::BodyError;
use axum::body::{Body, Bytes};
use std::future::poll_fn;
use std::io::{self, Read};
use std::pin::pin;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel, error::SendError};

/// How many bodies are read so at once. Each holds a thread while its client sends.
static READERS: Semaphore = Semaphore::const_new(4);

/// How many pieces of a body may wait to be read: the client is held back, not its body kept.
const WAITING: usize = 4;

/// What a body gives to the thread that reads it.
pub(crate) struct BodyReader {
    pieces: Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let length = self.piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

/// Has `read` read a body of at most `limit` bytes. Where it leaves some of it, that is received all the
/// same and thrown away, so that the client, which is still sending, gets to see the answer.
///
/// # Errors
/// [`BodyError`], whatever `read` made of what it got.
pub(crate) async fn read<T: Send + 'static>(
    body: Body,
    limit: u64,
    read: impl FnOnce(BodyReader) -> T + Send + 'static,
) -> Result<T, BodyError> {
    let turn = READERS.acquire().await.map_err(|_| BodyError::Broken)?;
    let (sender, pieces) = channel(WAITING);
    let reader = BodyReader { pieces, piece: Bytes::new() };
    let reading = tokio::task::spawn_blocking(move || read(reader));
    let sent = send(body, limit, sender).await;
    let read = reading.await;
    drop(turn);
    sent?;
    // A panic was told to the log when it happened.
    read.map_err(|_| BodyError::Broken)
}

async fn send(body: Body, limit: u64, to: Sender<io::Result<Bytes>>) -> Result<(), BodyError> {
    let mut body = pin!(body);
    let mut received = 0_u64;
    while let Some(frame) = poll_fn(|cx| axum::body::HttpBody::poll_frame(body.as_mut(), cx)).await
    {
        let failed = match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => {
                received = received.saturating_add(data.len() as u64);
                if received <= limit {
                    // Nobody reads any more: it was decided.
                    let _: Result<(), SendError<_>> = to.send(Ok(data)).await;
                    continue;
                }
                BodyError::TooLarge
            }
            Ok(Err(_)) => continue,
            Err(_) => BodyError::Broken,
        };
        // The end of what was sent must not be taken for the end of the body.
        let _: Result<(), SendError<_>> =
            to.send(Err(io::Error::other("the body broke off"))).await;
        return Err(failed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use futures_util::stream;

    fn body(pieces: Vec<Result<&'static str, io::Error>>) -> Body {
        Body::from_stream(stream::iter(pieces))
    }

    fn whole(mut reader: BodyReader) -> Result<String, io::ErrorKind> {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text).map_err(|error| error.kind())
    }

    #[tokio::test]
    async fn a_body_is_read_as_it_was_sent() {
        let sent = || body(vec![Ok("ab"), Ok(""), Ok("cde")]);
        assert_eq!(read(sent(), 5, whole).await, Ok(Ok("abcde".to_owned())));
        assert_eq!(read(sent(), 4, whole).await, Err(BodyError::TooLarge));
        // What is not read is received all the same.
        let many = body(
            vec![Ok("x"); 100]
                .into_iter()
                .map(|it: Result<_, ()>| Ok(it.unwrap_or_default()))
                .collect(),
        );
        assert_eq!(read(many, 100, |_| "decided").await, Ok("decided"));
    }

    #[tokio::test]
    async fn a_body_that_broke_off_has_not_ended() {
        let broken = body(vec![Ok("ab"), Err(io::Error::other("cut"))]);
        let (told, tell) = std::sync::mpsc::channel();
        let read = read(broken, 5, move |reader| told.send(whole(reader)));
        assert_eq!(read.await.map(drop), Err(BodyError::Broken));
        assert_eq!(tell.recv().expect("it was read"), Err(io::ErrorKind::Other));
    }
}
