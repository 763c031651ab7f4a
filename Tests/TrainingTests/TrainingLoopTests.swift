import Datasets
import Foundation
import ModelFiles
import NeuralNetworks
import TensorEngine
import Testing
import Training
import VisionModels

/// A small YOLO folder of digit scenes, made once for all tests below.
private enum Scenes {
    static let data: Result<TrainingData, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("training-tests-\(UUID().uuidString)")
        try SampleData.writeDigitScenes(to: folder, trainImages: 10, validationImages: 4, seed: 3)
        let imported = try DatasetImporter.importDataset(at: folder)
        return TrainingData(
            labels: imported.labels, train: imported.items.filter { $0.split == .train },
            validation: imported.items.filter { $0.split == .val })
    }
}

/// What a run said.
private struct Record {
    var steps: [StepMetrics] = []
    var evaluations: [EvaluationMetrics] = []
    var checkpoints: [CheckpointInfo] = []
    var result: RunResult?

    /// The losses' exact bits, step by step.
    var lossBits: [[UInt64]] { steps.map { $0.losses.map { $0.value.bitPattern } } }
    var measureBits: [[UInt64]] { evaluations.map { $0.values.map { $0.value.bitPattern } } }
}

@Suite(.serialized) struct TrainingLoopTests {
    private func plan(epochs: Int = 3) -> RunPlan {
        var plan = RunPlan(task: .objectDetection, architecture: "YOLOv8_nano", imageSize: 64, batchSize: 2, epochs: epochs)
        plan.runform.schedule.nominalBatchSize = 4
        plan.runform.schedule.warmupEpochs = 1
        plan.seed = 5
        return plan
    }

    private func network(classes: Int = 10) throws -> TrainableNetwork {
        .detector(try ArchitectureCatalogue.entry(named: "YOLOv8_nano").makeDetector(classes: classes, seed: 5))
    }

    private func folder() -> URL { FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)") }

    private func run(
        _ plan: RunPlan, in folder: URL, data: TrainingData? = nil, resumeFrom: URL? = nil, stopAfter: Int? = nil
    ) throws -> Record {
        let control = RunControl()
        var record = Record()
        let loop = TrainingLoop(
            plan: plan, data: try data ?? Scenes.data.get(), network: try network(), directory: folder, resumeFrom: resumeFrom, control: control)
        record.result = try loop.run { event in
            switch event {
            case .step(let metrics):
                record.steps.append(metrics)
                if metrics.step == stopAfter { control.requestStop() }
            case .evaluation(let metrics): record.evaluations.append(metrics)
            case .checkpoint(let info): record.checkpoints.append(info)
            case .phase, .log, .finished: break
            }
        }
        return record
    }

    @Test func aStoppedRunGoesOnBitForBit() throws {
        let whole = folder(), parted = folder()
        defer { for url in [whole, parted] { try? FileManager.default.removeItem(at: url) } }
        let uninterrupted = try run(plan(), in: whole)
        #expect(uninterrupted.result?.outcome == .success)
        for stop in [2, 5] {
            let first = try run(plan(), in: parted, stopAfter: stop)
            #expect(first.result?.outcome == .terminated)
            #expect(first.result?.step == stop)
            let checkpoint = try #require(first.result?.lastCheckpoint)
            let second = try run(plan(), in: parted, resumeFrom: checkpoint)
            #expect(first.lossBits + second.lossBits == uninterrupted.lossBits)
            #expect(first.measureBits + second.measureBits == uninterrupted.measureBits)
            let last = try weights(of: second), expected = try weights(of: uninterrupted)
            #expect(!last.isEmpty && last == expected)
        }
    }

    private func weights(of record: Record) throws -> [StateDictionary.Entry] {
        try Checkpoint.weights(from: try #require(record.result?.lastCheckpoint)).tensors.map {
            StateDictionary.Entry(key: $0.key, shape: $0.shape, values: $0.values())
        }
    }

    @Test func onePlanAndSeedGiveOneResult() throws {
        let folders = [folder(), folder()]
        defer { for url in folders { try? FileManager.default.removeItem(at: url) } }
        let records = try folders.map { try run(plan(epochs: 2), in: $0) }
        #expect(records[0].lossBits == records[1].lossBits)
        #expect(records[0].measureBits == records[1].measureBits)
        #expect(!records[0].measureBits.isEmpty)
    }

