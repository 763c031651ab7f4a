/// What terminals' sequences mean: xterm's, and where they differ those of rxvt, the Linux console and kitty.
enum KeySequences {
    /// ESC O and a letter: keys of application mode and the number pad.
    static func singleShift(_ byte: UInt8) -> Key? {
        let letter = Character(Unicode.Scalar(byte))
        if let movement = movement(letter) { return movement.plain }
        switch letter {
        case "P"..."S": return .function(Int(byte) - 79)
        case "M": return .enter
        case "a": return .modified(.control, .up)
        case "b": return .modified(.control, .down)
        case "c": return .modified(.control, .right)
        case "d": return .modified(.control, .left)
        case "j"..."y": return .character(Character(Unicode.Scalar(byte - 64)))
        default: return nil
        }
    }

    /// ESC [ parameters and a final character.
    static func controlSequence(_ body: String, final: Character) -> TerminalInput? {
        if body.hasPrefix("<") { return pointer(body.dropFirst(), final: final).map { .key($0) } }
        if body.hasPrefix("?") { return privateReport(body.dropFirst(), final: final).map { .report($0) } }
        let parameters = numbers(body)
        let modifiers = modifiers(parameters.count > 1 ? parameters[1] : 1)
        if let movement = movement(final) { return .key(key(movement, modifiers)) }
        switch final {
        case "Z": return .key(.backTab)
        case "P"..."S": return .key(.function(Int(final.asciiValue ?? 80) - 79))
        case "a": return .key(.modified(.shift, .up))
        case "b": return .key(.modified(.shift, .down))
        case "c": return .key(.modified(.shift, .right))
        case "d": return .key(.modified(.shift, .left))
        case "~": return tilde(parameters, modifiers).map { .key($0) }
        case "^": return tilde(parameters, .control).map { .key($0) }
        case "u": return parameters.first.flatMap { coded($0, modifiers) }.map { .key($0) }
        case "t" where parameters.count == 3 && parameters[0] == 6 && parameters[1] > 0 && parameters[2] > 0:
            return .report(.cellSize(width: parameters[2], height: parameters[1]))
        default: return nil
        }
    }

    /// The answers that come as strings: the background's colour, and kitty's about pictures.
    static func string(kind: UInt8, _ body: String) -> TerminalReport? {
        if kind == UInt8(ascii: "_"), body.hasPrefix("G") { return .kittyGraphics(isSupported: body.hasSuffix(";OK")) }
        guard kind == UInt8(ascii: "]"), body.hasPrefix("11;") else { return nil }
        return color(body.dropFirst(3)).map { .background($0) }
    }

    /// `rgb:ffff/0000/0000` or with fewer digits; X11's form of a colour.
    private static func color(_ text: Substring) -> RGBColor? {
        guard let colon = text.firstIndex(of: ":"), text[..<colon].hasPrefix("rgb") else { return nil }
        let channels = text[text.index(after: colon)...].split(separator: "/").prefix(3).compactMap { digits -> UInt8? in
            guard (1...4).contains(digits.count), let value = Int(digits, radix: 16) else { return nil }
            let highest = (1 << (4 * digits.count)) - 1
            return UInt8((value * 255 + highest / 2) / highest)
        }
        guard channels.count == 3 else { return nil }
        return RGBColor(red: channels[0], green: channels[1], blue: channels[2])
    }

    private static func privateReport(_ body: Substring, final: Character) -> TerminalReport? {
        if final == "c" { return .attributes(numbers(body)) }
        guard final == "y", body.hasSuffix("$") else { return nil }
        let values = numbers(body.dropLast())
        guard values.count == 2 else { return nil }
        return .mode(values[0], isKnown: values[1] == 1 || values[1] == 2)
    }

    private static func numbers(_ body: some StringProtocol) -> [Int] {
        body.split(separator: ";", omittingEmptySubsequences: false).map { part in
            // kitty adds alternatives after a colon.
            part.split(separator: ":", omittingEmptySubsequences: false).first.flatMap { Int($0) } ?? 0
        }
    }

