// Picks out of runs of words those that may be addresses: the one loop that Swift cannot vectorise.

#ifndef CENGINE_H
#define CENGINE_H

#include <stdbool.h>
#include <stdint.h>

/// Consecutive words in memory, at any alignment, little-endian.
typedef struct {
    const void *_Nonnull words;
    uint32_t count;
} engine_run;

/// The values from `start` on, `size` of them; none when `size` is 0. May end at the top of the address space.
typedef struct {
    uint64_t start;
    uint64_t size;
} engine_range;

/// The code that does the work. All of them find the same, but for what a survey finds twice.
typedef enum {
    engine_scalar,
    engine_avx2,
    engine_avx512,
    engine_neon,
} engine_variant;

/// Elements that batches of words must have room for beyond the words of all runs: vectors are read and stored whole.
enum { engine_slack = 16 };

/// No word of a batch stands there.
#define ENGINE_NO_POSITION 0xffffffffu

/// Whether this machine can run the variant.
bool engine_supports(engine_variant variant);

/// The fastest variant that this machine can run.
engine_variant engine_best_variant(void);

/// Writes the words whose value lies in one of two ranges, in the order of the runs: their values, and their places among the
/// words of all runs, behind which stand `engine_slack` places that no word has. Returns how many there are.
///
/// - word_size: 8 or 4 bytes; words of 4 bytes are read by the scalar code whatever the variant.
/// - values, positions: room for the words of all runs and `engine_slack` more.
uint32_t engine_extract(
    engine_variant variant, uint32_t word_size, const engine_run *_Nonnull runs, uint32_t run_count, engine_range first,
    engine_range second, uint64_t *_Nonnull values, uint32_t *_Nonnull positions);

/// Writes the places of the values that lie in a range. Returns how many there are.
///
/// - places: room for `count` and `engine_slack` more.
uint32_t engine_select(
    engine_variant variant, const uint64_t *_Nonnull values, uint32_t count, engine_range range, uint32_t *_Nonnull places);

/// 64 granules of address space (`RankCells`).
typedef struct {
    /// Granules in which an object starts.
    uint64_t bits;
    /// The number of the last object that starts in the cells below.
    uint32_t first;
    /// So many bytes from the cell's beginning belong to that object.
    uint16_t covered;
    /// The size of all objects that start in the cell, as far as it can matter to it; 0 when they differ.
    uint16_t extent;
} engine_cell;

/// Pages one after the other, each with an entry (`PageDirectory`).
typedef struct {
    uint64_t first_page;
    uint64_t page_count;
    /// Of the first page.
    uint32_t entry;
    /// The number of the last object that starts in the last page or below.
    uint32_t last_number;
} engine_stretch;

/// Bytes of a page, as a power of two.
#define ENGINE_PAGE_SHIFT 12
/// A page's entry has its first cell in the low bits, and from this bit on how large its granules are, as a power of two.
#define ENGINE_GRANULE_SHIFT 28
#define ENGINE_CELL 0x0fffffffu
/// The entry of pages where no object is: the first cell, which is empty, for all of the page.
#define ENGINE_NO_CELL (6u << ENGINE_GRANULE_SHIFT)

/// `RankCells` as plain memory.
typedef struct {
    const engine_cell *_Nonnull cells;
    /// By number, the size of the object as far as it can matter to its cell.
    const uint32_t *_Nonnull sizes;
    const uint32_t *_Nonnull entries;
    /// Ascending; at least one.
    const engine_stretch *_Nonnull stretches;
    uint32_t stretch_count;
    /// No object lies outside.
    engine_range bounds;
} engine_ranks;

/// With the number of an object: it is the only one that may contain the address, and has to be asked.
#define ENGINE_IS_NUMBER 0x80000000u

/// What `engine_resolve` came across.
enum {
    /// An address in an object.
    engine_found = 1,
    /// A number with `ENGINE_IS_NUMBER`.
    engine_unchecked = 2,
};

/// Looks up addresses in their cells, many in step so that the waits for memory overlap.
///
/// - numbers: for each address the object that contains it, 0 none, or with `ENGINE_IS_NUMBER` an object to be asked; room for
///   `engine_slack` more.
uint32_t engine_resolve(
    engine_variant variant, const engine_ranks *_Nonnull ranks, const uint64_t *_Nonnull addresses,
    uint32_t *_Nonnull numbers, uint32_t count);

/// In the stream of a graph, with the last reference of a block; with its header when it has none.
#define ENGINE_LAST 0x80000000u

