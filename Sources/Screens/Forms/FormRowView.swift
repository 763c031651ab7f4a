import TerminalKit
import Workbench

/// Draws one row of a page: a title, an answer, and what is to be said beside it.
struct FormRowView {
    static let valueOffset = 20
    /// Where units stand behind the beginning of their values: after the field of a number.
    private static let unitOffset = 13
    /// The width from which on titles, answers and notes have the room that they want.
    static let wide = 48

    let view: FormView
    let row: FormRow
    let rect: Rect

    private var model: FormModel { view.model }
    private var appearance: Appearance { view.appearance }
    private var glyphs: Glyphs { view.glyphs }
    private var valueX: Int { rect.x + (rect.width >= Self.wide ? Self.valueOffset : 16) }

    func draw(in buffer: inout CellBuffer) {
        switch row {
        case .gap: break
        case .heading(let text): buffer.put(text, x: rect.x, y: rect.y, style: appearance.title, maximumWidth: rect.width)
        case .note(let text): buffer.put(text, x: valueX, y: rect.y, style: appearance.muted, maximumWidth: rect.right - valueX)
        case .field(let focus):
            let isFocused = focus == model.focus
            if let place = model.focuses.firstIndex(of: focus) { buffer.mark(.field(place), rect) }
            drawField(focus, isFocused: isFocused, in: &buffer)
            if isFocused {
                buffer.put(glyphs.pointer, x: rect.x - 2, y: rect.y, style: appearance.accent)
                buffer.restyle(Rect(x: rect.x - 2, y: rect.y, width: rect.width + 3, height: 1), appearance.select)
            }
        }
    }

    private func drawField(_ focus: FormFocus, isFocused: Bool, in buffer: inout CellBuffer) {
        switch focus {
        case .question(let id): if let question = model.question(id) { draw(question, isFocused: isFocused, in: &buffer) }
        case .label(let name): draw(label: name, in: &buffer)
        case .architecture(let name): draw(architecture: name, isFocused: isFocused, in: &buffer)
        case .weightsFile:
            put(title: "or from a file", in: &buffer)
            let field = isFocused ? model.field ?? model.weightsFile : model.weightsFile
            let width = rect.width >= Self.wide ? min(40, rect.right - valueX - 24) : isFocused || !field.text.isEmpty ? rect.right - valueX : 0
            field.draw(in: &buffer, x: valueX, y: rect.y, width: width, isFocused: isFocused && model.overlay == nil, appearance: appearance)
            buffer.putRight(".pth or .safetensors".truncated(to: max(0, rect.right - valueX - width - 1)), right: rect.right, y: rect.y, style: appearance.muted)
        case .makeData: plain("", "make a view or snapshot…", in: &buffer)
        case .showLimits: plain("Limits", model.showsLimits ? "shown" : "show limits", in: &buffer)
        case .measure: plain("Measure", measureWords, in: &buffer)
        case .difference(let id):
            guard let question = FormPages.questions.first(where: { $0.id == id && $0.condition.holds(in: model.configuration) }) else { return }
            put(title: question.title, in: &buffer)
            let before = "was \(view.shown(question, in: model.start.base))".truncated(to: max(0, (rect.right - valueX) / 2))
            buffer.putRight(before, right: rect.right, y: rect.y, style: appearance.muted)
            let room = rect.right - valueX - CharacterWidth.columns(of: before) - 1
            buffer.put(view.shown(question, in: model.configuration).truncated(to: max(0, room)), x: valueX, y: rect.y, style: appearance.style(.warning))
        case .page(let id):
            put(title: model.pages.first { $0.id == id }?.title ?? "", in: &buffer)
            let isFaulty = model.problem(on: id) != nil
            let text = model.problem(on: id) ?? model.summary(of: id)
            buffer.put(text.truncated(to: rect.right - valueX), x: valueX, y: rect.y, style: isFaulty ? appearance.style(.error) : appearance.text)
        case .copyCommand: plain("Command", "copy the command that does the same", in: &buffer)
        case .copyJSON: plain("JSON", "copy the configuration", in: &buffer)
        case .editJSON: plain("Edit as JSON", "the whole configuration as text", in: &buffer)
        case .saveBlueprint: plain("Blueprint", "save these answers under a name", in: &buffer)
        case .proceed: break
        }
    }

