import TerminalKit
import Workbench

/// A form as a screen: empty until what it begins from is there.
struct FormScreen: Equatable, Sendable {
    let origin: FormOrigin
    private(set) var form: FormModel?
    private(set) var isRefreshing = false
    /// True when the configuration changed after its choices were asked for.
    private var isStale = false

    init(_ origin: FormOrigin) {
        self.origin = origin
    }

    /// What opens a form: the screen, and the work of finding what it begins from.
    static func opening(_ origin: FormOrigin, replacing: Bool = false) -> [Request] {
        let screen = Screen.form(FormScreen(origin))
        return [replacing ? .replace(screen) : .open(screen), .work(.form(.begin(origin)), "Preparing the form…")]
    }
}

extension FormScreen: ScreenModel {
    var screen: Screen { .form(self) }
    /// Other runs end meanwhile: what is available changes.
    var refreshInterval: Double { 2 }
    var showsWork: Bool { form == nil }
    var unsaved: String? { form == nil ? nil : "What was answered in the form is lost." }

    mutating func refresh() -> [Effect] {
        guard let form, form.editor == nil else { return [] }
        isStale = isRefreshing
        guard !isRefreshing else { return [] }
        isRefreshing = true
        return [.form(.look(form.configuration, views: form.views))]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .form(.began(let begun)) where effect == .form(.begin(origin)):
            form = begun
            return [.refresh]
        case .form(.moved(let start)):
            form?.take(start)
            return [.refresh]
        case .form(.offers(let offers)):
            isRefreshing = false
            form?.take(offers)
            return isStale ? [.refresh] : []
        case .form(.imported(let report)):
            let text = form?.take(report)
            return (text.map { [.say($0)] } ?? []) + [.refresh]
        case .form(.measured(let estimate, let configuration)):
            form?.measurement = .done(estimate, configuration)
            return []
        case .form(.submitted(let id, let name)):
            return [.say("Submitted \(name)."), .replace(.run(RunPageModel(runID: id)))]
        case .form(.madeSnapshot(let side, let view, let snapshot)):
            form?.overlay = nil
            if let view { form?.choose(view: view.id, side: side) } else { form?.take(snapshot, side: side) }
            let name = view.map { "the view \($0.name) and its snapshot" } ?? "the snapshot \(snapshot.name)"
            return [.say("Made \(name): \(snapshot.trainCount) train, \(snapshot.valCount) val, \(snapshot.testCount) test."), .refresh]
        case .form(.saved(let blueprint)):
            let text = Request.say("Saved the blueprint \(blueprint.name), version \(blueprint.version).")
            if case .saving = origin { return [text, .back] }
            guard let form, case .blueprint = form.purpose else { return [text] }
            return [text, .back]
        case .form(.droppedText):
            form?.dropEditor()
            return [.refresh]
        case .form(.edited(let text)):
            form?.editor?.take(text)
            return []
        case .failed(let text):
            guard case .form(let asked) = effect else { return nil }
            return fail(asked, text)
        default: return nil
        }
    }

    private mutating func fail(_ effect: FormEffect, _ text: String) -> [Request] {
        switch effect {
        case .begin: return form == nil ? [.back, .warn(text)] : [.warn(text)]
        case .look: isRefreshing = false
        case .measure:
            form?.measurement = .failed(text)
            return []
        case .submit, .saveBlueprint: form?.isSubmitting = false
        case .makeView, .makeSnapshot:
            if case .maker(var maker)? = form?.overlay {
                maker.problem = text
                form?.overlay = .maker(maker)
                return []
            }
        case .move, .importWeights, .dropText, .loadBlueprints, .renameBlueprint, .removeBlueprint: break
        }
        form?.problem = text
        return []
    }

    mutating func type(_ key: Key) -> [Request]? { form?.type(key) }
    mutating func click(_ hit: Hit) -> [Request] { form?.click(hit) ?? [] }

    func availability(of action: AppAction) -> Availability {
        if let form { return form.availability(of: action) }
        return Availability(unless: action == .back ? nil : "The form is being prepared.")
    }

    mutating func perform(_ action: AppAction) -> [Request] { form?.perform(action) ?? (action == .back ? [.back] : []) }

    func footer(_ glyphs: Glyphs) -> [FooterItem] { form?.footer(glyphs) ?? [.action(.back, essential: true)] }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        if let form { return FormView(model: form, context: context).draw(in: &buffer) }
        context.drawTop(["New run"], right: "", in: &buffer)
        buffer.put("Preparing the form…", x: 3, y: 3, style: context.appearance.text)
        buffer.put("The first time, this draws some hundred images; it takes seconds.", x: 3, y: 4, style: context.appearance.muted)
    }
}
