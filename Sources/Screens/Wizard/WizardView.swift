import TerminalKit
import Workbench

/// Draws Quick Start: the steps at the left, the open step beside them, what it would cost below.
struct WizardView {
    let model: WizardModel
    let context: ViewContext

    var appearance: Appearance { context.appearance }
    var glyphs: Glyphs { context.glyphs }

    func draw(in buffer: inout CellBuffer) {
        let size = buffer.size
        context.drawTop(["New run", "Quick Start"], right: size.width >= 60 ? "step \(model.step.rawValue + 1) of 7" : "", in: &buffer)
        let showsSteps = size.width >= 64
        if showsSteps { drawSteps(in: &buffer) }
        let left = showsSteps ? 20 : 2
        let body = Rect(x: left, y: 2, width: min(size.width - left - 2, 90), height: size.height - 6)
        switch model.step {
        case .dataType: drawDataType(body, in: &buffer)
        case .data: drawData(body, in: &buffer)
        case .labels: drawLabels(body, in: &buffer)
        case .model: drawModel(body, in: &buffer)
        case .length: drawLength(body, in: &buffer)
        case .resources: drawResources(body, in: &buffer)
        case .review: drawReview(body, in: &buffer)
        }
        drawProceed(x: left, y: size.height - 4, in: &buffer)
        drawSoFar(y: size.height - 2, in: &buffer)
        model.picker?.draw(in: &buffer, appearance: appearance)
    }

    private func drawSteps(in buffer: inout CellBuffer) {
        for step in WizardStep.allCases {
            let y = 2 + step.rawValue
            let isCurrent = step == model.step
            let isFaulty = model.visited.contains(step) && model.problem(in: step) != nil
            let mark = isFaulty ? "!" : isCurrent ? glyphs.current : model.visited.contains(step) ? glyphs.done : glyphs.open
            let style = isFaulty ? appearance.style(.error) : isCurrent ? appearance.accent : model.visited.contains(step) ? appearance.style(.success) : appearance.muted
            buffer.put(mark, x: 2, y: y, style: style)
            buffer.put(step.title, x: 4, y: y, style: isCurrent ? appearance.title : appearance.muted)
        }
    }

    // MARK: Rows

    /// A row of a form: label, value, note; the focused one has a pointer and a ground of its own.
    private func row(
        _ field: WizardField, _ label: String, _ value: String, note: String = "", valueOffset: Int = 18, y: Int, body: Rect,
        in buffer: inout CellBuffer
    ) {
        let isFocused = model.focus == field
        if isFocused { buffer.put(glyphs.pointer, x: body.x - 2, y: y, style: appearance.accent) }
        buffer.put(label, x: body.x, y: y, style: appearance.muted, maximumWidth: 17)
        let noteWidth = CharacterWidth.columns(of: note)
        buffer.put(value.truncated(to: body.width - valueOffset - noteWidth), x: body.x + valueOffset, y: y, style: isFocused ? appearance.title : appearance.text)
        buffer.putRight(note, right: body.right, y: y, style: appearance.muted)
        if isFocused { buffer.restyle(Rect(x: body.x - 2, y: y, width: body.width + 3, height: 1), appearance.select) }
    }

    private func editRow(_ field: WizardField, _ label: String, _ text: TextField, width: Int, note: String, problem: String? = nil, y: Int, body: Rect, in buffer: inout CellBuffer) {
        let isFocused = model.focus == field
        if isFocused { buffer.put(glyphs.pointer, x: body.x - 2, y: y, style: appearance.accent) }
        buffer.put(label, x: body.x, y: y, style: appearance.muted)
        if isFocused { buffer.restyle(Rect(x: body.x - 2, y: y, width: body.width + 3, height: 1), appearance.select) }
        text.draw(in: &buffer, x: body.x + 18, y: y, width: width, isFocused: isFocused && model.picker == nil, appearance: appearance)
        buffer.put(problem ?? note, x: body.x + 20 + width, y: y, style: problem == nil ? appearance.muted : appearance.style(.error), maximumWidth: max(0, body.width - 20 - width))
    }

    private func heading(_ text: String, y: Int, body: Rect, in buffer: inout CellBuffer) {
        buffer.put(text, x: body.x, y: y, style: appearance.title)
    }

    // MARK: Steps

