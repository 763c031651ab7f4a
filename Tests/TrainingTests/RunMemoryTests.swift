import Foundation
import TensorEngine
import Testing

@testable import Training

/// The memory that a run takes of its process.
@Suite struct RunMemoryTests {
    private let gibibyte = 1 << 30

    @Test func whatTheProcessHeldBeforeIsNotTheRuns() {
        let memory = RunMemory(residentBytes: 5 * gibibyte, peakBytes: 9 * gibibyte)
        // The peak is of the time before: what is resident counts.
        #expect(memory.peakBytes(residentBytes: 6 * gibibyte, peakBytes: 9 * gibibyte) == gibibyte + RunMemory.programBytes)
        #expect(memory.peakBytes(residentBytes: 5 * gibibyte, peakBytes: 9 * gibibyte) == gibibyte + RunMemory.programBytes)
        #expect(memory.peakBytes(residentBytes: 5 * gibibyte, peakBytes: 10 * gibibyte) == 5 * gibibyte + RunMemory.programBytes)
    }

    @Test func theFirstRunOfAProcessTakesItsPeak() {
        let memory = RunMemory(residentBytes: 50 << 20, peakBytes: 50 << 20)
        #expect(memory.peakBytes(residentBytes: 300 << 20, peakBytes: 400 << 20) == 400 << 20)
        #expect(RunMemory(residentBytes: 0, peakBytes: 0).peakBytes(residentBytes: 0, peakBytes: 0) == nil)
    }

    @Test(.enabled(if: ProcessFigures.residentBytes > 0))
    func tensorsOfTheRunCountAndThoseBeforeDoNot() throws {
        let before = Tensor.filled([1 << 25], with: 1)
        let memory = RunMemory()
        #expect(try #require(memory.peakBytes) < 164 << 20)
        do { _ = Tensor.filled([1 << 26], with: 1) }
        let peak = try #require(memory.peakBytes)
        #expect(peak > 250 << 20 && peak < 500 << 20)
        #expect(before.count == 1 << 25)
    }
}
