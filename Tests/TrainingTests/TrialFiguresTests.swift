import Testing

@testable import Training

/// What a whole run takes, from what a trial measured.
@Suite struct TrialFiguresTests {
    private let figures = TrialFigures(
        startSeconds: 5, imagesPerSecond: 10, evaluationSecondsPerImage: 0.5, checkpointSeconds: 2, peakTensorBytes: 1000, pictureBytes: 100,
        checkpointBytes: 80, modelBytes: 20, largestTensorBytes: 4, otherBytes: 300)

    @Test(arguments: [(1, 16), (3, 28), (0.5, 14), (0, 12)] as [(Double, Double)])
    func `an epoch trains, evaluates, and saves at each evaluation and at its end`(_ evaluations: Double, _ seconds: Double) {
        #expect(figures.secondsPerEpoch(trainImages: 100, validationImages: 8, evaluations: evaluations) == seconds)
    }

    @Test func `a run starts, trains its epochs and writes its model`() {
        #expect(figures.seconds(epochs: 2.5, secondsPerEpoch: 16) == 5 + 40 + 0.5)
        #expect(figures.peakBytes == 1424)
    }
}
