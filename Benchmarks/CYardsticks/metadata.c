#include "metadata.h"

#include <stdlib.h>
#include <string.h>

/// Where the reading stands. Keys and texts are taken without their escapes, which matter for none that is used.
struct reader {
    const char *next, *end;
};

static char peek(struct reader *reader) {
    while (reader->next < reader->end && strchr(" \t\r\n,:", *reader->next) != NULL) reader->next++;
    return reader->next < reader->end ? *reader->next : '\0';
}

static bool take(struct reader *reader, char character) {
    if (peek(reader) != character) return false;
    reader->next++;
    return true;
}

/// A text up to its closing quote, cut to the room there is.
static void text(struct reader *reader, char *into, size_t room) {
    size_t length = 0;
    take(reader, '"');
    while (reader->next < reader->end && *reader->next != '"') {
        if (*reader->next == '\\') reader->next++;
        if (length + 1 < room) into[length++] = *reader->next;
        reader->next++;
    }
    reader->next++;
    into[length] = '\0';
}

/// A number, or one in a text as addresses are.
static uint64_t number(struct reader *reader) {
    char digits[32];
    if (peek(reader) == '"') {
        text(reader, digits, sizeof digits);
    } else {
        size_t length = 0;
        while (reader->next < reader->end && strchr("0123456789", *reader->next) != NULL && length < sizeof digits - 1) {
            digits[length++] = *reader->next++;
        }
        digits[length] = '\0';
    }
    return strtoull(digits, NULL, 0);
}

static void skip(struct reader *reader) {
    char first = peek(reader), ignored[2];
    if (first == '"') return text(reader, ignored, sizeof ignored);
    if (first != '{' && first != '[') {
        while (reader->next < reader->end && strchr(",]} \t\r\n", *reader->next) == NULL) reader->next++;
        return;
    }
    reader->next++;
    while (!take(reader, first == '{' ? '}' : ']') && reader->next < reader->end) skip(reader);
}

static metadata_root read_root(struct reader *reader) {
    static const char *const kinds[] = {"data", "bss", "percpu", "struct_page", "stack"};
    metadata_root root = {0};
    take(reader, '{');
    while (!take(reader, '}') && reader->next < reader->end) {
        char key[32], kind[32];
        text(reader, key, sizeof key);
        if (strcmp(key, "kind") == 0) {
            peek(reader);
            text(reader, kind, sizeof kind);
            while (root.kind < STACK && strcmp(kinds[root.kind], kind) != 0) root.kind++;
        } else if (strcmp(key, "start") == 0) {
            root.start = number(reader);
        } else if (strcmp(key, "size") == 0) {
            root.size = number(reader);
        } else {
            skip(reader);
        }
    }
    return root;
}

metadata metadata_read(const char *json, uint64_t size) {
    struct reader reader = {json, json + size};
    metadata data = {.page_shift = 12};
    take(&reader, '{');
    while (!take(&reader, '}') && reader.next < reader.end) {
        char key[32];
        text(&reader, key, sizeof key);
        if (strcmp(key, "hz") == 0) {
            data.hz = number(&reader);
        } else if (strcmp(key, "jiffies") == 0) {
            data.jiffies = number(&reader);
        } else if (strcmp(key, "page_shift") == 0) {
            data.page_shift = number(&reader);
        } else if (strcmp(key, "stack_scan") == 0) {
            data.scans_stacks = peek(&reader) == 't';
            skip(&reader);
        } else if (strcmp(key, "phys_to_virt") == 0) {
            data.has_phys_to_virt = true;
            data.phys_to_virt = number(&reader);
        } else if (strcmp(key, "low_pfn") == 0) {
            data.has_low_pfn = true;
            take(&reader, '[');
            data.low_pfn[0] = number(&reader);
            peek(&reader);
            data.low_pfn[1] = number(&reader);
            take(&reader, ']');
        } else if (strcmp(key, "per_cpu_offsets") == 0) {
            take(&reader, '[');
            while (!take(&reader, ']')) {
                data.per_cpu_offsets = realloc(data.per_cpu_offsets, (data.per_cpu_count + 1) * sizeof(uint64_t));
                data.per_cpu_offsets[data.per_cpu_count++] = number(&reader);
            }
        } else if (strcmp(key, "roots") == 0) {
            take(&reader, '[');
            while (!take(&reader, ']')) {
                data.roots = realloc(data.roots, (data.root_count + 1) * sizeof(metadata_root));
                data.roots[data.root_count++] = read_root(&reader);
            }
        } else {
            skip(&reader);
        }
    }
    return data;
}