    private var measureWords: String {
        switch model.measurement {
        case .underway: return "training a few steps…"
        case .failed(let text): return text
        case .done(let estimate, _):
            guard model.estimate?.isMeasured == true else { return "measured before the last change; again?" }
            let time = estimate.seconds.map { "about \(Formatting.duration($0))" } ?? "time unknown"
            return "\(time), \(Formatting.gibibytes(estimate.peakMemoryBytes)) GiB"
        case .none: return model.whyNotMeasured == nil ? "try a few steps" : "not now"
        }
    }

    private func put(title: String, in buffer: inout CellBuffer) {
        buffer.put(title, x: rect.x, y: rect.y, style: appearance.muted, maximumWidth: valueX - rect.x - 2)
    }

    private func plain(_ title: String, _ value: String, in buffer: inout CellBuffer) {
        put(title: title, in: &buffer)
        buffer.put(value.truncated(to: max(0, rect.right - valueX)), x: valueX, y: rect.y, style: appearance.accent)
    }

    // MARK: Questions

    private func draw(_ question: FormQuestion, isFocused: Bool, in buffer: inout CellBuffer) {
        put(title: question.title, in: &buffer)
        let isChanged = !question.isSame(model.configuration, model.start.base) || model.wrong[question.id] != nil
        if isChanged { buffer.put("*", x: valueX - 2, y: rect.y, style: appearance.style(.warning)) }
        let problem = model.problem(of: question)
        let note = problem ?? note(question)
        if question.isTyped, isFocused, let field = model.field {
            let wanted = switch question.kind {
            case .text: 40
            case .tuple, .list: 24
            default: 11
            }
            let width = max(8, min(wanted, rect.right - valueX - 1))
            field.draw(in: &buffer, x: valueX, y: rect.y, width: width, isFocused: model.overlay == nil, appearance: appearance)
            put(note: note, isProblem: problem != nil, isUnit: true, after: valueX + width, in: &buffer)
            return
        }
        let shown = model.wrong[question.id]?.text ?? view.shown(question, in: model.configuration)
        let isEmpty = question.answer(in: model.configuration).isEmpty && question.isTyped
        let style = problem != nil ? appearance.style(.error) : isEmpty ? appearance.muted : isFocused ? appearance.title : appearance.text
        let reserve = min(CharacterWidth.columns(of: note) + 2, max(0, (rect.right - valueX) / 2))
        let end = buffer.put(shown.truncated(to: max(4, rect.right - valueX - reserve)), x: valueX, y: rect.y, style: style)
        put(note: note, isProblem: problem != nil, isUnit: question.isTyped, after: end, in: &buffer)
    }

    /// A unit stands by its number, a fact about what is chosen at the right edge.
    private func put(note: String, isProblem: Bool, isUnit: Bool, after end: Int, in buffer: inout CellBuffer) {
        let room = rect.right - end - 2
        guard room > 3, !note.isEmpty else { return }
        let text = note.truncated(to: room)
        if isProblem {
            buffer.put(text, x: end + 2, y: rect.y, style: appearance.style(.error))
        } else if isUnit, rect.width >= Self.wide {
            buffer.put(text, x: max(end + 2, valueX + Self.unitOffset), y: rect.y, style: appearance.muted, maximumWidth: room)
        } else {
            buffer.putRight(text, right: rect.right, y: rect.y, style: appearance.muted)
        }
    }

