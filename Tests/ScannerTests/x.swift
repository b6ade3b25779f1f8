@testable import Scanner
