import TerminalKit
import Workbench

/// Makes a view or a snapshot without leaving the form.
struct DataMaker: Equatable, Sendable {
    enum Field: Int, CaseIterable, Equatable, Sendable {
        case kind, name, labels, split, draw, train, validation, test, seed, make

        var title: String {
            switch self {
            case .kind: "Make a"
            case .name: "Name"
            case .labels: "Labels"
            case .split: "Split"
            case .draw: "Split by"
            case .train: "Train"
            case .validation: "Validation"
            case .test: "Test"
            case .seed: "Seed"
            case .make: "Make it"
            }
        }
    }

    enum Outcome: Equatable, Sendable {
        case open, cancelled
        case make(FormEffect)
    }

    let side: DataSide
    let dataset: DatasetSummary
    let view: ViewSummary?
    private(set) var makesView: Bool
    private(set) var focus = Field.name
    private(set) var texts: [Field: TextField] = [.name: TextField(maximumLength: 60)]
    private(set) var labels: [String] = []
    private(set) var split: String?
    private(set) var draws = false
    private(set) var labelPicker: MultiPicker?
    var problem: String?

    private static let splits: [String?] = [nil, "train", "val", "test"]

    init(side: DataSide, dataset: DatasetSummary, view: ViewSummary?) {
        self.side = side
        self.dataset = dataset
        self.view = view
        makesView = view == nil
        texts[.train] = TextField(text: "80", maximumLength: 3)
        texts[.validation] = TextField(text: "20", maximumLength: 3)
        texts[.test] = TextField(text: "0", maximumLength: 3)
        texts[.seed] = TextField(text: "0", maximumLength: 18)
    }

    var fields: [Field] {
        makesView ? [.kind, .name, .labels, .split, .make]
            : [.kind, .name, .draw] + (draws ? [.train, .validation, .test, .seed] : []) + [.make]
    }

    /// The answer of a field that is chosen rather than typed.
    func value(_ field: Field) -> String {
        switch field {
        case .kind: makesView ? "view: a saved filter over \(dataset.name)" : "snapshot: the view \(view?.name ?? "") frozen"
        case .labels: labels.isEmpty ? "any" : labels.joined(separator: ", ")
        case .split: split ?? "any"
        case .draw: draws ? "drawing at random" : "what the dataset says"
        case .name, .train, .validation, .test, .seed, .make: texts[field]?.text ?? ""
        }
    }

    mutating func handle(_ key: Key) -> Outcome {
        if var picker = labelPicker {
            let outcome = picker.handle(key)
            labelPicker = outcome == .open ? picker : nil
            if case .chosen(let names) = outcome { labels = names.count == dataset.labels.count ? [] : names }
            return .open
        }
        switch key {
        case .escape: return .cancelled
        case .tab, .down: move(1)
        case .backTab, .up: move(-1)
        case .enter: return activate()
        default:
            if var text = texts[focus] {
                problem = nil
                _ = text.handle(key)
                texts[focus] = text
            } else if key == .character(" ") || key == .left || key == .right {
                return activate()
            }
        }
        return .open
    }

    private mutating func move(_ amount: Int) {
        let all = fields, index = all.firstIndex(of: focus) ?? 0
        focus = all[(index + amount + all.count) % all.count]
    }

    private mutating func activate() -> Outcome {
        problem = nil
        switch focus {
        case .kind: if view != nil { makesView.toggle() }
        case .labels:
            let items = dataset.labels.map { Picker.Item(id: $0.name, title: $0.name, detail: "\($0.trainCount + $0.valCount)") }
            labelPicker = MultiPicker(title: "Labels of the view", items: items, chosen: labels)
        case .split: split = Self.splits[((Self.splits.firstIndex(of: split) ?? 0) + 1) % Self.splits.count]
        case .draw: draws.toggle()
        case .name, .train, .validation, .test, .seed: move(1)
        case .make: return make()
        }
        return .open
    }

    private mutating func make() -> Outcome {
        let name = texts[.name]?.text ?? ""
        if makesView {
            guard !name.allSatisfy(\.isWhitespace) else {
                problem = "Give the view a name."
                return .open
            }
            return .make(.makeView(side, dataset: dataset.id, name: name, labels: labels, split: split))
        }
        guard let view else { return .cancelled }
        var splits = SplitAssignment.given
        if draws {
            func number(_ field: Field) -> Int? { Int(texts[field]?.text ?? "") }
            guard let train = number(.train), let validation = number(.validation), let test = number(.test),
                let seed = UInt64(texts[.seed]?.text ?? ""), [train, validation, test].allSatisfy({ (0...100).contains($0) }),
                train + validation + test == 100
            else {
                problem = "Parts are whole per cents, 100 in all; the seed is a whole number."
                return .open
            }
            splits = .drawn(trainPercent: train, valPercent: validation, testPercent: test, seed: seed)
        }
        return .make(.makeSnapshot(side, view: view.id, name: name.allSatisfy(\.isWhitespace) ? nil : name, splits))
    }

    func draw(in buffer: inout CellBuffer, appearance: Appearance) {
        let shown = fields
        let rect = buffer.bounds.centered(width: min(buffer.size.width - 2, 64), height: min(shown.count + 5, buffer.size.height - 1))
        buffer.fill(rect, style: appearance.ground)
        buffer.drawFrame(
            rect, title: side == .train ? "Training data" : "Validation data", note: "Esc leaves", noteStyle: appearance.muted, appearance: appearance)
        for (index, field) in shown.enumerated() {
            let y = rect.y + 1 + index, isFocused = field == focus
            if isFocused { buffer.put(appearance.glyphs.pointer, x: rect.x + 1, y: y, style: appearance.accent) }
            buffer.put(field.title, x: rect.x + 3, y: y, style: field == .make ? appearance.title : appearance.muted)
            if let text = texts[field] {
                text.draw(in: &buffer, x: rect.x + 15, y: y, width: field == .name ? rect.width - 18 : 8, isFocused: isFocused && labelPicker == nil, appearance: appearance)
                let note = field == .name && !makesView ? "the time where empty" : [.train, .validation, .test].contains(field) ? "%" : ""
                if text.text.isEmpty || field != .name { buffer.put(note, x: rect.x + (field == .name ? 17 : 25), y: y, style: appearance.muted, maximumWidth: rect.width - 27) }
            } else {
                buffer.put(value(field), x: rect.x + 15, y: y, style: isFocused ? appearance.title : appearance.text, maximumWidth: rect.width - 17)
            }
            if isFocused { buffer.restyle(Rect(x: rect.x + 1, y: y, width: rect.width - 2, height: 1), appearance.select) }
        }
        let help = "\(appearance.glyphs.enter) or Space changes what is marked, Tab goes on."
        let rows = min(2, rect.height - 2 - shown.count)
        for (index, line) in (problem ?? help).wrapped(to: rect.width - 5, lines: rows).enumerated() {
            buffer.put(line, x: rect.x + 3, y: rect.bottom - 1 - rows + index, style: problem == nil ? appearance.muted : appearance.style(.error))
        }
        labelPicker?.draw(in: &buffer, appearance: appearance)
    }
}
