import TerminalKit
import Workbench

/// What keys and actions do to a form.
extension FormModel {
    // MARK: Keys that type

    /// Takes a key into what lies over the page, the JSON or the field that has the focus; nil where the key stands for an action.
    mutating func type(_ key: Key) -> [Request]? {
        guard !isSubmitting else { return [] }
        if overlay != nil { return typeIntoOverlay(key) }
        if editor != nil { return editor?.handle(key) == true ? [] : nil }
        guard var edited = field else { return nil }
        if let stepped = stepped(key) {
            edited.replace(with: stepped)
        } else {
            guard key != .escape, edited.handle(key) else { return nil }
        }
        problem = nil
        return takeField(edited) ? [.refresh] : []
    }

    /// Left and right step whole numbers; in other texts they move the cursor.
    private func stepped(_ key: Key) -> String? {
        guard key == .left || key == .right, let question = focusedQuestion, let field, let number = FormReading.number(field.text) else { return nil }
        let direction = key == .right ? 1.0 : -1.0
        switch question.kind {
        case .integer(let range):
            guard number == number.rounded(), abs(number) < 1e15 else { return nil }
            return String(min(range.upperBound, max(range.lowerBound, Int(number + direction))))
        case .cores: return number == number.rounded() ? String(Int(min(4096, max(1, number + direction)))) : nil
        case .gibibytes:
            let value = max(0.5, ((number * 2).rounded() + direction) / 2)
            return value == value.rounded() ? String(Int(min(1e6, value))) : String(value)
        default: return nil
        }
    }

    private mutating func typeIntoOverlay(_ key: Key) -> [Request] {
        switch overlay {
        case .picker(var picker, let question):
            let outcome = picker.handle(key)
            overlay = outcome == .open ? .picker(picker, question) : nil
            if case .chosen(let value) = outcome { return take(value, for: question) }
        case .several(var picker, let question):
            let outcome = picker.handle(key)
            overlay = outcome == .open ? .several(picker, question) : nil
            if case .chosen(let names) = outcome {
                choose(names: names, for: question)
                return [.refresh]
            }
        case .name(var prompt):
            let outcome = prompt.handle(key)
            overlay = outcome == .open ? .name(prompt) : nil
            if case .entered(let name) = outcome { return [.work(.form(.saveBlueprint(name, configuration)), "Saving the blueprint…")] }
        case .maker(var maker):
            let outcome = maker.handle(key)
            overlay = outcome == .cancelled ? nil : .maker(maker)
            if case .make(let effect) = outcome { return [.work(.form(effect), "Reading the images…")] }
        case nil: break
        }
        return []
    }

    private mutating func take(_ value: String, for question: FormQuestion) -> [Request] {
        switch question.kind {
        case .view(let side):
            guard value != offers?.viewIDs[side] else { return [] }
            choose(view: value, side: side)
            if side == .train, configuration[.validation].snapshotID == start.base[.validation].snapshotID,
                configuration[.validation].datasetID == configuration[.train].datasetID { choose(view: value, side: .validation) }
        case .dataset(.train):
            guard value != configuration[.train].datasetID else { return [] }
            return [.work(.form(.move(start, blueprint: blueprint.name, task: nil, dataset: value)), "Reading the dataset…")]
        case .choice where question.id == "/runform/task_type":
            guard let task = TaskKind(rawValue: value), task != configuration.task else { return [] }
            return [.work(.form(.move(start, blueprint: blueprint.name, task: task, dataset: nil)), "Preparing the sample data…")]
        default: choose(value, for: question)
        }
        return [.refresh]
    }

    // MARK: Actions

    func availability(of action: AppAction) -> Availability {
        if editor != nil {
            switch action {
            case .back, .applyJSON, .nextMistake, .editOutside: return .available
            default: return .unavailable("The JSON is being edited; \(AppAction.applyJSON.title) first.")
            }
        }
        switch action {
        case .nextStep: return Availability(unless: pageID == .review ? "This is the last page." : nil)
        case .previousStep: return Availability(unless: pageIndex == 0 ? "This is the first page." : nil)
        case .allLabels: return Availability(unless: pageID == .labels ? nil : "Labels are chosen on the page Labels.")
        case .showLimits: return Availability(unless: pageID == .resources ? nil : "Limits stand on the page Resources.")
        case .measureRun: return Availability(unless: whyNotMeasured)
        case .resetField: return Availability(unless: canReset ? nil : "This is as it was at the beginning.")
        case .applyJSON, .nextMistake, .editOutside: return .unavailable("The JSON is not open.")
        default: return .available
        }
    }

