import HeapModel
import Inspector
import Testing

/// The language of docs/filters.md: each field with each sign, as one object answers.
struct FilterTests {
    @Test(arguments: [
        "size:512", "size=512", "size!=511", "size<513", "size<=512", "size>511", "size>=512", "size:0x200", "size<1k", "size<1M",
        "size<1g", "size:500-600", "size:1,512", "SIZE:512",
        "addr:0xffff888004c3a400", "addr:ffff888004c3a400", "address=0xFFFF888004C3A400", "addr:0xffff888004c3a000-0xffff888004c3a400",
        "addr:0xffff888004c3a000+0x401", "addr:0xffff888004c3a000+2k", "addr>0xffff888000000000", "ptr!=0",
        "kind:virtual", "kind:phys,virtual", "kind!=phys", "colour:white", "color:WHITE", "colour:leak", "colour:gray,leak",
        "colour!=gray", "flag:NO_SCAN", "flag:noscan", "flags:no-scan,PHYS", "flag!=REPORTED", "flag=ALLOCATED",
        "count:0", "count<1", "refs:0", "min:1", "min>0", "mincount>=1", "min:-1-1", "count>-1", "pid:51", "pid:1-99", "pid<100",
        "age<64s", "age>63", "age>=63.1s", "age<=63.1", "age>1m", "age<1.1m", "age<1h", "age<1d",
        "comm:kworker", "comm:KWORKER", "comm:kworker/0:1", "comm=kworker/0:1", "comm!=kworker", "task:worker",
        "fn:hub_", "fn=hub_probe", "fn=hub_probe+0x144/0x804", "function:usb_probe", "fn:[usbcore]", "fn!=hub_", "fn:kmalloc",
        "site:hub", "site=hub_probe", "site!=kmalloc_trace", "name:leak", "name=leak0_kzalloc", "note:\"looks real\"", "note:REAL",
        "note:\"\"", "mark:yes", "mark!=no", "new:no", "marked:no,yes",
    ])
    func theObjectHasIt(text: String) throws {
        #expect(try ObjectFilter.says(text))
        #expect(try !ObjectFilter.says("!" + text))
    }

    @Test(arguments: [
        "size:513", "size!=512", "size<512", "size<=511", "size>512", "size>=513", "size:1-511", "size:1k",
        "addr:0", "addr:0xffff888004c3a000+0x400", "addr<0xffff888004c3a400", "kind:phys,percpu", "kind!=virtual",
        "colour:gray", "colour:scanned,ignored", "colour!=leak", "flag:REPORTED", "flag!=NO_SCAN", "count:-1", "count>0", "min<1",
        "pid:52", "pid!=51", "pid<-1", "age<60s", "age>64", "age>=2m", "comm:khubd", "comm=kworker", "comm=KWORKER/0:1",
        "fn:khub", "fn=hub", "fn!=hub_probe", "site:usb_probe", "site=hub", "name:leak1", "name=leak", "note:false", "mark:no",
        "new:yes",
    ])
    func theObjectHasItNot(text: String) throws {
        #expect(try !ObjectFilter.says(text))
        #expect(try ObjectFilter.says("!" + text))
    }

    @Test(arguments: [
        ("kworker", true), ("KZALLOC", true), ("looks", true), ("04c3a4", true), ("0xffff8880", true), ("hub_probe", true),
        ("usb_probe", false), ("kworker/0:1", true), ("\"looks real\"", true), ("\"size:512\"", false), ("512", false),
        ("khubd,kworker", true), ("khubd,init", false), ("!khubd", true), ("!khubd,kworker", false),
    ])
    func aWordIsLookedForInTheObjectsTexts(text: String, isFound: Bool) throws {
        #expect(try ObjectFilter.says(text) == isFound)
    }

    @Test func termsMustAllHold() throws {
        #expect(try ObjectFilter.says("size>511 comm:kworker !flag:PHYS hub"))
        #expect(try !ObjectFilter.says("size>511 comm:khubd !flag:PHYS hub"))
        #expect(try ObjectFilter.says("") && ObjectFilter.says(" \t "))
        #expect(try ObjectFilter(parsing: "").isEmpty && !ObjectFilter(parsing: "a").isEmpty)
    }

