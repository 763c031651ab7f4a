import TerminalKit

/// Everything a person can ask for with a key, from the help or from the palette. The raw value is the name in the settings;
/// what stands before its point is the section.
enum AppAction: String, CaseIterable, Sendable {
    // MARK: The program
    case back = "app.back"
    case quit = "app.quit"
    case interrupt = "app.interrupt"
    case help = "app.help"
    case palette = "app.palette"
    case switchTheme = "app.theme"
    case toggleMouse = "app.mouse"
    case redraw = "app.redraw"
    case suspend = "app.suspend"

    // MARK: Lists
    case listUp = "list.up"
    case listDown = "list.down"
    case listPageUp = "list.page-up"
    case listPageDown = "list.page-down"
    case listFirst = "list.first"
    case listLast = "list.last"

    // MARK: Runs
    case newRun = "runs.new"
    case openRun = "runs.open"
    case searchRuns = "runs.search"
    case filterRuns = "runs.status"
    case sortRuns = "runs.sort"
    case reverseRuns = "runs.reverse"
    case columnsOfRuns = "runs.columns"
    case markRun = "runs.mark"
    case markRange = "runs.mark-range"
    case markAllRuns = "runs.mark-all"
    case compareRuns = "runs.compare"
    case runMenu = "runs.menu"
    case resumeFrom = "runs.resume-from"

    // MARK: A run
    case abortRun = "run.abort"
    case rerunRun = "run.rerun"
    case resumeRun = "run.resume"
    case removeRun = "run.remove"
    case duplicateRun = "run.duplicate"
    case copyModelID = "run.copy-model"
    case copyRunID = "run.copy-execution"
    case saveRunAsBlueprint = "run.save-blueprint"

    // MARK: Run page
    case leaveRunPage = "page.runs"
    case nextTab = "page.next-tab"
    case previousTab = "page.previous-tab"
    case overviewTab = "page.overview"
    case metricsTab = "page.metrics"
    case classesTab = "page.classes"
    case precisionRecallTab = "page.precision-recall"
    case f1Tab = "page.f1"
    case confusionTab = "page.confusion"
    case labelsTab = "page.labels"
    case predictionsTab = "page.predictions"
    case logTab = "page.log"
    case checkpointsTab = "page.checkpoints"
    case configurationTab = "page.configuration"
    case pageLeft = "page.left"
    case pageRight = "page.right"
    case pageEvaluation = "page.evaluation"
    case pageSort = "page.sort"
    case pageReverse = "page.reverse"
    case pageValues = "page.values"
    case pageLess = "page.less"
    case pageMore = "page.more"
    case pageTruth = "page.truth"
    case pageFilter = "page.filter"
    case pageFollow = "page.follow"
    case pageLevels = "page.levels"
    case pageWrap = "page.wrap"
    case pageResume = "page.resume"
    case pageExport = "page.export"
    case pageModel = "page.model"
    case pageDifferences = "page.differences"

    // MARK: Charts
    case firstPanel = "charts.panel-1"
    case secondPanel = "charts.panel-2"
    case thirdPanel = "charts.panel-3"
    case fourthPanel = "charts.panel-4"
    case fifthPanel = "charts.panel-5"
    case sixthPanel = "charts.panel-6"
    case seventhPanel = "charts.panel-7"
    case eighthPanel = "charts.panel-8"
    case ninthPanel = "charts.panel-9"
    case nextPanels = "charts.next"
    case previousPanels = "charts.previous"
    case crossHair = "charts.cursor"
    case cursorLeft = "charts.cursor-left"
    case cursorRight = "charts.cursor-right"
    case cursorFarLeft = "charts.cursor-left-10"
    case cursorFarRight = "charts.cursor-right-10"
    case cursorFirst = "charts.cursor-first"
    case cursorLast = "charts.cursor-last"
    case nextEvent = "charts.next-event"
    case previousEvent = "charts.previous-event"
    case allPanels = "charts.all"
    case zoomIn = "charts.zoom-in"
    case zoomOut = "charts.zoom-out"
    case moreSmoothing = "charts.smooth"
    case lessSmoothing = "charts.smooth-less"
    case logScale = "charts.log-scale"
    case chartAxis = "charts.axis"
    case chartFit = "charts.fit"
    case chartGlyphs = "charts.glyphs"
    case exportCharts = "charts.export"

    // MARK: Compare
    case nextMeasure = "compare.next"
    case previousMeasure = "compare.previous"
    case chooseMeasure = "compare.choose"

