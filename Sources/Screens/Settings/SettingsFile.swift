import Foundation
import TerminalKit
import Workbench
import Yams

/// Settings with what was wrong in their file, a sentence each.
struct ReadSettings: Equatable, Sendable {
    var settings = Settings()
    var keymap = Keymap.standard
    var problems: [String] = []
}

/// Reads and writes `config.yaml`. Nothing in it stops the program: what is wrong is reported, and the rest holds.
enum SettingsFile {
    static func url(environment: [String: String]) -> URL {
        let given = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder = given ?? (environment["HOME"] ?? "/") + "/.config"
        return URL(fileURLWithPath: folder).appendingPathComponent("trainyard/config.yaml")
    }

    /// The settings of a file; the standard ones where there is none.
    static func read(_ url: URL) -> ReadSettings {
        guard FileManager.default.fileExists(atPath: url.path) else { return ReadSettings() }
        guard let data = FileManager.default.contents(atPath: url.path) else {
            return ReadSettings(problems: ["\(url.path) cannot be read; look at its permissions."])
        }
        return parse(String(decoding: data, as: UTF8.self))
    }

    static func parse(_ yaml: String) -> ReadSettings {
        var read = ReadSettings()
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            read.problems = ["config.yaml is not YAML, so none of it holds: \(firstLine(of: error))"]
            return read
        }
        // Nothing but comments is an empty file.
        guard let root, root.scalar?.string.isEmpty != true else { return read }
        guard let mapping = root.mapping else {
            read.problems = ["config.yaml holds no settings. A line looks like theme: dark."]
            return read
        }
        for (key, value) in mapping {
            let name = key.string ?? "?"
            guard let setting = SettingName(rawValue: name) else {
                read.problems.append(unknown("setting", name, among: SettingName.allCases.map(\.rawValue)))
                continue
            }
            if let problem = take(value, as: setting, into: &read.settings) { read.problems.append(problem) }
        }
        let (keymap, problems) = Keymap.read(read.settings.keys)
        read.keymap = keymap
        read.problems += problems
        return read
    }

    private static func take(_ value: Node, as setting: SettingName, into settings: inout Settings) -> String? {
        func wrong() -> String { "\(setting.rawValue) is \"\(value.string ?? "a list")\"; it can be \(setting.allowed)." }
        func set(_ switched: WritableKeyPath<Settings, Bool>) -> String? {
            guard let isOn = truth(value) else { return wrong() }
            settings[keyPath: switched] = isOn
            return nil
        }
        switch setting {
        case .theme:
            guard let name = value.scalar?.string, !name.isEmpty else { return wrong() }
            settings.theme = name
        case .glyphs:
            guard let glyphs = value.scalar.flatMap({ GlyphSetting(rawValue: $0.string.lowercased()) }) else { return wrong() }
            settings.glyphs = glyphs
        case .chartGlyphs:
            let name = value.scalar?.string.lowercased() ?? ""
            settings.chartGlyphs = ChartGlyphSet.allCases.first { $0.settingName == name }
            if settings.chartGlyphs == nil, name != "auto" { return wrong() }
        case .columns:
            guard let names = value.sequence?.map({ $0.string ?? "?" }), !names.isEmpty else { return wrong() }
            let known = names.compactMap(RunColumn.init(settingName:))
            settings.columns = RunColumns(shown: known)
            guard let unknown = names.first(where: { RunColumn(settingName: $0) == nil }) else { return nil }
            return "\(setting.rawValue): " + Self.unknown("column", unknown, among: RunColumn.allCases.map(\.settingName))
        case .order:
            guard let order = RunOrder(text: value.scalar?.string ?? "") else { return wrong() }
            settings.order = order
        case .mouse: return set(\.mouse)
        case .synchronizedOutput: return set(\.synchronizedOutput)
        case .bell: return set(\.bell)
        case .notifications: return set(\.notifications)
        case .progress: return set(\.progress)
        case .keys:
            guard let mapping = value.mapping else { return value.scalar?.string.isEmpty == true ? nil : "keys is no mapping. A line below it looks like runs.search: [/, ctrl-f]." }
            for (action, keys) in mapping {
                guard let name = action.string else { continue }
                if let sequence = keys.sequence {
                    settings.keys[name] = sequence.compactMap(\.scalar?.string)
                } else if let key = keys.scalar?.string {
                    settings.keys[name] = key == "none" ? [] : [key]
                } else {
                    return "keys: \(name) is no key and no list of keys. It looks like \(name): [x, ctrl-k]."
                }
            }
        }
        return nil
    }

    private static func truth(_ value: Node) -> Bool? {
        switch value.scalar?.string.lowercased() {
        case "on", "true", "yes": true
        case "off", "false", "no": false
        default: nil
        }
    }

    static func unknown(_ kind: String, _ name: String, among names: [String]) -> String {
        "There is no \(kind) \"\(name)\"" + (NameSuggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ".")
    }

    private static func firstLine(of error: any Error) -> String {
        String(describing: error).split(separator: "\n").first.map(String.init) ?? "it cannot be parsed."
    }

    // MARK: Writing

    /// The text with one setting changed; everything else, comments too, stays as it was. A value that goes on over further lines,
    /// which are indented or items of a list, goes with all of them.
    static func replacing(_ setting: SettingName, with value: String, in yaml: String) -> String {
        var lines = yaml.isEmpty ? [] : yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let line = "\(setting.rawValue): \(value)"
        if let index = lines.firstIndex(where: { $0.hasPrefix(setting.rawValue + ":") }) {
            let remark = comment(after: lines[index])
            let value = lines[index].dropFirst(setting.rawValue.count + 1).dropLast(remark.count).trimmingCharacters(in: .whitespaces)
            let goesOn = value.isEmpty || value.hasPrefix("[") && !value.hasSuffix("]")
            lines[index] = line + remark
            if goesOn {
                let rest = lines[(index + 1)...].prefix { $0.first.map { " \t-]".contains($0) } ?? false }
                lines.removeSubrange(rest.indices)
            }
        } else {
            if lines.last == "" { lines.removeLast() }
            lines += [line, ""]
        }
        return lines.joined(separator: "\n")
    }

    /// The comment that ends a line, with the space before it; empty where there is none.
    private static func comment(after line: String) -> Substring {
        var quote: Character?
        var before: Character = " "
        for index in line.indices {
            let character = line[index]
            if quote == character { quote = nil } else if quote == nil, character == "\"" || character == "'" { quote = character }
            if quote == nil, character == "#", before == " " || before == "\t" {
                return " " + line[index...]
            }
            before = character
        }
        return ""
    }

    /// Changes one setting in a file, which is replaced as a whole or not at all. A file that cannot be understood stays as it is.
    static func write(_ setting: SettingName, _ value: String, to url: URL) throws {
        let before = FileManager.default.contents(atPath: url.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let after = replacing(setting, with: value, in: before)
        guard (try? Yams.compose(yaml: after)) != nil else {
            throw WorkbenchError(.invalid, "\(url.path) is not YAML; mend it, then the setting can be kept.")
        }
        do {
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(after.utf8).write(to: url, options: .atomic)
        } catch {
            throw WorkbenchError(.failed, "\(url.path) cannot be written (\(error.localizedDescription)).")
        }
    }
}
