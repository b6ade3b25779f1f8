/// A field that is the same for nearly all objects: only the others take memory.
package struct SparseColumn<Element: Equatable & Sendable>: Sendable, Equatable {
    private var elements: [Int: Element] = [:]
    private let usual: Element

    /// - Parameter usual: what an object has that nothing is told of.
    init(_ usual: Element) { self.usual = usual }

    package subscript(row: Int) -> Element {
        get { elements[row] ?? usual }
        set { if newValue != usual || !elements.isEmpty { elements[row] = newValue == usual ? nil : newValue } }
    }

    /// The objects that have something else, in creation order.
    package var rows: [Int] { elements.keys.sorted() }

    /// Takes a row out; the later ones move down by one.
    mutating func remove(at row: Int) {
        guard !elements.isEmpty else { return }
        elements[row] = nil
        elements = Dictionary(uniqueKeysWithValues: elements.map { ($0 < row ? $0 : $0 - 1, $1) })
    }
}