    private func drawDataType(_ body: Rect, in buffer: inout CellBuffer) {
        heading("What is trained, and on what kind of data?", y: body.y, body: body, in: &buffer)
        let width = min(36, body.width - 20)
        editRow(.name, "Name", model.name, width: width, note: "", y: body.y + 2, body: body, in: &buffer)
        editRow(.version, "Version", model.version, width: 10, note: "", y: body.y + 3, body: body, in: &buffer)
        row(.dataType, "Data type", model.draft.dataType.rawValue, y: body.y + 5, body: body, in: &buffer)
        row(.task, "Task", model.draft.task.rawValue, y: body.y + 6, body: body, in: &buffer)
        let help = model.draft.task == .objectDetection
            ? "A box and a label for all in an image." : "Gives each image one label."
        buffer.put(help, x: body.x + 18, y: body.y + 7, style: appearance.muted, maximumWidth: body.width - 18)
    }

    private func drawData(_ body: Rect, in buffer: inout CellBuffer) {
        guard let choices = model.choices else { return drawReading(body, in: &buffer) }
        func name(_ id: String) -> String { choices.datasets.first { $0.id == id }?.name ?? "choose one" }
        let train = choices.trainDataset
        heading("Training data", y: body.y, body: body, in: &buffer)
        row(.trainDataset, "Dataset", name(model.draft.train.datasetID), note: train.map { "\($0.imageCount) images, \($0.labels.count) labels" } ?? "", y: body.y + 1, body: body, in: &buffer)
        row(.trainView, "View", choices.trainViews.first { $0.id == model.draft.train.viewID }?.name ?? "none", y: body.y + 2, body: body, in: &buffer)
        row(.trainSnapshot, "Snapshot", choices.trainSnapshot?.name ?? "none", note: choices.trainSnapshot.map { "\($0.trainCount) train" } ?? "", y: body.y + 3, body: body, in: &buffer)
        heading("Validation data", y: body.y + 5, body: body, in: &buffer)
        row(.validationDataset, "Dataset", name(model.draft.validation.datasetID), y: body.y + 6, body: body, in: &buffer)
        row(.validationView, "View", choices.validationViews.first { $0.id == model.draft.validation.viewID }?.name ?? "none", y: body.y + 7, body: body, in: &buffer)
        row(.validationSnapshot, "Snapshot", choices.validationSnapshot?.name ?? "none", note: choices.validationSnapshot.map { "\($0.valCount) val" } ?? "", y: body.y + 8, body: body, in: &buffer)
        row(.negativeSamples, "Negative samples", model.draft.negativeSamples ? "on" : "off", note: "images without a chosen label", y: body.y + 10, body: body, in: &buffer)
        let labels = model.labelCounts
        guard !labels.isEmpty, body.height >= 15 else { return }
        heading("Labels in train", y: body.y + 12, body: body, in: &buffer)
        drawBars(labels, rect: Rect(x: body.x, y: body.y + 13, width: body.width, height: body.height - 14), in: &buffer)
    }

    private func drawReading(_ body: Rect, in buffer: inout CellBuffer) {
        buffer.put(model.problem == nil ? "Reading the data…" : "", x: body.x, y: body.y, style: appearance.muted)
    }

    /// Label counts as bars in two columns; what does not fit is counted.
    private func drawBars(_ labels: [LabelCount], rect: Rect, in buffer: inout CellBuffer) {
        let columns = rect.width < 48 ? 1 : labels.count > 2 * rect.height ? 3 : 2
        let capacity = rect.height * columns
        let shown = labels.prefix(labels.count > capacity ? max(0, capacity - 1) : capacity)
        let perColumn = min(rect.height, (shown.count + columns - 1) / columns)
        let width = rect.width / columns - 2
        let largest = max(1, labels.map(\.trainCount).max() ?? 1)
        for (index, label) in shown.enumerated() where perColumn > 0 {
            drawBar(label, largest: largest, x: rect.x + index / perColumn * (width + 3), y: rect.y + index % perColumn, width: width, in: &buffer)
        }
        if shown.count < labels.count {
            buffer.put("and \(labels.count - shown.count) more", x: rect.x, y: rect.bottom, style: appearance.muted)
        }
    }

    private func drawBar(_ label: LabelCount, largest: Int, x: Int, y: Int, width: Int, in buffer: inout CellBuffer) {
        let nameWidth = min(12, max(2, (model.labelCounts.map { CharacterWidth.columns(of: $0.name) }.max() ?? 2)))
        buffer.put(label.name.truncated(to: nameWidth), x: x, y: y, style: appearance.text)
        let room = max(1, width - nameWidth - 6)
        let length = label.trainCount == 0 ? 0 : max(1, label.trainCount * room / largest)
        buffer.put(String(repeating: glyphs.block, count: length), x: x + nameWidth + 1, y: y, style: appearance.series(0))
        buffer.putRight(String(label.trainCount), right: x + width, y: y, style: appearance.text)
    }

