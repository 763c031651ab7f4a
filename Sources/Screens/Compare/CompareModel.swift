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
    private(set) var view = StepWindow()
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
            && left.view == right.view && left.rows == right.rows && left.picker == right.picker && left.exportPicker == right.exportPicker
            && left.problem == right.problem
    }

    /// Why runs cannot be compared; nil where they can.
    static func obstacle(_ count: Int) -> String? {
        if count < 2 { return "Mark two runs or more to compare them." }
        return count > maximumRuns ? "At most \(maximumRuns) runs can be compared; \(count) are marked." : nil
    }

    var cursor: Double? { view.cursor }
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
        let axis = axis
        let range = xRange
        let scale: ValueScale = isLogarithmic ? .logarithmic : .linear
        let fit: ValueFit = switch settings.fit {
        case .usual: isRate ? .fixed(0...1) : .all
        case .values: .all
        case .withoutOutliers: .withoutOutliers
        }
        let yRange = ValueRange.fitting(series.map(\.samples), from: range.lowerBound, to: range.upperBound, on: axis, scale: scale, fit: fit)
        var remarks: [String] = []
        if isLogarithmic { remarks.append("log") }
        if settings.smoothing > 0 { remarks.append("smoothed \(settings.smoothing)") }
        return LineChart(
            title: ([tag] + remarks).joined(separator: ", "), series: series, axis: axis, xRange: range, yRange: yRange, scale: scale,
            glyphs: glyphs, cursorStep: cursor,
            emptyText: problem ?? (comparison == nil ? "Reading the runs…" : "None of these runs has a value yet."), panel: 0)
    }

    private var axis: ChartAxis { settings.axis ?? .step }

    private var shownSeries: [SampledSeries] { runs.map { metrics[$0.id]?.series(tag ?? "") ?? .empty }.filter { $0.count > 0 } }

    /// The end of the longest run.
    private var lastStep: Double { max(1, shownSeries.map { $0.positions.steps[$0.count - 1] }.max() ?? 1) }

    /// All of the runs, or the chosen steps: on other axes those of the longest line.
    private var xRange: ClosedRange<Double> {
        if let steps = view.steps, let places = reference.places(of: steps, on: axis) { return places }
        let end = shownSeries.map { $0.positions.column(axis)[$0.count - 1] }.max() ?? 1
        return 0...max(end, axis == .time ? 0.001 : 1)
    }

    /// Where values stop being numbers, and the best of a measure, in the order of their steps.
    private var events: [LiveEvent] {
        let found = runs.flatMap { run -> [LiveEvent] in
            let series = metrics[run.id]?.series(tag ?? "") ?? .empty
            let wrong = series.pyramid.firstNonFiniteIndex().map { LiveEvent(step: series.positions.steps[$0], text: "\(run.name) is no number") }
            let best = isRate ? series.pyramid.indexOfMaximum : nil
            return [wrong, best.map { LiveEvent(step: series.positions.steps[$0], text: "best of \(run.name), \(LineChart.value(series.pyramid.values[$0]))") }]
                .compactMap { $0 }
        }
        return LiveEvent.joined(found)
    }

    /// The longest of the shown lines: the cross-hair walks along it.
    private var reference: SampledSeries {
        shownSeries.max { $0.count < $1.count } ?? .empty
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

    mutating func type(_ key: Key) -> [Request]? { answerPicker { $0.handle(key) } }

    /// Nil where no list is open.
    private mutating func answerPicker(_ answer: (inout Picker) -> Picker.Outcome) -> [Request]? {
        if var open = picker {
            let outcome = answer(&open)
            picker = outcome == .open ? open : nil
            if case .chosen(let tag) = outcome { show(tag) }
            return []
        }
        guard var open = exportPicker else { return nil }
        let outcome = answer(&open)
        exportPicker = outcome == .open ? open : nil
        if case .chosen(let choice) = outcome { return export(choice) }
        return []
    }

    mutating func click(_ hit: Hit) -> [Request] {
        if let requests = answerPicker({ $0.click(hit) }) { return requests }
        if case .plot(_, let share) = hit { view.cursor = reference.step(at: share, of: xRange, on: axis) }
        return []
    }

    /// Over the curves dragging takes the cross-hair along, and the wheel moves it, or shows more or fewer steps; else it scrolls.
    mutating func point(_ action: MouseEvent.Action, at hit: Hit?) -> [Request]? {
        guard picker == nil, exportPicker == nil, case .plot(_, let share)? = hit else { return nil }
        let place = reference.step(at: share, of: xRange, on: axis)
        switch action {
        case .drag(.left): view.cursor = place ?? cursor
        case .wheelUp where cursor != nil: move(.cursorLeft)
        case .wheelDown where cursor != nil: move(.cursorRight)
        case .wheelUp: view.zoom(by: 0.8, around: place, last: lastStep)
        case .wheelDown: view.zoom(by: 1.25, around: place, last: lastStep)
        default: return nil
        }
        return []
    }

    private mutating func move(_ action: AppAction) {
        guard let cursor else { return }
        view.cursor = reference.step(action, from: cursor) ?? cursor
        _ = view.followCursor()
    }

    private mutating func moveToEvent(_ action: AppAction) -> [Request] {
        guard let cursor else { return [] }
        let event = action == .nextEvent ? events.first { $0.step > cursor } : events.last { $0.step < cursor }
        guard let event else { return [.say(action == .nextEvent ? "Nothing more of note follows." : "Nothing of note came before.")] }
        view.cursor = event.step
        _ = view.followCursor()
        return [.say("Step \(Int(event.step)): \(event.text).")]
    }

    func availability(of action: AppAction) -> Availability {
        let hasSamples = reference.count > 0
        switch action {
        case .nextMeasure, .previousMeasure, .chooseMeasure: return Availability(unless: tags.count > 1 ? nil : "There is no other measure.")
        case .crossHair, .exportCharts, .zoomIn: return Availability(unless: hasSamples ? nil : "There are no values yet.")
        case .zoomOut, .allPanels: return Availability(unless: view.steps == nil ? "All steps are shown." : nil)
        case .nextEvent, .previousEvent:
            guard cursor != nil else { return .elsewhere("The cross-hair is off; x turns it on.") }
            return Availability(unless: events.isEmpty ? "Nothing of note has happened yet." : nil)
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
        case .back where cursor != nil: view.cursor = nil
        case .back where view.steps != nil, .allPanels: view.showAll()
        case .back: return [.back]
        case .nextMeasure: turn(by: 1)
        case .previousMeasure: turn(by: -1)
        case .chooseMeasure: picker = Picker(title: "Measure", items: tags.map { Picker.Item(id: $0, title: $0) }, selected: tag)
        case .zoomIn: view.zoom(by: 0.5, last: lastStep)
        case .zoomOut: view.zoom(by: 2, last: lastStep)
        case .nextEvent, .previousEvent: return moveToEvent(action)
        case .crossHair: view.cursor = cursor == nil ? reference.positions.steps.prefix(reference.count).last : nil
        case .moreSmoothing:
            settings.changeSmoothing(by: 1)
            smooth()
        case .lessSmoothing:
            settings.changeSmoothing(by: -1)
            smooth()
        case .logScale: isLogarithmic.toggle()
        case .chartAxis: settings.nextAxis()
        case .chartFit: settings.nextFit()
        case .exportCharts: exportPicker = ExportEffect.picker()
        default: move(action)
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
                .range(.cursorLeft, .cursorRight, "sample"), .range(.cursorFarLeft, .cursorFarRight, "10"), .action(.nextEvent), .action(.previousEvent),
                .action(.zoomIn), .action(.zoomOut), .action(.nextMeasure, "measure"),
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
