/// A key press, free of any terminal library's codes.
package enum Key: Equatable, Hashable, Sendable {
    case character(Character)
    /// A letter held with Control, in lower case.
    case control(Character)
    case enter, escape, tab, backTab, backspace, delete
    case up, down, left, right, home, end, pageUp, pageDown
}
