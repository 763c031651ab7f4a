import Foundation
import TerminalKit
import Workbench

/// Numbers and times as the screens write them.
enum Formatting {
    /// 0m51, 1m12, 41m, 2h05: at most six columns.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "–" }
        let total = Int(min(seconds, 3.5e9).rounded())
        if total < 60 { return "\(total)s" }
        if total < 1800 { return "\(total / 60)m" + twoDigits(total % 60) }
        if total < 3600 { return "\(total / 60)m" }
        if total < 360_000 { return "\(total / 3600)h" + twoDigits(total % 3600 / 60) }
        return "\(total / 86400)d"
    }

    static func gibibytes(_ bytes: Int) -> String {
        String(format: "%.1f", Double(bytes) / 1_073_741_824)
    }

    /// 100,000.
    static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        let parts = digits.indices.map { index in (index > 0 && (digits.count - index) % 3 == 0 ? "," : "") + String(digits[index]) }
        return (value < 0 ? "-" : "") + parts.joined()
    }

    /// 3.2 M, 11.7 M, 820 k.
    static func count(_ value: Int) -> String {
        if value >= 1_000_000 { return String(format: "%.1f M", Double(value) / 1e6) }
        if value >= 1000 { return "\(value / 1000) k" }
        return String(value)
    }

    /// A learning rate: three significant digits.
    static func rate(_ value: Double) -> String { String(format: "%.3g", value) }

    /// Today's times as 14:02, this week's days as Fri 20, older ones as 3 Oct.
    static func created(_ time: Double, now: Double, zone: TimeZone) -> String {
        let moment = parts(time, zone: zone), today = parts(now, zone: zone)
        if moment.year == today.year, moment.month == today.month, moment.day == today.day {
            return twoDigits(moment.hour) + ":" + twoDigits(moment.minute)
        }
        if now - time < 6 * 86400, now >= time { return weekdays[(moment.weekday - 1) % 7] + " \(moment.day)" }
        return "\(moment.day) " + months[(moment.month - 1) % 12]
    }

    static func clock(_ time: Double, zone: TimeZone) -> String {
        let moment = parts(time, zone: zone)
        return [moment.hour, moment.minute, moment.second].map(twoDigits).joined(separator: ":")
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private struct Parts {
        var year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, weekday = 1
    }

    private static func parts(_ time: Double, zone: TimeZone) -> Parts {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let found = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday], from: Date(timeIntervalSince1970: time))
        return Parts(
            year: found.year ?? 0, month: found.month ?? 1, day: found.day ?? 1, hour: found.hour ?? 0, minute: found.minute ?? 0,
            second: found.second ?? 0, weekday: found.weekday ?? 1)
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}

extension RunState {
    func glyph(_ glyphs: Glyphs) -> String {
        switch self {
        case .created, .pending, .rerun, .preparing: glyphs.waiting
        case .running: glyphs.running
        case .stopping, .terminated: glyphs.stopped
        case .success: glyphs.done
        case .failed: glyphs.cross
        case .aborted: glyphs.warning
        }
    }

    var role: ThemeRole {
        switch self {
        case .created, .pending, .rerun, .preparing, .stopping: .warning
        case .running: .accent
        case .success: .success
        case .failed, .aborted: .error
        case .terminated: .muted
        }
    }
}
