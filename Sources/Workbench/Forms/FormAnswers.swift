import Foundation
import Training

extension FormQuestion {
    /// The answer that a configuration holds, as a person would type it; empty when it holds none.
    package func answer(in configuration: RunConfiguration) -> String {
        switch id {
        case "name": return configuration.name
        case "version": return configuration.version
        default: break
        }
        switch kind {
        case .alternatives(let all): return all.first { configuration.value($0.pointer) != nil }?.pointer ?? ""
        case .labels: return configuration.labels.joined(separator: ", ")
        case .dataset(let side): return configuration[side].datasetID
        case .snapshot(let side): return configuration[side].snapshotID
        case .view: return ""
        case .gibibytes: return configuration.memory(id)
        default: return held(in: configuration).map(Self.text) ?? ""
        }
    }

    /// The chosen names of a question that takes several.
    package func names(in configuration: RunConfiguration) -> [String] {
        guard case .array(let values)? = held(in: configuration) else { return [] }
        return values.map(Self.text)
    }

    /// What the configuration holds, or the default of a key that it leaves out.
    private func held(in configuration: RunConfiguration) -> JSONValue? {
        // A key below another name's settings is not this one.
        let value = condition.holds(in: configuration) || !id.contains("/kwargs/") ? configuration.value(id) : nil
        return value ?? standard.flatMap { try? JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "none"
        case .boolean(let isOn): isOn ? "on" : "off"
        case .integer(let number): "\(number)"
        case .number(let number): SchemaRule.text(number)
        case .string(let text): text
        case .array(let values): values.map(text).joined(separator: ", ")
        case .object: ""
        }
    }

    /// Whether two configurations give the same answer.
    package func isSame(_ one: RunConfiguration, _ other: RunConfiguration) -> Bool { answer(in: one) == answer(in: other) }
}

extension RunConfiguration {
    /// Takes an answer as it was typed or chosen; returns what is wrong with it, in words that may follow the field.
    package mutating func take(_ text: String, for question: FormQuestion) -> String? {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        switch question.id {
        case "name", "version":
            guard !trimmed.isEmpty else { return question.id == "name" ? "a name is needed" : "a version is needed, such as 1.0" }
            if question.id == "name" { name = trimmed } else { version = trimmed }
            return nil
        default: break
        }
        if case .alternatives(let all) = question.kind { return choose(trimmed, among: all) }
        if case .labels = question.kind { return "labels are chosen one by one" }
        if case .dataset(let side) = question.kind {
            self[side] = DataChoice(datasetID: trimmed)
            return nil
        }
        if case .snapshot(let side) = question.kind {
            self[side].snapshotID = trimmed
            return nil
        }
        if trimmed.isEmpty, question.whenEmpty != nil {
            set(question.id, nil)
            return nil
        }
        switch FormReading.value(trimmed, of: question.kind) {
        case .success(let value): put(value, for: question)
        case .failure(let problem): return problem.text
        }
        return nil
    }

    /// Takes the names of a question that takes several.
    package mutating func take(_ names: [String], for question: FormQuestion) {
        set(question.id, .array(names.map { .string($0) }))
    }

    /// Puts back what another configuration answers.
    package mutating func reset(_ question: FormQuestion, to base: RunConfiguration) {
        switch question.kind {
        case .alternatives(let all):
            for one in all { set(one.pointer, base.value(one.pointer)) }
        case .dataset(let side), .snapshot(let side), .view(let side): self[side] = base[side]
        default:
            switch question.id {
            case "name": name = base.name
            case "version": version = base.version
            default:
                let isOther = question.id.contains("/kwargs/") && !question.condition.holds(in: base)
                set(question.id, isOther ? nil : base.value(question.id))
                // Settings go with the name that they belong to.
                if let kwargs = question.settings { set(kwargs, base.value(kwargs)) }
            }
        }
    }

    private mutating func put(_ value: JSONValue, for question: FormQuestion) {
        if let kwargs = question.settings, self.value(question.id) != value { set(kwargs, nil) }
        set(question.id, value == .null ? nil : value)
    }

    private mutating func choose(_ pointer: String, among all: [FormAlternative]) -> String? {
        guard let chosen = all.first(where: { $0.pointer == pointer }) else { return "choose one of " + all.map(\.title).joined(separator: ", ") }
        guard value(pointer) == nil else { return nil }
        for other in all { set(other.pointer, nil) }
        set(pointer, try? JSONDecoder().decode(JSONValue.self, from: Data(chosen.start.utf8)))
        return nil
    }

