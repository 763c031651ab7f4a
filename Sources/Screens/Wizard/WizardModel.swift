import TerminalKit
import Workbench

/// The seven questions of Quick Start, in order.
enum WizardStep: Int, CaseIterable, Equatable, Sendable {
    case dataType, data, labels, model, length, resources, review

    var title: String {
        switch self {
        case .dataType: "Data type"
        case .data: "Data"
        case .labels: "Labels"
        case .model: "Model"
        case .length: "Length"
        case .resources: "Resources"
        case .review: "Review"
        }
    }
}

/// What can have the focus within a step. Every step ends with `proceed`, which has the focus when the step opens,
/// so that Enter alone goes through the wizard with its defaults.
enum WizardField: Equatable, Hashable, Sendable {
    case name, version, dataType, task
    case trainDataset, trainView, trainSnapshot, validationDataset, validationView, validationSnapshot, negativeSamples
    case label(String)
    case startFrom, weightsFile
    case architecture(String)
    case epochs, cores, memory, showLimits
    case reviewStep(WizardStep)
    case proceed
}

/// What the wizard asks the app to do after a key.
enum WizardOutcome: Equatable, Sendable {
    case nothing, draftChanged, taskChanged(TaskKind), importWeights(String, TaskKind), submit, leave
}

/// Quick Start: a draft, the step that is open, and what there is to choose from.
struct WizardModel: Equatable, Sendable {
    static let gibibyte = 1_073_741_824.0

    private(set) var draft: RunDraft
    private(set) var choices: WizardChoices?
    private(set) var step = WizardStep.dataType
    private(set) var focus = WizardField.proceed
    private(set) var visited: Set<WizardStep> = [.dataType]
    private(set) var picker: Picker?
    private(set) var name: TextField
    private(set) var version: TextField
    /// A file of weights that is to be imported.
    private(set) var weightsFile = TextField(maximumLength: 400)
    private(set) var epochs: NumberField
    private(set) var cores: NumberField
    private(set) var memory: NumberField
    private(set) var chosenLabels: Set<String>
    private(set) var showsLimits = false
    var isSubmitting = false
    var problem: String?

    init(draft: RunDraft) {
        self.draft = draft
        name = TextField(text: draft.name, maximumLength: 60)
        version = TextField(text: draft.version, maximumLength: 20)
        epochs = NumberField(value: Double(draft.epochs), range: 1...100_000)
        cores = NumberField(value: Double(draft.cores), range: 1...4096)
        memory = NumberField(value: Double(draft.memoryBytes) / Self.gibibyte, range: 0.1...100_000, step: 0.5, decimals: 1)
        chosenLabels = Set(draft.labels)
    }

    var labelCounts: [LabelCount] {
        let train = choices?.trainSnapshot?.labelCounts ?? []
        let validation = choices?.validationSnapshot?.labelCounts ?? []
        let counts = Dictionary(validation.map { ($0.name, $0.valCount) }, uniquingKeysWith: { first, _ in first })
        return train.map { LabelCount(name: $0.name, trainCount: $0.trainCount, valCount: counts[$0.name] ?? $0.valCount) }
    }

    /// The model that the run starts from, and whether its head starts fresh for another number of labels.
    var startModel: (model: ModelSummary, hasFreshHead: Bool)? {
        guard case .model(let id) = draft.startFrom, let model = choices?.models.first(where: { $0.id == id }) else { return nil }
        return (model, !labelCounts.isEmpty && model.labels.count != chosenLabels.count)
    }

    func isChosen(_ label: String) -> Bool { chosenLabels.contains(label) }

    var fields: [WizardField] {
        switch step {
        case .dataType: [.name, .version, .dataType, .task, .proceed]
        case .data:
            [
                .trainDataset, .trainView, .trainSnapshot, .validationDataset, .validationView, .validationSnapshot,
                .negativeSamples, .proceed,
            ]
        case .labels: labelCounts.map { .label($0.name) } + [.proceed]
        case .model: [.startFrom, .weightsFile] + (choices?.architectures ?? []).map { .architecture($0.name) } + [.proceed]
        case .length: [.epochs, .proceed]
        case .resources: [.cores, .memory, .showLimits, .proceed]
        case .review: WizardStep.allCases.dropLast().map { .reviewStep($0) } + [.proceed]
        }
    }

