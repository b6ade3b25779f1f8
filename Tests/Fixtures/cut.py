#!/usr/bin/env python3
"""Cuts a small, self-consistent part out of a capture, and checks a whole one.

    cut.py check CAPTURE          scan it; compare with the counts that the kernel stored
    cut.py cut CAPTURE SMALL      write the part that `choose` picks

Removing objects removes references, so the counts of the part are computed anew, by `scan` below: a
plain implementation of kmemleak's scan that shares nothing with the program's own. Addresses, bytes,
traces, symbols, flags and checksums stay as captured; pages of the roots that hold only zeros are
left out. Needs numpy.
"""
import collections
import dataclasses
import json
import struct
import sys
import zlib

import numpy

ALLOCATED, REPORTED, NO_SCAN, FULL_SCAN, PHYS, PERCPU = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
META, OBJECTS, TRACES, AREAS = 0x4B4D0001, 0x4B4D0002, 0x4B4D0003, 0x4B4D0004
HEADER, PROGRAM_HEADER = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")
OBJECT, TRACE, AREA = struct.Struct("<QQQQiiIIIi16s"), struct.Struct("<Q16Q"), struct.Struct("<IIQQ")
TOP = 1 << 64


@dataclasses.dataclass
class Object:
    pointer: int
    size: int
    excess_ref: int
    jiffies: int
    min_count: int
    count: int
    flags: int
    checksum: int
    trace: int
    pid: int
    comm: bytes
    areas: list = dataclasses.field(default_factory=list)

    @property
    def fields(self):
        return [getattr(self, field.name) for field in dataclasses.fields(self)][:11]


class Capture:
    def __init__(self, path=None):
        self.meta, self.objects, self.traces, self.runs = {}, [], [], []
        # Ranges that exist but are not captured: written as segments without bytes.
        self.missing = []
        if path is None:
            return
        data = open(path, "rb").read()
        header = HEADER.unpack_from(data)
        segments = []
        for index in range(header[10]):
            kind, _, offset, address, _, size, _, _ = PROGRAM_HEADER.unpack_from(data, header[5] + 56 * index)
            if kind == 1 and size:
                segments.append((address, data[offset:offset + size]))
            elif kind == 4:
                self._read_notes(data[offset:offset + size])
        # Adjacent segments become one run: a word may straddle them.
        for address, part in sorted(segments):
            if self.runs and self.runs[-1][0] + len(self.runs[-1][1]) == address:
                self.runs[-1][1].extend(part)
            else:
                self.runs.append((address, bytearray(part)))
        self.prepare_look_up()

    def prepare_look_up(self):
        self._starts = numpy.array([address for address, _ in self.runs], dtype=numpy.uint64)

    def _read_notes(self, notes):
        offset, found = 0, {}
        while offset < len(notes):
            name_size, size, kind = struct.unpack_from("<III", notes, offset)
            start = offset + 12 + (name_size + 3 & ~3)
            found[kind] = notes[start:start + size]
            offset = start + (size + 3 & ~3)
        self.meta = json.loads(found[META])
        self.objects = [Object(*fields) for fields in OBJECT.iter_unpack(found[OBJECTS])]
        self.traces = [fields[1:1 + fields[0]] for fields in TRACE.iter_unpack(found[TRACES])]
        for owner, _, start, size in AREA.iter_unpack(found[AREAS]):
            self.objects[owner].areas.append((start, size))

    def captured(self, start, size):
        """The captured parts of [start, start+size), as (address, bytes)."""
        index = max(int(numpy.searchsorted(self._starts, numpy.uint64(start), "right")) - 1, 0)
        while index < len(self.runs) and self.runs[index][0] < start + size:
            address, data = self.runs[index]
            low, high = max(address, start), min(address + len(data), start + size)
            if low < high:
                yield low, memoryview(data)[low - address:high - address]
            index += 1

    def contents(self, thing):
        """Where the bytes of an object stand: [(start, size)]."""
        if thing.flags & PHYS:
            base = self.meta.get("phys_to_virt")
            return [] if base is None else [((thing.pointer + int(base, 16)) % TOP, thing.size)]
        if thing.flags & PERCPU:
            return [((thing.pointer + int(offset, 16)) % TOP, thing.size)
                    for offset in self.meta.get("per_cpu_offsets", [])]
        return [(thing.pointer, thing.size)]

    def write(self, path):
        symbols = {"0x%x" % address for trace in self.traces for address in trace}
        meta = dict(self.meta, symbols={key: name for key, name in self.meta["symbols"].items() if key in symbols})
        areas = [AREA.pack(owner, 0, start, size)
                 for owner, thing in enumerate(self.objects) for start, size in thing.areas]
        notes = b""
        for kind, data in [
            (META, json.dumps(meta, separators=(",", ":")).encode()),
            (OBJECTS, b"".join(OBJECT.pack(*thing.fields) for thing in self.objects)),
            (TRACES, b"".join(TRACE.pack(len(trace), *trace, *[0] * (16 - len(trace))) for trace in self.traces)),
            (AREAS, b"".join(areas)),
        ]:
            notes += struct.pack("<III8s", 8, len(data), kind, b"kmemtop\0") + data + b"\0" * (-len(data) % 4)
        count = 1 + len(self.runs) + len(self.missing)
        offset = HEADER.size + PROGRAM_HEADER.size * count
        headers = [PROGRAM_HEADER.pack(4, 0, offset, 0, 0, len(notes), 0, 4)]
        offset += len(notes)
        for address, data in self.runs:
            headers.append(PROGRAM_HEADER.pack(1, 6, offset, address, 0, len(data), len(data), 1))
            offset += len(data)
        for start, size in self.missing:
            headers.append(PROGRAM_HEADER.pack(1, 6, offset, start, 0, 0, size, 1))
        identity = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
        machine = {"x86_64": 62, "arm64": 183}[self.meta["arch"]]
        with open(path, "wb") as file:
            file.write(HEADER.pack(identity, 4, machine, 1, 0, 64, 0, 0, 64, 56, count, 0, 0, 0))
            file.write(b"".join(headers) + notes)
            for _, data in self.runs:
                file.write(data)


