import TerminalKit
import Workbench

/// Runs side by side: one measure of all as curves, their final metrics, and the settings in which they differ.
struct CompareModel: Equatable, Sendable {
    let runIDs: [String]
    private(set) var comparison: RunComparison?
    private(set) var metrics: [String: RunMetrics] = [:]
    private(set) var tag: String?
    private(set) var settings = ChartSettings()
    private(set) var isLogarithmic = false
    private(set) var cursor: Double?
    private(set) var rows = ListState()
    private(set) var picker: Picker?
    private(set) var exportPicker: Picker?
    private(set) var isRefreshing = false
    private(set) var problem: String?

    /// So many lines can still be told apart.
    static let maximumRuns = 8

    init(runIDs: [String]) {
        self.runIDs = runIDs
    }

    static func == (left: CompareModel, right: CompareModel) -> Bool {
        left.runIDs == right.runIDs && left.comparison == right.comparison && left.metrics.mapValues(\.revision) == right.metrics.mapValues(\.revision)
            && left.tag == right.tag && left.settings == right.settings && left.isLogarithmic == right.isLogarithmic
            && left.cursor == right.cursor && left.rows == right.rows && left.picker == right.picker && left.exportPicker == right.exportPicker
            && left.problem == right.problem
    }

    /// Why runs cannot be compared; nil where they can.
    static func obstacle(_ count: Int) -> String? {
        if count < 2 { return "Mark two runs or more to compare them." }
        return count > maximumRuns ? "At most \(maximumRuns) runs can be compared; \(count) are marked." : nil
    }

    var tags: [String] { comparison?.metrics.map(\.tag) ?? [] }
    var runs: [RunSummary] { comparison?.runs ?? [] }
    var rowCount: Int { comparison.map { CompareRow.rows(of: $0).count } ?? 0 }

    private var isRate: Bool { tag?.hasPrefix("metrics/") ?? false }

    /// The runs' curves of the shown measure.
    func chart(glyphs: ChartGlyphSet) -> LineChart {
        let tag = tag ?? ""
        let series = runs.enumerated().map { color, run in
            ChartSeries(
                name: run.name, samples: metrics[run.id]?.series(tag) ?? .empty, smoothed: metrics[run.id]?.smoothedSeries(tag), color: color)
        }
        let axis = settings.axis ?? .step
        let end = series.compactMap { one in one.samples.count > 0 ? one.samples.positions.column(axis)[one.samples.count - 1] : nil }.max() ?? 1
        let range = 0...max(end, axis == .time ? 0.001 : 1)
        let scale: ValueScale = isLogarithmic ? .logarithmic : .linear
        let fit: ValueFit = switch settings.fit {
        case .usual: isRate ? .fixed(0...1) : .all
        case .values: .all
        case .withoutOutliers: .withoutOutliers
        }
        let yRange = ValueRange.fitting(series.map(\.samples), from: 0, to: range.upperBound, on: axis, scale: scale, fit: fit)
        var remarks: [String] = []
        if isLogarithmic { remarks.append("log") }
        if settings.smoothing > 0 { remarks.append("smoothed \(settings.smoothing)") }
        return LineChart(
            title: ([tag] + remarks).joined(separator: ", "), series: series, axis: axis, xRange: range, yRange: yRange, scale: scale,
            glyphs: glyphs, cursorStep: cursor, emptyText: problem ?? (comparison == nil ? "Reading the runs…" : "None of these runs has a value yet."))
    }

    /// The longest of the shown lines: the cross-hair walks along it.
    private var reference: SampledSeries {
        runs.map { metrics[$0.id]?.series(tag ?? "") ?? .empty }.max { $0.count < $1.count } ?? .empty
    }

    private mutating func smooth() {
        guard let tag else { return }
        for id in runIDs { metrics[id]?.smooth(settings.smoothing, tags: [tag]) }
    }

    private mutating func show(_ tag: String) {
        self.tag = tag
        smooth()
        if isLogarithmic, !hasPositive { isLogarithmic = false }
    }

    private var hasPositive: Bool {
        runs.contains { metrics[$0.id]?.series(tag ?? "").pyramid.summary.leastPositive.isFinite ?? false }
    }
}

extension CompareModel: ScreenModel {
    var screen: Screen { .compare(self) }
    var refreshInterval: Double {
        if metrics.values.contains(where: \.isIncomplete) { return 0.05 }
        return runs.allSatisfy(\.status.isTerminal) && comparison != nil ? 2 : 0.5
    }

