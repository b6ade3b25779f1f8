// Opens a capture and finds out what a scan reads of each block.

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "metadata.h"
#include "yardsticks.h"

struct segment {
    uint64_t start, size;
    const uint8_t *bytes;
};

struct note {
    const uint8_t *bytes;
    uint64_t size;
};

struct builder {
    yard_heap *heap;
    metadata metadata;
    struct segment *segments;
    uint64_t segment_count;
    struct note notes[4];
    uint64_t run_count, run_room, piece_count, piece_room;
};

/// An OBJECTS record.
struct object_record {
    uint64_t pointer, size, excess_ref, jiffies;
    int32_t min_count, count;
    uint32_t flags, checksum, trace;
    int32_t pid;
    char comm[16];
};

_Static_assert(sizeof(struct object_record) == 72, "as capture-format.md says");

/// An AREAS record.
struct area_record {
    uint32_t object, zero;
    uint64_t start, size;
};

static int by_start(const void *left, const void *right) {
    const struct segment *first = left, *second = right;
    return first->start < second->start ? -1 : first->start > second->start;
}

/// The index of the first segment that ends behind the address.
static uint64_t segment_behind(const struct builder *builder, uint64_t address) {
    uint64_t low = 0, high = builder->segment_count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (builder->segments[middle].start + builder->segments[middle].size <= address) low = middle + 1; else high = middle;
    }
    return low;
}

static void add_run(struct builder *builder, uint64_t address, const uint8_t *bytes, uint64_t count) {
    if (builder->run_count == builder->run_room) {
        builder->run_room = builder->run_room * 2 + 1024;
        builder->heap->runs = realloc(builder->heap->runs, builder->run_room * sizeof(yard_run));
    }
    builder->heap->runs[builder->run_count++] = (yard_run){address, bytes, count};
}

/// The aligned whole words of a range, where all their bytes are held.
static void add_words(struct builder *builder, uint64_t start, uint64_t size) {
    uint64_t address = (start + 7) & ~7ull, end = start + size;
    while (address + 8 <= end) {
        uint64_t place = segment_behind(builder, address);
        if (place == builder->segment_count) return;
        struct segment segment = builder->segments[place];
        if (address < segment.start) {
            address = (segment.start + 7) & ~7ull;
            continue;
        }
        uint64_t held = segment.start + segment.size - address, count = (held < end - address ? held : end - address) / 8;
        if (count > 0) add_run(builder, address, segment.bytes + (address - segment.start), count);
        address += 8 * count;
        if (held % 8 == 0 || address + 8 > end) continue;
        // A word that begins in this segment and may end in the ones behind.
        uint8_t *word = calloc(1, 8);
        int found = 0;
        for (; found < 8; found++) {
            place = segment_behind(builder, address + found);
            if (place == builder->segment_count || builder->segments[place].start > address + found) break;
            word[found] = builder->segments[place].bytes[address + found - builder->segments[place].start];
        }
        if (found == 8) add_run(builder, address, word, 1); else free(word);
        address += 8;
    }
}

/// A block that is read in chunks is cut from its raw start, and each chunk is aligned by itself.
static void add_block(struct builder *builder, uint64_t start, uint64_t size, bool is_chunked) {
    if (!is_chunked || start % 8 == 0) return add_words(builder, start, size);
    for (uint64_t done = 0; done < size; done += 4096) {
        add_words(builder, start + done, size - done < 4096 ? size - done : 4096);
    }
}

/// Adds the bytes of a copy of an object; false when some are missing.
static bool add_pieces(struct builder *builder, uint64_t start, uint64_t size) {
    bool begins_copy = true;
    while (size > 0) {
        uint64_t place = segment_behind(builder, start);
        if (place == builder->segment_count || builder->segments[place].start > start) return false;
        struct segment segment = builder->segments[place];
        uint64_t held = segment.start + segment.size - start, count = held < size ? held : size;
        if (builder->piece_count == builder->piece_room) {
            builder->piece_room = builder->piece_room * 2 + 1024;
            builder->heap->pieces = realloc(builder->heap->pieces, builder->piece_room * sizeof(yard_piece));
        }
        builder->heap->pieces[builder->piece_count++] = (yard_piece){segment.bytes + (start - segment.start), count, begins_copy};
        begins_copy = false;
        start += count;
        size -= count;
    }
    return true;
}

static void add_object(struct builder *builder, yard_object *object, const struct area_record *areas, uint64_t area_count) {
    const metadata *data = &builder->metadata;
    uint64_t one[] = {data->phys_to_virt}, none[] = {0}, *offsets = none;
    uint32_t copies = 1;
    if (object->flags & YARD_PHYS) {
        offsets = one;
        copies = data->has_phys_to_virt ? 1 : 0;
    } else if (object->flags & YARD_PERCPU) {
        offsets = data->per_cpu_offsets;
        copies = data->per_cpu_count;
    }
    object->runs.first = builder->run_count;
    if (area_count > 0 && !(object->flags & (YARD_FULL_SCAN | YARD_PERCPU))) {
        for (uint64_t area = 0; area < area_count; area++) add_block(builder, areas[area].start, areas[area].size, false);
    } else if (!(object->flags & YARD_NO_SCAN)) {
        for (uint32_t copy = 0; copy < copies; copy++) {
            add_block(builder, object->start + offsets[copy], object->size, !(object->flags & YARD_PERCPU));
        }
    }
    object->runs.count = builder->run_count - object->runs.first;

    object->pieces.first = builder->piece_count;
    for (uint32_t copy = 0; copy < copies; copy++) {
        if (add_pieces(builder, object->start + offsets[copy], object->size)) continue;
        builder->piece_count = object->pieces.first;
        break;
    }
    object->pieces.count = builder->piece_count - object->pieces.first;
}