/// A distance from the reference before, of the block's first from its beginning, that does not fit.
typedef struct {
    /// Its place in the stream.
    uint32_t reference;
    uint32_t words;
} engine_far_gap;

#define ENGINE_NO_BLOCK 0xffffffffu

/// Consecutive words of one block among the words of a batch of runs, one piece behind the other.
typedef struct {
    uint32_t block;
    /// The place behind its last word.
    uint32_t end;
    /// The number of its first word among those of the block.
    uint32_t ordinal;
} engine_piece;

/// What writes references into a stream, as `ReferenceGraph` describes it.
typedef struct {
    /// With room for 16 elements more than there are words.
    uint32_t *_Nonnull stream;
    /// By number, the place of the block's header, and one more.
    uint32_t *_Nonnull blocks;
    /// Room for all candidates of one call.
    engine_far_gap *_Nonnull far_gaps;
    uint32_t far_count;
    uint32_t number_bits;
    /// Where the next reference goes.
    uint32_t next;
    uint32_t reference_count;
    /// The block that is being written, or `ENGINE_NO_BLOCK`; the place of its header; the words of it so far; the number of
    /// the last one that is a reference.
    uint32_t block;
    uint32_t header;
    uint32_t word_count;
    uint32_t last_ordinal;
} engine_writer;

/// Writes the candidates that lie in an object other than their own.
///
/// - pieces: of all words of the batch.
/// - positions: as `engine_extract` told them.
/// - numbers: by candidate, the object that it lies in; 0 none. Room for `engine_slack` more.
/// - percpu_numbers: the same for PERCPU objects, where there is any.
void engine_write(
    engine_variant variant, engine_writer *_Nonnull writer, const engine_piece *_Nonnull pieces, uint32_t piece_count,
    const uint32_t *_Nonnull positions, const uint32_t *_Nonnull numbers, const uint32_t *_Nullable percpu_numbers);

/// Completes the block that is being written, if there is one.
void engine_end_block(engine_writer *_Nonnull writer);

/// `ReferenceGraph` as plain memory, with 16 elements to spare behind the stream.
typedef struct {
    /// By number, the place of the block's header. One element to spare behind them.
    const uint32_t *_Nonnull blocks;
    const uint32_t *_Nonnull stream;
    uint32_t number_bits;
} engine_graph;

/// Sets of objects: by number, 32 in each element.
typedef struct {
    /// Those that a reference may change something of.
    uint32_t *_Nonnull open;
    /// Those that are taken out of `open` soon after they were picked; nil when that is not for the survey to say.
    const uint32_t *_Nullable single;
} engine_states;

/// References that may change something, in the order of blocks and words: of each number in the same place of four arrays.
typedef struct {
    uint32_t *_Nonnull numbers;
    /// The places of their blocks among those that were surveyed.
    uint32_t *_Nonnull blocks;
    /// Their places in the stream.
    uint32_t *_Nonnull references;
    /// The numbers of their words in the block, or `ENGINE_FAR`.
    uint32_t *_Nonnull ordinals;
    /// How many there may be. The arrays are longer by `ENGINE_SPARE_HITS`, as vectors are written whole.
    uint32_t room;
} engine_hits;

#define ENGINE_SPARE_HITS 16

/// Some gap before the reference does not fit in its bits: the ordinal has to be found in another way.
#define ENGINE_FAR 0xffffffffu

/// With a block's number: nothing of it is read.
#define ENGINE_UNREAD 0x80000000u

/// In the place of a number of hits: there were more than there is room for.
#define ENGINE_NO_ROOM 0xffffffffu

/// Picks out of the references of blocks those to objects that are open.
///
/// - order: the numbers of `count` blocks, some with `ENGINE_UNREAD`.
/// - hits: where they are put.
/// - words: for each block, the words that are read of it.
/// - references: is added to by the number of references looked at.
/// - Returns how many hits there are, or `ENGINE_NO_ROOM`.
uint32_t engine_survey(
    engine_variant variant, const engine_graph *_Nonnull graph, const uint32_t *_Nonnull order, uint32_t count,
    const engine_states *_Nonnull states, const engine_hits *_Nonnull hits, uint32_t *_Nonnull words, uint32_t *_Nonnull references);

/// Gives memory that was freed back to the system, where the C library would keep it for later.
void engine_release_memory(void);

/// Asks for the cache line at an address, which need not be valid.
static inline void engine_prefetch(const void *_Nullable address) { __builtin_prefetch(address, 0, 3); }

/// The same, for a line that is going to be written.
static inline void engine_prefetch_to_write(const void *_Nullable address) { __builtin_prefetch(address, 1, 3); }

#endif
