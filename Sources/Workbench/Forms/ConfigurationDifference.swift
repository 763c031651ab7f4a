import Training

/// One place where a configuration is not as another: what stands there instead, or nothing.
package struct ConfigurationDifference: Sendable, Equatable {
    /// A JSON pointer.
    package let pointer: String
    let value: JSONValue?

    /// The value as JSON on one line; `null` where it is left out.
    package var text: String { value?.line ?? "null" }

    static func between(_ base: JSONValue, _ other: JSONValue, at pointer: String = "") -> [ConfigurationDifference] {
        guard case .object(var before) = base, case .object(let after) = other else {
            return base == other ? [] : [ConfigurationDifference(pointer: pointer, value: other)]
        }
        // Settings in kwargs belong to a name: under another name they all are new.
        if before["name"] != after["name"] { before["kwargs"] = .object([:]) }
        return Set(before.keys).union(after.keys).sorted().flatMap { key -> [ConfigurationDifference] in
            let own = pointer + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1")
            switch (before[key], after[key]) {
            case (let old?, let new?): return between(old, new, at: own)
            case (nil, let new?):
                if case .object = new { return between(.object([:]), new, at: own) }
                return [ConfigurationDifference(pointer: own, value: new)]
            case (_?, nil): return [ConfigurationDifference(pointer: own, value: nil)]
            case (nil, nil): return []
            }
        }
    }
}

extension RunConfiguration {
    /// Where this configuration differs from another.
    package func differences(from base: RunConfiguration) -> [ConfigurationDifference] {
        ConfigurationDifference.between(base.document, document)
    }

    /// What was changed since `old`, on top of `new`: name and settings go along, data and labels are `new`'s.
    package func rebased(from old: RunConfiguration, onto new: RunConfiguration) -> RunConfiguration {
        var result = new
        if name != old.name { result.name = name }
        if version != old.version { result.version = version }
        for difference in differences(from: old) where !Self.belongsToData(difference.pointer) {
            result.set(difference.pointer, difference.value)
        }
        return result
    }

    static func belongsToData(_ pointer: String) -> Bool {
        DataSide.allCases.contains { pointer.hasPrefix($0.pointer) } || pointer.hasPrefix("/runform/labels")
            || pointer == "/runform/model/weights"
    }

    /// The part that a blueprint keeps: what differs from the program's defaults, but for data and the machine.
    var blueprintPart: JSONValue {
        var part = JSONValue.object([:])
        guard case .string(let name)? = value("/runform/task_type"), let task = TaskKind(rawValue: name),
            let plain = try? RunConfiguration(name: "", version: "", plan: task.emptyPlan())
        else { return document }
        part.set(["runform", "task_type"], .string(name))
        for difference in differences(from: plain) where !Self.belongsToData(difference.pointer) && !difference.pointer.hasPrefix("/resources") {
            if let value = difference.value { part.set(Self.keys(difference.pointer), value) }
        }
        return part
    }

    /// Lays a partial configuration over this one; of settings that exclude each other only the part's stays.
    mutating func lay(_ part: JSONValue) {
        for one in Self.exclusive {
            let given = one.filter { pointer in Self.keys(pointer).reduce(part as JSONValue?) { $0?[$1] } != nil }
            if !given.isEmpty { for other in one where !given.contains(other) { set(other, nil) } }
        }
        document = document.overlaid(by: part)
    }

    private static let exclusive: [[String]] = FormPages.questions.compactMap { question in
        if case .alternatives(let all) = question.kind { all.map(\.pointer) } else { nil }
    }

    /// The command that starts the same run: a blueprint on a dataset, and what differs from them.
    package func command(blueprint: String, dataset: String, base: RunConfiguration) -> String {
        var words = ["trainyard", "runs", "create", "--blueprint", blueprint, "--dataset", dataset, "--name", name, "--version", version]
        for difference in differences(from: base) { words += ["--set", "\(difference.pointer)=\(difference.text)"] }
        return words.map(Self.quoted).joined(separator: " ")
    }

    /// A word as a shell reads it.
    private static func quoted(_ word: String) -> String {
        let plain = !word.isEmpty && word.utf8.allSatisfy { byte in
            let scalar = UnicodeScalar(byte)
            return byte < 128 && (scalar.properties.isAlphabetic || (48...57).contains(byte) || "-_./=:@%+,".unicodeScalars.contains(scalar))
        }
        return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
