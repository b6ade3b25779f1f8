import HeapModel

/// Numbers of filters: all are compared as 64 bits without a sign, in the order that they have.
enum FilterNumber {
    struct Failure: Error {
        let reason: FilterError.Reason
    }

    /// The object's number, to be compared with those of a term.
    static func value(of field: ObjectField, _ facts: some ObjectFacts) -> UInt64 {
        switch field {
        case .size: facts.size
        case .addr: facts.address.rawValue
        case .count: ordered(facts.count)
        case .min: ordered(facts.minCount)
        case .pid: ordered(facts.pid)
        case .age: facts.age.rawValue
        default: 0
        }
    }

    /// Counted from the lowest number with a sign, which keeps the order.
    static func ordered(_ number: Int32) -> UInt64 { UInt64(Int64(number) - Int64(Int32.min)) }

    /// Reads one number as the field has it.
    static func value(_ text: String, _ field: FilterField) throws(Failure) -> UInt64 {
        let value = switch field.kind {
        case .bytes: bytes(text)
        case .address: AddressExpression.number(text)
        case .number: Int32(text).map(ordered) ?? Expression.number(text).flatMap { Int32(exactly: $0) }.map(ordered)
        case .age: age(text)
        case .text, .choice: nil as UInt64?
        }
        guard let value else { throw Failure(reason: .wrongValue(field: field.name, text, expected: expectation(field))) }
        return value
    }

    /// Reads a number, `FROM-TO` (`TO` is part of it) or, of addresses, `START+LENGTH`.
    static func range(_ text: String, _ field: FilterField) throws(Failure) -> ClosedRange<UInt64> {
        if case .address = field.kind, let plus = text.lastIndex(of: "+") {
            let start = try value(String(text[..<plus]), field)
            guard let length = bytes(String(text[text.index(after: plus)...])), length > 0 else {
                throw Failure(reason: .wrongValue(field: field.name, text, expected: "a length in bytes behind +"))
            }
            let (last, overflowed) = start.addingReportingOverflow(length - 1)
            guard !overflowed else { throw Failure(reason: .tooLarge(text)) }
            return start...last
        }
        // A sign at the beginning is the number's own.
        guard let dash = text.dropFirst().firstIndex(of: "-") else {
            let number = try value(text, field)
            return number...number
        }
        let first = try value(String(text[..<dash]), field)
        let last = try value(String(text[text.index(after: dash)...]), field)
        guard first <= last else { throw Failure(reason: .backwardsRange(text)) }
        return first...last
    }

    /// As it may be typed.
    static func text(_ range: ClosedRange<UInt64>, of field: ObjectField) -> String {
        let first = text(range.lowerBound, of: field)
        return range.lowerBound == range.upperBound ? first : first + "-" + text(range.upperBound, of: field)
    }

    static func text(_ value: UInt64, of field: ObjectField) -> String {
        switch FilterField.of(field)?.kind {
        case .address: return Address(value).description
        case .number: return String(Int64(value) + Int64(Int32.min))
        case .age:
            let unit = ageUnits.first { value > 0 && value % $0.microseconds == 0 }
            if let unit { return String(value / unit.microseconds) + unit.name }
            var seconds = "\(value / 1_000_000)." + String(1_000_000 + value % 1_000_000).dropFirst()
            while seconds.last == "0" { seconds.removeLast() }
            return (seconds.last == "." ? "0" : seconds) + "s"
        default:
            let unit = byteUnits.first { value > 0 && value % $0.bytes == 0 }
            return unit.map { String(value / $0.bytes) + $0.name } ?? String(value)
        }
    }

    private static let byteUnits: [(name: String, bytes: UInt64)] = [("G", 1 << 30), ("M", 1 << 20), ("k", 1 << 10)]
    private static let ageUnits: [(name: String, microseconds: UInt64)] = [
        ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000),
    ]

    private static func bytes(_ text: String) -> UInt64? {
        let unit = byteUnits.first { text.last?.lowercased() == $0.name.lowercased() }
        guard let number = Expression.number(text.dropLast(unit == nil ? 0 : 1)) else { return nil }
        let (bytes, overflowed) = number.multipliedReportingOverflow(by: unit?.bytes ?? 1)
        return overflowed ? nil : bytes
    }

    private static func age(_ text: String) -> UInt64? {
        let unit = ageUnits.first { text.last?.lowercased() == $0.name }
        guard let span = Microseconds(seconds: text.dropLast(unit == nil ? 0 : 1)) else { return nil }
        let (age, overflowed) = span.rawValue.multipliedReportingOverflow(by: (unit?.microseconds ?? 1_000_000) / 1_000_000)
        // No longer than what can be told in seconds.
        return overflowed || age / 1_000_000 >= 1 << 40 ? nil : age
    }

    private static func expectation(_ field: FilterField) -> String {
        switch field.kind {
        case .bytes: "bytes, such as 512, 4k or 0x200"
        case .address: "an address, such as 0xffff888000ad0c00"
        case .age: "a time, such as 30s, 1.5m or 2h"
        case .number, .text, .choice: "a number of 32 bits"
        }
    }
}