    // MARK: Blueprints
    case beginRun = "blueprints.begin"
    case editBlueprint = "blueprints.edit"
    case renameBlueprint = "blueprints.rename"
    case removeBlueprint = "blueprints.remove"

    // MARK: Form
    case activateField = "form.choose"
    case toggleField = "form.switch"
    case nextField = "form.next-field"
    case previousField = "form.previous-field"
    case nextStep = "form.next-page"
    case previousStep = "form.previous-page"
    case allLabels = "form.all-labels"
    case showLimits = "form.limits"
    case resetField = "form.reset"
    case measureRun = "form.measure"
    case saveAsBlueprint = "form.save-blueprint"
    case copyCommand = "form.copy-command"
    case editJSON = "form.json"
    case applyJSON = "form.apply-json"
    case nextMistake = "form.next-mistake"
    case editOutside = "form.editor"

    // MARK: Themes
    case wearTheme = "themes.wear"

    var details: ActionDetails {
        switch self {
        // MARK: The program
        case .back: ActionDetails("back, one level", short: "back", .escape)
        case .quit: ActionDetails("quit", .character("q"))
        case .interrupt: ActionDetails("quit; twice stops at once and saves", short: "quit", .control("c"))
        case .help: ActionDetails("keys that work here", short: "help", .character("?"))
        case .palette: ActionDetails("all actions, by name", short: "actions", .character(":"))
        case .switchTheme: ActionDetails("themes, with a preview", short: "themes", .character("T"))
        case .toggleMouse: ActionDetails("mouse on or off", short: "mouse", .character("M"))
        case .redraw: ActionDetails("draw the screen again", short: "redraw", .control("l"))
        case .suspend: ActionDetails("suspend to the shell", short: "suspend", .control("z"))
        // MARK: Lists
        case .listUp: ActionDetails("up", .up, .character("k"))
        case .listDown: ActionDetails("down", .down, .character("j"))
        case .listPageUp: ActionDetails("a page up", .pageUp)
        case .listPageDown: ActionDetails("a page down", .pageDown)
        case .listFirst: ActionDetails("to the first", .home, .character("g"))
        case .listLast: ActionDetails("to the last", .end, .character("G"))
        // MARK: Runs
        case .newRun: ActionDetails("new run", short: "new run", .character("n"))
        case .openRun: ActionDetails("open the run", short: "open", .enter, .right, .character("l"))
        case .searchRuns: ActionDetails("search, or a query such as status:failed lr>0.001", short: "search", .character("/"))
        case .filterRuns: ActionDetails("filter by status", short: "status", .character("f"))
        case .sortRuns: ActionDetails("sort by the next column", short: "sort", .character("s"))
        case .reverseRuns: ActionDetails("turn the order around", short: "reverse", .character("S"))
        case .columnsOfRuns: ActionDetails("columns: show, hide, move, sort", short: "columns", .character("C"))
        case .markRun: ActionDetails("mark or unmark", short: "mark", .character(" "))
        case .markRange: ActionDetails("mark from the last mark to here", short: "range", .character("v"))
        case .markAllRuns: ActionDetails("mark all that match, or none", short: "all", .character("*"))
        case .compareRuns: ActionDetails("compare the marked runs", short: "compare", .character("="))
        case .runMenu: ActionDetails("what can be done to the run", short: "menu", .character("m"))
        case .resumeFrom: ActionDetails("resume from a checkpoint of your choice", short: "resume from", .character("P"))
        // MARK: A run
        case .abortRun: ActionDetails("abort training: finish the step, save", short: "abort", .character("a"))
        case .rerunRun: ActionDetails("rerun from the beginning", short: "rerun", .character("r"))
        case .resumeRun: ActionDetails("resume from the last checkpoint", short: "resume", .character("c"))
        case .removeRun: ActionDetails("remove the run", short: "remove", .character("R"))
        case .duplicateRun: ActionDetails("duplicate into a form", short: "duplicate", .character("d"))
        case .copyModelID: ActionDetails("copy the model's ID", short: "copy model", .character("Y"))
        case .copyRunID: ActionDetails("copy the execution ID", short: "copy ID", .character("y"))
        case .saveRunAsBlueprint: ActionDetails("save its settings as a blueprint", short: "blueprint", .character("B"))
        // MARK: Run page
        case .leaveRunPage: ActionDetails("back to the runs; training goes on", short: "runs", .character("b"))
        case .nextTab: ActionDetails("next tab", short: "tabs", .tab, .character("]"))
        case .previousTab: ActionDetails("previous tab", .backTab, .character("["))
        case .overviewTab: ActionDetails("tab: overview")
        case .metricsTab: ActionDetails("tab: metrics")
        case .classesTab: ActionDetails("tab: average precision by class")
        case .precisionRecallTab: ActionDetails("tab: precision by recall")
        case .f1Tab: ActionDetails("tab: F1 by confidence")
        case .confusionTab: ActionDetails("tab: confusion matrix")
        case .labelsTab: ActionDetails("tab: label distribution")
        case .predictionsTab: ActionDetails("tab: predictions")
        case .logTab: ActionDetails("tab: log")
        case .checkpointsTab: ActionDetails("tab: checkpoints")
        case .configurationTab: ActionDetails("tab: configuration")
        case .pageLeft: ActionDetails("previous image, class or column", short: "previous", .left, .character("h"), .character("p"))
        case .pageRight: ActionDetails("next image, class or column", short: "next", .right, .character("l"), .character("n"))
        case .pageEvaluation: ActionDetails("the best or the newest evaluation", short: "best or newest", .character("o"))
        case .pageSort: ActionDetails("sort by the next column", short: "sort", .character("s"))
        case .pageReverse: ActionDetails("turn the order round", short: "turn", .character("S"))
        case .pageValues: ActionDetails("counts or percent", short: "percent", .character("v"))
        case .pageLess: ActionDetails("lower the least confidence", short: "more boxes", .character("-"))
        case .pageMore: ActionDetails("raise the least confidence", short: "fewer boxes", .character("+"), .character("="))
        case .pageTruth: ActionDetails("show or hide the truth", short: "truth", .character("t"))
        case .pageFilter: ActionDetails("filter", .character("/"))
        case .pageFollow: ActionDetails("follow the log's end, or stand still", short: "follow", .character("f"))
        case .pageLevels: ActionDetails("all lines, warnings, errors", short: "levels", .character("w"))
        case .pageWrap: ActionDetails("wrap long lines", short: "wrap", .character("z"))
        case .pageResume: ActionDetails("resume from the marked checkpoint", short: "resume from it", .enter)
        case .pageExport: ActionDetails("write the checkpoint's weights to a file", short: "export", .character("e"))
        case .pageModel: ActionDetails("make a model of the checkpoint", short: "make a model", .character("m"))
        case .pageDifferences: ActionDetails("differences to another run", short: "differences", .character("D"))
        // MARK: Charts
        case .firstPanel: ActionDetails("first panel in full, and back", short: "zoom", .character("1"))
        case .secondPanel: ActionDetails("second panel in full, and back", short: "zoom", .character("2"))
        case .thirdPanel: ActionDetails("third panel in full, and back", short: "zoom", .character("3"))
        case .fourthPanel: ActionDetails("fourth panel in full, and back", short: "zoom", .character("4"))
        case .fifthPanel: ActionDetails("fifth panel in full, and back", short: "zoom", .character("5"))
        case .sixthPanel: ActionDetails("sixth panel in full, and back", short: "zoom", .character("6"))
        case .seventhPanel: ActionDetails("seventh panel in full, and back", short: "zoom", .character("7"))
        case .eighthPanel: ActionDetails("eighth panel in full, and back", short: "zoom", .character("8"))
        case .ninthPanel: ActionDetails("ninth panel in full, and back", short: "zoom", .character("9"))
        case .nextPanels: ActionDetails("further panels", short: "more", .character("j"), .down, .pageDown)
        case .previousPanels: ActionDetails("panels before", .character("k"), .up, .pageUp)
        case .crossHair: ActionDetails("cross-hair: values at a step, in every chart", short: "cursor", .character("x"))
        case .cursorLeft: ActionDetails("cross-hair to the sample before", .character("h"), .left)
        case .cursorRight: ActionDetails("cross-hair to the next sample", .character("l"), .right)
        case .cursorFarLeft: ActionDetails("cross-hair back by 10 samples", .character("H"))
        case .cursorFarRight: ActionDetails("cross-hair on by 10 samples", .character("L"))
        case .cursorFirst: ActionDetails("cross-hair to the first sample", .character("0"), .home)
        case .cursorLast: ActionDetails("cross-hair to the last sample", .character("$"), .end)
        case .nextEvent: ActionDetails("cross-hair to the next event", short: "event", .character("n"))
        case .previousEvent: ActionDetails("cross-hair to the event before", short: "before", .character("p"))
        case .allPanels: ActionDetails("all panels, all steps", .character("0"))
        case .zoomIn: ActionDetails("fewer steps, around the cross-hair", short: "closer", .character("+"), .character("="))
        case .zoomOut: ActionDetails("more steps", short: "wider", .character("-"))
        case .moreSmoothing: ActionDetails("smooth lines more; after the most, not at all", short: "smooth", .character("s"))
        case .lessSmoothing: ActionDetails("smooth lines less", .character("S"))
        case .logScale: ActionDetails("log scale: losses and the like, or the panel in full", short: "log", .character("l"), .character("o"))
        case .chartAxis: ActionDetails("run over step, epoch or time", short: "axis", .character("t"))
        case .chartFit: ActionDetails("fit rates to their values, cut outliers off", short: "fit", .character("f"))
        case .chartGlyphs: ActionDetails("draw with braille, quadrants, half-blocks or ASCII", short: "glyphs", .character("m"))
        case .exportCharts: ActionDetails("export charts or metrics to a file", short: "export", .character("e"))
        // MARK: Compare
        case .nextMeasure: ActionDetails("curves of the next measure", short: "measure", .tab, .character("]"))
        case .previousMeasure: ActionDetails("curves of the measure before", .backTab, .character("["))
        case .chooseMeasure: ActionDetails("choose a measure", short: "choose", .enter, .character("/"))
        // MARK: Blueprints
        case .beginRun: ActionDetails("begin a run from it", short: "begin", .enter, .right, .character("l"))
        case .editBlueprint: ActionDetails("edit: save a further version", short: "edit", .character("e"))
        case .renameBlueprint: ActionDetails("rename it", short: "rename", .character("r"))
        case .removeBlueprint: ActionDetails("remove it with all versions", short: "remove", .character("R"), .delete)
        // MARK: Form
        case .activateField: ActionDetails("continue, or change the marked field", short: "change", .enter)
        case .toggleField: ActionDetails("switch or choose the marked field", short: "choose", .character(" "))
        case .nextField: ActionDetails("next field", .tab, .down, .character("j"))
        case .previousField: ActionDetails("previous field", .backTab, .up, .character("k"))
        case .nextStep: ActionDetails("next page", .pageDown, .right)
        case .previousStep: ActionDetails("previous page", short: "back", .pageUp, .left, .backspace, .character("h"))
        case .allLabels: ActionDetails("all labels, or the first alone", short: "all or one", .character("a"))
        case .showLimits: ActionDetails("limits of this machine", short: "limits", .character("l"))
        case .resetField: ActionDetails("reset the marked field", short: "reset", .control("r"))
        case .measureRun: ActionDetails("measure time and memory by some steps", short: "measure", .control("t"))
        case .saveAsBlueprint: ActionDetails("save as blueprint", short: "blueprint", .control("b"))
        case .copyCommand: ActionDetails("copy the command that does the same", short: "copy", .character("y"))
        case .editJSON: ActionDetails("edit the whole as JSON", short: "JSON", .control("o"))
        case .applyJSON: ActionDetails("take the JSON over", short: "take over", .control("s"))
        case .nextMistake: ActionDetails("to the next mistake", short: "next mistake", .control("n"))
        case .editOutside: ActionDetails("edit in your editor", short: "$EDITOR", .control("o"))
        // MARK: Themes
        case .wearTheme: ActionDetails("wear the marked theme and keep it", short: "wear it", .enter)
        }
    }

    var title: String { details.title }

    var section: ActionSection {
        ActionSection(rawValue: String(rawValue.prefix { $0 != "." })) ?? .program
    }

    private static let bySection = Dictionary(grouping: allCases, by: \.section)

    /// The actions of a section, in their order here.
    static func all(in section: ActionSection) -> [AppAction] { bySection[section] ?? [] }
    /// The panel, counted from 1, that the action shows in full; nil for others.
    var panelNumber: Int? {
        switch self {
        case .firstPanel: 1
        case .secondPanel: 2
        case .thirdPanel: 3
        case .fourthPanel: 4
        case .fifthPanel: 5
        case .sixthPanel: 6
        case .seventhPanel: 7
        case .eighthPanel: 8
        case .ninthPanel: 9
        default: nil
        }
    }

    /// The step through a list that the action is; nil for others.
    var listMove: ListState.Move? {
        switch self {
        case .listUp: .up
        case .listDown: .down
        case .listPageUp: .pageUp
        case .listPageDown: .pageDown
        case .listFirst: .first
        case .listLast: .last
        default: nil
        }
    }
}