    private func drawLabels(_ body: Rect, in buffer: inout CellBuffer) {
        let labels = model.labelCounts
        guard !labels.isEmpty else { return drawReading(body, in: &buffer) }
        heading("Which labels should the model know?", y: body.y, body: body, in: &buffer)
        buffer.putRight("\(model.chosenLabels.count) of \(labels.count) chosen", right: body.right, y: body.y, style: appearance.muted)
        let unit = model.draft.task == .objectDetection ? "boxes" : "images"
        buffer.putRight("train    val \(unit)", right: body.right, y: body.y + 1, style: appearance.muted)
        let height = body.height - 3
        var list = ListState()
        list.select(labels.firstIndex { .label($0.name) == model.focus } ?? 0, count: labels.count)
        let largest = max(1, labels.map(\.trainCount).max() ?? 1)
        for (rowIndex, index) in list.visibleRange(count: labels.count, height: height).enumerated() {
            let label = labels[index], y = body.y + 2 + rowIndex
            let isChosen = model.isChosen(label.name), isFocused = model.focus == .label(label.name)
            if isFocused { buffer.put(glyphs.pointer, x: body.x - 2, y: y, style: appearance.accent) }
            buffer.put(isChosen ? glyphs.checked : glyphs.unchecked, x: body.x, y: y, style: isChosen ? appearance.accent : appearance.muted)
            buffer.put(label.name.truncated(to: 18), x: body.x + 2, y: y, style: isChosen ? appearance.text : appearance.muted)
            let room = max(0, body.width - 42)
            let length = label.trainCount == 0 ? 0 : max(1, label.trainCount * room / largest)
            buffer.put(String(repeating: glyphs.block, count: length), x: body.x + 22, y: y, style: isChosen ? appearance.series(0) : appearance.style(.border))
            buffer.putRight(String(label.trainCount), right: body.right - 7 - unit.count, y: y, style: appearance.text)
            buffer.putRight(String(label.valCount), right: body.right - 1 - unit.count, y: y, style: appearance.muted)
            if isFocused { buffer.restyle(Rect(x: body.x - 2, y: y, width: body.width + 3, height: 1), appearance.select) }
        }
    }

    private func drawModel(_ body: Rect, in buffer: inout CellBuffer) {
        guard let choices = model.choices else { return drawReading(body, in: &buffer) }
        heading("Where does the model come from?", y: body.y, body: body, in: &buffer)
        var start = "Scratch", note = choices.models.isEmpty ? "no trained model yet" : "\(choices.models.count) trained"
        if case .model(let id) = model.draft.startFrom {
            start = choices.models.first { $0.id == id }?.name ?? "a model that is gone"
            note = model.startModel?.hasFreshHead == true ? "its head starts fresh" : "a trained model"
        }
        row(.startFrom, "Start from", start, note: note, y: body.y + 2, body: body, in: &buffer)
        editRow(
            .weightsFile, "or from a file", model.weightsFile, width: max(8, min(40, body.width - 40)), note: ".pth or .safetensors", y: body.y + 3,
            body: body, in: &buffer)
        heading("Architecture", y: body.y + 4, body: body, in: &buffer)
        buffer.putRight("parameters    memory", right: body.right, y: body.y + 4, style: appearance.muted)
        for (index, entry) in choices.architectures.enumerated() {
            let isChosen = entry.name == model.draft.architecture
            row(
                .architecture(entry.name), (isChosen ? glyphs.chosen : glyphs.unchosen) + " " + entry.size, entry.title,
                note: Formatting.count(entry.parameters).padded(to: 10, alignRight: true) + "\(entry.memoryMB) MB".padded(to: 10, alignRight: true),
                y: body.y + 5 + index, body: body, in: &buffer)
        }
        if !choices.architectures.contains(where: { $0.name == model.draft.architecture }) {
            buffer.put("Chosen: \(model.draft.architecture)", x: body.x, y: body.y + 6 + choices.architectures.count, style: appearance.muted)
        }
    }

