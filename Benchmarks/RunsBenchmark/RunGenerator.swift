import Catalog
import Foundation

/// Makes runs as a busy team leaves them: names, settings, labels, results and times drawn with a fixed seed.
struct RunGenerator {
    private static let names = [
        "digit-scenes-yolov8n", "scenes-s-640", "plates-fasterrcnn", "digits-resnet18", "birds-night", "coco-yolov8m", "flowers-vit", "bolts-mnv3",
    ]
    private static let models = [
        ("YOLOv8_nano", "Object Detection"), ("YOLOv8_small", "Object Detection"), ("YOLOv8_medium", "Object Detection"),
        ("resnet18", "Image Classification"), ("resnet50", "Image Classification"), ("vit_b_16", "Image Classification"),
        ("mobilenet_v3_small", "Image Classification"),
    ]
    private static let endings: [RunStatus] = Array(repeating: .success, count: 14) + [.failed, .failed, .failed, .terminated, .terminated, .aborted]

    private var state: UInt64 = 2026
    private let start: Double

    /// The last of `count` runs was made at `end`.
    init(count: Int, end: Double) {
        start = end - Double(count) * 180
    }

    mutating func run(_ index: Int) -> RunRecord {
        let created = start + Double(index) * 180, model = pick(Self.models), name = "\(pick(Self.names))-\(index)"
        let labels = (0..<(2 + Int(next() % 12))).map { "\"\($0)\"" }.joined(separator: ",")
        let rate = pow(10, -5 + 4 * share())
        // As long as a real plan with all its settings.
        let configuration = """
            {"runform":{"labels":[\(labels)],"optimizer":{"name":"\(pick(["SGD", "AdamW", "Adam"]))","kwargs":{"lr":\(rate),"weight_decay":0.0005,\
            "momentum":0.937}},"augmentation":{"padding":"\(String(repeating: "a", count: 2600))"}},"seed":\(next() % 5)}
            """
        var run = RunRecord(
            id: identifier(), name: name, version: "1.0", createdAt: created, status: pick(Self.endings), task: model.1, architecture: model.0,
            configuration: configuration, draft: String(repeating: "d", count: 700), trainSnapshotID: nil, valSnapshotID: nil,
            cores: 1 + Int(next() % 4), memoryBytes: (1 + Int(next() % 16)) << 30, imageSize: pick([160, 320, 640]), batchSize: pick([4, 8, 16]),
            totalSteps: 500, totalEpochs: 1 + Int(next() % 50))
        run.step = run.status == .success ? 500 : Int(next() % 500)
        run.startedAt = created + 2
        run.endedAt = created + 2 + Double(next() % 9000)
        run.bestMetric = next() % 10 == 0 ? nil : share()
        run.bestMetricName = "mAP50-95"
        return run
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }

    private mutating func identifier() -> String {
        let digits = (String(next() | 1 << 63, radix: 16) + String(next() | 1 << 63, radix: 16))
        let parts = [8, 4, 4, 4, 12].reduce(into: (digits[...], [Substring]())) { rest, length in
            rest.1.append(rest.0.prefix(length))
            rest.0 = rest.0.dropFirst(length)
        }
        return parts.1.joined(separator: "-")
    }
}
