/// What a query can ask of a run, by the name it is written with.
package enum RunField: String, CaseIterable, Sendable {
    case name, id, status, model, task, service, label, optimizer
    case created, duration
    case best, progress, step, attempt
    case lr, epochs, steps, batch, imgsz, momentum, seed, cores, memory
    case weightDecay = "weight_decay"

    /// How a field's value is written.
    enum Kind {
        case status, label, date, duration, number, bytes
        /// A few words that many runs share: any part of one counts, without case and punctuation.
        case choice
        /// The name, or the beginning of the id.
        case text
    }

    var kind: Kind {
        switch self {
        case .status: .status
        case .label: .label
        case .created: .date
        case .duration: .duration
        case .memory: .bytes
        case .model, .task, .service, .optimizer: .choice
        case .name, .id: .text
        case .best, .progress, .step, .attempt, .lr, .epochs, .steps, .batch, .imgsz, .momentum, .seed, .cores, .weightDecay: .number
        }
    }

    /// Other names that people know a field by.
    var aliases: [String] {
        switch self {
        case .id: ["run", "execution"]
        case .status: ["state", "is"]
        case .model: ["architecture", "arch"]
        case .label: ["labels", "class"]
        case .created: ["date", "started"]
        case .duration: ["time"]
        case .best: ["metric", "map", "top1", "accuracy"]
        case .lr: ["learning_rate", "lr0", "rate"]
        case .epochs: ["n_epochs", "epoch"]
        case .steps: ["n_global_steps"]
        case .batch: ["batch_size"]
        case .imgsz: ["image_size", "size", "input_size"]
        case .weightDecay: ["wd", "decay"]
        case .cores: ["cpu"]
        case .memory: ["mem"]
        case .name, .task, .service, .optimizer, .progress, .step, .attempt, .momentum, .seed: []
        }
    }

    /// An example of its use, for messages and help.
    var example: String {
        switch self {
        case .name: "name:digits"
        case .id: "id:3f2a"
        case .status: "status:failed"
        case .model: "model:yolov8n"
        case .task: "task:detection"
        case .service: "service:local"
        case .label: "label:cat"
        case .optimizer: "optimizer:adamw"
        case .created: "created:today"
        case .duration: "duration>10m"
        case .best: "best>0.8"
        case .progress: "progress>50%"
        case .step: "step>1000"
        case .attempt: "attempt>1"
        case .lr: "lr>0.001"
        case .epochs: "epochs>=10"
        case .steps: "steps<5000"
        case .batch: "batch=16"
        case .imgsz: "imgsz=640"
        case .momentum: "momentum<0.9"
        case .seed: "seed=0"
        case .cores: "cores>1"
        case .memory: "memory<4GiB"
        case .weightDecay: "weight_decay=0"
        }
    }

    /// The field that is written like this; case does not matter.
    static func named(_ word: String) -> RunField? {
        let wanted = word.lowercased()
        return allCases.first { $0.rawValue == wanted || $0.aliases.contains(wanted) }
    }

    static var allNames: [String] { allCases.flatMap { [$0.rawValue] + $0.aliases } }
}

/// The name that was probably meant.
enum NearestName {
    /// The known name that the fewest edits make of `word`, when they are few enough to be a slip.
    static func of(_ word: String, among names: [String]) -> String? {
        let wanted = Array(word.lowercased())
        guard !wanted.isEmpty else { return nil }
        let best = names.map { (name: $0, edits: edits(wanted, Array($0.lowercased()))) }.min { $0.edits < $1.edits }
        guard let best, best.edits <= max(1, wanted.count / 3) else {
            return wanted.count < 2 ? nil : names.first { $0.lowercased().hasPrefix(word.lowercased()) }
        }
        return best.name
    }

    /// Letters inserted, left out, exchanged or swapped with their neighbour.
    private static func edits(_ left: [Character], _ right: [Character]) -> Int {
        var older: [Int] = [], previous = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (character == other ? 0 : 1))
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other { least = min(least, older[column - 1] + 1) }
                current.append(least)
            }
            older = previous
            previous = current
        }
        return previous[right.count]
    }
}