    /// What is wrong in a step; nil when nothing is.
    func problem(in step: WizardStep) -> String? {
        switch step {
        case .dataType:
            if draft.name.allSatisfy(\.isWhitespace) { return "Give the run a name." }
            return draft.version.allSatisfy(\.isWhitespace) ? "Give the run a version, such as 1.0." : nil
        case .data:
            guard let choices else { return nil }
            if draft.train.snapshotID.isEmpty { return "The training data has no snapshot. Choose another view, or make one: trainyard snapshots create." }
            if draft.validation.snapshotID.isEmpty { return "The validation data has no snapshot. Choose another view, or make one: trainyard snapshots create." }
            return choices.datasets.isEmpty ? "There is no dataset for this task. Import one: trainyard datasets import PATH." : nil
        case .labels: return !labelCounts.isEmpty && chosenLabels.isEmpty ? "Choose at least one label." : nil
        case .model:
            return weightsFile.text.allSatisfy(\.isWhitespace) ? nil : "Press Enter on the weights file to import it, or empty its field."
        case .length: return epochs.problem.map { "Epochs must be \($0)." }
        case .resources:
            if let problem = cores.problem { return "Cores must be \(problem)." }
            if let problem = memory.problem { return "Memory must be \(problem) GiB." }
            if case .unavailable(let reason)? = choices?.availability { return reason }
            return nil
        case .review: return choices?.problems.first
        }
    }

    var firstFaultyStep: WizardStep? { WizardStep.allCases.first { problem(in: $0) != nil } }

    /// Takes what the workbench offers; answers about an older draft only refresh the lists.
    mutating func take(_ fresh: WizardChoices) {
        choices = fresh
        cores.setRange(1...Double(max(1, fresh.limits.coresTotal)))
        memory.setRange(0.1...max(0.2, Double(fresh.limits.memoryTotalBytes) / Self.gibibyte))
        if draft.train.datasetID == fresh.draft.train.datasetID { draft.train = fresh.draft.train }
        if draft.validation.datasetID == fresh.draft.validation.datasetID { draft.validation = fresh.draft.validation }
        if chosenLabels.isEmpty, draft.labels.isEmpty { chosenLabels = Set(labelCounts.map(\.name)) }
        if !fields.contains(focus) { focus = .proceed }
    }

    /// Takes an imported model as the start; gives a sentence about it, or nil when the file was refused.
    mutating func take(_ report: ModelImportReport) -> String? {
        guard let model = report.model else {
            problem = report.problem
            return nil
        }
        weightsFile.replace(with: "")
        draft.startFrom = .model(model.id)
        draft.architecture = model.architecture
        focus = .proceed
        return "Imported \(model.name), a \(model.architecture): \(report.takenCount) of \(report.tensorCount) tensors."
    }

    mutating func replaceDraft(_ fresh: RunDraft, keepingName: Bool) {
        var next = WizardModel(draft: fresh)
        next.step = step
        next.focus = focus
        next.visited = visited
        if keepingName {
            next.draft.name = draft.name
            next.draft.version = draft.version
            next.name = name
            next.version = version
        }
        self = next
    }

    mutating func open(_ wanted: WizardStep) {
        step = wanted
        visited.insert(wanted)
        focus = .proceed
        problem = nil
    }

    /// Takes a key into the picker or the field that has the focus; nil where it stands for an action.
    mutating func type(_ key: Key) -> WizardOutcome? {
        if isSubmitting { return .nothing }
        if picker != nil { return handlePicker(key) }
        problem = nil
        return editFocused(key) ? applyFields() : nil
    }

