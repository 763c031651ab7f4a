import TerminalKit
import Workbench

/// Draws a form: the pages at the left, the open page beside them, what the run would cost below.
struct FormView {
    let model: FormModel
    let context: ViewContext

    var appearance: Appearance { context.appearance }
    var glyphs: Glyphs { context.glyphs }

    func draw(in buffer: inout CellBuffer) {
        let size = buffer.size
        let trail = if case .blueprint = model.purpose { "Edit blueprint" } else { "New run" }
        let place = "page \(model.pageIndex + 1) of \(model.pages.count)"
        context.drawTop([trail, model.blueprint.title], right: size.width >= 60 && model.editor == nil ? place : "", in: &buffer)
        if let editor = model.editor {
            ConfigurationEditorView(editor: editor, context: context).draw(Rect(x: 1, y: 2, width: size.width - 2, height: size.height - 3), in: &buffer)
            return
        }
        let showsPages = size.width >= 64
        if showsPages { drawPages(in: &buffer) }
        let left = showsPages ? 20 : 3
        let body = Rect(x: left, y: 2, width: min(size.width - left - 2, 92), height: size.height - 6)
        drawBody(body, in: &buffer)
        drawProceed(x: left, y: size.height - 4, in: &buffer)
        drawSoFar(y: size.height - 2, in: &buffer)
        drawOverlay(in: &buffer)
    }

    private func drawPages(in buffer: inout CellBuffer) {
        for (index, page) in model.pages.enumerated() {
            let y = 2 + index
            let isCurrent = page.id == model.pageID, isVisited = model.visited.contains(page.id)
            let isFaulty = isVisited && model.problem(on: page.id) != nil
            let mark = isFaulty ? "!" : isCurrent ? glyphs.current : isVisited ? glyphs.done : glyphs.open
            let role: ThemeRole = isFaulty ? .error : isCurrent ? .accent : isVisited ? .success : .muted
            buffer.mark(.tab(index), Rect(x: 2, y: y, width: 17, height: 1))
            buffer.put(mark, x: 2, y: y, style: appearance.style(role))
            buffer.put(page.title, x: 4, y: y, style: isCurrent ? appearance.title : appearance.muted)
        }
    }

    private func drawOverlay(in buffer: inout CellBuffer) {
        if model.overlay != nil { buffer.cursor = nil }
        switch model.overlay {
        case .picker(let picker, _): picker.draw(in: &buffer, appearance: appearance)
        case .several(let picker, _): picker.draw(in: &buffer, appearance: appearance)
        case .name(let prompt): prompt.draw(in: &buffer, appearance: appearance)
        case .maker(let maker): maker.draw(in: &buffer, appearance: appearance)
        case nil: break
        }
    }

    // MARK: The page

    private func drawBody(_ body: Rect, in buffer: inout CellBuffer) {
        let isEmpty = model.offers == nil && [.labels, .model, .data].contains(model.pageID)
        buffer.put(model.page.heading, x: body.x, y: body.y, style: appearance.title, maximumWidth: body.width)
        if isEmpty {
            buffer.put(model.problem == nil ? "Reading the data…" : "", x: body.x, y: body.y + 2, style: appearance.muted)
            return
        }
        let rows = model.rows
        let helpHeight = body.height >= 9 ? 3 : 1
        let list = Rect(x: body.x, y: body.y + 2, width: body.width, height: body.height - 2 - helpHeight)
        let focused = rows.firstIndex(of: .field(model.focus)) ?? (model.focus == .proceed ? 0 : rows.count - 1)
        if model.pageID == .labels { drawLabelHeader(body, in: &buffer) }
        var state = ListState()
        state.select(focused, count: rows.count)
        let visible = state.visibleRange(count: rows.count, height: list.height)
        for (offset, index) in visible.enumerated() {
            FormRowView(view: self, row: rows[index], rect: Rect(x: list.x, y: list.y + offset, width: list.width, height: 1)).draw(in: &buffer)
        }
        if visible.upperBound < rows.count { buffer.put(glyphs.down, x: body.right, y: list.bottom - 1, style: appearance.muted) }
        if visible.lowerBound > 0 { buffer.put(glyphs.up, x: body.right, y: list.y, style: appearance.muted) }
        let used = list.y + min(rows.count, list.height)
        drawBelow(Rect(x: body.x, y: used + 1, width: body.width, height: list.bottom - used - 1), in: &buffer)
        drawHelp(Rect(x: body.x, y: body.bottom - helpHeight + (helpHeight > 1 ? 1 : 0), width: body.width, height: max(1, helpHeight - 1)), in: &buffer)
    }