    private var canReset: Bool {
        switch focus {
        case .question(let id): wrong[id] != nil || question(id).map { !$0.isSame(configuration, start.base) } ?? false
        case .label: configuration.labels != start.base.labels
        case .architecture: configuration.architecture != start.base.architecture
        case .difference: true
        default: false
        }
    }

    /// Why no steps can be tried now.
    var whyNotMeasured: String? {
        if case .underway = measurement { return "The run is being measured already." }
        if let holding = offers?.limits.heldBy.first { return "\(holding.runName) is training; measuring beside it would be wrong, and slow it down." }
        return offers?.estimate == nil ? "The configuration cannot be trained yet; mend it first." : nil
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        switch action {
        case .back: return leave()
        case .activateField: return activate()
        case .toggleField: return focus == .proceed ? [] : activate()
        case .nextField: moveFocus(1)
        case .previousField: moveFocus(-1)
        case .nextStep: step(1)
        case .previousStep: step(-1)
        case .allLabels:
            toggleLabels()
            return [.refresh]
        case .showLimits: toggleLimits()
        case .resetField:
            resetFocused()
            return [.refresh]
        case .measureRun: return measure()
        case .saveAsBlueprint: askForName()
        case .editJSON: openEditor()
        case .copyCommand: return [.effect(.program(.copy(command, what: "the command")))]
        case .applyJSON: return applyEditor()
        case .nextMistake: editor?.goToMistake()
        case .editOutside: return editor.map { [.effect(.program(.edit($0.editor.text)))] } ?? []
        default: break
        }
        return []
    }

    private mutating func leave() -> [Request] {
        guard let open = editor else {
            return [
                .ask(Question("Leave \(blueprint.title)", "What was answered so far is lost.", actions: [.init("Leave", .back)], cancel: "Stay"))
            ]
        }
        if open.configuration != nil, open.isChanged { return applyEditor() }
        guard open.isChanged else {
            dropEditor()
            return [.refresh]
        }
        let discard = "The text has \(open.mistakes.count == 1 ? "a mistake" : "\(open.mistakes.count) mistakes"). Without it the form stays as it was."
        return [.ask(Question("Leave the JSON", discard, actions: [.init("Drop the changes", .effect(.form(.dropText)))], cancel: "Go on editing"))]
    }

    private mutating func applyEditor() -> [Request] {
        if takeEditor() { return [.refresh] }
        editor?.goToMistake()
        return [.warn("The text has mistakes; they are marked.")]
    }

    private mutating func measure() -> [Request] {
        measurement = .underway(configuration)
        return [.effect(.form(.measure(configuration)))]
    }

    /// Asks under which name the answers are kept.
    mutating func askForName(_ name: String? = nil) {
        let own = if case .blueprint(let name) = purpose { name } else { blueprint.isBuiltIn ? "" : blueprint.name }
        overlay = .name(TextPrompt(
            title: "Save as blueprint", note: "A name that is there gets a further version. Data and resources are left out.",
            text: name ?? own))
    }

    private mutating func activate() -> [Request] {
        switch focus {
        case .proceed: return proceed()
        case .question(let id): return question(id).map { activate($0) } ?? []
        case .label(let label):
            toggle(label: label)
            return [.refresh]
        case .architecture(let name):
            if let question = question("/runform/model/architecture") { choose(name, for: question) }
            return [.refresh]
        case .weightsFile:
            guard !weightsFile.text.allSatisfy(\.isWhitespace) else {
                moveFocus(1)
                return []
            }
            return [.work(.form(.importWeights(file: weightsFile.text, configuration.task)), "Reading the weights…")]
        case .makeData(let side):
            guard let dataset = offers?.dataset(side) else { return [.warn("Choose a dataset first.")] }
            overlay = .maker(DataMaker(side: side, dataset: dataset, view: offers?.view(side)))
        case .showLimits: toggleLimits()
        case .measure: return whyNotMeasured.map { [.warn($0)] } ?? measure()
        case .difference(let id):
            let target = page(of: id)
            open(target, focus: target == .labels ? .proceed : .question(id))
            if !focuses.contains(focus) { setFocus(focuses.first ?? .proceed) }
        case .page(let wanted): open(wanted)
        case .copyCommand: return [.effect(.program(.copy(command, what: "the command")))]
        case .copyJSON: return [.effect(.program(.copy(configuration.json, what: "the JSON")))]
        case .editJSON: openEditor()
        case .saveBlueprint: askForName()
        }
        return []
    }

