import Foundation

/// Reads the values of a query: numbers, times, words of status.
struct RunQueryValues {
    /// What stands between a field and its value.
    enum Sign: Equatable {
        /// A colon: has this word, is this number, lies on this day.
        case has
        case exactly(RunQuery.Relation)
    }

    let now: Double
    let zone: TimeZone

    func query(_ field: RunField, _ sign: Sign, _ text: String, range: Range<Int>) throws(RunQueryProblem) -> RunQuery {
        switch field.kind {
        case .status: return try plain(.status(try statuses(text, range)), sign, field, range)
        case .label: return try plain(.label(text), sign, field, range)
        case .choice, .text: return try plain(.word(field, text.lowercased(), isWhole: sign != .has), sign, field, range)
        case .date: return try date(sign, text, range)
        case .number, .bytes, .duration: return try number(field, sign, text, range)
        }
    }

    /// Words are equal or not; nothing is more than another.
    private func plain(_ query: RunQuery, _ sign: Sign, _ field: RunField, _ range: Range<Int>) throws(RunQueryProblem) -> RunQuery {
        switch sign {
        case .has, .exactly(.equal): return query
        case .exactly(.notEqual): return .not(query)
        case .exactly(let relation):
            throw RunQueryProblem(
                range: range, message: "\(field.rawValue) is a word, so \(relation.rawValue) says nothing; write \(field.example).")
        }
    }

    // MARK: Status

    func statuses(_ word: String, _ range: Range<Int>) throws(RunQueryProblem) -> Set<RunStatus> {
        switch word.lowercased() {
        case "live", "active": return Set(RunStatus.allCases.filter(\.isLive))
        case "ended", "done", "finished": return Set(RunStatus.allCases.filter(\.isTerminal))
        case "waiting": return Set(RunStatus.allCases.filter(\.isWaiting))
        default: break
        }
        let found = RunStatus.matching(word)
        guard found.isEmpty else { return found }
        let nearest = NearestName.of(word, among: RunStatus.knownWords + ["live", "ended", "waiting"]).map { "; did you mean \($0)?" } ?? "."
        throw RunQueryProblem(
            range: range,
            message: "nobody calls a status \"\(word)\"\(nearest) Known: \(RunStatus.allCases.map(\.rawValue).joined(separator: ", ")), "
                + "live, ended, and the words of Chariot, Pictograph, Dataloop and Baseten.")
    }

    // MARK: Numbers

    private func number(_ field: RunField, _ sign: Sign, _ text: String, _ range: Range<Int>) throws(RunQueryProblem) -> RunQuery {
        if let dots = text.firstRange(of: "..") {
            guard sign == .has || sign == .exactly(.equal) else {
                throw RunQueryProblem(range: range, message: "a range needs a colon: \(field.rawValue):\(text).")
            }
            let low = try value(field, String(text[..<dots.lowerBound]), range)
            let high = try value(field, String(text[dots.upperBound...]), range)
            return .all([.number(field, .greaterOrEqual, low), .number(field, .lessOrEqual, high)])
        }
        let relation: RunQuery.Relation = if case .exactly(let relation) = sign { relation } else { .equal }
        return .number(field, relation, try value(field, text, range))
    }

    private func value(_ field: RunField, _ text: String, _ range: Range<Int>) throws(RunQueryProblem) -> Double {
        let units = Self.units(of: field.kind)
        let lower = text.lowercased()
        let suffix = units.keys.filter { !$0.isEmpty && lower.hasSuffix($0) }.max { $0.count < $1.count } ?? ""
        let digits = String(lower.dropLast(suffix.count))
        // A word such as `nan` or `inf`, and hexadecimal, are numbers to Double and to nobody else here.
        if let first = digits.first, first.isNumber || first == "." || first == "-" || first == "+", !digits.contains("x"),
            let number = Double(digits), number.isFinite, let factor = units[suffix] {
            return number * factor
        }
        let known = units.keys.filter { !$0.isEmpty }.sorted().joined(separator: ", ")
        throw RunQueryProblem(
            range: range,
            message: "\"\(text)\" is no number for \(field.rawValue); write one such as \(field.example). Units: \(known).")
    }

