import TerminalKit
import Workbench

/// What can have the focus on a page. Every page ends with `proceed`, which has the focus when the page opens, so that Enter
/// alone goes through a form with its defaults.
enum FormFocus: Equatable, Hashable, Sendable {
    /// A question by its id.
    case question(String)
    case label(String)
    /// One of the three networks that Quick Start offers.
    case architecture(String)
    case weightsFile
    /// Makes a view or a snapshot.
    case makeData(DataSide)
    case showLimits, measure
    /// A line of the review: a question that was answered otherwise than the blueprint, or a page.
    case difference(String)
    case page(FormPageID)
    case copyCommand, copyJSON, editJSON, saveBlueprint
    case proceed
}

/// A form that is being filled in: a configuration, the page that is open, and what there is to choose from.
struct FormModel: Equatable, Sendable {
    /// What the last page does.
    enum Purpose: Equatable, Sendable {
        case run
        /// Saves a further version of this blueprint.
        case blueprint(String)
    }

    /// An answer that was typed and cannot be taken.
    struct WrongAnswer: Equatable, Sendable {
        let text: String
        let problem: String
    }

    /// The estimate that is found by training a few steps.
    enum Measurement: Equatable, Sendable {
        case none
        case underway(RunConfiguration)
        case done(RunEstimate, RunConfiguration)
        case failed(String)
    }

    /// What lies over the page and takes the keys.
    enum Overlay: Equatable, Sendable {
        case picker(Picker, FormQuestion)
        case several(MultiPicker, FormQuestion)
        case name(TextPrompt)
        case maker(DataMaker)
    }

    let blueprint: BlueprintSummary
    let purpose: Purpose
    private(set) var start: FormStart
    private(set) var offers: FormOffers?
    /// The views that were chosen and whose snapshot is still looked for.
    private(set) var views: [DataSide: String] = [:]
    private(set) var pageID: FormPageID
    private(set) var focus = FormFocus.proceed
    private(set) var visited: Set<FormPageID>
    /// The text of the question that has the focus, where it is typed.
    private(set) var field: TextField?
    private(set) var wrong: [String: WrongAnswer] = [:]
    private(set) var weightsFile = TextField(maximumLength: 400)
    var overlay: Overlay?
    var editor: ConfigurationEditor?
    private(set) var showsLimits = false
    var measurement = Measurement.none
    var isSubmitting = false
    var problem: String?

    init(blueprint: BlueprintSummary, purpose: Purpose = .run, start: FormStart) {
        self.blueprint = blueprint
        self.purpose = purpose
        self.start = start
        let first = blueprint.id == BlueprintSummary.quickStart.id ? FormPages.quickStart : FormPages.full
        pageID = first.first?.id ?? .review
        visited = [pageID]
        if blueprint.id == BlueprintSummary.json.id { openEditor() }
    }

    var configuration: RunConfiguration { start.configuration }
    var pages: [FormPage] { blueprint.id == BlueprintSummary.quickStart.id ? FormPages.quickStart : FormPages.full }
    var pageIndex: Int { pages.firstIndex { $0.id == pageID } ?? 0 }
    var page: FormPage { pages[pageIndex] }
    var isQuick: Bool { blueprint.id == BlueprintSummary.quickStart.id }

    /// The estimate to show, and whether it was measured.
    var estimate: (RunEstimate, isMeasured: Bool)? {
        if case .done(let estimate, let measured) = measurement, measured.measuresLike(configuration) { return (estimate, true) }
        return offers?.estimate.map { ($0, false) }
    }

    /// A question that applies, by its id.
    func question(_ id: String) -> FormQuestion? {
        pages.lazy.flatMap(\.questions).first { $0.id == id && $0.condition.holds(in: configuration) }
    }

    var focusedQuestion: FormQuestion? {
        if case .question(let id) = focus { question(id) } else { nil }
    }