    private mutating func activate(_ question: FormQuestion) -> [Request] {
        guard !question.isTyped else {
            moveFocus(1)
            return []
        }
        let items = (offers?.items(for: question) ?? []).map { Picker.Item(id: $0.value, title: $0.title, detail: $0.detail) }
        switch question.kind {
        case .toggle:
            choose(question.answer(in: configuration) == "on" ? "off" : "on", for: question)
            return [.refresh]
        case .several:
            overlay = .several(MultiPicker(title: question.title, items: items, chosen: question.names(in: configuration)), question)
        default:
            let selected = if case .view(let side) = question.kind { offers?.viewIDs[side] } else { question.answer(in: configuration) }
            overlay = .picker(Picker(title: question.title, items: items, selected: selected), question)
        }
        return []
    }

    private mutating func proceed() -> [Request] {
        guard pageID == .review else {
            if let found = problem(on: pageID) { problem = found } else if visited.contains(.review) { open(.review) } else { step(1) }
            return []
        }
        if let faulty = firstFaultyPage {
            problem = problem(on: faulty)
            return []
        }
        guard let offers, offers.configuration == configuration else {
            problem = "The data is still being read. Try again in a moment."
            return [.refresh]
        }
        isSubmitting = true
        switch purpose {
        case .run: return [.work(.form(.submit(configuration)), "Submitting…")]
        case .blueprint(let name): return [.work(.form(.saveBlueprint(name, configuration)), "Saving the blueprint…")]
        }
    }

    // MARK: The bottom row

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        let picks = FooterItem.picker(glyphs)
        switch overlay {
        case .picker: return picks
        case .several: return [.fixed(KeyHint("Space", "mark"))] + picks
        case .name, .maker: return [.fixed(KeyHint("Esc", "leave", essential: true))]
        case nil: break
        }
        if editor != nil {
            return [
                .action(.applyJSON, essential: true), .fixed(KeyHint("^U ^Y", "undo, redo")), .action(.nextMistake), .action(.editOutside),
                .action(.back, "leave", essential: true),
            ]
        }
        return fieldHints(glyphs) + [
            .action(.resetField), .action(.previousStep), .action(.nextStep), .action(.showLimits), .action(.measureRun), .action(.help),
            .action(.back, "leave", essential: true),
        ]
    }

    /// The keys of the field that has the focus.
    private func fieldHints(_ glyphs: Glyphs) -> [FooterItem] {
        switch focus {
        case .proceed:
            let word = pageID != .review ? "continue" : purpose == .run ? "submit" : "save"
            return [.action(.activateField, word, essential: true), .action(.nextField, "change")]
        case .weightsFile: return [.fixed(KeyHint("type", "a path")), .action(.activateField, "import"), .action(.nextField)]
        case .question(let id):
            guard let question = question(id), question.isTyped else { return [.action(.activateField, "change"), .action(.nextField)] }
            switch question.kind {
            case .integer, .cores, .gibibytes:
                return [.fixed(KeyHint("type", "or")), .fixed(KeyHint(glyphs.left + " " + glyphs.right, "to change")), .action(.nextField)]
            default: return [.fixed(KeyHint("type", "to edit")), .action(.nextField)]
            }
        case .label: return [.action(.toggleField, "choose"), .action(.allLabels), .action(.nextField, "next")]
        case .page, .difference: return [.action(.activateField, "open"), .action(.nextField, "next")]
        case .architecture, .makeData, .showLimits, .measure, .copyCommand, .copyJSON, .editJSON, .saveBlueprint:
            return [.action(.activateField, "do it"), .action(.nextField)]
        }
    }
}