    private static func movement(_ letter: Character) -> MovementKey? {
        switch letter {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "H": .home
        case "F": .end
        default: nil
        }
    }

    private static func tilde(_ parameters: [Int], _ modifiers: KeyModifiers) -> Key? {
        switch parameters.first {
        case 1, 7: return key(.home, modifiers)
        case 4, 8: return key(.end, modifiers)
        case 2: return key(.insert, modifiers)
        case 3: return key(.delete, modifiers)
        case 5: return key(.pageUp, modifiers)
        case 6: return key(.pageDown, modifiers)
        case .some(let number) where (11...15).contains(number): return .function(number - 10)
        case .some(let number) where (17...21).contains(number): return .function(number - 11)
        case .some(let number) where (23...26).contains(number): return .function(number - 12)
        case 28, 29: return .function((parameters.first ?? 0) - 13)
        case .some(let number) where (31...34).contains(number): return .function(number - 14)
        case 27 where parameters.count > 2: return coded(parameters[2], modifiers)
        default: return nil
        }
    }

    /// A key by its character's number, as kitty's and xterm's newer modes send it.
    private static func coded(_ code: Int, _ modifiers: KeyModifiers) -> Key? {
        switch code {
        case 9: return modifiers.contains(.shift) ? .backTab : .tab
        case 13: return .enter
        case 27: return .escape
        case 8, 127: return .backspace
        default:
            guard code >= 32, let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else { return nil }
            // kitty numbers keys without text in the private area.
            guard !(0xE000...0xF8FF).contains(code) else { return nil }
            let character = Character(scalar)
            if modifiers.contains(.control) { return .control(Character(character.lowercased())) }
            if modifiers.contains(.alt) { return .alt(character) }
            return .character(modifiers.contains(.shift) ? Character(character.uppercased()) : character)
        }
    }

    private static func key(_ movement: MovementKey, _ modifiers: KeyModifiers) -> Key {
        modifiers.isEmpty ? movement.plain : .modified(modifiers, movement)
    }

    /// xterm adds one to the bits: 1 shift, 2 alt, 4 control; 8 is meta.
    private static func modifiers(_ parameter: Int) -> KeyModifiers {
        let bits = max(0, parameter - 1)
        var result: KeyModifiers = []
        if bits & 1 != 0 { result.insert(.shift) }
        if bits & 10 != 0 { result.insert(.alt) }
        if bits & 4 != 0 { result.insert(.control) }
        return result
    }

    private static func pointer(_ body: Substring, final: Character) -> Key? {
        let values = numbers(body)
        guard values.count == 3, final == "M" || final == "m" else { return nil }
        return mouse(code: values[0], x: values[1], y: values[2], isRelease: final == "m")
    }

    static func mouse(code: Int, x: Int, y: Int, isRelease: Bool) -> Key? {
        guard code >= 0, x > 0, y > 0 else { return nil }
        var held: KeyModifiers = []
        if code & 4 != 0 { held.insert(.shift) }
        if code & 8 != 0 { held.insert(.alt) }
        if code & 16 != 0 { held.insert(.control) }
        let action: MouseEvent.Action
        switch (code & 64 != 0, code & 3) {
        case (true, 0): action = .wheelUp
        case (true, 1): action = .wheelDown
        case (true, _): return nil
        // Older reports do not say which button was released; moving without one is no event.
        case (false, 3):
            guard code & 32 == 0 else { return nil }
            action = .release(.left)
        case (false, let number):
            let button: MouseEvent.Button = number == 0 ? .left : number == 1 ? .middle : .right
            action = isRelease ? .release(button) : code & 32 != 0 ? .drag(button) : .press(button)
        }
        return .mouse(MouseEvent(action, x: x - 1, y: y - 1, modifiers: held))
    }
}
