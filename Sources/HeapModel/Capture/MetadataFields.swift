/// The members of one JSON object of META, each checked; a fault names the key, what was expected and what was found.
struct MetadataFields {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private let members: KeyedDecodingContainer<Key>

    init(_ decoder: any Decoder) throws {
        do {
            members = try decoder.container(keyedBy: Key.self)
        } catch DecodingError.typeMismatch where !decoder.codingPath.isEmpty {
            throw Self.fault(decoder.codingPath, "an object", try JSONKind(from: decoder).description)
        }
    }

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool { (try? !members.decodeNil(forKey: Key(stringValue: key))) ?? false }

    func string(_ key: String) throws -> String { try value(key, String.self, "a string") }
    func flag(_ key: String) throws -> Bool { try value(key, Bool.self, "true or false") }
    func signedNumber(_ key: String) throws -> Int32 { try value(key, Int32.self, "a whole number of 32 bits") }
    func address(_ key: String) throws -> Address { try value(key, HexadecimalAddress.self, "an address").address }

    func number(_ key: String, in range: ClosedRange<UInt64> = 0...UInt64.max) throws -> UInt64 {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let number = try value(key, UInt64.self, expected)
        guard range.contains(number) else { throw fault(key, expected, "\(number)") }
        return number
    }

    func list<Element: Decodable>(_ key: String, of type: Element.Type) throws -> [Element] {
        try value(key, [Element].self, "a list of \(type == UInt64.self ? "whole numbers" : "values")")
    }

    func strings(_ key: String) throws -> [String: String] {
        try value(key, [String: String].self, "an object of strings")
    }

    func fault(_ key: String, _ expected: String, _ found: String) -> CaptureMetadata.Fault {
        Self.fault(members.codingPath + [Key(stringValue: key)], expected, found)
    }

    static func fault(_ path: [any CodingKey], _ expected: String, _ found: String) -> CaptureMetadata.Fault {
        var name = ""
        for key in path {
            name += key.intValue.map { "[\($0)]" } ?? (name.isEmpty ? "" : ".") + key.stringValue
        }
        return CaptureMetadata.Fault(problem: "META key \"\(name)\": expected \(expected), found \(found)")
    }

    private func value<Value: Decodable>(_ key: String, _ type: Value.Type, _ expected: String) throws -> Value {
        do {
            return try members.decode(type, forKey: Key(stringValue: key))
        } catch let fault as CaptureMetadata.Fault {
            throw fault
        } catch {
            // Not only DecodingError: a number that does not fit has an error type of Foundation's own.
            let found = (try? members.decode(JSONKind.self, forKey: Key(stringValue: key)))?.description
            throw fault(key, expected, found ?? "nothing")
        }
    }
}

/// An address as META writes it: a string of `0x` and 1 to 16 hexadecimal digits.
struct HexadecimalAddress: Decodable {
    let address: Address

    init(from decoder: any Decoder) throws {
        let text = try? decoder.singleValueContainer().decode(String.self)
        guard let text, let address = Self.parse(text) else {
            let found = try text?.quotedForMessage ?? JSONKind(from: decoder).description
            throw MetadataFields.fault(decoder.codingPath, "a hexadecimal string like \"0x1000\"", found)
        }
        self.address = address
    }

    static func parse(_ text: String) -> Address? {
        let digits = text.utf8.dropFirst(2)
        guard text.hasPrefix("0x"), (1...16).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt64(digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return Address(value)
    }
}

/// What kind of value stands somewhere in META, for the "found" of a message.
private struct JSONKind: Decodable, CustomStringConvertible {
    let description: String

    init(from decoder: any Decoder) throws {
        let value = try? decoder.singleValueContainer()
        description =
            if value?.decodeNil() == true {
                "null"
            } else if let flag = try? value?.decode(Bool.self) {
                "\(flag)"
            } else if let text = try? value?.decode(String.self) {
                text.quotedForMessage
            } else if let number = try? value?.decode(Int64.self) {
                "\(number)"
            } else if let number = try? value?.decode(Double.self) {
                "\(number)"
            } else if (try? decoder.unkeyedContainer()) != nil {
                "a list"
            } else {
                "an object"
            }
    }
}
