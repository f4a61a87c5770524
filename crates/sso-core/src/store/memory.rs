//! Storage in memory, for embedding applications that need no more and for tests.
