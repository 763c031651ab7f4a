import TerminalKit
import Workbench

extension FormModel {
    /// Takes a click: on a page's name, a row, the button, or in an open picker. A row that is marked already is chosen.
    mutating func click(_ hit: Hit) -> [Request] {
        if case .picker(var picker, let question) = overlay {
            guard picker.select(hit) else { return [] }
            overlay = .picker(picker, question)
            return type(.enter) ?? []
        }
        if case .several(var picker, let question) = overlay {
            _ = picker.click(hit)
            overlay = .several(picker, question)
            return []
        }
        guard overlay == nil, editor == nil, !isSubmitting else { return [] }
        let places = focuses
        switch hit {
        case .field(let index) where places.indices.contains(index):
            if focus == places[index] { return perform(.activateField) }
            setFocus(places[index])
        case .tab(let index) where pages.indices.contains(index): open(pages[index].id)
        case .button:
            setFocus(.proceed)
            return perform(.activateField)
        default: break
        }
        return []
    }
}
