import Foundation
import Testing

@testable import TerminalKit

@Suite struct ThemeTests {
    private static let depths: [ColorDepth] = [.ansi8, .ansi16, .palette256, .trueColor]

    @Test(arguments: ShippedThemes.allCases) func shippedFilesAreWhole(shipped: ShippedThemes) throws {
        let loaded = try shipped.load()
        #expect(loaded.warning == nil)
        #expect(loaded.theme.name == shipped.rawValue)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../themes")
        let text = try String(contentsOf: folder.appendingPathComponent("\(shipped.rawValue).yaml"), encoding: .utf8)
        for role in ThemeRole.allCases { #expect(text.contains("  \(role.rawValue): "), "\(role.rawValue)") }
        #expect(try ThemeFile.parse(text, source: "x") == loaded)
    }

    /// At every depth each role keeps the contrast that its use needs, on the ground and on a selected row.
    @Test(arguments: ShippedThemes.allCases, depths) func rolesStayVisible(shipped: ShippedThemes, depth: ColorDepth) {
        let appearance = Appearance(
            theme: ShippedThemes.theme(shipped), capabilities: TerminalCapabilities(colors: depth, unicode: true))
        let ground = appearance.theme.colors[.background].map(ColorDepth.rgb)
        for role in ThemeRole.allCases where role != .background && role != .selectionText {
            guard let color = appearance.theme.colors[role] else { continue }
            if let index = depth.index(of: color) { #expect(index < depth.rawValue) } else { Issue.record("\(role) has no entry") }
            if let ground {
                let contrast = PerceivedColor.contrast(ColorDepth.rgb(color), ground)
                #expect(contrast >= role.leastContrast, "\(shipped) \(depth) \(role.rawValue) \(contrast)")
            }
            guard let selection = appearance.theme.colors[.selectionBackground], role != .selectionBackground else { continue }
            var style = appearance.style(role)
            appearance.select(&style)
            let selected = PerceivedColor.contrast(style.foreground.map(ColorDepth.rgb) ?? RGBColor(red: 0, green: 0, blue: 0), ColorDepth.rgb(selection))
            #expect(selected >= ThemeRole.leastContrastOnSelection, "\(shipped) \(depth) selected \(role.rawValue) \(selected)")
        }
        if let selection = appearance.theme.colors[.selectionBackground], let text = appearance.theme.colors[.selectionText] {
            #expect(PerceivedColor.contrast(ColorDepth.rgb(text), ColorDepth.rgb(selection)) >= ThemeRole.selectionText.leastContrast)
        }
        for step in 0...10 {
            guard let cell = appearance.gradient(Double(step) / 10), let text = cell.foreground, let under = cell.background else { continue }
            #expect(PerceivedColor.contrast(ColorDepth.rgb(text), ColorDepth.rgb(under)) >= 4.5)
        }
    }

    @Test(arguments: ShippedThemes.allCases.filter { $0 != .mono }, [ColorDepth.ansi16, .palette256, .trueColor])
    func linesOfAChartDiffer(shipped: ShippedThemes, depth: ColorDepth) {
        let resolved = ShippedThemes.theme(shipped).resolved(for: depth)
        let colors = ThemeRole.series.prefix(6).compactMap { resolved.colors[$0] }
        #expect(Set(colors).count == 6, "\(colors)")
    }

    /// What a person who lacks a kind of cone sees, after Machado, Oliveira and Fernandes (2009), full severity.
    @Test(arguments: [
        (ShippedThemes.deuteranopia, [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881]),
        (.deuteranopia, [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998]),
        (.tritanopia, [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900]),
    ]) func statesDifferForColourBlindEyes(shipped: ShippedThemes, matrix: [Double]) throws {
        let theme = ShippedThemes.theme(shipped)
        func seen(_ role: ThemeRole) throws -> PerceivedColor {
            let color = ColorDepth.rgb(try #require(theme.colors[role]))
            let channels = [color.red, color.green, color.blue].map { channel -> Double in
                let value = Double(channel) / 255
                return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            let mapped = (0..<3).map { row -> UInt8 in
                let light = min(1, max(0, (0..<3).reduce(0.0) { $0 + matrix[3 * row + $1] * channels[$1] }))
                return UInt8(((light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055) * 255).rounded())
            }
            return PerceivedColor(RGBColor(red: mapped[0], green: mapped[1], blue: mapped[2]))
        }
        func differ(_ one: ThemeRole, _ other: ThemeRole, _ least: Double) throws {
            let distance = try seen(one).distance(to: try seen(other))
            #expect(distance > least, "\(one) \(other)")
        }
        let states: [ThemeRole] = [.success, .warning, .error]
        for (index, one) in states.enumerated() {
            for other in states[(index + 1)...] { try differ(one, other, 0.12) }
        }
        let lines = ThemeRole.series.prefix(4)
        for (index, one) in lines.enumerated() {
            for other in lines.dropFirst(index + 1) { try differ(one, other, 0.08) }
        }
    }

    @Test func whatIsUnknownTakesTheBaseAndWarnsOnce() throws {
        let loaded = try ThemeFile.parse(
            "name: mine\nsize: 3\ncolors: {foo: \"#ffffff\", text: blue, accent: \"#112233\", muted: default, error: ansi-9}", source: "mine.yaml")
        #expect(loaded.theme.name == "mine")
        #expect(loaded.theme.colors[.accent] == RGBColor(hex: "#112233").map { .rgb($0) })
        #expect(loaded.theme.colors[.text] == Theme.dark.colors[.text])
        #expect(loaded.theme.colors[.muted] == nil)
        #expect(loaded.theme.colors[.error] == .palette(9))
        let warning = try #require(loaded.warning)
        for word in ["mine.yaml", "size", "foo", "text: blue", "misses", "dark"] { #expect(warning.contains(word), "\(warning)") }
        let light = try ThemeFile.parse("base: light\ncolors: {accent: \"#112233\"}", source: "/a/b/own.yaml")
        #expect(light.warning == nil)
        #expect(light.theme.name == "own")
        #expect(light.theme.colors[.text] == Theme.light.colors[.text])
    }

    @Test(arguments: [("name: [", "YAML"), ("- a", "mapping"), ("name: x", "no colors")])
    func whatIsNoThemeIsRefused(yaml: String, words: String) {
        #expect { try ThemeFile.parse(yaml, source: "mine.yaml") } throws: { "\($0)".contains(words) && "\($0)".contains("mine.yaml") }
    }

    @Test(arguments: [false, true]) func base16IsImported(nested: Bool) throws {
        let hues = (0..<16).map { String(format: "base%02X: \"%02d5566\"", $0, $0 + 10) }
        let yaml = nested
            ? "system: base16\nname: Tinted\npalette:\n" + hues.map { "  " + $0.replacing(": \"", with: ": \"#") }.joined(separator: "\n")
            : "scheme: Plain\nauthor: someone\n" + hues.joined(separator: "\n")
        let loaded = try ThemeFile.parse(yaml, source: "some.yaml")
        #expect(loaded.warning == nil)
        #expect(loaded.theme.name == (nested ? "Tinted" : "Plain"))
        #expect(loaded.theme.colors[.background] == RGBColor(hex: "105566").map { .rgb($0) })
        #expect(loaded.theme.colors[.error] == RGBColor(hex: "185566").map { .rgb($0) })
        // Digits alone are a number to YAML, a colour here.
        let digits = try ThemeFile.parse("scheme: x\nbase00: 000000\nbase05: 102030", source: "d.yaml")
        #expect(digits.theme.colors[.text] == RGBColor(hex: "102030").map { .rgb($0) })
        #expect(digits.warning?.contains("base01") == true)
    }

    @Test func btopIsImported() throws {
        let text = """
            # Comment
            theme[main_bg]=""
            theme[main_fg]="#cc"
            theme[hi_fg]="181 64 64"
            theme[selected_bg]='#6a2f2f'
            theme[temp_end]="#ff00zz"
            """
        let loaded = try ThemeFile.parse(text, source: "/x/night.theme")
        #expect(loaded.theme.name == "night")
        #expect(loaded.theme.colors[.background] == nil)
        #expect(loaded.theme.colors[.text] == RGBColor(hex: "cccccc").map { .rgb($0) })
        #expect(loaded.theme.colors[.accent] == .rgb(RGBColor(red: 181, green: 64, blue: 64)))
        #expect(loaded.theme.colors[.selectionBackground] == RGBColor(hex: "6a2f2f").map { .rgb($0) })
        #expect(loaded.theme.colors[.success] == Theme.dark.colors[.success])
        let warning = try #require(loaded.warning)
        #expect(warning.contains("temp_end") && warning.contains("misses"))
    }

    @Test func choicesHaveNames() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("colors: {}".utf8).write(to: folder.appendingPathComponent("mine.yaml"))
        try Data("x".utf8).write(to: folder.appendingPathComponent("notes.txt"))
        let library = ThemeLibrary(folder: folder.path)
        #expect(library.choices().last == .file(folder.path + "/mine.yaml"))
        #expect(library.choices().count == ShippedThemes.allCases.count + 2)
        #expect(library.choice("mine") == .file(folder.path + "/mine.yaml"))
        #expect(library.choice("high-contrast") == .shipped(.highContrast))
        #expect(library.choice("") == .automatic)
        #expect { try library.load(library.choice("lost"), isLightTerminal: false) } throws: { "\($0)".contains("lost.yaml") }
        #expect(try library.load(.automatic, isLightTerminal: true).theme == .light)
        #expect(ThemeLibrary.isLight(environment: ["COLORFGBG": "0;15"]) == true)
    }
}
