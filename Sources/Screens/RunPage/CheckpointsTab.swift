import TerminalKit
import Workbench

/// The run's saved states: resume from one, write its weights to a file, make a model of it.
struct CheckpointsTab: RunTabModel {
    /// What is typed for an action.
    struct Prompt: Equatable, Sendable {
        enum Purpose: Equatable, Sendable {
            case export, model
        }

        let purpose: Purpose
        let checkpoint: CheckpointSummary
        var field: TextField
    }

    private(set) var details: [CheckpointDetail]?
    private(set) var problem: String?
    private(set) var list = ListState()
    private(set) var prompt: Prompt?
    private var askedFor: [CheckpointSummary]?

    /// Whether to ask for them now: once what the run saved has changed.
    mutating func isDue(_ detail: RunDetail?) -> Bool {
        guard let detail, askedFor != detail.checkpoints else { return false }
        askedFor = detail.checkpoints
        return true
    }

    /// The newest first.
    mutating func take(_ details: [CheckpointDetail]) {
        self.details = details.sorted { ($0.checkpoint.step, $0.checkpoint.kind) > ($1.checkpoint.step, $1.checkpoint.kind) }
        problem = nil
        list.select(list.selectedIndex, count: details.count)
    }

    mutating func fail(_ text: String) { problem = text }

    private var marked: CheckpointDetail? {
        guard let details, details.indices.contains(list.selectedIndex) else { return nil }
        return details[list.selectedIndex]
    }

    func obstacle(to action: AppAction, facts: RunPageFacts) -> String? {
        guard let marked else { return problem ?? "There is no checkpoint yet." }
        switch action {
        case .pageResume, .pageExport, .pageModel:
            guard marked.byteCount != nil else { return "The file of this checkpoint is gone." }
            guard action == .pageResume, let run = facts.detail?.summary else { return nil }
            if run.status == .success { return "\(run.name) did all its steps; there is nothing to resume." }
            return run.status.isTerminal ? nil : "\(run.name) is still \(run.status.rawValue)."
        default: return nil
        }
    }

    mutating func perform(_ action: AppAction, facts: RunPageFacts) -> [Request] {
        if let move = action.listMove { list.move(move, count: details?.count ?? 0) }
        guard let marked, let run = facts.detail?.summary else { return [] }
        let checkpoint = marked.checkpoint
        switch action {
        case .pageResume:
            return [
                .ask(
                    Question(
                        "Resume from step \(checkpoint.step)",
                        "\(run.name) goes on from its checkpoint at step \(checkpoint.step). What it did after that is done again and its values replaced.",
                        actions: [.init("Resume", .work(.runTab(.resume(run: run.id, checkpoint: checkpoint.path)), "Resuming…"))]))
            ]
        case .pageExport:
            prompt = Prompt(purpose: .export, checkpoint: checkpoint, field: TextField(text: "\(run.name)-step-\(checkpoint.step).safetensors"))
        case .pageModel:
            prompt = Prompt(purpose: .model, checkpoint: checkpoint, field: TextField(text: "\(run.name)-step-\(checkpoint.step)", maximumLength: 80))
        default: break
        }
        return []
    }

    mutating func type(_ key: Key, facts: RunPageFacts) -> [Request]? {
        guard var open = prompt else { return nil }
        switch key {
        case .escape: prompt = nil
        case .enter:
            guard !open.field.text.isEmpty else { return [] }
            prompt = nil
            switch open.purpose {
            case .export:
                return [.work(.runTab(.export(run: facts.runID, checkpoint: open.checkpoint.path, file: open.field.text)), "Writing the weights…")]
            case .model:
                return [.work(.runTab(.makeModel(run: facts.runID, checkpoint: open.checkpoint.path, name: open.field.text)), "Making the model…")]
            }
        default:
            _ = open.field.handle(key)
            prompt = open
        }
        return []
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        if prompt != nil { return [.fixed(KeyHint(glyphs.enter, "do it")), .fixed(KeyHint("Esc", "cancel", essential: true))] }
        return [.action(.pageResume), .action(.pageExport), .action(.pageModel)]
    }