    @Test func checkpointsAreKeptEveryFewSteps() throws {
        let place = folder()
        defer { try? FileManager.default.removeItem(at: place) }
        var plan = plan(epochs: 2)
        plan.trainKwargs.globalStepSaveCkptFreq = 3
        let record = try run(plan, in: place)
        let periodic = record.checkpoints.filter { $0.kind == .periodic }
        #expect(periodic.map(\.step) == Array(stride(from: 3, through: record.steps.count, by: 3)))
        for info in record.checkpoints { #expect(info.byteCount > 0 && FileManager.default.fileExists(atPath: info.url.path)) }
        #expect(record.checkpoints.contains { $0.kind == .best })
        #expect(try FileManager.default.subpathsOfDirectory(atPath: place.path).allSatisfy { !$0.hasSuffix(".new") })
    }

    @Test func evaluationsAreKeptWholeAndResumedOnesEqual() throws {
        let whole = folder(), parted = folder()
        defer { for url in [whole, parted] { try? FileManager.default.removeItem(at: url) } }
        func record(_ metrics: EvaluationMetrics?) throws -> EvaluationRecord {
            let decoder = JSONDecoder()
            decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            return try decoder.decode(EvaluationRecord.self, from: Data(contentsOf: #require(metrics?.record)))
        }
        let uninterrupted = try run(plan(), in: whole)
        let first = try run(plan(), in: parted, stopAfter: 5)
        let second = try run(plan(), in: parted, resumeFrom: try #require(first.result?.lastCheckpoint))
        let expected = try record(uninterrupted.evaluations.last)
        #expect(try record(second.evaluations.last) == expected)
        #expect(expected.format == EvaluationRecord.format && expected.findings.labels.count == 10)
        #expect(expected.values.map(\.tag) == uninterrupted.evaluations.last?.values.map(\.tag))
        // Four validation images, all of them kept; their truths are those of the data.
        let truths = try Scenes.data.get().validation.flatMap(\.annotations).count
        #expect(expected.findings.images.count == 4 && expected.findings.images.flatMap(\.truths).count == truths)
        #expect(expected.findings.classes.reduce(0) { $0 + $1.truthCount } == truths)
        let names = try FileManager.default.contentsOfDirectory(atPath: parted.appendingPathComponent("evaluations").path)
        #expect(names.count <= 3 && names.allSatisfy { $0.hasSuffix(".json") })
    }

    @Test func aRunGoesOnWhereItsEvaluationsCannotBeKept() throws {
        let place = folder()
        defer { try? FileManager.default.removeItem(at: place) }
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        // A file in the folder's place.
        try Data().write(to: place.appendingPathComponent("evaluations"))
        let record = try run(plan(epochs: 1), in: place)
        #expect(record.result?.outcome == .success && record.evaluations.map(\.record) == [nil])
    }

    @Test func fewImagesAreRefused() throws {
        var data = try Scenes.data.get()
        data.train = Array(data.train.prefix(4))
        #expect(throws: TrainingError.self) { try run(plan(), in: folder(), data: data) }
        do { _ = try run(plan(), in: folder(), data: data) } catch {
            #expect("\(error)".contains("4 usable images and at least 5"))
        }
    }

    @Test func aNetworkOfOtherClassesIsRefused() throws {
        var data = try Scenes.data.get()
        data.labels.append("another")
        #expect(throws: TrainingError.configuration("the network has 10 classes and the data 11 labels")) {
            try run(plan(), in: folder(), data: data)
        }
    }

    @Test func aLossThatIsNotANumberEndsTheRun() throws {
        let place = folder()
        defer { try? FileManager.default.removeItem(at: place) }
        let network = try network()
        let first = try #require(network.module.parameters.first)
        first.value.floats[0] = .nan
        let loop = TrainingLoop(plan: plan(), data: try Scenes.data.get(), network: network, directory: place, control: RunControl())
        do {
            _ = try loop.run { _ in }
            Issue.record("the run went on")
        } catch {
            guard case .notFinite(let step, _) = error else { Issue.record("\(error)"); return }
            #expect(step == 1)
        }
    }

    @Test func aTrialMeasuresWhatARunOfItsPlanTakes() throws {
        let place = folder()
        defer { try? FileManager.default.removeItem(at: place) }
        let trial = try TrainingTrial(plan: plan(), data: try Scenes.data.get(), network: try network())
            .run(in: place, since: .now - .seconds(1000))
        #expect((900..<1900).contains(trial.startSeconds))
        #expect(trial.imagesPerSecond > 0 && trial.evaluationSecondsPerImage > 0 && trial.checkpointSeconds > 0)
        let record = try run(plan(), in: place)
        // Their counters differ, which are kept as text.
        let saved = try #require(record.checkpoints.last?.byteCount)
        #expect(abs(trial.checkpointBytes - saved) * 100 < saved)
        #expect(trial.modelBytes < trial.checkpointBytes / 3 && trial.largestTensorBytes < trial.modelBytes / 2)
        let peak = try #require(record.result?.figures.peakTensorBytes)
        #expect(abs(trial.peakTensorBytes - peak) * 10 < peak)
    }

    @Test func checkpointsOfOtherRunsAreRefused() throws {
        let place = folder()
        defer { try? FileManager.default.removeItem(at: place) }
        let checkpoint = try #require(try run(plan(epochs: 1), in: place).result?.lastCheckpoint)
        var other = plan(epochs: 1)
        other.seed = 6
        #expect(throws: TrainingError.self) { try run(other, in: place, resumeFrom: checkpoint) }
        #expect(throws: TrainingError.self) { try run(plan(), in: place, resumeFrom: place.appendingPathComponent("none")) }
    }

    @Test func labelsAndNegativeSamplesAreChosen() throws {
        let box = DatasetBox(xMin: 0, yMin: 0, xMax: 5, yMax: 5)
        func item(_ labels: [Int]) -> DatasetItem {
            DatasetItem(path: "/x", width: 9, height: 9, split: .train, annotations: labels.map { ItemAnnotation(label: $0, box: box) })
        }
        let data = TrainingData(labels: ["a", "b", "c"], train: [item([0, 2]), item([1]), item([])], validation: [])
        let chosen = data.selecting(labels: ["c"], negativeSamples: false)
        #expect(chosen.labels == ["c"])
        #expect(chosen.train.map { $0.annotations.map(\.label) } == [[0]])
        #expect(data.selecting(labels: ["c"], negativeSamples: true).train.count == 3)
    }
}