    private static func units(of kind: RunField.Kind) -> [String: Double] {
        switch kind {
        case .bytes:
            ["": 1, "k": 1024, "m": 1_048_576, "g": 1_073_741_824, "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "mb": 1e6, "gb": 1e9]
        case .duration: ["": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400]
        case .status, .label, .date, .number, .choice, .text: ["": 1, "%": 0.01, "k": 1000, "m": 1_000_000]
        }
    }

    // MARK: Times

    private func date(_ sign: Sign, _ text: String, _ range: Range<Int>) throws(RunQueryProblem) -> RunQuery {
        if let age = age(text) {
            let moment = now - age
            switch sign {
            // The last seven days: what is younger than a week.
            case .has, .exactly(.equal), .exactly(.greater), .exactly(.greaterOrEqual): return .created(from: moment, until: nil)
            case .exactly(.less), .exactly(.lessOrEqual): return .created(from: nil, until: moment)
            case .exactly(.notEqual): return .not(.created(from: moment, until: nil))
            }
        }
        if let dots = text.firstRange(of: ".."), sign == .has || sign == .exactly(.equal),
            let low = span(String(text[..<dots.lowerBound])), let high = span(String(text[dots.upperBound...])) {
            return .created(from: low.lowerBound, until: high.upperBound)
        }
        guard let span = span(text) else {
            throw RunQueryProblem(
                range: range,
                message: "\"\(text)\" is no date; write today, yesterday, 7d (the last seven days), 2026-11-21, 2026-11 or 2026-11-01..2026-11-07.")
        }
        switch sign {
        case .has, .exactly(.equal): return .created(from: span.lowerBound, until: span.upperBound)
        case .exactly(.notEqual): return .not(.created(from: span.lowerBound, until: span.upperBound))
        case .exactly(.greater): return .created(from: span.upperBound, until: nil)
        case .exactly(.greaterOrEqual): return .created(from: span.lowerBound, until: nil)
        case .exactly(.less): return .created(from: nil, until: span.lowerBound)
        case .exactly(.lessOrEqual): return .created(from: nil, until: span.upperBound)
        }
    }

    /// Seconds, of `30m`, `12h`, `7d`, `2w`.
    private func age(_ text: String) -> Double? {
        guard let unit = text.last, let factor = ["m": 60.0, "h": 3600, "d": 86400, "w": 604_800][unit.lowercased()],
            let count = Int(text.dropLast()), count > 0, count < 1_000_000
        else { return nil }
        return Double(count) * factor
    }

    /// The day, month, year or minute that is written.
    private func span(_ text: String) -> Range<Double>? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let today = calendar.startOfDay(for: Date(timeIntervalSince1970: now))
        func range(_ start: Date?, _ unit: Calendar.Component) -> Range<Double>? {
            guard let start, let end = calendar.date(byAdding: unit, value: 1, to: start), end > start else { return nil }
            return start.timeIntervalSince1970..<end.timeIntervalSince1970
        }
        switch text.lowercased() {
        case "today": return range(today, .day)
        case "yesterday": return range(calendar.date(byAdding: .day, value: -1, to: today), .day)
        default: break
        }
        let halves = text.uppercased().split(separator: "T", omittingEmptySubsequences: false)
        let numbers = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard halves.count <= 2, (1...3).contains(numbers.count), let year = numbers[0], (1970...9999).contains(year) else { return nil }
        let month = numbers.count > 1 ? numbers[1] : 1, day = numbers.count > 2 ? numbers[2] : 1
        guard let month, let day, (1...12).contains(month), (1...31).contains(day) else { return nil }
        var parts = DateComponents(year: year, month: month, day: day)
        guard halves.count == 2 else {
            guard parts.isValidDate(in: calendar) else { return nil }
            return range(calendar.date(from: parts), numbers.count == 1 ? .year : numbers.count == 2 ? .month : .day)
        }
        let clock = halves[1].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, (1...2).contains(clock.count), let hour = clock[0], (0...23).contains(hour) else { return nil }
        let minute = clock.count == 2 ? clock[1] : 0
        guard let minute, (0...59).contains(minute) else { return nil }
        parts.hour = hour
        parts.minute = minute
        return range(calendar.date(from: parts), clock.count == 2 ? .minute : .hour)
    }
}
