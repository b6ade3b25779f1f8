@testable import HeapModel
