import Foundation

/// What woke the screen's thread.
package struct TerminalWake: Equatable, Sendable {
    package var keys = false
    package var messages = false
    /// The numbers of the signals that came, in order.
    package var signals: [Int32] = []
    package var hungUp = false
}

/// Waits for the terminal, a signal, a message of another thread, or the time to pass.
package enum TerminalPoll {
    package static func wait(driver: NcursesDriver, messages: Int32, milliseconds: Int) -> TerminalWake {
        var descriptors = [driver.inputDescriptor, driver.signalDescriptor, messages].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        var wake = TerminalWake()
        wake.hungUp = driver.isHungUp
        // Bytes that may go on, a lone Escape for one, are decided when their time is over.
        let patience = driver.inputPatience
        let limit = min(milliseconds, patience ?? milliseconds)
        let count = poll(&descriptors, nfds_t(descriptors.count), Int32(max(0, limit)))
        wake.keys = driver.hasWaitingKeys || (patience != nil && driver.inputPatience == 0)
        guard count > 0 else { return wake }
        let input = descriptors[0].revents
        if input & Int16(POLLIN) != 0 { wake.keys = true }
        if input & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { wake.hungUp = true }
        wake.messages = descriptors[2].revents & Int16(POLLIN) != 0
        if descriptors[1].revents & Int16(POLLIN) != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            while true {
                let count = read(driver.signalDescriptor, &bytes, bytes.count)
                guard count > 0 else { break }
                wake.signals += bytes[..<count].map { Int32($0) }
            }
        }
        return wake
    }
}
