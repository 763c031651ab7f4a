import Foundation
import Synchronization

/// Messages from other threads to the one that owns the screen: a queue, and a pipe that wakes its poll.
package final class EventPipe<Message: Sendable>: Sendable {
    package let readDescriptor: Int32
    private let writeDescriptor: Int32
    private let waiting = Mutex<[Message]>([])

    package init() throws(TerminalError) {
        var descriptors: [Int32] = [-1, -1]
        guard pipe(&descriptors) == 0 else {
            throw TerminalError(description: "No pipe could be made: too many files are open.")
        }
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        readDescriptor = descriptors[0]
        writeDescriptor = descriptors[1]
    }

    deinit {
        close(readDescriptor)
        close(writeDescriptor)
    }

    package func post(_ message: Message) {
        waiting.withLock { $0.append(message) }
        var byte: UInt8 = 1
        // A full pipe already wakes the reader.
        _ = write(writeDescriptor, &byte, 1)
    }

    /// All messages that wait, in order.
    package func drain() -> [Message] {
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(readDescriptor, &bytes, bytes.count) > 0 {}
        return waiting.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
