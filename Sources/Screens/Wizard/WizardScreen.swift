import TerminalKit
import Workbench

/// Quick Start as a screen: empty until its defaults are there.
struct WizardScreen: Equatable, Sendable {
    private(set) var wizard: WizardModel?
    private(set) var isRefreshing = false
    /// True when the draft changed after its choices were asked for.
    private var isStale = false
}

extension WizardScreen: ScreenModel {
    var screen: Screen { .wizard(self) }
    /// Other runs end meanwhile: what is available changes.
    var refreshInterval: Double { 2 }
    var showsWork: Bool { wizard == nil }
    var unsaved: String? { wizard == nil ? nil : "What was answered in Quick Start is lost." }

    mutating func refresh() -> [Effect] {
        guard let draft = wizard?.draft else { return [] }
        isStale = isRefreshing
        guard !isRefreshing else { return [] }
        isRefreshing = true
        return [.wizard(.loadChoices(draft))]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .wizard(.defaultDraft(let draft)):
            if wizard != nil {
                wizard?.replaceDraft(draft, keepingName: false)
            } else {
                wizard = WizardModel(draft: draft)
            }
            return [.refresh]
        case .wizard(.choices(let choices)):
            isRefreshing = false
            wizard?.take(choices)
            return isStale ? [.refresh] : []
        case .wizard(.imported(let report)):
            let text = wizard?.take(report)
            return (text.map { [.say($0)] } ?? []) + [.refresh]
        case .wizard(.submitted(let id, let name)):
            return [.say("Submitted \(name)."), .replace(.run(RunPageModel(runID: id)))]
        case .failed(let text):
            guard case .wizard(let asked) = effect else { return nil }
            return fail(asked, text)
        default: return nil
        }
    }

    private mutating func fail(_ effect: WizardEffect, _ text: String) -> [Request] {
        switch effect {
        case .loadDefaultDraft, .loadDraft: return wizard == nil ? [.back, .warn(text)] : [.warn(text)]
        case .loadChoices: isRefreshing = false
        case .importWeights: break
        case .submit: wizard?.isSubmitting = false
        }
        wizard?.problem = text
        return []
    }

    mutating func type(_ key: Key) -> [Request]? {
        guard let outcome = wizard?.type(key) else { return nil }
        return requests(for: outcome)
    }

    func availability(of action: AppAction) -> Availability {
        if let wizard { return wizard.availability(of: action) }
        return Availability(unless: action == .back ? nil : "The sample data is being prepared.")
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        guard let outcome = wizard?.perform(action) else { return action == .back ? [.back] : [] }
        return requests(for: outcome)
    }

    private func requests(for outcome: WizardOutcome) -> [Request] {
        switch outcome {
        case .nothing: []
        case .draftChanged: [.refresh]
        case .taskChanged(let task): [.work(.wizard(.loadDefaultDraft(task)), "Preparing the sample data…")]
        case .importWeights(let file, let task): [.work(.wizard(.importWeights(file: file, task)), "Reading the weights…")]
        case .submit: wizard.map { [.work(.wizard(.submit($0.draft)), "Submitting…")] } ?? []
        case .leave:
            [
                .ask(
                    Question(
                        "Leave Quick Start", "What was answered so far is lost.", actions: [.init("Leave", .back)], cancel: "Stay"))
            ]
        }
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        guard let wizard else { return [.action(.back, essential: true)] }
        if wizard.picker != nil { return FooterItem.picker(glyphs) }
        return wizard.fieldHints(glyphs) + [
            .action(.previousStep), .action(.nextStep), .action(.showLimits), .action(.help),
            .action(.back, "leave", essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        if let wizard { return WizardView(model: wizard, context: context).draw(in: &buffer) }
        context.drawTop(["New run", "Quick Start"], right: "", in: &buffer)
        buffer.put("Preparing the sample data…", x: 3, y: 3, style: context.appearance.text)
        buffer.put("The first time, this draws some hundred images; it takes seconds.", x: 3, y: 4, style: context.appearance.muted)
    }
}

extension WizardModel {
    /// The keys of the field that has the focus.
    fileprivate func fieldHints(_ glyphs: Glyphs) -> [FooterItem] {
        switch focus {
        case .proceed: [.action(.activateField, step == .review ? "submit" : "continue", essential: true), .action(.nextField, "change")]
        case .name, .version: [.fixed(KeyHint("type", "to edit")), .action(.nextField)]
        case .epochs, .cores, .memory:
            [.fixed(KeyHint("type", "or")), .fixed(KeyHint(glyphs.left + " " + glyphs.right, "to change")), .action(.nextField)]
        case .label: [.action(.toggleField, "choose"), .action(.allLabels), .action(.nextField, "next")]
        case .negativeSamples, .showLimits: [.action(.activateField, "switch"), .action(.nextField)]
        case .reviewStep: [.action(.activateField, "open"), .action(.nextField, "next")]
        default: [.action(.activateField, "change"), .action(.nextField)]
        }
    }
}