    /// What a page shows below its fields, as far as there is room.
    private func drawBelow(_ rect: Rect, in buffer: inout CellBuffer) {
        switch model.pageID {
        case .resources: FormResourcesView(view: self).draw(rect, in: &buffer)
        case .data where rect.height >= 3: drawDistribution(rect, in: &buffer)
        case .length where rect.height > 0, .training where rect.height > 0: drawLength(rect, in: &buffer)
        default: break
        }
    }

    private func drawLength(_ rect: Rect, in buffer: inout CellBuffer) {
        guard model.isQuick, let (estimate, isMeasured) = model.estimate else { return }
        let facts = [
            ("Steps", "\(estimate.stepsPerEpoch) an epoch, \(estimate.totalSteps) in all, batches of \(model.configuration.batchSize)"),
            ("Image size", "\(model.configuration.imageSize) pixels"),
            ("Time", estimate.seconds.map { "about \(Formatting.duration($0)), \(isMeasured ? "measured" : "by earlier runs")" } ?? "unknown until it is measured"),
        ]
        for (index, fact) in facts.prefix(rect.height).enumerated() {
            buffer.put(fact.0, x: rect.x, y: rect.y + index, style: appearance.muted)
            buffer.put(fact.1, x: rect.x + FormRowView.valueOffset, y: rect.y + index, style: appearance.text, maximumWidth: rect.width - FormRowView.valueOffset)
        }
    }

    private func drawDistribution(_ rect: Rect, in buffer: inout CellBuffer) {
        let labels = model.offers?.labelCounts ?? []
        guard !labels.isEmpty else { return }
        buffer.put("Labels in train", x: rect.x, y: rect.y, style: appearance.title)
        let columns = max(1, rect.width / 28)
        let width = rect.width / columns
        let shown = labels.prefix(columns * (rect.height - 1))
        let rows = (shown.count + columns - 1) / columns
        let largest = max(1, labels.map(\.trainCount).max() ?? 1)
        for (index, label) in shown.enumerated() {
            drawBar(label, largest: largest, x: rect.x + index / rows * width, y: rect.y + 1 + index % rows, width: width - 2, in: &buffer)
        }
        if shown.count < labels.count {
            buffer.putRight("\(labels.count - shown.count) more", right: rect.right, y: rect.y, style: appearance.muted)
        }
    }

    private func drawBar(_ label: LabelCount, largest: Int, x: Int, y: Int, width: Int, in buffer: inout CellBuffer) {
        buffer.put(label.name.truncated(to: 12), x: x, y: y, style: appearance.text)
        let nameWidth = min(12, max(2, CharacterWidth.columns(of: label.name)))
        let room = max(1, width - nameWidth - 7)
        let length = label.trainCount == 0 ? 0 : max(1, label.trainCount * room / largest)
        buffer.put(String(repeating: glyphs.block, count: length), x: x + nameWidth + 1, y: y, style: appearance.series(0))
        buffer.putRight(String(label.trainCount), right: x + width, y: y, style: appearance.text)
    }

    private func drawLabelHeader(_ body: Rect, in buffer: inout CellBuffer) {
        let unit = model.configuration.task == .objectDetection ? "boxes" : "images"
        buffer.put("\(model.chosenLabels.count) of \(model.offers?.labelCounts.count ?? 0) chosen", x: body.x, y: body.y + 1, style: appearance.muted)
        buffer.putRight("train    val \(unit)", right: body.right, y: body.y + 1, style: appearance.muted)
    }

    // MARK: Help

    /// One line about the field that has the focus: what it does, its range, what it was.
    private func drawHelp(_ rect: Rect, in buffer: inout CellBuffer) {
        // Beside the field of a narrow page there is no room for what is wrong with it.
        var problem: String?
        if rect.width < FormRowView.wide, case .question(let id) = model.focus { problem = model.question(id).flatMap { model.problem(of: $0) } }
        for (index, line) in (problem ?? helpText).wrapped(to: rect.width, lines: rect.height).enumerated() {
            buffer.put(line, x: rect.x, y: rect.y + index, style: problem == nil ? appearance.muted : appearance.style(.error))
        }
    }

    private var helpText: String {
        switch model.focus {
        case .question(let id):
            guard let question = model.question(id) else { return "" }
            return help(for: question)
        case .label: return "Space takes a label in or out; \(context.key(.allLabels)) takes all."
        case .architecture: return "Enter chooses it; Full Configuration has every architecture."
        case .weightsFile: return "A .pth or .safetensors file; Enter imports it and starts from it."
        case .makeData: return "Filters the dataset, or freezes its view with another split."
        case .showLimits: return "What this machine lets the program use, and what live runs hold of it."
        case .measure: return model.whyNotMeasured ?? "Trains a few steps here and now to find the time and the memory."
        case .difference(let id):
            guard let question = FormPages.questions.first(where: { $0.id == id && $0.condition.holds(in: model.configuration) }) else { return "" }
            return "Enter opens it, \(context.key(.resetField)) takes \(shown(question, in: model.start.base)) again. \(question.help)."
        case .page: return "Enter opens the page."
        case .copyCommand: return model.command
        case .copyJSON: return "The whole configuration, as `trainyard runs create --config` takes it."
        case .editJSON: return "The whole configuration as text; mistakes are told at their line."
        case .saveBlueprint: return "Keeps these answers under a name, but for data and resources."
        case .proceed: return ""
        }
    }