    /// The unit, or the facts about what is chosen.
    private func note(_ question: FormQuestion) -> String {
        guard let offers = model.offers else { return question.unit }
        switch question.kind {
        case .dataset(let side): return offers.dataset(side).map { "\($0.imageCount) images, \($0.labels.count) labels" } ?? ""
        case .view(let side): return offers.view(side).map { "\($0.imageCount) images" } ?? ""
        case .snapshot(let side): return offers.snapshot(side).map(split) ?? ""
        case .startModel:
            guard let model = offers.models.first(where: { $0.id == self.model.configuration.startModel }) else {
                return offers.models.isEmpty ? "no trained model yet" : "\(offers.models.count) trained"
            }
            return model.labels.count == self.model.chosenLabels.count ? "a trained model" : "its head starts fresh"
        case .architecture: return offers.architectures.first { $0.name == model.configuration.architecture }.map(size) ?? ""
        case .cores: return "of \(offers.limits.coresTotal) \(question.unit)"
        case .gibibytes where question.id == "/resources/memory": return "GiB of \(Formatting.gibibytes(offers.limits.memoryTotalBytes))"
        case .gibibytes: return "GiB of \(Formatting.gibibytes(offers.limits.diskFreeBytes)) free"
        default: return isLeftOut(question) ? "" : question.unit
        }
    }

    private func isLeftOut(_ question: FormQuestion) -> Bool {
        question.isTyped && model.focusedQuestion != question && question.answer(in: model.configuration).isEmpty
    }

    private func split(_ snapshot: SnapshotSummary) -> String {
        "\(snapshot.trainCount) train, \(snapshot.valCount) val" + (snapshot.testCount > 0 ? ", \(snapshot.testCount) test" : "")
    }

    private func size(_ entry: ArchitectureSummary) -> String { "\(Formatting.count(entry.parameters)) parameters, \(entry.memoryMB) MB" }

    // MARK: Other rows

    private func draw(architecture name: String, isFocused: Bool, in buffer: inout CellBuffer) {
        guard let entry = model.offers?.usualArchitectures.first(where: { $0.name == name }) else { return }
        let isChosen = name == model.configuration.architecture
        buffer.put(isChosen ? glyphs.chosen : glyphs.unchosen, x: rect.x, y: rect.y, style: isChosen ? appearance.accent : appearance.muted)
        buffer.put(entry.size, x: rect.x + 2, y: rect.y, style: appearance.muted)
        let note = rect.width >= 64 ? size(entry) : rect.width >= Self.wide ? "\(Formatting.count(entry.parameters)), \(entry.memoryMB) MB" : "\(entry.memoryMB) MB"
        buffer.putRight(note, right: rect.right, y: rect.y, style: appearance.muted)
        buffer.put(entry.title, x: valueX, y: rect.y, style: isFocused ? appearance.title : appearance.text, maximumWidth: max(0, rect.right - valueX - CharacterWidth.columns(of: note) - 1))
    }

    private func draw(label name: String, in buffer: inout CellBuffer) {
        let labels = model.offers?.labelCounts ?? []
        guard let label = labels.first(where: { $0.name == name }) else { return }
        let isChosen = model.chosenLabels.contains(name)
        let unit = model.configuration.task == .objectDetection ? "boxes" : "images"
        let largest = max(1, labels.map(\.trainCount).max() ?? 1)
        buffer.put(isChosen ? glyphs.checked : glyphs.unchecked, x: rect.x, y: rect.y, style: isChosen ? appearance.accent : appearance.muted)
        let nameWidth = rect.width >= Self.wide ? 18 : 10
        buffer.put(name.truncated(to: nameWidth), x: rect.x + 2, y: rect.y, style: isChosen ? appearance.text : appearance.muted)
        let room = max(0, rect.width - nameWidth - 24)
        let length = label.trainCount == 0 ? 0 : max(1, label.trainCount * room / largest)
        buffer.put(
            String(repeating: glyphs.block, count: length), x: rect.x + nameWidth + 4, y: rect.y,
            style: isChosen ? appearance.series(0) : appearance.style(.border))
        buffer.putRight(String(label.trainCount), right: rect.right - 7 - unit.count, y: rect.y, style: appearance.text)
        buffer.putRight(String(label.valCount), right: rect.right - 1 - unit.count, y: rect.y, style: appearance.muted)
    }
}
