import Testing

@testable import Training

/// When a trial has been repeated often enough, and what it then says.
@Suite struct RepeatedTimesTests {
    @Test(arguments: [
        ([], true, 0), ([1.0], true, 1), ([1, 1.07], false, 1.035), ([1, 1.3], true, 1.15), ([1, 1.3, 1.02], false, 1.02),
        ([1.3, 1, 1.28], false, 1.28), ([1, 1.2, 1.5], true, 1.2), ([2, 1, 1.2, 1.5], false, 1.35), ([0, 0], false, 0),
    ] as [([Double], Bool, Double)])
    func `times repeat until two agree, and one that stands out counts for nothing`(_ times: [Double], _ wantMore: Bool, _ middle: Double) {
        let repeated = RepeatedTimes(times)
        #expect(repeated.wantMore == wantMore)
        #expect(abs(repeated.middle - middle) < 1e-12)
    }
}
