import Foundation
import Synchronization
import Workbench

/// What the tabs of a run's page ask, answered from fixed data.
extension MemoryWorkbench {
    func evaluation(run: String, _ choice: EvaluationChoice) throws -> RunEvaluation? {
        note("evaluation \(choice.rawValue)")
        return state.withLock { $0.evaluation }
    }

    func labelDistribution(run: String) throws -> [LabelCount] { Self.labels() }

    /// A gradient with a bright square in it.
    func picture(file: String, side: Int) throws -> PictureContent {
        guard !file.contains("missing") else { throw WorkbenchError(.failed, "\(file) is missing or cannot be opened; restore the file or its permissions.") }
        let width = 64, height = 48
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let isBright = (16..<32).contains(x) && (12..<30).contains(y)
                pixels += isBright ? [240, 230, 200] : [UInt8(x * 2), UInt8(y * 3), 90]
            }
        }
        return PictureContent(width: width, height: height, pixels: pixels)
    }

    func log(run: String, after: Int64, count: Int) throws -> [LogLine] {
        state.withLock { state in state.log.filter { $0.id > after } }
    }

    func checkpointDetails(run: String) throws -> [CheckpointDetail] {
        state.withLock { $0.checkpoints }.map { checkpoint in
            CheckpointDetail(
                checkpoint: checkpoint, byteCount: checkpoint.kind == "periodic" ? nil : 36_700_160,
                values: checkpoint.step == 275 ? [] : [.init(tag: "metrics/mAP50-95(B)", value: 0.871), .init(tag: "metrics/mAP50(B)", value: 0.962)])
        }
    }

    static let checkpoints = [
        CheckpointSummary(path: "/runs/1/checkpoints/step-00000100.safetensors", step: 100, epoch: 4, kind: "periodic", createdAt: noon + 30),
        CheckpointSummary(path: "/runs/1/checkpoints/best.safetensors", step: 250, epoch: 10, kind: "best", createdAt: noon + 60),
        CheckpointSummary(path: "/runs/1/checkpoints/last.safetensors", step: 275, epoch: 11, kind: "last", createdAt: noon + 66),
    ]

    func exportCheckpoint(run: String, path: String, to file: String) throws { note("export \(path) \(file)") }

    func makeModel(run: String, checkpoint path: String, name: String) throws -> String {
        note("model \(path) \(name)")
        return "m2"
    }

    /// An evaluation of as many classes, with a pattern that tells every cell and curve apart.
    static func evaluation(classes count: Int = 10) -> RunEvaluation {
        let labels = (0..<count).map { count == 10 ? String($0) : "class \($0)" }
        func curves(_ strength: Double) -> EvaluationFindings.Curves {
            func over(_ points: Int, _ value: (Double) -> Double) -> [Double] { (0..<points).map { value(Double($0) / Double(points - 1)) } }
            let precision = { (x: Double) in min(1, strength + 0.3 * x) }, recall = { (x: Double) in strength * (1 - x * x) }
            return EvaluationFindings.Curves(
                precisionAtRecall: over(101) { $0 < strength ? 1 - 0.3 * $0 : max(0, 1 - $0) }, precision: over(112, precision),
                recall: over(112, recall), f1: over(112) { 2 * precision($0) * recall($0) / (precision($0) + recall($0) + 1e-9) })
        }
        let measured = (0..<count).filter { $0 != 7 }
        let classes = measured.map { label in
            let strength = 0.95 - 0.6 * Double(label) / Double(count)
            return EvaluationFindings.ClassResult(
                label: label, truthCount: 40 + label, precision: strength, recall: strength * 0.9, ap50: strength, ap50To95: strength * 0.7)
        }
        let counts = (0...count).map { row in
            (0...count).map { column in row == column && row < count ? 30 + row : (row * 7 + column * 3) % 11 == 0 ? 2 : 0 }
        }
        let images = (0..<3).map { number in
            EvaluatedImage(
                path: number == 2 ? "/data/missing.png" : "/data/scene-\(number).png", width: 128, height: 96,
                truths: [.init(label: 1, box: [32, 24, 64, 60]), .init(label: 3, box: [80, 10, 110, 40])],
                predictions: [
                    .init(label: 1, confidence: 0.91, box: [30, 25, 66, 61]), .init(label: 3, confidence: 0.44, box: [82, 12, 112, 42]),
                    .init(label: 5, confidence: 0.12, box: [4, 60, 30, 90]),
                ])
        }
        return RunEvaluation(
            step: 250, epoch: 10, isBest: true, values: [.init(tag: "metrics/mAP50(B)", value: 0.871)],
            findings: EvaluationFindings(
                labels: labels, imageCount: 80, confidence: 0.342, classes: classes, meanCurves: curves(0.7),
                curves: measured.map { curves(0.95 - 0.6 * Double($0) / Double(count)) },
                confusion: .init(counts: counts, confidence: 0.25, overlap: 0.45), topAccuracies: [], images: images))
    }

    static let configuration = """
        {"runform": {"task_type": "Object Detection", "model": {"architecture": "YOLOv8_nano", "input_size": [320, 320]},
        "optimizer": {"name": "adamw", "lr": 0.001}, "labels": ["0", "1"]}, "train_kwargs": {"n_epochs": 20}}
        """
}
