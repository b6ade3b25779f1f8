// A red-black tree of records as large as the kernel's, each malloc'ed by itself in the order of creation.

#include <stddef.h>
#include <stdlib.h>

#include "scan_state.h"
#include "yardsticks.h"

struct node {
    struct node *parent, *left, *right;
};

/// `struct kmemleak_object`: the fields of the scan about where they are there, the rest as room.
struct red_black_object {
    uint32_t lock, flags;
    void *object_list[2];
    struct red_black_object *next_gray;
    void *gray_list_back;
    struct node node;
    void *rcu[2];
    uint32_t use_count;
    bool is_red;
    uint64_t pointer, size, excess_ref;
    int32_t min_count, count;
    uint32_t checksum, trace_handle;
    void *area_list;
    uint64_t jiffies;
    int32_t pid;
    char comm[16];
    /// Where the contents are: the kernel has them at `pointer`.
    uint32_t row;
    uint8_t rest[32];
};

_Static_assert(sizeof(struct red_black_object) == 200, "the kernel's record takes 176 to 256 bytes");

#define RECORD struct red_black_object
#define INDEX yard_red_black
#define NAME(verb) yard_red_black_##verb

struct yard_red_black {
    const yard_heap *heap;
    struct node *root, *percpu_root;
    RECORD **records;
    SCAN_STATE(RECORD)
};

static inline RECORD *object_of(struct node *node) { return (RECORD *)((char *)node - offsetof(RECORD, node)); }

static inline RECORD *record(const yard_red_black *index, uint32_t row) { return index->records[row]; }

// __lookup_object()
static inline RECORD *find(const yard_red_black *index, uint64_t address, bool percpu) {
    struct node *node = percpu ? index->percpu_root : index->root;
    while (node != NULL) {
        RECORD *object = object_of(node);
        if (address < object->pointer) {
            node = node->left;
        } else if (object->pointer + object->size <= address) {
            node = node->right;
        } else {
            return object;
        }
    }
    return NULL;
}

#include "kernel_scan.h"

static void rotate(struct node **root, struct node *node, bool to_left) {
    struct node *other = to_left ? node->right : node->left;
    struct node *moved = to_left ? other->left : other->right;
    if (to_left) node->right = moved; else node->left = moved;
    if (moved != NULL) moved->parent = node;
    other->parent = node->parent;
    if (node->parent == NULL) {
        *root = other;
    } else if (node == node->parent->left) {
        node->parent->left = other;
    } else {
        node->parent->right = other;
    }
    if (to_left) other->left = node; else other->right = node;
    node->parent = other;
}

static inline bool is_red(struct node *node) { return node != NULL && object_of(node)->is_red; }

static void insert(struct node **root, RECORD *object) {
    struct node *parent = NULL, **place = root, *node = &object->node;
    while (*place != NULL) {
        parent = *place;
        place = object->pointer < object_of(parent)->pointer ? &parent->left : &parent->right;
    }
    node->parent = parent;
    object->is_red = true;
    *place = node;
    while (is_red(parent = node->parent)) {
        struct node *grandparent = parent->parent;
        bool is_left = parent == grandparent->left;
        struct node *uncle = is_left ? grandparent->right : grandparent->left;
        if (is_red(uncle)) {
            object_of(parent)->is_red = object_of(uncle)->is_red = false;
            object_of(grandparent)->is_red = true;
            node = grandparent;
            continue;
        }
        if (node == (is_left ? parent->right : parent->left)) {
            node = parent;
            rotate(root, node, is_left);
            parent = node->parent;
        }
        object_of(parent)->is_red = false;
        object_of(grandparent)->is_red = true;
        rotate(root, grandparent, !is_left);
    }
    object_of(*root)->is_red = false;
}

yard_red_black *yard_red_black_build(const yard_heap *heap) {
    yard_red_black *index = calloc(1, sizeof *index);
    index->heap = heap;
    index->records = calloc(heap->object_count, sizeof *index->records);
    for (uint32_t row = 0; row < heap->object_count; row++) {
        const yard_object *object = &heap->objects[row];
        RECORD *record = index->records[row] = calloc(1, sizeof *record);
        record->pointer = object->start;
        record->size = object->size;
        record->excess_ref = object->excess_ref;
        record->min_count = object->min_count;
        record->jiffies = object->jiffies;
        record->row = row;
        if (!(object->flags & YARD_ALLOCATED) || object->flags & YARD_PHYS || object->size == 0) continue;
        insert(object->flags & YARD_PERCPU ? &index->percpu_root : &index->root, record);
    }
    set_bounds(index);
    yard_red_black_reset(index);
    return index;
}

void yard_red_black_free(yard_red_black *index) {
    for (uint32_t row = 0; row < index->heap->object_count; row++) free(index->records[row]);
    free(index->records);
    free(index);
}