    private func drawLength(_ body: Rect, in buffer: inout CellBuffer) {
        heading("How long should it train?", y: body.y, body: body, in: &buffer)
        editRow(.epochs, "Epochs", model.epochs.field, width: 8, note: "all training images once each", problem: model.epochs.problem, y: body.y + 2, body: body, in: &buffer)
        guard let estimate = model.choices?.estimate else { return }
        let facts = [
            ("Steps", "\(estimate.stepsPerEpoch) an epoch, \(estimate.totalSteps) in all, batches of \(model.draft.batchSize)"),
            ("Image size", "\(model.draft.imageSize) pixels"),
            ("Time", estimate.seconds.map { "about " + Formatting.duration($0) } ?? "known after the first steps on this machine"),
        ]
        for (index, fact) in facts.enumerated() {
            buffer.put(fact.0, x: body.x, y: body.y + 4 + index, style: appearance.muted)
            buffer.put(fact.1, x: body.x + 18, y: body.y + 4 + index, style: appearance.text, maximumWidth: body.width - 18)
        }
    }

    private func drawResources(_ body: Rect, in buffer: inout CellBuffer) {
        heading("What may it use of this machine?", y: body.y, body: body, in: &buffer)
        let limits = model.choices?.limits
        editRow(.cores, "CPU cores", model.cores.field, width: 8, note: limits.map { "of \($0.coresTotal)" } ?? "", problem: model.cores.problem, y: body.y + 2, body: body, in: &buffer)
        editRow(.memory, "Memory", model.memory.field, width: 8, note: limits.map { "GiB of \(Formatting.gibibytes($0.memoryTotalBytes))" } ?? "GiB", problem: model.memory.problem, y: body.y + 3, body: body, in: &buffer)
        buffer.put("GPU", x: body.x, y: body.y + 4, style: appearance.muted)
        buffer.put("none", x: body.x + 18, y: body.y + 4, style: appearance.text)
        buffer.put(limits?.gpuReason ?? "", x: body.x + 28, y: body.y + 4, style: appearance.muted, maximumWidth: body.width - 28)
        row(.showLimits, "Limits", model.showsLimits ? "shown" : "show limits", y: body.y + 5, body: body, in: &buffer)
        var y = body.y + 7
        if let availability = model.choices?.availability {
            let (mark, role): (String, ThemeRole) = switch availability {
            case .available: (glyphs.done, .success)
            case .busy: (glyphs.waiting, .warning)
            case .unavailable: (glyphs.cross, .error)
            }
            for (index, line) in availability.message.wrapped(to: body.width - 2).prefix(3).enumerated() {
                if index == 0 { buffer.put(mark, x: body.x, y: y, style: appearance.style(role)) }
                buffer.put(line, x: body.x + 2, y: y, style: appearance.style(role))
                y += 1
            }
        }
        if model.showsLimits, let limits { drawLimits(limits, rect: Rect(x: body.x - 1, y: y, width: body.width + 1, height: 7), in: &buffer) }
    }

    private func drawLimits(_ limits: ResourceLimits, rect: Rect, in buffer: inout CellBuffer) {
        buffer.drawFrame(rect, title: "Limits", appearance: appearance)
        let x = rect.x + 2
        func line(_ row: Int, _ cells: [String], _ note: String, _ style: Style) {
            var column = buffer.put(cells[0].padded(to: 7), x: x, y: rect.y + row, style: appearance.muted)
            for cell in cells.dropFirst() { column = buffer.put(cell.padded(to: 9, alignRight: true), x: column, y: rect.y + row, style: style) }
            buffer.put(note, x: column + 2, y: rect.y + row, style: appearance.muted, maximumWidth: rect.right - 1 - column - 2)
        }
        line(1, ["", "total", "in use", "yours"], "", appearance.muted)
        line(2, ["cores", "\(limits.coresTotal)", "\(limits.coresInUse)", "\(model.draft.cores)"], limits.coresSource, appearance.text)
        line(3, ["memory", Formatting.gibibytes(limits.memoryTotalBytes), Formatting.gibibytes(limits.memoryInUseBytes), Formatting.gibibytes(model.draft.memoryBytes)], "GiB", appearance.text)
        line(4, ["disk", Formatting.gibibytes(limits.diskFreeBytes), glyphs.dash, glyphs.dash], "GiB free", appearance.text)
        let held = limits.heldBy.isEmpty ? "nothing" : limits.heldBy.map { "\($0.runName) (\($0.cores) cores, \(Formatting.gibibytes($0.memoryBytes)) GiB)" }.joined(separator: ", ")
        buffer.put("held by: \(held)".truncated(to: rect.width - 4), x: x, y: rect.y + 5, style: appearance.muted)
    }

