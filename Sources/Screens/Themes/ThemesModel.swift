import TerminalKit

/// The theme screen: a list, and the marked theme worn by the screen itself while it is looked at.
struct ThemesModel: Equatable, Sendable {
    let wardrobe: Wardrobe
    /// Nil until the first answer.
    private(set) var entries: [ThemeEntry]?
    private(set) var list = ListState()
    private(set) var isRefreshing = false

    init(wardrobe: Wardrobe) {
        self.wardrobe = wardrobe
    }

    var marked: ThemeEntry? {
        guard let entries, list.selectedIndex < entries.count else { return nil }
        return entries[list.selectedIndex]
    }

    /// What the screen wears; nil keeps the app's own.
    var preview: Theme? { marked?.theme }
}

extension ThemesModel: ScreenModel {
    var screen: Screen { .themes(self) }
    /// Changed files announce themselves.
    var refreshInterval: Double { .infinity }

    mutating func refresh() -> [Effect] {
        isRefreshing = true
        return [.themes(.load(wardrobe.library, isLightTerminal: wardrobe.isLightTerminal))]
    }

    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? {
        switch answer {
        case .themes(.loaded(let found)):
            isRefreshing = false
            let wanted = marked?.choice ?? wardrobe.choice
            entries = found
            list.select(found.firstIndex { $0.choice == wanted } ?? 0, count: found.count)
            return []
        case .failed(let text):
            guard case .themes = effect else { return nil }
            isRefreshing = false
            return [.warn(text)]
        default: return nil
        }
    }

    mutating func click(_ hit: Hit) -> [Request] {
        guard case .row(let index) = hit, let count = entries?.count, index < count else { return [] }
        if index == list.selectedIndex, availability(of: .wearTheme) == .available { return perform(.wearTheme) }
        list.select(index, count: count)
        return []
    }

    func availability(of action: AppAction) -> Availability {
        switch action {
        case .wearTheme:
            Availability(unless: marked?.theme == nil ? marked?.problem ?? "The themes are still being read." : nil)
        case .switchTheme: .unavailable("This is the theme screen.")
        default: .available
        }
    }

    mutating func perform(_ action: AppAction) -> [Request] {
        if let move = action.listMove { list.move(move, count: entries?.count ?? 0) }
        switch action {
        case .wearTheme:
            guard let marked, marked.theme != nil else { return [] }
            return [
                .effect(.program(.wearTheme(marked.choice))),
                .effect(.program(.keep(.theme, marked.choice.text, saying: "The theme \(marked.title) is kept."))), .back,
            ]
        case .back: return [.back]
        default: return []
        }
    }

    func footer(_ glyphs: Glyphs) -> [FooterItem] {
        [
            .action(.wearTheme, essential: true), .fixed(KeyHint(glyphs.up + " " + glyphs.down, "look at another")),
            .action(.help, essential: true), .action(.back, "leave as it was", essential: true),
        ]
    }

    func draw(in buffer: inout CellBuffer, context: ViewContext) {
        ThemesView(model: self, context: context).draw(in: &buffer)
    }
}