static void add_objects(struct builder *builder) {
    const metadata *data = &builder->metadata;
    yard_heap *heap = builder->heap;
    heap->object_count = builder->notes[1].size / sizeof(struct object_record);
    heap->objects = calloc(heap->object_count, sizeof *heap->objects);
    const struct area_record *areas = (const void *)builder->notes[3].bytes;
    uint64_t area_count = builder->notes[3].size / sizeof *areas, area = 0;
    for (uint32_t row = 0; row < heap->object_count; row++) {
        struct object_record record;
        memcpy(&record, builder->notes[1].bytes + row * sizeof record, sizeof record);
        yard_object *object = &heap->objects[row];
        *object = (yard_object){
            .start = record.pointer, .size = record.size, .excess_ref = record.excess_ref, .jiffies = record.jiffies,
            .min_count = record.min_count, .flags = record.flags, .checksum = record.checksum,
        };
        uint64_t end = record.pointer + record.size;
        if (record.flags & YARD_PHYS && !(record.flags & YARD_NO_SCAN) && data->has_low_pfn
            && (record.pointer >> data->page_shift < data->low_pfn[0] || end >> data->page_shift > data->low_pfn[1])) {
            object->min_count = -1;
            object->flags |= YARD_NO_SCAN;
        }
        // The areas of an object stand together, and the objects in order.
        uint64_t first = area;
        while (area < area_count && areas[area].object == row) area++;
        add_object(builder, object, areas + first, area - first);
    }
    if (area != area_count) {
        fprintf(stderr, "scan areas are expected in the order of their objects\n");
        exit(2);
    }
}

static void add_roots(struct builder *builder) {
    const metadata *data = &builder->metadata;
    builder->heap->roots = calloc(data->root_count, sizeof(yard_range));
    for (int kind = 0; kind <= STACK; kind++) {
        if (kind == STACK && !data->scans_stacks) break;
        for (uint32_t root = 0; root < data->root_count; root++) {
            if (data->roots[root].kind != kind) continue;
            uint32_t first = builder->run_count;
            add_block(builder, data->roots[root].start, data->roots[root].size, kind < STRUCT_PAGE);
            builder->heap->roots[builder->heap->root_count++] = (yard_range){first, builder->run_count - first};
        }
    }
}

static void add_notes(struct builder *builder, const uint8_t *bytes, uint64_t size) {
    for (uint64_t place = 0; place + sizeof(Elf64_Nhdr) <= size;) {
        Elf64_Nhdr header;
        memcpy(&header, bytes + place, sizeof header);
        uint64_t contents = place + sizeof header + (header.n_namesz + 3 & ~3u);
        uint32_t table = header.n_type - 0x4b4d0001;
        if (table < 4) builder->notes[table] = (struct note){bytes + contents, header.n_descsz};
        place = contents + (((uint64_t)header.n_descsz + 3) & ~3ull);
    }
}

yard_heap *yard_open(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        perror(path);
        return NULL;
    }
    const uint8_t *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    const Elf64_Ehdr *header = (const void *)bytes;
    if (bytes == MAP_FAILED || status.st_size < (off_t)sizeof *header || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
        fprintf(stderr, "%s: not a capture\n", path);
        return NULL;
    }
    uint64_t count = header->e_phnum;
    if (count == PN_XNUM) count = ((const Elf64_Shdr *)(bytes + header->e_shoff))->sh_info;
    const Elf64_Phdr *headers = (const void *)(bytes + header->e_phoff);
    struct builder builder = {.heap = calloc(1, sizeof(yard_heap)), .segments = calloc(count, sizeof(struct segment))};
    for (uint64_t place = 0; place < count; place++) {
        if (headers[place].p_type == PT_NOTE) add_notes(&builder, bytes + headers[place].p_offset, headers[place].p_filesz);
        if (headers[place].p_type != PT_LOAD || headers[place].p_filesz == 0) continue;
        builder.segments[builder.segment_count++] =
            (struct segment){headers[place].p_vaddr, headers[place].p_filesz, bytes + headers[place].p_offset};
    }
    qsort(builder.segments, builder.segment_count, sizeof(struct segment), by_start);
    builder.metadata = metadata_read((const char *)builder.notes[0].bytes, builder.notes[0].size);
    builder.heap->jiffies = builder.metadata.jiffies;
    builder.heap->hz = builder.metadata.hz;
    add_roots(&builder);
    add_objects(&builder);
    free(builder.segments);
    free(builder.metadata.roots);
    free(builder.metadata.per_cpu_offsets);
    return builder.heap;
}
