/// What a person does at the terminal, free of any terminal's codes: a key press, a paste, or the mouse.
package enum Key: Equatable, Hashable, Sendable {
    case character(Character)
    /// A letter held with Control, in lower case.
    case control(Character)
    /// A character held with Alt (or Meta, or after a lone Escape in the same instant).
    case alt(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    /// F1 to F24.
    case function(Int)
    /// A movement key held with Shift, Alt or Control.
    case modified(KeyModifiers, MovementKey)
    /// Pasted text as a whole, its line ends as `\n`.
    case paste(String)
    case mouse(MouseEvent)
}

package struct KeyModifiers: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let shift = KeyModifiers(rawValue: 1)
    package static let alt = KeyModifiers(rawValue: 2)
    package static let control = KeyModifiers(rawValue: 4)
}

/// The keys that terminals send together with modifiers.
package enum MovementKey: CaseIterable, Hashable, Sendable {
    case up, down, left, right, home, end, pageUp, pageDown, insert, delete

    /// The key by itself.
    var plain: Key {
        switch self {
        case .up: .up
        case .down: .down
        case .left: .left
        case .right: .right
        case .home: .home
        case .end: .end
        case .pageUp: .pageUp
        case .pageDown: .pageDown
        case .insert: .insert
        case .delete: .delete
        }
    }
}

/// One report of the mouse, at a cell counted from the top left, 0 first.
package struct MouseEvent: Equatable, Hashable, Sendable {
    package enum Action: Equatable, Hashable, Sendable {
        case press(Button)
        case release(Button)
        /// Moved with a button held.
        case drag(Button)
        case wheelUp, wheelDown
    }

    package enum Button: Equatable, Hashable, Sendable {
        case left, middle, right
    }

    package var action: Action
    package var x: Int
    package var y: Int
    package var modifiers: KeyModifiers

    package init(_ action: Action, x: Int, y: Int, modifiers: KeyModifiers = []) {
        self.action = action
        self.x = x
        self.y = y
        self.modifiers = modifiers
    }
}
