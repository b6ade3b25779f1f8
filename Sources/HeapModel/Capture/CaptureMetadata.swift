import Foundation

/// The META note of a capture: what is not in tables. Unknown keys are ignored.
struct CaptureMetadata {
    var profile: KernelProfile
    var jiffies: Jiffies
    var lastScan: Jiffies?
    var isEnabled: Bool
    var scansStacks: Bool
    var captured: String?
    var tool: String?
    var physToVirt: UInt64?
    var lowPageFrames: ClosedRange<UInt64>?
    var pageShift: UInt64
    var perCPUOffsets: [UInt64]?
    /// As listed.
    var roots: [Root]
    var symbols: Symbols

    static let format = "kmemtop-capture"
    static let version: UInt64 = 1
    /// No CPU count, size or clock rate above these is taken for real; they also keep sums far from overflow.
    static let maximumCPUs = 8192
    static let maximumSize: UInt64 = 1 << 47
    private static let clockRates: ClosedRange<UInt64> = 1...1_000_000
    /// Pages of 4, 16 and 64 KiB.
    private static let pageShifts: ClosedRange<UInt64> = 12...16

    /// Why META cannot be used, without file and offset.
    struct Fault: Error {
        var problem: String
    }

    init(json: UnsafeRawBufferPointer) throws(Fault) {
        guard let start = json.baseAddress, !json.isEmpty else { throw Fault(problem: "META is empty") }
        // The mapping outlives the call, and nothing writes to it.
        let data = Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: json.count, deallocator: .none)
        do {
            self = try JSONDecoder().decode(CaptureMetadata.self, from: data)
        } catch let fault as Fault {
            throw fault
        } catch DecodingError.typeMismatch {
            throw Fault(problem: "META: expected a JSON object, found another value")
        } catch DecodingError.dataCorrupted(let context) {
            let detail = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
            throw Fault(problem: "META is not valid JSON" + (detail.map { ": " + $0 } ?? ""))
        } catch {
            throw Fault(problem: "META cannot be read: \(error)")
        }
    }
}

extension CaptureMetadata: Decodable {
    init(from decoder: any Decoder) throws {
        let fields = try MetadataFields(decoder)
        let format = try fields.string("format")
        guard format == Self.format else { throw fields.fault("format", "\"\(Self.format)\"", format.quotedForMessage) }
        let version = try fields.number("version")
        guard version == Self.version else { throw fields.fault("version", "\(Self.version)", "\(version)") }
        let name = try fields.string("arch")
        guard let architecture = KernelProfile.Architecture(rawValue: name) else {
            throw fields.fault("arch", "\"x86_64\" or \"arm64\"", name.quotedForMessage)
        }
        profile = KernelProfile(
            release: try fields.string("release"), architecture: architecture,
            hz: try fields.number("hz", in: Self.clockRates))
        jiffies = Jiffies(try fields.number("jiffies"))
        lastScan = try fields.has("last_scan") ? Jiffies(fields.number("last_scan")) : nil
        isEnabled = try fields.flag("enabled")
        scansStacks = try fields.flag("stack_scan")
        captured = try fields.has("captured") ? fields.string("captured") : nil
        tool = try fields.has("tool") ? fields.string("tool") : nil
        physToVirt = try fields.has("phys_to_virt") ? fields.address("phys_to_virt").rawValue : nil
        lowPageFrames = try fields.has("low_pfn") ? Self.frames(fields) : nil
        pageShift = try fields.has("page_shift") ? fields.number("page_shift", in: Self.pageShifts) : 12
        perCPUOffsets = try fields.has("per_cpu_offsets") ? Self.offsets(fields) : nil
        roots = try fields.list("roots", of: ListedRoot.self).map(\.root)
        symbols = try fields.has("symbols") ? Self.symbols(fields) : Symbols()
    }

    private static func frames(_ fields: MetadataFields) throws -> ClosedRange<UInt64> {
        let pair = try fields.list("low_pfn", of: UInt64.self)
        guard pair.count == 2, pair[0] <= pair[1] else {
            throw fields.fault("low_pfn", "two page frame numbers, ascending", "\(pair.prefix(4))")
        }
        return pair[0]...pair[1]
    }

    private static func offsets(_ fields: MetadataFields) throws -> [UInt64] {
        let offsets = try fields.list("per_cpu_offsets", of: HexadecimalAddress.self)
        guard offsets.count <= maximumCPUs else {
            throw fields.fault("per_cpu_offsets", "at most \(maximumCPUs) CPUs", "\(offsets.count)")
        }
        return offsets.map(\.address.rawValue)
    }

    private static func symbols(_ fields: MetadataFields) throws -> Symbols {
        var names: [Address: String] = [:]
        let listed = try fields.strings("symbols")
        names.reserveCapacity(listed.count)
        for (key, name) in listed {
            guard let address = HexadecimalAddress.parse(key) else {
                throw fields.fault("symbols", "hexadecimal addresses as keys", key.quotedForMessage)
            }
            names[address] = name
        }
        return Symbols(names)
    }
}

/// An element of `roots`.
private struct ListedRoot: Decodable {
    var root: Root

    init(from decoder: any Decoder) throws {
        let fields = try MetadataFields(decoder)
        let kindName = try fields.string("kind")
        guard let kind = Root.Kind(rawValue: kindName) else {
            let kinds = Root.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw fields.fault("kind", "one of \(kinds)", kindName.quotedForMessage)
        }
        let range = AddressRange(
            start: try fields.address("start"), size: try fields.number("size", in: 0...CaptureMetadata.maximumSize))
        guard range.isValid else {
            throw fields.fault(
                "size", "a range inside the address space", "\(range.size) bytes at \(range.start)")
        }
        let pid: Int32? = try fields.has("pid") ? fields.signedNumber("pid") : nil
        root = Root(kind: kind, name: try fields.string("name"), range: range, pid: pid)
    }
}