    private func drawReview(_ body: Rect, in buffer: inout CellBuffer) {
        heading("Is this what you want? Enter on a line opens its step.", y: body.y, body: body, in: &buffer)
        var y = body.y + 2
        for step in WizardStep.allCases.dropLast() {
            row(.reviewStep(step), step.title, summary(of: step), valueOffset: 12, y: y, body: body, in: &buffer)
            y += 1
        }
        if let faulty = model.firstFaultyStep, let problem = model.problem(in: faulty) {
            for (index, line) in "\(faulty.title): \(problem)".wrapped(to: body.width).prefix(3).enumerated() {
                buffer.put(line, x: body.x, y: y + 1 + index, style: appearance.style(.error))
            }
        } else if let message = model.choices?.availability?.message {
            for (index, line) in message.wrapped(to: body.width).prefix(3).enumerated() {
                buffer.put(line, x: body.x, y: y + 1 + index, style: appearance.muted)
            }
        }
    }

    private func summary(of step: WizardStep) -> String {
        let draft = model.draft
        switch step {
        case .dataType: return "\(draft.name) \(draft.version), \(draft.task.rawValue)"
        case .data:
            guard let choices = model.choices else { return "not read yet" }
            let train = choices.trainDataset?.name ?? "none", train0 = choices.trainSnapshot?.trainCount ?? 0
            return "\(train), \(train0) train, \(choices.validationSnapshot?.valCount ?? 0) val" + (draft.negativeSamples ? ", negatives kept" : "")
        case .labels:
            let all = model.labelCounts.count
            return draft.labels.isEmpty ? "all \(all)" : "\(draft.labels.count) of \(all): " + draft.labels.joined(separator: ", ")
        case .model:
            let title = model.choices?.architectures.first { $0.name == draft.architecture }?.title ?? draft.architecture
            if case .model(let id) = draft.startFrom {
                return "\(title), from \(model.choices?.models.first { $0.id == id }?.name ?? "a trained model")"
            }
            return "\(title), from scratch"
        case .length: return "\(draft.epochs) epochs" + (model.choices?.estimate.map { " \(glyphs.times) \($0.stepsPerEpoch) steps" } ?? "")
        case .resources: return "\(draft.cores) cores, \(Formatting.gibibytes(draft.memoryBytes)) GiB"
        case .review: return ""
        }
    }

    // MARK: Below the step

    private func drawProceed(x: Int, y: Int, in buffer: inout CellBuffer) {
        let isFocused = model.focus == .proceed
        let label = model.isSubmitting ? "Submitting…" : model.step == .review ? "Submit" : model.visited.contains(.review) ? "Back to review" : "Continue"
        let end = buffer.put("  \(label) \(glyphs.enter)  ", x: x - 2, y: y, style: isFocused ? appearance.title : appearance.muted)
        if isFocused {
            buffer.put(glyphs.pointer, x: x - 2, y: y, style: appearance.accent)
            buffer.restyle(Rect(x: x - 2, y: y, width: end - x + 2, height: 1), appearance.select)
        }
        if let problem = model.problem {
            let lines = problem.wrapped(to: buffer.size.width - end - 3)
            for (index, line) in lines.prefix(2).enumerated() {
                buffer.put(index == 1 && lines.count > 2 ? line + glyphs.ellipsis : line, x: end + 2, y: y + index, style: appearance.style(.error))
            }
        }
    }

    private func drawSoFar(y: Int, in buffer: inout CellBuffer) {
        guard let choices = model.choices, let estimate = choices.estimate else { return }
        let draft = model.draft
        let title = choices.architectures.first { $0.name == draft.architecture }?.title ?? draft.architecture
        var text = "So far: \(title), \(draft.epochs) epochs \(glyphs.times) \(estimate.stepsPerEpoch) steps"
        if let seconds = estimate.seconds { text += ", about \(Formatting.duration(seconds))" }
        text += ", \(Formatting.gibibytes(estimate.peakMemoryBytes)) GiB."
        switch choices.availability {
        case .available: text += " Fits."
        case .busy: text += " Waits."
        case .unavailable: text += " Does not fit."
        case nil: break
        }
        buffer.put(text.truncated(to: buffer.size.width - 4), x: 2, y: y, style: appearance.muted)
    }
}