    mutating func refresh() -> [Effect] {
        isRefreshing = true
        return [.compare(.refresh(runs: runIDs, after: metrics.mapValues(\.cursors)))]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        guard case .compare(.refresh(runs: runIDs, after: _)) = effect else { return nil }
        isRefreshing = false
        switch answer {
        case .compare(.refreshed(let comparison, let curves)):
            problem = nil
            self.comparison = comparison
            for run in comparison.runs {
                metrics[run.id, default: RunMetrics()].take(curves[run.id] ?? [:], startedAt: nil)
            }
            if tag == nil || !tags.contains(tag ?? "") { tag = tags.first { $0.contains("mAP50-95") || $0.contains("top1") } ?? tags.first }
            smooth()
        case .failed(let text): problem = text
        default: return nil
        }
        return []
    }

    mutating func type(_ key: Key) -> [Request]? {
        if var open = picker {
            let outcome = open.handle(key)
            picker = outcome == .open ? open : nil
            if case .chosen(let chosen) = outcome { show(chosen) }
            return []
        }
        if var open = exportPicker {
            let outcome = open.handle(key)
            exportPicker = outcome == .open ? open : nil
            if case .chosen(let choice) = outcome { return export(choice) }
            return []
        }
        return nil
    }

    func availability(of action: AppAction) -> Availability {
        let hasSamples = reference.count > 0
        switch action {
        case .nextMeasure, .previousMeasure, .chooseMeasure: return Availability(unless: tags.count > 1 ? nil : "There is no other measure.")
        case .crossHair, .exportCharts: return Availability(unless: hasSamples ? nil : "There are no values yet.")
        case .cursorLeft, .cursorRight, .cursorFarLeft, .cursorFarRight, .cursorFirst, .cursorLast:
            return cursor != nil && hasSamples ? .available : .elsewhere("The cross-hair is off; x turns it on.")
        case .logScale: return Availability(unless: hasPositive ? nil : "A log scale needs values above zero; \(tag ?? "this") has none yet.")
        case .moreSmoothing, .lessSmoothing, .chartAxis, .chartFit, .chartGlyphs, .back: return .available
        default:
            if action.section == .charts { return .unavailable("It belongs to a run's own page.") }
            return Availability(unless: rowCount > 0 ? nil : "There is nothing to go through yet.")
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        if let move = action.listMove { rows.move(move, count: rowCount) }
        switch action {
        case .back where cursor != nil: cursor = nil
        case .back: return [.back]
        case .nextMeasure: turn(by: 1)
        case .previousMeasure: turn(by: -1)
        case .chooseMeasure: picker = Picker(title: "Measure", items: tags.map { Picker.Item(id: $0, title: $0) }, selected: tag)
        case .crossHair: cursor = cursor == nil ? reference.positions.steps.prefix(reference.count).last : nil
        case .moreSmoothing:
            settings.changeSmoothing(by: 1)
            smooth()
        case .lessSmoothing:
            settings.changeSmoothing(by: -1)
            smooth()
        case .logScale: isLogarithmic.toggle()
        case .chartAxis: settings.nextAxis()
        case .chartFit: settings.nextFit()
        case .chartGlyphs: settings.nextGlyphs(.braille)
        case .exportCharts: exportPicker = ExportEffect.picker()
        default: if let cursor { self.cursor = reference.step(action, from: cursor) ?? cursor }
        }
        return []
    }

    private mutating func turn(by offset: Int) {
        let all = tags, index = all.firstIndex(of: tag ?? "") ?? 0
        if !all.isEmpty { show(all[((index + offset) % all.count + all.count) % all.count]) }
    }

    private func export(_ choice: String) -> [Request] {
        let name = runs.map(\.name).prefix(2).joined(separator: "-")
        if choice == "svg" {
            let picture = ChartPicture.svg([chart(glyphs: .braille)], theme: .light)
            return [.work(.export(.picture(picture, file: ExportName.make(name, "compared", "svg"))), "Writing the picture…")]
        }
        guard let format = MetricFormat(rawValue: choice) else { return [] }
        return [
            .work(
                .export(.metrics(runs: runIDs, tags: [], format, file: ExportName.make(name, "compared", format.rawValue))), "Writing the metrics…")
        ]
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        if picker != nil || exportPicker != nil { return FooterItem.picker(glyphs) }
        if cursor != nil {
            return [
                .range(.cursorLeft, .cursorRight, "sample"), .range(.cursorFarLeft, .cursorFarRight, "10"), .action(.nextMeasure, "measure"),
                .action(.crossHair, "off", essential: true), .action(.help, essential: true),
            ]
        }
        return [
            .action(.nextMeasure, "next measure"), .action(.chooseMeasure, "choose"), .action(.crossHair, "cursor"), .action(.moreSmoothing, "smooth"),
            .action(.logScale, "log"), .action(.exportCharts), .action(.back, essential: true), .action(.help, essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        CompareView(model: self, context: context).draw(in: &buffer)
        picker?.draw(in: &buffer, appearance: context.appearance)
        exportPicker?.draw(in: &buffer, appearance: context.appearance)
    }
}
