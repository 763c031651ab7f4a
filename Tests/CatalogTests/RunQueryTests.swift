@testable import Catalog
import Foundation
import Testing

@Suite struct RunQueryTests {
    /// 21 November 2026, 12:00 in UTC.
    static let noon = 1_795_262_400.0

    private func parse(_ text: String) throws -> RunQuery {
        try RunQueryParser.parse(text, now: Self.noon, zone: #require(TimeZone(secondsFromGMT: 0)))
    }

    private func problem(_ text: String) -> RunQueryProblem? {
        do { _ = try parse(text) } catch { return error as? RunQueryProblem }
        return nil
    }

    @Test func wordsAndQuotesSearch() throws {
        #expect(try parse("") == .everything)
        #expect(try parse("  Digits ") == .text("digits"))
        #expect(try parse("digits-res 3f") == .all([.text("digits-res"), .text("3f")]))
        #expect(try parse("\"two Words\"") == .text("two words"))
    }

    @Test func structure() throws {
        #expect(try parse("a OR b c") == .any([.text("a"), .all([.text("b"), .text("c")])]))
        #expect(try parse("(a OR b) AND NOT c") == .all([.any([.text("a"), .text("b")]), .not(.text("c"))]))
        #expect(try parse("-status:failed") == .not(.status([.failed])))
        // A keyword is in capitals and stands by itself.
        #expect(try parse("or ORDER") == .all([.text("or"), .text("order")]))
    }

    @Test func fieldsAndAliases() throws {
        #expect(try parse("lr>0.001") == .number(.lr, .greater, 0.001))
        #expect(try parse("LR0 >= 1e-3") == .number(.lr, .greaterOrEqual, 0.001))
        #expect(try parse("epochs:>=10") == .number(.epochs, .greaterOrEqual, 10))
        #expect(try parse("best>80%") == .number(.best, .greater, 0.8))
        #expect(try parse("steps<10k") == .number(.steps, .less, 10000))
        #expect(try parse("memory<=4GiB") == .number(.memory, .lessOrEqual, 4_294_967_296))
        #expect(try parse("duration>1h") == .number(.duration, .greater, 3600))
        #expect(try parse("epochs:10..20") == .all([.number(.epochs, .greaterOrEqual, 10), .number(.epochs, .lessOrEqual, 20)]))
        #expect(try parse("label:3,\"a b\"") == .any([.label("3"), .label("a b")]))
        #expect(try parse("model:YOLOv8n") == .word(.model, "yolov8n", isWhole: false))
        #expect(try parse("service!=local") == .not(.word(.service, "local", isWhole: true)))
    }

    @Test(arguments: RunStatus.knownWords) func everyVendorsWordFilters(word: String) throws {
        #expect(try parse("status:\"\(word)\"") == .status(RunStatus.matching(word)))
    }

    @Test func timesAreDaysOrAges() throws {
        let midnight = 1_795_219_200.0
        #expect(try parse("created:today") == .created(from: midnight, until: midnight + 86400))
        #expect(try parse("created<today") == .created(from: nil, until: midnight))
        #expect(try parse("created>yesterday") == .created(from: midnight, until: nil))
        #expect(try parse("created:2026-11-20") == .created(from: midnight - 86400, until: midnight))
        #expect(try parse("created:2026-11") == .created(from: midnight - 20 * 86400, until: midnight + 10 * 86400))
        #expect(try parse("created:7d") == .created(from: Self.noon - 7 * 86400, until: nil))
        #expect(try parse("created:2026-11-20T14") == .created(from: midnight - 10 * 3600, until: midnight - 9 * 3600))
        #expect(problem("created:2026-02-30") != nil && problem("created:soon") != nil)
    }

    @Test func problemsSayWhereAndWhatIsKnown() throws {
        let field = try #require(problem("digits stauts:failed"))
        #expect(field.range == 7..<13)
        #expect(field.message.contains("did you mean status?") && field.message.contains("weight_decay"))
        #expect(field.description.hasPrefix("At character 8: "))
        let status = try #require(problem("status:faild"))
        #expect(status.range == 7..<12 && status.message.contains("did you mean failed?"))
        for (text, part) in [
            ("lr>", "needs a value"), ("lr>fast", "no number"), ("status>failed", "says nothing"), ("(a", "never closed"), ("a)", "closes nothing"),
            ("\"a", "never closed"), (">3", "a field must stand"), ("a OR", "must follow"), ("lr>nan", "no number"), ("lr>0x10", "no number"),
            ("epochs>1..2", "needs a colon"), ("()", "before this bracket"), ("\" \"", "nothing between"), ("NOT", "must follow"),
        ] {
            let found = try #require(problem(text), "\(text) was understood")
            #expect(found.message.contains(part), "\(text): \(found.message)")
            #expect(found.range.lowerBound >= 0 && found.range.upperBound <= max(1, text.count))
        }
    }

    @Test func anyTextIsReadOrRefused() throws {
        // No trap, and always an end.
        var generator = SeededGenerator(state: 7)
        let pieces = ["status", ":", "lr", ">", "=", "!", "(", ")", "\"", "-", " ", "OR", "NOT", "AND", ",", "..", "1e999", "é", "today", "x"]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0..<9, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            _ = try? parse(text)
        }
    }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