class Tree:
    """Live objects of one kind by address."""

    def __init__(self, objects, wanted):
        order = [index for index, thing in enumerate(objects)
                 if thing.flags & ALLOCATED and thing.flags & (PHYS | PERCPU) == wanted]
        order.sort(key=lambda index: objects[index].pointer)
        self.indices = numpy.array(order, dtype=numpy.int64)
        self.starts = numpy.array([objects[index].pointer for index in order], dtype=numpy.uint64)
        self.sizes = numpy.array([objects[index].size for index in order], dtype=numpy.uint64)

    def hits(self, words):
        """For each word the object that contains it, or -1."""
        if not len(self.indices):
            return numpy.full(len(words), -1)
        rank = numpy.searchsorted(self.starts, words, "right") - 1
        inside = (rank >= 0) & (words - self.starts[rank] < self.sizes[rank])
        return numpy.where(inside, self.indices[rank], -1)

    def starting(self, address):
        rank = int(numpy.searchsorted(self.starts, numpy.uint64(address)))
        return int(self.indices[rank]) if rank < len(self.starts) and int(self.starts[rank]) == address else None


def checksum(data, first=0):
    """The kernel's crc32(first, data): zlib's without the inversion before and after."""
    return zlib.crc32(data, first ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


class Scan:
    """One scan. `count` and `new_leaks` are its result."""

    def __init__(self, capture):
        self.capture, self.objects, self.meta = capture, capture.objects, capture.meta
        self.ordinary, self.percpu = Tree(self.objects, 0), Tree(self.objects, PERCPU)
        self.min_count = [thing.min_count for thing in self.objects]
        self.no_scan = [bool(thing.flags & NO_SCAN) for thing in self.objects]
        self.count = [0] * len(self.objects)
        self.gray_list = collections.deque()
        self.words = self.references = self.modified = 0
        self.prepare()
        self.scan_roots()
        self.scan_gray_list()
        self.colour_modified()
        self.scan_gray_list()
        self.new_leaks = [index for index in range(len(self.objects)) if self.is_new_leak(index)]

    def is_white(self, index):
        return self.count[index] != -1 and self.count[index] < self.min_count[index]

    def is_gray(self, index):
        return self.min_count[index] != -1 and self.count[index] >= self.min_count[index]

    def prepare(self):
        shift = self.meta.get("page_shift", 12)
        low = self.meta.get("low_pfn")
        for index, thing in enumerate(self.objects):
            if thing.flags & PHYS and low and not self.no_scan[index]:
                if thing.pointer >> shift < low[0] or thing.pointer + thing.size >> shift > low[1]:
                    self.min_count[index], self.no_scan[index] = -1, True
            if thing.flags & ALLOCATED and self.is_gray(index):
                self.gray_list.append(index)

    def scan_roots(self):
        kinds = ["data", "bss", "percpu", "struct_page", "stack"]
        for root in sorted(self.meta["roots"], key=lambda root: kinds.index(root["kind"])):
            if root["kind"] == "stack" and not self.meta["stack_scan"]:
                continue
            chunk = 4096 if kinds.index(root["kind"]) < 3 else None
            self.scan_block(int(root["start"], 16), root["size"], None, chunk)

    def scan_gray_list(self):
        while self.gray_list:
            index = self.gray_list.popleft()
            thing = self.objects[index]
            if self.no_scan[index] or not thing.flags & ALLOCATED:
                continue
            if thing.areas and not thing.flags & FULL_SCAN:
                for start, size in thing.areas:
                    for base, _ in self.capture.contents(dataclasses.replace(thing, pointer=start)):
                        self.scan_block(base, size, index, None)
            else:
                for start, size in self.capture.contents(thing):
                    self.scan_block(start, size, index, None if thing.flags & PERCPU else 4096)

    def scan_block(self, start, size, owner, chunk):
        # Chunks of an aligned block leave nothing out between them.
        pieces = [(start, size)]
        if chunk and start % 8:
            pieces = [(start + at, min(chunk, size - at)) for at in range(0, size, chunk)]
        for at, length in pieces:
            for address, data in self.capture.captured(at, length):
                skip = -address % 8
                count = max((len(data) - skip) // 8, 0)
                self.look_at(numpy.frombuffer(data, "<u8", count, skip) if count else (), owner)

    def look_at(self, words, owner):
        self.words += len(words)
        if not len(words):
            return
        ordinary, percpu = self.ordinary.hits(words), self.percpu.hits(words)
        for position in numpy.nonzero((ordinary >= 0) | (percpu >= 0))[0]:
            for found in (int(ordinary[position]), int(percpu[position])):
                if found >= 0 and found != owner:
                    self.references += 1
                    self.refer_to(found, owner)

    def refer_to(self, found, owner):
        excess = self.objects[found].excess_ref
        if self.is_gray(found) and excess:
            passed = self.ordinary.starting(excess)
            if passed is not None and passed != owner:
                found = passed
        if self.is_white(found):
            self.count[found] += 1
            if self.is_gray(found):
                self.gray_list.append(found)

    def colour_modified(self):
        for index, thing in enumerate(self.objects):
            if not self.is_white(index) or not thing.flags & ALLOCATED or thing.flags & PHYS:
                continue
            places = self.capture.contents(thing)
            parts = [list(self.capture.captured(start, size)) for start, size in places]
            if not places or any(sum(len(data) for _, data in part) < thing.size for part in parts):
                continue
            value = 0
            for part in parts:
                value ^= checksum(b"".join(data for _, data in part))
            if value != thing.checksum:
                self.count[index] = self.min_count[index]
                self.modified += 1
                self.gray_list.append(index)

    def is_new_leak(self, index):
        thing = self.objects[index]
        age = (self.meta["jiffies"] - thing.jiffies - 5 * self.meta["hz"]) % TOP
        return self.is_white(index) and thing.flags & (ALLOCATED | REPORTED) == ALLOCATED and age < TOP // 2


def check(path):
    capture = Capture(path)
    scan = Scan(capture)
    differences = [index for index, thing in enumerate(capture.objects) if thing.count != scan.count[index]]
    reported = [index for index, thing in enumerate(capture.objects) if thing.flags & REPORTED]
    print(f"{len(capture.objects)} objects, {scan.words} words, {scan.references} references, "
          f"{scan.modified} modified, {len(reported)} reported, {sum(map(scan.is_white, reported))} of them white, "
          f"{len(scan.new_leaks)} new leaks, {len(differences)} counts differ")
    for index in differences[:50]:
        thing = capture.objects[index]
        young = (thing.jiffies - capture.meta.get("last_scan", 0)) % TOP < TOP // 2
        print(f"  {index}: 0x{thing.pointer:08x} size {thing.size} flags 0x{thing.flags:x} min_count {thing.min_count}: "
              f"stored {thing.count}, found {scan.count[index]}{', younger than the last scan' if young else ''}")
    return 1 if differences else 0


def choose(capture):
    """The part to keep: (indices of objects in creation order, roots).

    Every reported leak; every object with a scan area, excess_ref, NO_SCAN, PHYS or a min_count other than 1
    that is small enough; the per-CPU section, a stack and a few struct pages; then what these point to, nearest
    first, until there are enough. Whoever points at a reported leak comes too, or its count would change.
    """
    objects, most_objects, largest = capture.objects, 320, 512
    stacks = [root for root in capture.meta["roots"] if root["kind"] == "stack"]
    pages = [root for root in capture.meta["roots"] if root["kind"] == "struct_page" and root["size"] <= 256]
    roots = [root for root in capture.meta["roots"] if root["kind"] == "percpu"] + pages[:6] + stacks[:1]
    kept, special = set(), collections.Counter()
    for index, thing in enumerate(objects):
        feature = (thing.flags & ~(ALLOCATED | REPORTED), thing.min_count, bool(thing.areas), bool(thing.excess_ref))
        special[feature] += 1
        unusual = feature != (0, 1, False, False) and thing.size <= largest and special[feature] <= 12
        if thing.flags & REPORTED or unusual:
            kept.add(index)
    tree = Tree(objects, 0)

    def targets(start, size):
        for address, data in capture.captured(start, size):
            skip = -address % 8
            count = max((len(data) - skip) // 8, 0)
            hits = tree.hits(numpy.frombuffer(data, "<u8", count, skip)) if count else numpy.array([])
            yield from (int(hit) for hit in hits if hit >= 0)

    leaks = {index for index in kept if objects[index].flags & REPORTED}
    for index, thing in enumerate(objects):
        if thing.size <= largest and thing.flags & ALLOCATED and not thing.flags & (PHYS | NO_SCAN):
            if objects[index].excess_ref and tree.starting(thing.excess_ref) in leaks:
                kept.add(index)
            elif not leaks.isdisjoint(targets(thing.pointer, thing.size)):
                kept.add(index)
    queue = collections.deque((int(root["start"], 16), root["size"]) for root in roots)
    queue.extend(place for index in sorted(kept) for place in capture.contents(objects[index]))
    while queue and len(kept) < most_objects:
        for index in targets(*queue.popleft()):
            if index not in kept and objects[index].size <= largest and len(kept) < most_objects:
                kept.add(index)
                queue.extend(capture.contents(objects[index]))
    return sorted(kept), roots


def cut(path, small_path):
    whole = Capture(path)
    kept, roots = choose(whole)
    part = Capture()
    part.objects = [dataclasses.replace(whole.objects[index]) for index in kept]
    part.meta = dict(whole.meta, roots=roots, tool="kernel lab, cut by cut.py")
    # Traces in their old order, only those in use.
    used = sorted({thing.trace for thing in part.objects} - {0xFFFFFFFF})
    part.traces = [whole.traces[trace] for trace in used]
    for thing in part.objects:
        thing.trace = used.index(thing.trace) if thing.trace in used else thing.trace
    places = []
    for root in roots:
        start, size = int(root["start"], 16), root["size"]
        for at in range(start, start + size, 4096):
            length = min(4096, start + size - at)
            # Zeros point nowhere, and make up most of the per-CPU section.
            empty = not any(any(data) for _, data in whole.captured(at, length))
            (part.missing if empty else places).append((at, length))
    places += [place for thing in part.objects for place in whole.contents(thing)]
    # Ranges that touch or overlap become one segment.
    for start, size in sorted(places):
        for address, data in whole.captured(start, size):
            end = part.runs[-1][0] + len(part.runs[-1][1]) if part.runs else -1
            if address > end:
                part.runs.append((address, bytearray(data)))
            elif address + len(data) > end:
                part.runs[-1][1].extend(data[end - address:])
    part.prepare_look_up()
    scan = Scan(part)
    for index, thing in enumerate(part.objects):
        thing.count = scan.count[index]
        if thing.flags & REPORTED and not scan.is_white(index):
            sys.exit(f"the reported object at 0x{thing.pointer:08x} is no leak in the part")
    part.write(small_path)
    print(f"{len(part.objects)} objects, {len(part.traces)} traces, {len(part.runs)} segments, "
          f"{sum(len(data) for _, data in part.runs)} bytes of memory, {sum(size for _, size in part.missing)} left out, "
          f"{scan.words} words, {scan.references} references, {scan.modified} modified, {len(scan.new_leaks)} new leaks")
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check", path]:
            sys.exit(check(path))
        case ["cut", path, small_path]:
            sys.exit(cut(path, small_path))
        case _:
            sys.exit(__doc__)
