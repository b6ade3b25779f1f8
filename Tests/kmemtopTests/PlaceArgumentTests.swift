import Testing

@testable import kmemtop

struct PlaceArgumentTests {
    @Test(arguments: [
        ("0xffff888000ad0c00", PlaceArgument(address: "0xffff888000ad0c00")),
        ("jiffies+8@0", PlaceArgument(address: "jiffies+8", tick: 0)),
        ("ad0c00@15120", PlaceArgument(address: "ad0c00", tick: 15120)),
        ("a@b@7", PlaceArgument(address: "a@b", tick: 7)),
    ])
    func aPlaceIsReadAndPrinted(text: String, place: PlaceArgument) {
        #expect(PlaceArgument(argument: text) == place)
        #expect(place.description == text)
    }

    @Test(arguments: ["", "@", "@5", "a@", "a@-1", "a@+1", "a@0x10", "a@1.5", "a@ 1", "a@99999999999999999999", "a@٣"])
    func anythingElseIsRefused(text: String) {
        #expect(PlaceArgument(argument: text) == nil)
    }
}
