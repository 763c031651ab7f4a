import Foundation
import TensorEngine
import Testing

@testable import Training

/// What the system says about this process.
@Suite struct ProcessFiguresTests {
    /// A run would otherwise be charged with the memory of the one before it.
    @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/proc/self/clear_refs")))
    func `the largest resident set starts anew once memory was given back`() {
        StoragePool.shared.trim()
        do { _ = Tensor.filled([1 << 25], with: 1) }
        let before = ProcessFigures.peakResidentBytes
        StoragePool.shared.trim()
        ProcessFigures.restartPeak()
        #expect(ProcessFigures.peakResidentBytes <= before - (100 << 20))
    }
}
