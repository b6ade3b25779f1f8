/// How the kernel finds what is vmalloc()ed: a list of vmap_areas from a head in its data, each with its vm_struct.
struct VmapAreaList: Sendable {
    /// The section that holds the list's head.
    static let rootName = "vmap_area_list"

    /// Where the head stands: a page below what a scenario is likely to call `.data`.
    static func root(_ profile: KernelProfile) -> AddressRange {
        let data = KernelLayout(profile: profile, cpuCount: 1).image.data
        return AddressRange(start: Address(data.rawValue - KernelLayout.pageSize), size: 64)
    }

    /// What belongs to each vmalloc()ed block, by the end of its name, with its size and cache.
    static let structures: [(suffix: String, size: UInt64, cache: String?)] = [
        (".vm_struct", 64, nil), (".vmap_area", 64, "vmap_area"),
    ]

    // struct vmap_area: va_start, va_end, rb_node (3 words), list (2 words), vm. Kept from the kernel's own
    // kmemleak_scan_area() are va_start and va_end.
    static let scannedFrom: UInt64 = 16
    private static let (list, vm): (UInt64, UInt64) = (40, 56)

    private let root: Address
    private let wordSize: Int
    private var areas: [Address] = []

    init(root: Address, wordSize: Int) {
        self.root = root
        self.wordSize = wordSize
    }

    mutating func add(_ area: Address, of block: AddressRange, structure: Address, in memory: inout Memory) {
        let size = block.size + KernelLayout.pageSize
        // struct vm_struct: next, addr, size.
        memory.write(word: block.start.rawValue, size: wordSize, at: structure + 8)
        memory.write(word: size, size: wordSize, at: structure + 16)
        memory.write(word: block.start.rawValue, size: wordSize, at: area)
        memory.write(word: (block.start + size).rawValue, size: wordSize, at: area + 8)
        memory.write(word: structure.rawValue, size: wordSize, at: area + Self.vm)
        areas.append(area)
        link(in: &memory)
    }

    mutating func remove(_ area: Address, in memory: inout Memory) {
        areas.removeAll { $0 == area }
        link(in: &memory)
    }

    /// A circular list: each element's next and previous, the head among them.
    private func link(in memory: inout Memory) {
        let nodes = [root] + areas.map { $0 + Self.list }
        for (place, node) in nodes.enumerated() {
            let next = nodes[(place + 1) % nodes.count], previous = nodes[(place + nodes.count - 1) % nodes.count]
            memory.write(word: next.rawValue, size: wordSize, at: node)
            memory.write(word: previous.rawValue, size: wordSize, at: node + 8)
        }
    }
}