    @Test func whatAnObjectLacksContainsNothing() throws {
        var facts = StubFacts()
        (facts.name, facts.note, facts.backtrace, facts.trace) = (nil, nil, [], nil)
        for text in ["name:l", "note:\"\"", "name:\"\"", "site:hub", "fn:\"\"", "hub"] { #expect(try !ObjectFilter.says(text, of: facts)) }
        #expect(try ObjectFilter.says("!name:\"\" kworker", of: facts))
    }

    @Test func onlyFunctionsAreWholeWithoutTheirEnd() throws {
        var facts = StubFacts()
        (facts.comm, facts.name) = ("my task", "a+b")
        #expect(try !ObjectFilter.says("comm=my", of: facts) && !ObjectFilter.says("name=a", of: facts))
        #expect(try ObjectFilter.says("comm=\"my task\" name=a+b", of: facts))
    }

    @Test func quotesKeepWhatWouldMeanSomething() throws {
        var facts = StubFacts()
        facts.note = "a \"b\", !c\\d: e\u{301}"
        for text in [#"note:"a \"b\"""#, #"note:"b\", !c""#, #"note:"!c\\d:""#, #""!c""#, #"note="a \"b\", !c\\d: é""#, #"note:x,"a ""#] {
            #expect(try ObjectFilter.says(text, of: facts), "\(text)")
        }
    }

    @Test(arguments: ObjectFlags.named)
    func eachFlagIsKnownByTheKernelsName(flag: ObjectFlags) throws {
        var facts = StubFacts()
        facts.flags = flag
        #expect(try ObjectFilter.says("flag:\(flag.names)", of: facts))
        facts.flags = ObjectFlags(rawValue: ~flag.rawValue)
        #expect(try !ObjectFilter.says("flag:\(flag.names)", of: facts))
    }

    @Test func negativeCountsAreInOrder() throws {
        var facts = StubFacts()
        facts.minCount = -1
        for text in ["min:-1", "min<0", "min>=-1", "min:-5--1", "min>-2147483648"] { #expect(try ObjectFilter.says(text, of: facts), "\(text)") }
        #expect(try !ObjectFilter.says("min>0", of: facts))
    }

    @Test(arguments: [
        ("colour:white", true, false), ("count>0", true, false), ("new:yes", true, false), ("flag:REPORTED", true, false),
        ("flag:NO_SCAN", false, false), ("age<5", false, true), ("size>5 !age<5 colour:leak", true, true), ("fn:a name:b", false, false),
    ])
    func itKnowsWhenItsAnswerMayChange(text: String, scan: Bool, time: Bool) throws {
        let filter = try ObjectFilter(parsing: text)
        #expect(filter.dependsOnScan == scan)
        #expect(filter.dependsOnTime == time)
    }

    @Test func equalFiltersMayBeTypedInSeveralWays() throws {
        let filter = try ObjectFilter(parsing: "  SIZE=0x400   color:grey !comm:\"a\"")
        #expect(filter == (try ObjectFilter(parsing: "size:1k colour:gray !comm:a")))
        #expect(filter.text == "  SIZE=0x400   color:grey !comm:\"a\"")
        #expect(filter.description == "size:1k colour:gray !comm:a")
        #expect(filter != (try ObjectFilter(parsing: "size:1k colour:gray comm:a")))
    }

    @Test func examplesOfTheTableAreFilters() throws {
        for row in FilterGuide.fields + FilterGuide.syntax { _ = try ObjectFilter(parsing: row.example) }
        #expect(Set(FilterField.table.map(\.field)) == Set(ObjectField.allCases).subtracting([.word]))
    }
}

extension ObjectFlags {
    fileprivate static let named: [ObjectFlags] = [.allocated, .reported, .noScan, .fullScan, .phys, .perCPU]
}

/// Questions are asked from the cheapest to the dearest, and only when needed.
struct FilterPassTests {
    /// Counts how often its backtrace is asked for.
    private final class Questions: @unchecked Sendable {
        var count = 0
    }

    private struct CountingFacts: ObjectFacts {
        let questions: Questions
        var stub = StubFacts()

        var address: Address { stub.address }
        var size: UInt64 { stub.size }
        var kind: ObjectKind { stub.kind }
        var flags: ObjectFlags { stub.flags }
        var count: Int32 { stub.count }
        var minCount: Int32 { stub.minCount }
        var age: Microseconds { stub.age }
        var pid: Int32 { stub.pid }
        var shade: Shade { stub.shade }
        var isLeak: Bool { stub.isLeak }
        var isNew: Bool { stub.isNew }
        var isMarked: Bool { stub.isMarked }
        var comm: String { stub.comm }
        var name: String? { stub.name }
        var note: String? { stub.note }
        var trace: TraceID? { stub.trace }
        var site: String? { questions.count += 1; return stub.site }
        var backtrace: [String] { questions.count += 1; return stub.backtrace }
    }

    @Test func theBacktraceIsAskedForLast() throws {
        let facts = CountingFacts(questions: Questions())
        #expect(try !ObjectFilter(parsing: "fn:hub size<5").matches(facts))
        #expect(facts.questions.count == 0)
        #expect(try ObjectFilter(parsing: "fn:hub size>5").matches(facts))
        #expect(facts.questions.count == 1)
    }

    @Test(arguments: ["fn:hub", "!fn:khubd", "site:hub", "hub_probe"])
    func objectsWithOneBacktraceAreAnsweredAtOnce(text: String) throws {
        let facts = CountingFacts(questions: Questions())
        var pass = FilterPass(try ObjectFilter(parsing: text))
        let answers = (0..<10).map { _ in pass.matches(facts) }
        #expect(!answers.contains(false))
        #expect(facts.questions.count == 1)
    }

    @Test func aPassSaysTheSameAsTheFilter() throws {
        var generator = SplitMix64(seed: 3)
        for text in ["fn:hub", "!fn:hub", "site!=hub_probe", "kworker", "!hub", "size>300 fn:usb", "khubd,hub", "colour:leak !site:x"] {
            let filter = try ObjectFilter(parsing: text)
            var pass = FilterPass(filter), answers: Set<Bool> = []
            for _ in 0..<200 {
                var facts = StubFacts()
                let trace = UInt32.random(in: 0...3, using: &generator)
                facts.trace = trace == 0 ? nil : TraceID(rawValue: trace)
                facts.backtrace = [[], ["hub_probe+1/2"], ["usb_new+1/2", "hub_x+1/2"], ["x"]][Int(trace)]
                facts.size = UInt64.random(in: 0...600, using: &generator)
                facts.comm = Bool.random(using: &generator) ? "khubd" : "kworker"
                facts.isLeak = Bool.random(using: &generator)
                let answer = filter.matches(facts)
                answers.insert(answer)
                let answerOfPass = pass.matches(facts)
                #expect(answerOfPass == answer)
            }
            #expect(answers.count == 2, "\(text)")
        }
    }

    @Test func theHeapsObjectsAreFiltered() throws {
        var state = try opened()
        state.press("S")
        func names(_ text: String) throws -> [String] {
            var pass = FilterPass(try ObjectFilter(parsing: text)), facts = state.facts
            return state.list.rows.filter { id in
                facts.id = id
                return pass.matches(facts)
            }.map { state.names[state.heap.objects.pointers[$0.index]] ?? "" }
        }
        #expect(try names("colour:leak").count == 3)
        #expect(try names("new:yes") == names("colour:leak"))
        #expect(try names("flag:REPORTED") == names("colour:leak"))
        #expect(try names("colour:leak size>=512").contains("leak0_kzalloc"))
        #expect(try names("name:leak0_kz") == ["leak0_kzalloc"])
        #expect(try names("fn=hub_probe name:leak0_kz") == ["leak0_kzalloc"])
        #expect(try names("site=hub_probe name:leak0_kz") == ["leak0_kzalloc"])
        #expect(try !names("age<64s").isEmpty && !names("age<64s").contains("kmem_cache0"))
        #expect(try names("").count == 312)
    }
}
