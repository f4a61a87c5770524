//! How much a piece of work allocates: an allocator that counts, thread by thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
    static MOST_HELD: Cell<i64> = const { Cell::new(0) };
}

/// What a piece of work took from the allocator, in bytes. What a C library takes is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocations {
    /// Everything that was taken, whether or not it was given back.
    pub in_all: u64,
    /// The most that was held at once.
    pub at_once: u64,
}

/// The system's allocator, counting. A program that counts makes it its global allocator; in any other
/// [`allocations`] finds nothing.
pub struct Counting;

/// Does a piece of work and says what it took.
pub fn allocations<T>(work: impl FnOnce() -> T) -> (T, Allocations) {
    let (before, held) = (ALLOCATED.get(), HELD.get());
    MOST_HELD.set(held);
    let result = work();
    let at_once = u64::try_from(MOST_HELD.get() - held).unwrap_or_default();
    (result, Allocations { in_all: ALLOCATED.get() - before, at_once })
}

/// A thread that ends has no counters any more.
fn taken(bytes: usize) {
    let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + bytes as u64));
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes as i64);
        let _ = MOST_HELD.try_with(|most| most.set(most.get().max(held.get())));
    });
}

fn given_back(bytes: usize) {
    let _ = HELD.try_with(|held| held.set(held.get() - bytes as i64));
}

// SAFETY: every call goes to the system's allocator as it came; the counters allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        given_back(layout.size());
        unsafe { System.dealloc(place, layout) }
    }

    /// Counted as a new allocation of the new size, which at worst it is.
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        given_back(layout.size());
        taken(size);
        unsafe { System.realloc(place, layout, size) }
    }
}
