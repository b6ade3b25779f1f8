// Picks out of runs of words those that may be addresses: the one loop that Swift cannot vectorise.

#ifndef CENGINE_H
#define CENGINE_H

#include <stdbool.h>
#include <stdint.h>

/// Consecutive words in memory, at any alignment, little-endian.
typedef struct {
    const void *_Nonnull words;
    uint32_t count;
    /// The number of the first word among those of its block.
    uint32_t ordinal;
} engine_run;

/// The values from `start` on, `size` of them; none when `size` is 0. May end at the top of the address space.
typedef struct {
    uint64_t start;
    uint64_t size;
} engine_range;

/// The code that does the work. All of them find the same.
typedef enum {
    engine_scalar,
    engine_avx2,
    engine_avx512,
    engine_neon,
} engine_variant;

/// Elements that the outputs of `engine_extract` must have room for beyond the words of all runs: vectors are stored whole.
enum { engine_slack = 16 };

/// Whether this machine can run the variant.
bool engine_supports(engine_variant variant);

/// The fastest variant that this machine can run.
engine_variant engine_best_variant(void);

/// Writes the words whose value lies in one of two ranges, in the order of the runs: their values, the numbers of the words,
/// and for each run where its candidates end. Returns how many there are in all.
///
/// - word_size: 8 or 4 bytes; words of 4 bytes are read by the scalar code whatever the variant.
/// - values, ordinals: room for the words of all runs and `engine_slack` more.
uint32_t engine_extract(
    engine_variant variant, uint32_t word_size, const engine_run *_Nonnull runs, uint32_t run_count, engine_range first,
    engine_range second, uint64_t *_Nonnull values, uint32_t *_Nonnull ordinals, uint32_t *_Nonnull ends);

/// 64 granules of address space (`RankCells`).
typedef struct {
    /// Granules in which an object starts.
    uint64_t bits;
    /// The number of the last object that starts in the cells below.
    uint32_t first;
    /// So many bytes from the cell's beginning belong to that object.
    uint32_t covered;
} engine_cell;

/// In the place of a cell: what follows is the number of an object, to be checked.
#define ENGINE_IS_NUMBER 0x80000000u

/// Looks up addresses in their cells, all in step so that the waits for memory overlap.
///
/// - places: for each address its cell, or a number with `ENGINE_IS_NUMBER`; afterwards the object that contains it, 0 none,
///   or with `ENGINE_IS_NUMBER` an object to be checked.
/// - distances: room for `count`.
/// - extents: by number, the size in a cell, and in the low three bits how far the object starts behind its granule.
/// - Returns whether there is something to be checked.
bool engine_resolve(
    const engine_cell *_Nonnull cells, const uint16_t *_Nonnull extents, uint32_t granule_shift,
    const uint64_t *_Nonnull addresses, uint32_t *_Nonnull places, uint32_t *_Nonnull distances, uint32_t count);

/// Where the references of a block begin; 0 when it has none.
typedef struct {
    uint32_t first;
    uint32_t word_count;
} engine_block;

/// `ReferenceGraph` as plain memory, with 16 elements to spare behind targets and gaps.
typedef struct {
    const engine_block *_Nonnull blocks;
    const uint32_t *_Nonnull targets;
    const uint8_t *_Nonnull gaps;
} engine_graph;

/// A reference that may change something.
typedef struct {
    uint32_t number;
    /// The place of its block among those that were surveyed.
    uint32_t block;
    uint32_t reference;
    /// The number of its word in the block, or `ENGINE_FAR`.
    uint32_t ordinal;
} engine_hit;

/// Some gap before the reference does not fit in its byte: the ordinal has to be found in another way.
#define ENGINE_FAR 0xffffffffu

/// Picks out of the references of blocks those to objects that are white still, or that pass references on.
///
/// - order: the numbers of `count` blocks; of `available` ones, memory may be asked for ahead.
/// - states: by number, `WalkState`; 3 bytes to spare.
/// - counts: whether what is picked is taken off from the states. An object then is picked no more often than it needs.
/// - words: for each block, the words that are read of it.
/// - references: is added to by the number of references looked at.
/// - Returns how many hits there are; room is needed for all references of the blocks.
uint32_t engine_survey(
    engine_variant variant, const engine_graph *_Nonnull graph, const uint32_t *_Nonnull order, uint32_t count,
    uint32_t available, uint8_t *_Nonnull states, bool counts, engine_hit *_Nonnull hits, uint32_t *_Nonnull words,
    uint32_t *_Nonnull references);

/// Asks for the cache line at an address, which need not be valid.
static inline void engine_prefetch(const void *_Nullable address) { __builtin_prefetch(address, 0, 3); }

/// The same, for a line that is going to be written.
static inline void engine_prefetch_to_write(const void *_Nullable address) { __builtin_prefetch(address, 1, 3); }

#endif