    /// The answers that differ from what the form began with.
    var differences: [FormQuestion] {
        let asked = pages.flatMap(\.questions)
        return FormPages.questions.filter { question in
            question.condition.holds(in: configuration) && (!question.isView || asked.contains(question))
                && !question.isSame(configuration, start.base)
        }
    }

    // MARK: Mistakes

    /// What is wrong with one answer, to be shown beside it.
    func problem(of question: FormQuestion) -> String? {
        wrong[question.id]?.problem ?? offers?.problems.first { $0.path == question.id }?.message
    }

    /// The first thing that is wrong on a page.
    func problem(on page: FormPageID) -> String? {
        let questions = pages.first { $0.id == page }?.questions ?? []
        if let bad = questions.first(where: { wrong[$0.id] != nil && $0.condition.holds(in: configuration) }), let answer = wrong[bad.id] {
            return "\(bad.title): \(answer.problem)"
        }
        if page == .model, !weightsFile.text.allSatisfy(\.isWhitespace) {
            return "Press Enter on the weights file to import it, or empty its field."
        }
        return offers?.problems.first { self.page(of: $0.path) == page }?.message
    }

    var firstFaultyPage: FormPageID? { pages.map(\.id).first { problem(on: $0) != nil } }

    /// The page that a place of the configuration is asked for on; the last one for places that no page has.
    func page(of path: String) -> FormPageID {
        var best = (page: FormPageID.review, length: 0)
        for page in pages {
            for question in page.questions where question.condition.holds(in: configuration) {
                let length =
                    question.id == path ? Int.max : path.hasPrefix(question.id + "/") ? question.id.count
                    : question.id.hasPrefix(path + "/") ? path.count : 0
                if length > best.length { best = (page.id, length) }
            }
        }
        return best.page
    }

    // MARK: Answers of the workbench

    /// Takes what the workbench offers; what it says about an older configuration only refreshes the lists.
    mutating func take(_ fresh: FormOffers) {
        offers = fresh
        for side in DataSide.allCases where start.configuration[side].datasetID == fresh.configuration[side].datasetID {
            let isFilledIn = start.configuration[side].snapshotID.isEmpty || views[side] == fresh.viewIDs[side]
            if isFilledIn {
                let found = fresh.configuration[side].snapshotID
                if start.configuration[side].snapshotID.isEmpty, start.base[side].datasetID == start.configuration[side].datasetID,
                    start.base[side].snapshotID.isEmpty { start.base[side].snapshotID = found }
                start.configuration[side].snapshotID = found
            }
            views[side] = nil
        }
        if !focuses.contains(focus) { setFocus(.proceed) }
    }

    /// The same form for another task or another dataset.
    mutating func take(_ moved: FormStart) {
        start = moved
        offers = nil
        views = [:]
        wrong = [:]
        measurement = .none
        setFocus(focus)
    }

    /// Takes an imported model as the start; gives a sentence about it, or nil when the file was refused.
    mutating func take(_ report: ModelImportReport) -> String? {
        guard let model = report.model else {
            problem = report.problem
            return nil
        }
        weightsFile.replace(with: "")
        offers?.models.append(model)
        if let question = question("/runform/model/weights") { start.configuration.choose(model.id, for: question, offers: offers) }
        setFocus(.proceed)
        return "Imported \(model.name), a \(model.architecture): \(report.takenCount) of \(report.tensorCount) tensors."
    }

    /// Takes a snapshot that was just made.
    mutating func take(_ snapshot: SnapshotSummary, side: DataSide) {
        start.configuration[side].snapshotID = snapshot.id
        views[side] = nil
    }

    mutating func choose(view: String, side: DataSide) {
        views[side] = view
        start.configuration[side].snapshotID = ""
    }

    // MARK: Moving

    mutating func open(_ wanted: FormPageID, focus: FormFocus = .proceed) {
        pageID = wanted
        visited.insert(wanted)
        problem = nil
        setFocus(focus)
    }

    mutating func step(_ amount: Int) {
        let index = pageIndex + amount
        if pages.indices.contains(index) { open(pages[index].id) }
    }