    func draw(in rect: Rect, of buffer: inout CellBuffer, facts: RunPageFacts, context: ViewContext) {
        let appearance = context.appearance
        guard let details, !details.isEmpty else {
            let isOver = facts.detail?.summary.status.isTerminal == true
            let text = problem ?? (details == nil ? "Reading the checkpoints…" : isOver
                ? "The run saved nothing: it ended before its first checkpoint." : "No checkpoint yet. The first one is saved when the first epoch ends.")
            return buffer.drawAbsence(text, in: rect, appearance: appearance)
        }
        buffer.drawFrame(rect, title: "checkpoints", note: "\(details.count) saved", noteStyle: appearance.muted, appearance: appearance)
        let inner = rect.inset(horizontal: 2, vertical: 1)
        var columns = [TableColumn("kind", width: 8), TableColumn("step", width: 6, alignRight: true), TableColumn("epoch", width: 5, alignRight: true)]
        let measure = details.compactMap { $0.values.first?.tag }.first.map(Self.name) ?? "measure"
        if inner.width >= 34 { columns.append(TableColumn(measure, width: 9, alignRight: true)) }
        if inner.width >= 46 { columns.append(TableColumn("size", width: 9, alignRight: true)) }
        if inner.width >= 56 { columns.append(TableColumn("saved", width: 8, alignRight: true)) }
        if inner.width >= 80 { columns.append(TableColumn("", width: nil)) }
        let table = TableLayout(columns: columns, x: inner.x, width: inner.width, gap: 2)
        table.drawHeader(in: &buffer, y: inner.y, appearance: appearance)
        for (line, index) in list.visibleRange(count: details.count, height: max(0, inner.height - 3)).enumerated() {
            let row = details[index], y = inner.y + 1 + line
            let value = row.values.first.map { LineChart.value($0.value) } ?? context.glyphs.dash
            let size = row.byteCount.map(Self.size) ?? "gone"
            let texts = [
                row.checkpoint.kind, "\(row.checkpoint.step)", "\(row.checkpoint.epoch)", value, size,
                Formatting.clock(row.checkpoint.createdAt, zone: context.timeZone), row.checkpoint.path,
            ]
            let style = row.byteCount == nil ? appearance.muted : appearance.text
            for column in columns.indices { table.drawCell(texts[column].truncated(to: table.spans[column].count), column: column, y: y, style: style, in: &buffer) }
            if index == list.selectedIndex {
                buffer.restyle(Rect(x: inner.x - 1, y: y, width: inner.width + 2, height: 1), appearance.select)
            }
        }
        if let marked {
            let measured = marked.values.map { Self.name($0.tag) + " " + LineChart.value($0.value) }
            let text = measured.isEmpty ? "Nothing was measured at this step." : measured.joined(separator: "  ")
            buffer.put(text.truncated(to: inner.width), x: inner.x, y: inner.bottom - 1, style: appearance.muted)
        }
        drawPrompt(in: rect, of: &buffer, appearance: appearance)
    }

    private func drawPrompt(in rect: Rect, of buffer: inout CellBuffer, appearance: Appearance) {
        guard let prompt else { return }
        let isExport = prompt.purpose == .export
        let box = rect.centered(width: min(rect.width - 2, 60), height: 5)
        buffer.fill(box, style: appearance.ground)
        buffer.drawFrame(box, title: isExport ? "Write the weights of step \(prompt.checkpoint.step)" : "Model of step \(prompt.checkpoint.step)", appearance: appearance)
        let hint = isExport ? "File, safetensors; a path is taken from where you started." : "Name of the new model."
        buffer.put(hint.truncated(to: box.width - 4), x: box.x + 2, y: box.y + 1, style: appearance.muted)
        prompt.field.draw(in: &buffer, x: box.x + 2, y: box.y + 2, width: box.width - 4, isFocused: true, appearance: appearance)
    }

    /// A tag as a column: `metrics/mAP50-95(B)` is mAP50-95.
    private static func name(_ tag: String) -> String {
        switch tag {
        case "metrics/accuracy_top1": "top-1"
        case "metrics/accuracy_top5": "top-5"
        case "val/loss": "val loss"
        default: String(tag.split(separator: "/").last ?? "").replacing("(B)", with: "")
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 30 ? "\(Formatting.gibibytes(bytes)) GiB" : "\((bytes + (1 << 19)) >> 20) MiB"
    }
}