    func availability(of action: AppAction) -> Availability {
        switch action {
        case .nextStep: Availability(unless: step == .review ? "This is the last step." : nil)
        case .previousStep: Availability(unless: step == .dataType ? "This is the first step." : nil)
        case .toggleField: Availability(unless: focus == .proceed ? "Nothing is marked to switch." : nil)
        case .allLabels: Availability(unless: step == .labels ? nil : "It works in the step Labels.")
        case .showLimits: Availability(unless: step == .resources ? nil : "It works in the step Resources.")
        default: .available
        }
    }

    mutating func perform(_ action: AppAction) -> WizardOutcome {
        switch action {
        case .nextField: moveFocus(1)
        case .previousField: moveFocus(-1)
        case .nextStep: if let next = WizardStep(rawValue: step.rawValue + 1) { open(next) }
        case .previousStep: if let previous = WizardStep(rawValue: step.rawValue - 1) { open(previous) }
        case .activateField, .toggleField: return activate()
        case .allLabels:
            chosenLabels = chosenLabels.count == labelCounts.count ? [] : Set(labelCounts.map(\.name))
            return applyFields()
        case .showLimits: showsLimits.toggle()
        case .back: return .leave
        default: break
        }
        return .nothing
    }

    private mutating func moveFocus(_ amount: Int) {
        let all = fields
        guard let index = all.firstIndex(of: focus) else {
            focus = .proceed
            return
        }
        focus = all[(index + amount + all.count) % all.count]
    }

    private mutating func editFocused(_ key: Key) -> Bool {
        switch focus {
        case .name: name.handle(key)
        case .version: version.handle(key)
        case .weightsFile: weightsFile.handle(key)
        case .epochs: epochs.handle(key)
        case .cores: cores.handle(key)
        case .memory: memory.handle(key)
        default: false
        }
    }

    /// Takes over what the fields hold, as far as it is valid.
    private mutating func applyFields() -> WizardOutcome {
        let before = draft
        draft.name = name.text
        draft.version = version.text
        if let value = epochs.value { draft.epochs = Int(value) }
        if let value = cores.value { draft.cores = Int(value) }
        if let value = memory.value { draft.memoryBytes = Int(value * Self.gibibyte) }
        let all = labelCounts.map(\.name)
        if !all.isEmpty { draft.labels = chosenLabels.count == all.count ? [] : all.filter(chosenLabels.contains) }
        return draft == before ? .nothing : .draftChanged
    }

    private mutating func activate() -> WizardOutcome {
        switch focus {
        case .proceed: return proceed()
        case .name, .version, .epochs, .cores, .memory: moveFocus(1)
        case .dataType:
            picker = Picker(title: "Data type", items: DataKind.allCases.map { .init(id: $0.rawValue, title: $0.rawValue) }, selected: draft.dataType.rawValue)
        case .task:
            picker = Picker(title: "Task", items: TaskKind.allCases.map { .init(id: $0.rawValue, title: $0.rawValue) }, selected: draft.task.rawValue)
        case .trainDataset: picker = datasetPicker("Training dataset", selected: draft.train.datasetID)
        case .validationDataset: picker = datasetPicker("Validation dataset", selected: draft.validation.datasetID)
        case .trainView: picker = viewPicker("Training view", choices?.trainViews, selected: draft.train.viewID)
        case .validationView: picker = viewPicker("Validation view", choices?.validationViews, selected: draft.validation.viewID)
        case .trainSnapshot: picker = snapshotPicker("Training snapshot", choices?.trainSnapshots, selected: draft.train.snapshotID)
        case .validationSnapshot: picker = snapshotPicker("Validation snapshot", choices?.validationSnapshots, selected: draft.validation.snapshotID)
        case .negativeSamples:
            draft.negativeSamples.toggle()
            return .draftChanged
        case .label(let label):
            if chosenLabels.remove(label) == nil { chosenLabels.insert(label) }
            return applyFields()
        case .startFrom:
            let models = (choices?.models ?? []).map { Picker.Item(id: $0.id, title: $0.name, detail: "\($0.architecture), version \($0.version)") }
            var selected = ""
            if case .model(let id) = draft.startFrom { selected = id }
            picker = Picker(title: "Start from", items: [.init(id: "", title: "Scratch", detail: "new weights")] + models, selected: selected)
        case .weightsFile:
            guard !weightsFile.text.allSatisfy(\.isWhitespace) else {
                moveFocus(1)
                return .nothing
            }
            return .importWeights(weightsFile.text, draft.task)
        case .architecture(let name):
            draft.choose(architecture: name, imageSize: choices?.architectures.first { $0.name == name }?.imageSize)
            if case .model = draft.startFrom { draft.startFrom = .scratch }
            return .draftChanged
        case .showLimits: showsLimits.toggle()
        case .reviewStep(let wanted): open(wanted)
        }
        return .nothing
    }

