/// `kmemleak.md`, section 6: the control file.
extension ReferenceKmemleak {
    /// Writes to the control file; 0 or the errno.
    mutating func write(command text: String) -> Int32 {
        let error = obey(Array(text.utf8.prefix(63)))
        runPendingWork()
        return error
    }

    private mutating func obey(_ bytes: [UInt8]) -> Int32 {
        let eperm: Int32 = 1, ebusy: Int32 = 16, einval: Int32 = 22
        if begins(bytes, "clear") {
            clear()
            return 0
        }
        if !isEnabled { return style == .old ? ebusy : eperm }
        if begins(bytes, "off") {
            disable()
        } else if begins(bytes, "stack=on") {
            scansStacks = true
        } else if begins(bytes, "stack=off") {
            scansStacks = false
        } else if begins(bytes, "scan=on") {
            startThread()
        } else if begins(bytes, "scan=off") {
            stopThread()
        } else if begins(bytes, "scan=") {
            return setPeriod(bytes.dropFirst(5))
        } else if begins(bytes, "scan") {
            scan()
        } else if begins(bytes, "dump=") {
            return dump(bytes.dropFirst(5))
        } else {
            return einval
        }
        return 0
    }

    private func begins(_ bytes: [UInt8], _ word: String) -> Bool { bytes.starts(with: word.utf8) }

    private mutating func clear() {
        guard isEnabled else {
            removeAll()
            return
        }
        for place in records.indices where records[place].has(Flag.reported) && isUnreferenced(records[place]) {
            records[place].minCount = 0
        }
        hasFoundLeaks = false
    }

    private mutating func setPeriod(_ text: ArraySlice<UInt8>) -> Int32 {
        let seconds: UInt64
        switch number(text) {
        case .value(let value): seconds = value
        case .invalid: return 22
        case .tooLarge: return 34
        }
        if seconds > 4_294_967_295 { return 34 }
        stopThread()
        if seconds > 0 {
            periodInSeconds = seconds
            startThread()
        }
        return 0
    }

    private mutating func dump(_ text: ArraySlice<UInt8>) -> Int32 {
        guard case .value(let address) = number(text) else { return 22 }
        let found: [Int]
        switch style {
        case .old, .v6_1: found = [place(startingAt: address, .ordinary)].compactMap(\.self)
        case .current: found = [place(containing: address, .ordinary)].compactMap(\.self)
        case .v2026: found = [Tree.ordinary, .phys, .perCPU].compactMap { place(containing: address, $0) }
        }
        for place in found { dump(records[place]) }
        if found.isEmpty {
            say("Unknown object at \(hex(address))")
            return 22
        }
        return 0
    }

    private enum Number {
        case value(UInt64), invalid, tooLarge
    }

    /// `kstrtoull()` with base 0: too large is told before what follows the digits is looked at.
    private func number(_ text: ArraySlice<UInt8>) -> Number {
        var rest = text
        if rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var radix: UInt64 = 10
        if begins(Array(rest), "0x") || begins(Array(rest), "0X") {
            radix = 16
            rest.removeFirst(2)
        } else if begins(Array(rest), "0") {
            radix = 8
        }
        var value: UInt64 = 0, hasDigits = false
        while let digit = rest.first.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }), digit < radix {
            let product = value.multipliedReportingOverflow(by: radix)
            let sum = product.partialValue.addingReportingOverflow(UInt64(digit))
            if product.overflow || sum.overflow { return .tooLarge }
            value = sum.partialValue
            hasDigits = true
            rest.removeFirst()
        }
        if rest.first == UInt8(ascii: "\n") { rest.removeFirst() }
        return hasDigits && rest.isEmpty ? .value(value) : .invalid
    }

    // MARK: Reading

    /// What reading the control file gives.
    func read() -> String {
        records.filter { $0.has(Flag.reported) && isUnreferenced($0) }
            .flatMap { reportLines(of: $0, withHexDump: true) }.map { $0 + "\n" }.joined()
    }
}