    mutating func moveFocus(_ amount: Int) {
        let all = focuses
        guard let index = all.firstIndex(of: focus), !all.isEmpty else { return setFocus(.proceed) }
        setFocus(all[(index + amount + all.count) % all.count])
    }

    mutating func setFocus(_ wanted: FormFocus) {
        focus = wanted
        field = nil
        if case .weightsFile = wanted { field = weightsFile }
        guard let question = focusedQuestion, question.isTyped else { return }
        field = TextField(text: wrong[question.id]?.text ?? question.answer(in: configuration), maximumLength: 400)
    }

    mutating func toggleLimits() { showsLimits.toggle() }

    // MARK: Editing

    /// Takes what the field holds as the answer, as far as it is one; true when the configuration changed.
    mutating func takeField(_ edited: TextField) -> Bool {
        field = edited
        if case .weightsFile = focus { weightsFile = edited }
        guard let question = focusedQuestion else { return false }
        let before = start.configuration
        wrong[question.id] = start.configuration.take(edited.text, for: question).map { WrongAnswer(text: edited.text, problem: $0) }
        return start.configuration != before
    }

    mutating func choose(_ value: String, for question: FormQuestion) {
        wrong[question.id] = nil
        start.configuration.choose(value, for: question, offers: offers)
        setFocus(focus)
    }

    mutating func choose(names: [String], for question: FormQuestion) {
        start.configuration.take(names, for: question)
    }

    /// Every label that the model is to know.
    var chosenLabels: Set<String> {
        Set(configuration.labels.isEmpty ? (offers?.labelCounts ?? []).map(\.name) : configuration.labels)
    }

    mutating func toggle(label: String) {
        var chosen = chosenLabels
        if chosen.remove(label) == nil { chosen.insert(label) }
        let all = (offers?.labelCounts ?? []).map(\.name)
        guard !chosen.isEmpty else {
            problem = "A model knows at least one label; choose another one first."
            return
        }
        start.configuration.choose(labels: all.filter(chosen.contains), of: all)
    }

    /// All labels; where all are chosen, the first alone.
    mutating func toggleLabels() {
        let all = (offers?.labelCounts ?? []).map(\.name)
        let only = configuration.labels.isEmpty ? Array(all.prefix(1)) : all
        start.configuration.choose(labels: only, of: all)
    }

    mutating func resetFocused() {
        if case .label = focus, let question = question("/runform/labels") { start.configuration.reset(question, to: start.base) }
        if case .architecture = focus, let question = question("/runform/model/architecture") {
            choose(question.answer(in: start.base), for: question)
        }
        if case .difference(let id) = focus, let question = FormPages.questions.first(where: { $0.id == id && $0.condition.holds(in: configuration) }) {
            start.configuration.reset(question, to: start.base)
            if !focuses.contains(focus) { setFocus(.proceed) }
        }
        guard let question = focusedQuestion else { return }
        wrong[question.id] = nil
        start.configuration.reset(question, to: start.base)
        setFocus(focus)
    }

    // MARK: JSON

    mutating func openEditor() { editor = ConfigurationEditor(configuration) }

    /// Goes back to the pages, the form as it was.
    mutating func dropEditor() {
        editor = nil
        open(.review)
    }

    /// Takes the text's configuration over, where it is right.
    mutating func takeEditor() -> Bool {
        guard let checked = editor?.configuration else { return false }
        start.configuration = checked
        wrong = [:]
        views = [:]
        editor = nil
        open(.review)
        return true
    }
}

extension FormQuestion {
    fileprivate var isView: Bool { if case .view = kind { true } else { false } }
}

extension RunConfiguration {
    /// Whether a measurement of the other holds for this one: names and notes cost nothing.
    fileprivate func measuresLike(_ other: RunConfiguration) -> Bool {
        differences(from: other).allSatisfy { $0.pointer == "/notes" || $0.pointer == "/seed" }
    }
}