    private mutating func proceed() -> WizardOutcome {
        if step == .review {
            if let faulty = firstFaultyStep {
                problem = problem(in: faulty)
                return .nothing
            }
            guard choices != nil else {
                problem = "The data is still being read. Try again in a moment."
                return .nothing
            }
            isSubmitting = true
            return .submit
        }
        if let found = problem(in: step) {
            problem = found
        } else if visited.contains(.review) {
            open(.review)
        } else if let next = WizardStep(rawValue: step.rawValue + 1) {
            open(next)
        }
        return .nothing
    }

    private func datasetPicker(_ title: String, selected: String) -> Picker {
        let items = (choices?.datasets ?? []).map {
            Picker.Item(id: $0.id, title: $0.name, detail: "\($0.imageCount) images, \($0.labels.count) labels")
        }
        return Picker(title: title, items: items, selected: selected)
    }

    private func viewPicker(_ title: String, _ views: [ViewSummary]?, selected: String) -> Picker {
        Picker(title: title, items: (views ?? []).map { .init(id: $0.id, title: $0.name, detail: "\($0.imageCount) images") }, selected: selected)
    }

    private func snapshotPicker(_ title: String, _ snapshots: [SnapshotSummary]?, selected: String) -> Picker {
        let items = (snapshots ?? []).map {
            Picker.Item(id: $0.id, title: $0.name, detail: "\($0.trainCount) train, \($0.valCount) val")
        }
        return Picker(title: title, items: items, selected: selected)
    }

    private mutating func handlePicker(_ key: Key) -> WizardOutcome {
        guard var open = picker else { return .nothing }
        let outcome = open.handle(key)
        picker = open
        guard case .chosen(let id) = outcome else {
            if outcome == .cancelled { picker = nil }
            return .nothing
        }
        picker = nil
        let before = draft
        switch focus {
        case .dataType: draft.dataType = DataKind(rawValue: id) ?? draft.dataType
        case .task:
            guard let task = TaskKind(rawValue: id), task != draft.task else { return .nothing }
            return .taskChanged(task)
        case .trainDataset:
            guard id != draft.train.datasetID else { return .nothing }
            // One dataset usually serves both sides, as long as the other side was not chosen apart.
            if draft.validation.datasetID == draft.train.datasetID {
                draft.validation = DataSelection(datasetID: id, viewID: "", snapshotID: "")
            }
            draft.train = DataSelection(datasetID: id, viewID: "", snapshotID: "")
            forgetLabels()
        case .trainView:
            draft.train = DataSelection(datasetID: draft.train.datasetID, viewID: id, snapshotID: "")
            forgetLabels()
        case .trainSnapshot:
            draft.train.snapshotID = id
            forgetLabels()
        case .validationDataset: draft.validation = DataSelection(datasetID: id, viewID: "", snapshotID: "")
        case .validationView: draft.validation = DataSelection(datasetID: draft.validation.datasetID, viewID: id, snapshotID: "")
        case .validationSnapshot: draft.validation.snapshotID = id
        case .startFrom:
            draft.startFrom = id.isEmpty ? .scratch : .model(id)
            if let model = choices?.models.first(where: { $0.id == id }) {
                draft.choose(architecture: model.architecture, imageSize: model.imageSize)
            }
        default: break
        }
        return draft == before ? .nothing : .draftChanged
    }

    private mutating func forgetLabels() {
        draft.labels = []
        chosenLabels = []
    }
}