    fileprivate func memory(_ pointer: String) -> String {
        guard case .string(let text)? = value(pointer), let bytes = ResourceQuantity.parse(text) else { return "" }
        let gibibytes = bytes / 0x1p30
        return SchemaRule.text((gibibytes * 1000).rounded() / 1000)
    }
}

extension FormQuestion {
    /// Where the settings lie that belong to the name this asks for; nil when it asks for something else.
    fileprivate var settings: String? {
        guard id == "/runform/optimizer/name" || id == "/runform/schedule/name" else { return nil }
        return String(id.dropLast("name".count)) + "kwargs"
    }
}

/// Reads what people type.
package enum FormReading {
    struct Problem: Error, Equatable {
        let text: String
    }

    /// `0.001`, `1e-3`, `0,5`, `10k`, `2.5M`; nil for anything else.
    package static func number(_ text: String) -> Double? {
        var digits = text.replacing("_", with: "").replacing(",", with: ".")
        var factor = 1.0
        switch digits.last {
        case "k", "K": factor = 1e3
        case "M": factor = 1e6
        default: break
        }
        if factor > 1 { digits.removeLast() }
        guard let value = Double(digits), value.isFinite, !digits.lowercased().hasPrefix("0x") else { return nil }
        return value * factor
    }

    static func value(_ text: String, of kind: FormQuestion.Kind) -> Result<JSONValue, Problem> {
        switch kind {
        case .text: return .success(.string(text))
        case .integer(let range):
            guard let number = number(text), number == number.rounded(), abs(number) < 1e15, range.contains(Int(number)) else {
                return .failure(Problem(text: "a whole number, " + words(of: kind)))
            }
            return .success(.integer(Int(number)))
        case .number(let range):
            guard let number = number(text), range.contains(number) else { return .failure(Problem(text: "a number, " + words(of: kind))) }
            return .success(number == number.rounded() && abs(number) < 1e9 ? .integer(Int(number)) : .number(number))
        case .cores:
            guard let number = number(text), number == number.rounded(), (1...4096).contains(number) else {
                return .failure(Problem(text: "a whole number of at least 1"))
            }
            return .success(.string("\(Int(number))"))
        case .gibibytes:
            if let number = number(text), number > 0, number < 1e6 { return .success(.string("\(max(1, Int(number * 1024)))Mi")) }
            guard ResourceQuantity.parse(text) != nil else { return .failure(Problem(text: "GiB, such as 4 or 1.5, or 512Mi")) }
            return .success(.string(text))
        case .toggle:
            switch text.lowercased() {
            case "on", "yes", "y", "true", "1": return .success(.boolean(true))
            case "off", "no", "n", "false", "0": return .success(.boolean(false))
            default: return .failure(Problem(text: "on or off"))
            }
        case .choice(let choices):
            let found = choices.first { $0.value.lowercased() == text.lowercased() || $0.title.lowercased() == text.lowercased() }
            if let found { return .success(.string(found.value)) }
            let nearest = NearestName.find(text, among: choices.map(\.value))
            return .failure(Problem(
                text: nearest.map { "unknown; did you mean \($0)?" } ?? "one of " + choices.map(\.title).joined(separator: ", ")))
        case .optional(let inner):
            return ["", "none", "null", "-"].contains(text.lowercased()) ? .success(.null) : value(text, of: inner)
        case .tuple(let kinds):
            let parts = parts(text)
            guard parts.count == kinds.count else { return .failure(Problem(text: "\(kinds.count) values with commas between them")) }
            return all(zip(parts, kinds).map { value($0, of: $1) })
        case .list(let inner): return all(parts(text).map { value($0, of: inner) })
        case .several: return .success(.array(parts(text).map { .string($0) }))
        case .startModel, .architecture: return .success(.string(text))
        case .alternatives, .labels, .dataset, .view, .snapshot: return .failure(Problem(text: "chosen from a list"))
        }
    }

    private static func words(of kind: FormQuestion.Kind) -> String {
        FormQuestion(id: "", title: "", help: "", kind: kind).range
    }

    /// Values between commas or spaces; a comma within a number is not possible here.
    private static func parts(_ text: String) -> [String] {
        text.split { $0 == "," || $0 == ";" || $0.isWhitespace || $0 == "[" || $0 == "]" }.map(String.init)
    }

    private static func all(_ results: [Result<JSONValue, Problem>]) -> Result<JSONValue, Problem> {
        var values: [JSONValue] = []
        for result in results {
            switch result {
            case .success(let value): values.append(value)
            case .failure(let problem): return .failure(problem)
            }
        }
        return .success(.array(values))
    }
}
