import Foundation
import TerminalKit
import Testing

@testable import Screens

@Suite struct ThemesScreenTests {
    @Test func theMarkedThemeIsWornWhileItIsLookedAt() throws {
        let journey = try Journey(colors: .trueColor)
        let home = journey.driver.screen[x: 0, y: 5].style.background
        journey.type("T")
        #expect(journey.text.contains("high-contrast"))
        let choices = ThemeLibrary(folder: "").choices()
        let light = try #require(choices.firstIndex(of: .shipped(.light)))
        let dark = try #require(choices.firstIndex(of: .shipped(.dark)))
        for _ in dark..<light { journey.press(.down) }
        #expect(journey.driver.screen[x: 0, y: 5].style.background == Theme.light.colors[.background])
        journey.press(.escape)
        #expect(journey.driver.screen[x: 0, y: 5].style.background == home)
    }

    @Test func choosingWearsAndKeepsIt() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("config.yaml")
        let library = ThemeLibrary(folder: folder.path)
        let answer = try SessionEffect.keep(.theme, ThemeChoice.shipped(.tritanopia).text, file: file, saying: "Kept.").answer(from: MemoryWorkbench())
        #expect(answer == .done("Kept."))
        #expect(SettingsFile.read(file).settings.theme == "tritanopia")
        var wardrobe = try Wardrobe(library: library, choice: .automatic, isLightTerminal: false)
        #expect(wardrobe.theme == .dark)
        wardrobe.note(isLightTerminal: true)
        #expect(wardrobe.theme == .light)
        #expect(try wardrobe.wear(.shipped(.mono)) == nil)
        wardrobe.note(isLightTerminal: false)
        #expect(wardrobe.theme.name == "mono")
        #expect(throws: ThemeError.self) { try wardrobe.wear(.file("/nowhere/x.yaml")) }
        #expect(wardrobe.choice == .shipped(.mono))
    }

    @Test func afterEnterTheAppWearsIt() throws {
        let journey = try Journey(colors: .trueColor)
        journey.type("T")
        journey.press(.down, .enter)
        #expect(journey.driver.screen[x: 0, y: 5].style.background == Theme.light.colors[.background])
        #expect(!journey.text.contains("high-contrast"))
    }
}