    private func help(for question: FormQuestion) -> String {
        if case .snapshot(let side) = question.kind, let snapshot = model.offers?.snapshot(side) {
            let labels = snapshot.labelCounts.map { "\($0.name) \(side == .train ? $0.trainCount : $0.valCount)" }.joined(separator: ", ")
            return "\(snapshot.trainCount) train, \(snapshot.valCount) val, \(snapshot.testCount) test. \(labels)"
        }
        var text = question.help.prefix(1).uppercased() + question.help.dropFirst() + "."
        if !question.range.isEmpty { text += " \(question.range.prefix(1).uppercased() + question.range.dropFirst())." }
        if let empty = question.whenEmpty, question.isTyped, empty != "nothing" { text += " Empty: \(empty)." }
        if !question.isSame(model.configuration, model.start.base) || model.wrong[question.id] != nil {
            text += " Changed from \(shown(question, in: model.start.base)); \(context.key(.resetField)) resets."
        }
        return text
    }

    func shown(_ question: FormQuestion, in configuration: RunConfiguration) -> String {
        model.offers?.shown(question, in: configuration) ?? question.answer(in: configuration)
    }

    // MARK: Below the page

    private func drawProceed(x: Int, y: Int, in buffer: inout CellBuffer) {
        let isFocused = model.focus == .proceed
        let last = if case .blueprint = model.purpose { "Save blueprint" } else { "Submit" }
        let label = model.isSubmitting ? "Submitting…" : model.pageID == .review ? last : model.visited.contains(.review) ? "Back to review" : "Continue"
        let end = buffer.put("  \(label) \(glyphs.enter)  ", x: x - 2, y: y, style: isFocused ? appearance.title : appearance.muted)
        buffer.mark(.button(0), Rect(x: x - 2, y: y, width: end - x + 2, height: 1))
        if isFocused {
            buffer.put(glyphs.pointer, x: x - 2, y: y, style: appearance.accent)
            buffer.restyle(Rect(x: x - 2, y: y, width: end - x + 2, height: 1), appearance.select)
        }
        guard let problem = model.problem ?? (model.pageID == .review ? model.firstFaultyPage.flatMap { model.problem(on: $0) } : nil) else { return }
        for (index, line) in problem.wrapped(to: buffer.size.width - end - 3, lines: 2).enumerated() {
            buffer.put(line, x: end + 2, y: y + index, style: appearance.style(.error))
        }
    }

    /// What the run would cost, and how that is known.
    private func drawSoFar(y: Int, in buffer: inout CellBuffer) {
        guard let offers = model.offers else { return }
        guard let (estimate, isMeasured) = model.estimate else {
            buffer.put("So far it cannot be trained: see the marked pages.".truncated(to: buffer.size.width - 4), x: 2, y: y, style: appearance.style(.warning))
            return
        }
        let title = offers.architectures.first { $0.name == model.configuration.architecture }?.title ?? model.configuration.architecture
        let length = model.configuration.epochs.map { "\($0) epochs \(glyphs.times) \(estimate.stepsPerEpoch) steps" } ?? "\(estimate.totalSteps) steps"
        let fit: String? = switch offers.availability {
        case .available: "Fits."
        case .busy: "Waits."
        case .unavailable: "Does not fit."
        case nil: nil
        }
        let state = switch model.measurement {
        case .underway: "measuring"
        case .none, .done, .failed: isMeasured ? "measured" : "estimated"
        }
        let canMeasure = model.availability(of: .measureRun) == .available
        let time = estimate.seconds.map { "about \(Formatting.duration($0))" }
            ?? (canMeasure ? "time unknown (\(context.key(.measureRun)) measures it)" : "time unknown")
        // Where there is little room, what it costs comes before what it is.
        let cost = "\(time), \(Formatting.gibibytes(estimate.peakMemoryBytes)) GiB (\(state)). \(fit ?? "")"
        let long = "So far: \(title), \(length), \(cost)"
        let text = CharacterWidth.columns(of: long) <= buffer.size.width - 4 ? long : "So far: \(length), \(cost)"
        buffer.put(CharacterWidth.columns(of: text) <= buffer.size.width - 4 ? text : cost.truncated(to: buffer.size.width - 4), x: 2, y: y, style: appearance.muted)
    }
}
